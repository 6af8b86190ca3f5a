-- Filters: what the conditions of the filter language need.
SET LOCAL ROLE epic_owner;

-- Everyone lists employees, admins too, and finds them by a part of their name.
GRANT EXECUTE ON FUNCTION crm.fold(text) TO epic_admin;

-- Exact comparisons that people ask for, of the entity itself and from its neighbours (events by company). Plain
-- columns: the operators are leakproof, so row security lets the index be used.
CREATE INDEX clients_of_company ON crm.clients (company);
CREATE INDEX clients_of_name ON crm.clients (full_name);
CREATE INDEX clients_of_email ON crm.clients (email);
CREATE INDEX clients_first_contact ON crm.clients (first_contact_on, id) WHERE deleted_at IS NULL;
CREATE INDEX contracts_signed_at ON crm.contracts (signed_at, id, due) WHERE deleted_at IS NULL;
CREATE INDEX contracts_owed ON crm.contracts (client_id, id, due) WHERE signed AND due > 0 AND deleted_at IS NULL;
CREATE INDEX contracts_total ON crm.contracts (total, id) WHERE deleted_at IS NULL;

-- What lists are sorted by, and their next pages begin behind: crm.fold, which the planner can't put in line, and which
-- is leakproof, so that row security lets the range behind a row be found by an index. That it is: its argument never
-- becomes part of a message, since it raises none. What is in it is defined for every text of a database in UTF-8 (the
-- only encoding that is accepted), and fails for want of memory alone, which texts as short as the tables' never cause.
-- The collation is pinned, since whoever calls it could name one: regular expressions refuse nondeterministic ones, so
-- that an error would tell of a letter beyond ASCII in a hidden row.
CREATE FUNCTION crm.folded(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN crm.fold(t COLLATE pg_catalog."default");
END $$;
GRANT EXECUTE ON FUNCTION crm.folded(text) TO epic_sales, epic_support, epic_management, epic_admin, epic_definer;
RESET ROLE;
ALTER FUNCTION crm.folded(text) LEAKPROOF;   -- this takes a superuser

SET LOCAL ROLE epic_owner;
DROP INDEX crm.clients_by_name, crm.clients_by_company, crm.events_by_name;
CREATE INDEX clients_by_name ON crm.clients (crm.folded(full_name), id);
CREATE INDEX clients_by_company ON crm.clients (crm.folded(company), id);
CREATE INDEX events_by_name ON crm.events (crm.folded(name), id);
RESET ROLE;

-- Which clients have no contract: a few among very many, so an index has to know them. Like `prospect`, it is kept by
-- the database and is no change of the record. It tells nobody of a contract that they may not read: who reads a client
-- reads all its contracts, or (support, under need-to-know) has an event on one of them.
SET LOCAL ROLE epic_owner;
ALTER TABLE crm.clients ADD COLUMN contractless boolean NOT NULL DEFAULT false;   -- what is there is not written anew
GRANT UPDATE (contractless) ON crm.clients TO epic_definer;
RESET ROLE;

SET LOCAL statement_timeout = 0;
SET LOCAL session_replication_role = replica;
UPDATE crm.clients c SET contractless = true
WHERE NOT EXISTS (SELECT 1 FROM crm.contracts k WHERE k.client_id = c.id AND k.deleted_at IS NULL);
SET LOCAL session_replication_role = DEFAULT;

SET LOCAL ROLE epic_definer;
-- As before, with what is kept now.
CREATE OR REPLACE FUNCTION sec.mark_client() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM 1 FROM crm.clients c WHERE c.id = NEW.client_id FOR NO KEY UPDATE;
  UPDATE crm.clients c SET prospect = NOT found.signed, contractless = NOT found.any_at_all
  FROM (SELECT EXISTS (SELECT 1 FROM crm.contracts k WHERE k.client_id = NEW.client_id AND k.standing),
               EXISTS (SELECT 1 FROM crm.contracts k WHERE k.client_id = NEW.client_id AND k.deleted_at IS NULL)
       ) found (signed, any_at_all)
  WHERE c.id = NEW.client_id AND (c.prospect = found.signed OR c.contractless = found.any_at_all);
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION sec.audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  actor integer := api.me();
  plumbing text[] := ARRAY['live', 'client_live', 'standing', 'contract_standing', 'paid', 'prospect', 'eventless',
                           'contractless', 'updated_at', 'last_login_at'];
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
RESET ROLE;

SET LOCAL ROLE epic_owner;
ALTER TABLE crm.clients ALTER COLUMN contractless SET DEFAULT true;
CREATE INDEX clients_contractless ON crm.clients (id) WHERE contractless AND deleted_at IS NULL;
DROP TRIGGER stamp ON crm.clients;
CREATE TRIGGER stamp BEFORE UPDATE ON crm.clients
  FOR EACH ROW WHEN (NEW.prospect = OLD.prospect AND NEW.contractless = OLD.contractless) EXECUTE FUNCTION crm.stamp();
DROP TRIGGER mark_client ON crm.contracts;
DROP TRIGGER mark_client_again ON crm.contracts;
CREATE TRIGGER mark_client AFTER INSERT ON crm.contracts FOR EACH ROW EXECUTE FUNCTION sec.mark_client();
CREATE TRIGGER mark_client_again AFTER UPDATE OF signed_at, deleted_at ON crm.contracts
  FOR EACH ROW WHEN (NEW.standing <> OLD.standing OR (NEW.deleted_at IS NULL) <> (OLD.deleted_at IS NULL))
  EXECUTE FUNCTION sec.mark_client();
RESET ROLE;
