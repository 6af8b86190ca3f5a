-- Roles, schemas, and the least surface for PUBLIC.
--
-- epic_owner     owns the business tables (schema crm); never logs in
-- epic_definer   owns secrets, sessions and the definer functions (schemas sec and api); never logs in
-- epic_auditor   owns the audit table, so that not even epic_definer can change it; never logs in
-- epic_<department>, epic_auth               groups: they carry the grants
-- epic_<department>_login, epic_auth_login   what the shell connects as: they inherit their group and may
--                                            SET ROLE to nothing. Without a session they see and write nothing.
-- Roles belong to the whole server: two databases that are set up at once take turns.
LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;

DO $$
DECLARE
  r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['epic_owner', 'epic_definer', 'epic_auditor',
                           'epic_sales', 'epic_support', 'epic_management', 'epic_admin', 'epic_auth'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = r) THEN
      EXECUTE format('CREATE ROLE %I', r);
    END IF;
    EXECUTE format('ALTER ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT', r);
  END LOOP;

  FOREACH r IN ARRAY ARRAY['epic_sales', 'epic_support', 'epic_management', 'epic_admin', 'epic_auth'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = r || '_login') THEN
      EXECUTE format('CREATE ROLE %I', r || '_login');
    END IF;
    EXECUTE format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT CONNECTION LIMIT -1 PASSWORD NULL', r || '_login');
    EXECUTE format('GRANT %I TO %I WITH INHERIT TRUE, SET FALSE, ADMIN FALSE', r, r || '_login');
    -- what only a superuser may set: no statement of theirs in pg_stat_activity or in the server's log
    EXECUTE format('ALTER ROLE %I SET track_activities = off', r || '_login');
    EXECUTE format('ALTER ROLE %I SET log_statement = ''none''', r || '_login');
    EXECUTE format('ALTER ROLE %I SET log_min_error_statement = ''panic''', r || '_login');
    EXECUTE format('ALTER ROLE %I SET log_min_duration_statement = -1', r || '_login');
    EXECUTE format('ALTER ROLE %I SET log_min_duration_sample = -1', r || '_login');
    EXECUTE format('ALTER ROLE %I SET log_transaction_sample_rate = 0', r || '_login');
    EXECUTE format('ALTER ROLE %I SET log_duration = off', r || '_login');
    EXECUTE format('ALTER ROLE %I SET log_error_verbosity = ''terse''', r || '_login');
    EXECUTE format('ALTER ROLE %I SET temp_file_limit = ''1GB''', r || '_login');
    -- what anyone may set: defaults for a bare connection; the shell sends its own at start-up
    EXECUTE format('ALTER ROLE %I SET statement_timeout = ''15s''', r || '_login');
    EXECUTE format('ALTER ROLE %I SET lock_timeout = ''3s''', r || '_login');
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''60s''', r || '_login');
    EXECUTE format('ALTER ROLE %I SET search_path = crm, pg_catalog', r || '_login');
  END LOOP;

  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());   -- CONNECT and TEMP
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO epic_sales, epic_support, epic_management, epic_admin, epic_auth',
                 current_database());
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;   -- no DO blocks
GRANT USAGE ON LANGUAGE plpgsql TO epic_owner, epic_definer, epic_auditor;
-- Also no functions of their own in SQL; they could create none anyway, for want of a schema.
REVOKE USAGE ON LANGUAGE sql FROM PUBLIC;
GRANT USAGE ON LANGUAGE sql TO epic_owner, epic_definer, epic_auditor;

-- Functions that reach other sessions, keep data outside the tables, or lock without touching a row.
DO $$
DECLARE
  f regprocedure;
BEGIN
  FOR f IN
    SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND (p.proname ~ '^(pg_(try_)?advisory_|lo_|pg_logical_|pg_terminate_backend|pg_cancel_backend|pg_export_snapshot)'
           OR p.proname IN ('pg_notify', 'lowrite', 'loread', 'pg_database_size', 'pg_log_backend_memory_contexts'))
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
  END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock(integer, integer), pg_notify(text, text) TO epic_definer;

-- sec was made by the migration runner, for its own table, and stays the superuser's: a schema's owner may drop what
-- others own in it, the audit too.
GRANT USAGE, CREATE ON SCHEMA sec TO epic_definer;
CREATE SCHEMA api AUTHORIZATION epic_definer;
CREATE SCHEMA crm AUTHORIZATION epic_owner;
GRANT USAGE ON SCHEMA crm TO epic_sales, epic_support, epic_management, epic_admin, epic_definer, epic_auditor;
GRANT USAGE ON SCHEMA api TO epic_sales, epic_support, epic_management, epic_admin, epic_auth, epic_owner, epic_auditor;
GRANT USAGE ON SCHEMA sec TO epic_owner, epic_auditor;
GRANT SELECT ON sec.migrations TO epic_definer;
ALTER TABLE sec.migrations ENABLE ROW LEVEL SECURITY;
ALTER TABLE sec.migrations FORCE ROW LEVEL SECURITY;
CREATE POLICY definer_reads ON sec.migrations FOR SELECT TO epic_definer USING (true);

ALTER DEFAULT PRIVILEGES FOR ROLE epic_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE epic_definer REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE epic_auditor REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
