-- What files bring in: a record keeps the number that it had where it came from, so that the same file can come twice.
SET LOCAL ROLE epic_owner;

-- `source:id`. Whoever may create a record writes it, once: nobody changes it after that.
ALTER TABLE crm.clients ADD COLUMN legacy_ref text
  CONSTRAINT clients_legacy_ref_form CHECK (legacy_ref ~ '^[^:[:cntrl:]]+:.+$' AND length(legacy_ref) <= 200);
ALTER TABLE crm.contracts ADD COLUMN legacy_ref text
  CONSTRAINT contracts_legacy_ref_form CHECK (legacy_ref ~ '^[^:[:cntrl:]]+:.+$' AND length(legacy_ref) <= 200);
ALTER TABLE crm.events ADD COLUMN legacy_ref text
  CONSTRAINT events_legacy_ref_form CHECK (legacy_ref ~ '^[^:[:cntrl:]]+:.+$' AND length(legacy_ref) <= 200);
CREATE UNIQUE INDEX clients_legacy_ref_key ON crm.clients (legacy_ref) WHERE legacy_ref IS NOT NULL;
CREATE UNIQUE INDEX contracts_legacy_ref_key ON crm.contracts (legacy_ref) WHERE legacy_ref IS NOT NULL;
CREATE UNIQUE INDEX events_legacy_ref_key ON crm.events (legacy_ref) WHERE legacy_ref IS NOT NULL;

-- (legacy:N is the event of the old sheet N, which is management's to bring in: whoever took that number before would
-- keep the sheet out for good.)
GRANT INSERT (legacy_ref) ON crm.clients, crm.events TO epic_sales;
ALTER POLICY create_own ON crm.events
  WITH CHECK (sales_id = (SELECT api.me()) AND (legacy_ref IS NULL OR NOT starts_with(legacy_ref, 'legacy:')));
GRANT INSERT (legacy_ref) ON crm.contracts TO epic_management;

-- Management brings in the events of the legacy sheets, under the numbers that people quote where these are free. What
-- it makes says where it came from, so that this is no way to open events.
GRANT INSERT (id, contract_id, name, starts_at, ends_at, location, attendees, notes, support_id, legacy_ref)
  ON crm.events TO epic_management;
CREATE POLICY import_by_management ON crm.events FOR INSERT TO epic_management
  WITH CHECK ((SELECT api.me()) IS NOT NULL AND legacy_ref IS NOT NULL AND id BETWEEN 1 AND 999999999);
GRANT SELECT, UPDATE ON SEQUENCE crm.events_id_seq TO epic_definer;
RESET ROLE;

SET LOCAL ROLE epic_definer;
-- The numbers that are drawn stay ahead of those that were brought in. (Two imports take turns: the lower of their
-- numbers must not win.)
CREATE FUNCTION sec.draw_behind() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.id > coalesce(pg_sequence_last_value('crm.events_id_seq'), 0) THEN
    PERFORM pg_advisory_xact_lock(20404, 16);
    PERFORM setval('crm.events_id_seq', NEW.id)
    WHERE NEW.id > coalesce(pg_sequence_last_value('crm.events_id_seq'), 0);
  END IF;
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION sec.draw_behind() TO epic_owner;
RESET ROLE;

SET LOCAL ROLE epic_owner;
CREATE TRIGGER draw_behind AFTER INSERT ON crm.events
  FOR EACH ROW WHEN (NEW.legacy_ref IS NOT NULL) EXECUTE FUNCTION sec.draw_behind();
RESET ROLE;
