-- Filters: what the conditions of the filter language need.
SET LOCAL ROLE epic_owner;

-- Everyone lists employees, admins too, and finds them by a part of their name.
GRANT EXECUTE ON FUNCTION crm.fold(text) TO epic_admin;
RESET ROLE;
