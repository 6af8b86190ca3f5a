-- Who changed what, when: written by triggers, changed by nobody. The table belongs to a role of its own.
GRANT CREATE ON SCHEMA sec TO epic_auditor;
SET LOCAL ROLE epic_auditor;

CREATE TABLE sec.audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  employee_id integer,                 -- the actor; unknown for a failed login of an unknown name, or for the owner
  session_id bigint,
  login_role name NOT NULL DEFAULT session_user,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  action text NOT NULL,                -- create, update, delete, restore, void; login, login-failed, refused, …
  noun text NOT NULL,                  -- the table, or 'sessions'
  row_id bigint,
  revision integer,                    -- the record's, after the change
  old jsonb,                           -- only the fields that changed
  new jsonb);
CREATE INDEX audit_of_record ON sec.audit (noun, row_id, id);
CREATE INDEX audit_of_employee ON sec.audit (employee_id, id);
CREATE INDEX audit_at ON sec.audit (at, id);

CREATE FUNCTION sec.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'the audit only grows' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON sec.audit
  FOR EACH STATEMENT EXECUTE FUNCTION sec.refuse_change();

ALTER TABLE sec.audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE sec.audit FORCE ROW LEVEL SECURITY;
GRANT INSERT, SELECT ON sec.audit TO epic_definer;
CREATE POLICY definer_adds ON sec.audit FOR INSERT TO epic_definer WITH CHECK (true);
CREATE POLICY definer_reads ON sec.audit FOR SELECT TO epic_definer USING (true);

-- History: the changes of a record, for whoever reads that record now (the EXISTS runs under the reader's own rights).
GRANT SELECT (id, at, employee_id, action, noun, row_id, revision, old, new) ON sec.audit
  TO epic_sales, epic_support, epic_management;
CREATE POLICY history ON sec.audit FOR SELECT TO epic_sales, epic_support, epic_management
  USING ((SELECT api.me()) IS NOT NULL
         AND action IN ('create', 'update', 'delete', 'restore', 'void')
         AND CASE noun
               WHEN 'employees' THEN EXISTS (SELECT 1 FROM crm.employees e WHERE e.id = row_id)
               WHEN 'clients' THEN EXISTS (SELECT 1 FROM crm.clients c WHERE c.id = row_id)
               WHEN 'contracts' THEN EXISTS (SELECT 1 FROM crm.contracts k WHERE k.id = row_id)
               WHEN 'events' THEN EXISTS (SELECT 1 FROM crm.events v WHERE v.id = row_id)
               ELSE false END);
RESET ROLE;
REVOKE CREATE ON SCHEMA sec FROM epic_auditor;

SET LOCAL ROLE epic_definer;

CREATE OR REPLACE FUNCTION sec.record(actor integer, action text, noun text, row_id bigint, details jsonb DEFAULT NULL)
  RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO sec.audit (employee_id, session_id, action, noun, row_id, new)
  VALUES (actor, (SELECT session_id FROM sec.attachments
                  WHERE pid = pg_backend_pid() AND nonce = current_setting('epic.nonce', true)),
          action, noun, row_id, details)
$$;

CREATE FUNCTION sec.audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  actor integer := api.me();
  plumbing text[] := ARRAY['live', 'client_live', 'standing', 'contract_standing', 'paid', 'prospect', 'eventless',
                           'updated_at', 'last_login_at'];
  before jsonb := '{}';
  after jsonb := '{}';
  was jsonb;
  became jsonb;
  what text := CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'DELETE' THEN 'void' ELSE 'update' END;
BEGIN
  IF actor IS NULL AND session_user LIKE 'epic\_%\_login' AND session_user <> 'epic_auth_login' THEN
    RAISE EXCEPTION 'no session' USING ERRCODE = 'invalid_authorization_specification';
  END IF;
  IF TG_OP <> 'INSERT' THEN before := to_jsonb(OLD) - plumbing; END IF;
  IF TG_OP <> 'DELETE' THEN after := to_jsonb(NEW) - plumbing; END IF;
  IF TG_OP = 'UPDATE' THEN
    SELECT jsonb_object_agg(key, before->key), jsonb_object_agg(key, value) INTO was, became
    FROM jsonb_each(after) WHERE value IS DISTINCT FROM before->key AND key <> 'revision';
    IF became IS NULL THEN RETURN NULL; END IF;
    IF became ? 'deleted_at' THEN
      what := CASE WHEN became->>'deleted_at' IS NULL THEN 'restore' ELSE 'delete' END;
    END IF;
    IF TG_TABLE_NAME = 'settings' THEN became := became || jsonb_build_object('name', after->'name'); END IF;
  ELSE
    was := nullif(before, '{}');
    became := nullif(after, '{}');
  END IF;
  INSERT INTO sec.audit (employee_id, session_id, action, noun, row_id, revision, old, new)
  VALUES (actor, api.my_session(), what, TG_TABLE_NAME,
          (coalesce(became->>'id', after->>'id', before->>'id'))::bigint,
          coalesce(after->>'revision', before->>'revision')::integer, was, became);
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION sec.audit_row() TO epic_owner;

-- A refusal, told by the shell in a transaction of its own.
CREATE FUNCTION api.record_refusal(command text, permission text) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT sec.record(api.me(), 'refused', 'commands', NULL,
                    jsonb_build_object('command', left(command, 100), 'right', left(permission, 100)))
  WHERE api.me() IS NOT NULL
$$;

-- With the reader's own rights, so that the policy above decides.
CREATE VIEW api.history WITH (security_invoker) AS
  SELECT id, at, employee_id, action, noun, row_id, revision, old, new FROM sec.audit;

-- The audit log of the admin, who has no access to business data: of clients, contracts, payments and events it shows
-- which fields changed, not their values.
CREATE VIEW api.audit_log WITH (security_barrier) AS
  SELECT a.id, a.at, a.employee_id, e.username, a.session_id, a.action, a.noun, a.row_id, a.revision,
         (SELECT coalesce(string_agg(key, ', ' ORDER BY key), '') FROM jsonb_object_keys(a.new) key) AS fields,
         CASE WHEN a.noun IN ('employees', 'settings', 'sessions', 'commands') THEN a.old END AS old,
         CASE WHEN a.noun IN ('employees', 'settings', 'sessions', 'commands') THEN a.new END AS new
  FROM sec.audit a LEFT JOIN crm.employees e ON e.id = a.employee_id
  WHERE (SELECT api.me()) IS NOT NULL AND session_user = 'epic_admin_login';

GRANT EXECUTE ON FUNCTION api.record_refusal(text, text) TO epic_sales, epic_support, epic_management, epic_admin;
GRANT SELECT ON api.audit_log TO epic_admin;
GRANT SELECT ON api.history TO epic_sales, epic_support, epic_management;
RESET ROLE;

SET LOCAL ROLE epic_owner;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON crm.employees FOR EACH ROW EXECUTE FUNCTION sec.audit_row();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON crm.settings FOR EACH ROW EXECUTE FUNCTION sec.audit_row();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON crm.clients FOR EACH ROW EXECUTE FUNCTION sec.audit_row();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON crm.contracts FOR EACH ROW EXECUTE FUNCTION sec.audit_row();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON crm.payments FOR EACH ROW EXECUTE FUNCTION sec.audit_row();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON crm.events FOR EACH ROW EXECUTE FUNCTION sec.audit_row();
RESET ROLE;
