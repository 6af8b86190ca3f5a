-- The directory of employees, and the settings of the installation.
SET LOCAL ROLE epic_owner;

CREATE TABLE crm.employees (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  username text NOT NULL CONSTRAINT employees_username_key UNIQUE
    CONSTRAINT employees_username_form CHECK (username ~ '^[a-z][a-z0-9]*([.-][a-z0-9]+)*$' AND length(username) BETWEEN 3 AND 32),
  full_name text NOT NULL CONSTRAINT employees_full_name_form CHECK (full_name <> '' AND length(full_name) <= 100),
  email text NOT NULL CONSTRAINT employees_email_form CHECK (email LIKE '_%@_%' AND length(email) <= 254),
  department text NOT NULL CONSTRAINT employees_department_known
    CHECK (department IN ('sales', 'support', 'management', 'admin')),
  active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_login_at timestamptz,
  revision integer NOT NULL DEFAULT 1,
  UNIQUE (id, department));   -- makes the department a part of the key: who locks that keeps it (sec.check_assignee)
CREATE UNIQUE INDEX employees_email_key ON crm.employees (lower(email));

CREATE TABLE crm.settings (
  name text PRIMARY KEY,
  value text NOT NULL,
  description text NOT NULL,
  revision integer NOT NULL DEFAULT 1,
  CONSTRAINT settings_value_known CHECK (CASE name
    WHEN 'read_mode' THEN value IN ('company', 'need-to-know')
    WHEN 'currency' THEN value ~ '^[A-Z]{3}$'
    WHEN 'timezone' THEN length(value) BETWEEN 1 AND 64
    WHEN 'phone_region' THEN value ~ '^[A-Z]{2}$'
    WHEN 'idle_timeout' THEN value ~ '^[1-9][0-9]{0,4}(s|min|h)$'
    WHEN 'session_lifetime' THEN value ~ '^[1-9][0-9]{0,4}(s|min|h)$'
    ELSE false END));
INSERT INTO crm.settings (name, value, description) VALUES
  ('read_mode', 'company', 'who reads what: company (everyone reads all) or need-to-know (sales and support read only what is theirs)'),
  ('timezone', 'Europe/Paris', 'the zone in which times are shown and read'),
  ('currency', 'EUR', 'the currency of every amount'),
  ('phone_region', 'FR', 'the country of phone numbers without a country code'),
  ('idle_timeout', '2h', 'a session without a typed command ends after this time'),
  ('session_lifetime', '12h', 'a session ends after this time whatever happens');

-- Every change raises the revision, so that an edit of a stale copy can be told.
CREATE FUNCTION crm.raise_revision() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.revision := OLD.revision + 1;
  RETURN NEW;
END $$;
CREATE TRIGGER raise_revision BEFORE UPDATE OF full_name, email, department, active ON crm.employees
  FOR EACH ROW EXECUTE FUNCTION crm.raise_revision();
CREATE TRIGGER raise_revision BEFORE UPDATE ON crm.settings
  FOR EACH ROW EXECUTE FUNCTION crm.raise_revision();

GRANT SELECT ON crm.employees, crm.settings TO epic_definer;
GRANT SELECT (id, username) ON crm.employees TO epic_auditor;
GRANT UPDATE (last_login_at) ON crm.employees TO epic_definer;

RESET ROLE;
