"""What reports have to tell: more than the world of the other tests has."""

BUSINESS = ("revenue", "ageing", "calendar", "workload", "unassigned", "sales", "clients")
#: More than the world has: receivables at both ends of each age, a client that nothing happens with, and a week of
#: events in 2031 that ends with the night in which clocks are put forward (30 March 2031).
MORE = """
SET TimeZone = 'Europe/Paris';  -- today is the company's, also in the hours in which elsewhere it is another day
INSERT INTO crm.clients (id, full_name, email, phone, company, first_contact_on, sales_id) VALUES
  (111, 'Quinn Quiet', 'q@quiet.example', '1', 'Quiet', current_date - 300, 6),
  (112, 'Rae Recent', 'r@recent.example', '1', 'Recent', current_date - 300, 6);
INSERT INTO crm.contracts (id, client_id, total, signed_at, created_at)
  SELECT 210 + n, 101, 1000 * n, (current_date - days + time '12:00') AT TIME ZONE 'Europe/Paris',
         now() - '1 year'::interval
  FROM unnest(ARRAY[30, 31, 60, 61, 90, 91]) WITH ORDINALITY ages (days, n);
INSERT INTO crm.contracts (id, client_id, total, signed_at, created_at) VALUES
  (217, 111, 5000, now() - '290 days'::interval, now() - '295 days'::interval),
  (218, 112, 5000, now() - '290 days'::interval, now() - '295 days'::interval),
  (219, 111, 7000, '2026-03-31 22:30+00', '2026-03-01'), (220, 111, 7100, '2026-02-28 23:30+00', '2025-12-31 23:30+00');
UPDATE crm.contracts SET signed_at = now() - '291 days'::interval WHERE id IN (219, 220)
  AND signed_at > now() - '6 months'::interval;
INSERT INTO crm.payments (contract_id, amount, paid_on) VALUES
  (217, 2000, current_date - 280), (218, 2000, current_date - 10);
INSERT INTO crm.events (id, name, contract_id, support_id, starts_at, ends_at, location, attendees) VALUES
  (321, 'Monday', 201, 7, '2031-03-24 09:00+01', '2031-03-24 11:00+01', 'L', 10),
  (322, 'Monday too', 201, 7, '2031-03-24 10:00+01', '2031-03-25 00:00+01', 'L', 20),
  (323, 'Right after', 206, 7, '2031-03-25 00:00+01', '2031-03-25 12:00+01', 'L', NULL),
  (324, 'Beside', 206, 8, '2031-03-24 10:00+01', '2031-03-24 12:00+01', 'L', 30),
  (325, 'Short night', 206, 8, '2031-03-29 22:00+01', '2031-03-30 23:59+02', 'L', 40),
  (326, 'Next week', 206, 8, '2031-03-31 00:00+02', '2031-04-01 08:00+02', 'L', 50),
  (327, 'Nobody yet', 201, NULL, '2031-03-24 11:00+01', '2031-03-24 12:00+01', 'L', 5),
  (328, 'Nobody at night', 206, NULL, '2031-03-30 01:30+01', '2031-03-30 03:30+02', 'L', NULL);
RESET TimeZone;
"""
