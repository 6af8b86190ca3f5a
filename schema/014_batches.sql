-- What was changed together is found together: a batch is everything that one transaction changed (a bulk change, an
-- import, a script that is all or nothing, a payment with what it does to its contract). Its number is that of its first
-- entry in the audit; not the transaction's own, for these begin anew when a dump is restored on another server.
GRANT CREATE ON SCHEMA sec TO epic_auditor;
SET LOCAL ROLE epic_auditor;

ALTER TABLE sec.audit ADD COLUMN batch bigint;   -- unknown of what was changed before there were batches
CREATE INDEX audit_of_transaction ON sec.audit (xid);
CREATE INDEX audit_of_batch ON sec.audit (batch, id);

-- Whatever an insert says of its batch is overruled. The plan is kept for the whole transaction, in which a table that
-- was empty may get thousands of rows: so never a scan of it all.
CREATE FUNCTION sec.number_batch() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
BEGIN
  NEW.xid := pg_current_xact_id();
  SELECT a.batch INTO NEW.batch FROM sec.audit a
  WHERE a.xid = NEW.xid AND a.at >= transaction_timestamp()   -- not one of the same number from another server
  LIMIT 1;
  NEW.batch := coalesce(NEW.batch, NEW.id);
  RETURN NEW;
END $$;
CREATE TRIGGER number_batch BEFORE INSERT ON sec.audit FOR EACH ROW EXECUTE FUNCTION sec.number_batch();

GRANT SELECT (batch) ON sec.audit TO epic_sales, epic_support, epic_management;
RESET ROLE;
REVOKE CREATE ON SCHEMA sec FROM epic_auditor;

SET LOCAL ROLE epic_definer;
CREATE OR REPLACE VIEW api.history WITH (security_invoker) AS
  SELECT id, at, employee_id, action, noun, row_id, revision, old, new, batch FROM sec.audit;

CREATE OR REPLACE VIEW api.audit_log WITH (security_barrier) AS
  SELECT a.id, a.at, a.employee_id, e.username, a.session_id, a.action, a.noun, a.row_id, a.revision,
         (SELECT coalesce(string_agg(key, ', ' ORDER BY key), '') FROM jsonb_object_keys(a.new) key) AS fields,
         CASE WHEN a.noun IN ('employees', 'settings', 'sessions', 'commands') THEN a.old END AS old,
         CASE WHEN a.noun IN ('employees', 'settings', 'sessions', 'commands') THEN a.new END AS new,
         a.batch
  FROM sec.audit a LEFT JOIN crm.employees e ON e.id = a.employee_id
  WHERE (SELECT api.me()) IS NOT NULL AND session_user = 'epic_admin_login';
RESET ROLE;
