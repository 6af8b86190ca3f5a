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
CREATE INDEX contracts_total ON crm.contracts (total, id) WHERE deleted_at IS NULL;
RESET ROLE;
