-- Days and times lie where calendars reach (the shell takes 1900 to 2200). One event from minus infinity on, or in the
-- year 294 000, which no program can show, would break every list that begins with it, for everybody. What was stored
-- before is not looked at. When something was deleted is said by whoever deletes it, and stays in its history.
SET LOCAL ROLE epic_owner;

ALTER TABLE crm.clients ADD CONSTRAINT clients_first_contact_range
  CHECK (first_contact_on BETWEEN '1800-01-01' AND '2300-01-01') NOT VALID;
ALTER TABLE crm.contracts ADD CONSTRAINT contracts_signed_range
  CHECK (signed_at BETWEEN '1800-01-01 00:00+00' AND '2300-01-01 00:00+00') NOT VALID;
ALTER TABLE crm.payments ADD CONSTRAINT payments_paid_range
  CHECK (paid_on BETWEEN '1800-01-01' AND '2300-01-01') NOT VALID;
ALTER TABLE crm.events ADD CONSTRAINT events_times_range
  CHECK (starts_at >= '1800-01-01 00:00+00' AND ends_at <= '2300-01-01 00:00+00') NOT VALID;
ALTER TABLE crm.clients ADD CONSTRAINT clients_deleted_range
  CHECK (deleted_at BETWEEN '1800-01-01 00:00+00' AND '2300-01-01 00:00+00') NOT VALID;
ALTER TABLE crm.contracts ADD CONSTRAINT contracts_deleted_range
  CHECK (deleted_at BETWEEN '1800-01-01 00:00+00' AND '2300-01-01 00:00+00') NOT VALID;
ALTER TABLE crm.events ADD CONSTRAINT events_deleted_range
  CHECK (deleted_at BETWEEN '1800-01-01 00:00+00' AND '2300-01-01 00:00+00') NOT VALID;
ALTER TABLE crm.notifications ADD CONSTRAINT notifications_read_range
  CHECK (read_at BETWEEN '1800-01-01 00:00+00' AND '2300-01-01 00:00+00') NOT VALID;
RESET ROLE;
