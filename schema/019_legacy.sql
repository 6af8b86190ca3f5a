-- The old event sheets name contracts by numbers of their own. Once somebody of management has said which contract of
-- ours one is, the contract keeps that number as its reference, so that it need not be said again.
SET LOCAL ROLE epic_owner;

GRANT UPDATE (legacy_ref) ON crm.contracts TO epic_management;

-- A reference says where a record came from: it is given once.
CREATE FUNCTION crm.guard_reference() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'has a reference' USING ERRCODE = 'check_violation', CONSTRAINT = 'contracts_legacy_ref_once';
END $$;
CREATE TRIGGER guard_reference BEFORE UPDATE OF legacy_ref ON crm.contracts
  FOR EACH ROW WHEN (OLD.legacy_ref IS NOT NULL AND NEW.legacy_ref IS DISTINCT FROM OLD.legacy_ref)
  EXECUTE FUNCTION crm.guard_reference();
RESET ROLE;
