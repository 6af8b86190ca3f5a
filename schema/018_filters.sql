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
CREATE INDEX contracts_unsigned_of_client ON crm.contracts (client_id) WHERE NOT signed AND deleted_at IS NULL;
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
