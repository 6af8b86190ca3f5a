-- The world of the tests: few records, each with something of its own. Its ids are named in world.py; the first digit
-- tells the table (1.. clients, 2.. contracts, 3.. events, 4.. payments), so that a wrong id never fits by chance.
INSERT INTO crm.employees (id, username, full_name, email, department, active) OVERRIDING SYSTEM VALUE VALUES
  (1, 'ada.admin', 'Ada Admin', 'ada@epic.example', 'admin', true),
  (2, 'otto.admin', 'Otto Admin', 'otto@epic.example', 'admin', true),
  (3, 'mia.manager', 'Mia Manager', 'mia@epic.example', 'management', true),
  (4, 'max.manager', 'Max Manager', 'max@epic.example', 'management', true),
  (5, 'bill.boquet', 'Bill Boquet', 'bill@epic.example', 'sales', true),
  (6, 'eve.martin', 'Eve Martin', 'eve@epic.example', 'sales', true),
  (7, 'kate.hastroff', 'Kate Hastroff', 'kate@epic.example', 'support', true),
  (8, 'alienor.vichum', 'Aliénor Vichum', 'alienor@epic.example', 'support', true),
  (9, 'gil.gone', 'Gil Gone', 'gil@epic.example', 'sales', false);

INSERT INTO crm.clients (id, full_name, email, phone, company, first_contact_on, sales_id) VALUES
  (101, 'Kevin Casey', 'kevin@startup.example', '+678 123 456 78', 'Cool Startup LLC', current_date - 400, 5),
  (102, 'Zoé Müller', 'zoe@noel.example', '+33 1 23 45 67 89', 'Noël & Fils', current_date - 30, 5),
  (103, 'Jacky Blangier', 'jacky@loubouzin.example', '+666 12345', 'Lou Bouzin', current_date - 200, 6),
  (104, 'Sam O''Neil', 'sam@prospect.example', '+44 20 7946 0000', 'Prospect Ltd', current_date - 3, 6),
  (105, 'Tara Trash', 'tara@trash.example', '+33 9 87 65 43 21', 'Old Company', current_date - 900, 5);

INSERT INTO crm.contracts (id, client_id, total, signed_at) VALUES
  (201, 101, 1200000, now() - interval '9 days'),
  (202, 101, 800000, now() - interval '60 days'),
  (203, 101, 500000, now() - interval '300 days'),
  (204, 101, 250000, NULL),
  (205, 102, 300000, NULL),
  (206, 103, 990050, now() - interval '40 days'),
  (207, 103, 100000, NULL),
  (208, 101, 70000, NULL),
  (209, 103, 150000, now() - interval '150 days');

INSERT INTO crm.payments (id, contract_id, amount, paid_on) VALUES
  (401, 202, 300000, current_date - 50),
  (402, 203, 500000, current_date - 290),
  (403, 205, 50000, current_date - 10),
  (404, 206, 90050, current_date - 35),
  (405, 209, 150000, current_date - 140);

INSERT INTO crm.events (id, name, contract_id, support_id, starts_at, ends_at, location, attendees, notes) VALUES
  (301, 'Casey Launch Party', 203, 7, now() - interval '200 days', now() - interval '199 days', 'Paris', 75, 'It went well.'),
  (302, 'Casey Summer Ball', 202, 7, now() + interval '10 days', now() + interval '11 days', 'Lyon', 120, ''),
  (303, 'Bouzin Assembly', 206, 8, now() + interval '20 days', now() + interval '20 days 2 hours', 'Mufflins', 200, ''),
  (304, 'Casey Autumn Fair', 202, NULL, now() + interval '90 days', now() + interval '92 days', 'Lille', NULL, ''),
  (305, 'Bouzin Dinner', 206, NULL, now() + interval '30 days', now() + interval '31 days', 'Nantes', 40, ''),
  (306, 'Casey Cancelled', 202, 7, now() + interval '15 days', now() + interval '16 days', 'Nice', 10, ''),
  (307, 'Bouzin Opening', 209, 8, now() - interval '100 days', now() - interval '99 days', 'Rennes', 60, ''),
  (308, 'Bouzin Running', 206, 7, now() - interval '1 hour', now() + interval '2 days', 'Brest', 30, '');

UPDATE crm.clients SET deleted_at = now() WHERE id = 105;
UPDATE crm.contracts SET deleted_at = now() WHERE id = 208;
UPDATE crm.events SET deleted_at = now() WHERE id = 306;

ALTER TABLE crm.employees ALTER id RESTART WITH 20;
ALTER TABLE crm.clients ALTER id RESTART WITH 110;
ALTER TABLE crm.contracts ALTER id RESTART WITH 220;
ALTER TABLE crm.events ALTER id RESTART WITH 320;
ALTER TABLE crm.payments ALTER id RESTART WITH 420;

INSERT INTO crm.notifications (id, recipient_id, kind, noun, row_id, actor_id, fields, created_at, read_at)
OVERRIDING SYSTEM VALUE VALUES
  (501, 7, 'assigned', 'events', 302, 3, '', now() - interval '3 days', NULL),
  (502, 7, 'unassigned', 'events', 303, 4, '', now() - interval '2 days', NULL),
  (503, 7, 'changed', 'events', 301, 3, 'location, attendees', now() - interval '9 days', now() - interval '8 days'),
  (504, 5, 'signed', 'contracts', 203, 4, '', now() - interval '5 days', NULL),
  (505, 6, 'paid', 'contracts', 209, 3, '', now() - interval '1 day', NULL),
  (506, 3, 'changed', 'events', 307, 4, 'notes', now() - interval '99 days', NULL);
ALTER TABLE crm.notifications ALTER id RESTART WITH 520;

INSERT INTO crm.views (id, owner_id, name, command, shared) VALUES
  (601, 5, 'late', 'contracts filter --unpaid --sales $1', false),
  (602, 4, 'open', 'events filter --no-support', true),
  (603, 3, 'mine', 'events filter --upcoming', false),
  (604, 6, 'eves', 'clients filter --sales eve.martin', false);
ALTER TABLE crm.views ALTER id RESTART WITH 620;
