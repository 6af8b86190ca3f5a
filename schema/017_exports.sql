-- What leaves: which rows were written to a file, and backups of the whole database, as the audit has them.
SET LOCAL ROLE epic_definer;

-- Called by the shell in the transaction that reads the rows; the file gets its name once that is committed.
CREATE FUNCTION api.record_export(command text, format text, file text, number bigint) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT sec.record(api.me(), 'export', 'commands', NULL,
                    jsonb_build_object('command', left(command, 100), 'format', left(format, 10),
                                       'file', left(file, 255), 'rows', number))
  WHERE api.me() IS NOT NULL
$$;

-- Called by the shell before an admin makes a backup or restores one: also the proof that it is an admin.
CREATE FUNCTION api.record_backup(action text, file text) RETURNS boolean
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT true FROM (SELECT sec.record(api.me(), action, 'commands', NULL,
                                      jsonb_build_object('command', action, 'file', left(file, 255)))
                    WHERE api.me() IS NOT NULL AND action IN ('backup', 'restore-backup')) recorded
$$;

GRANT EXECUTE ON FUNCTION api.record_export(text, text, text, bigint)
  TO epic_sales, epic_support, epic_management, epic_admin;
GRANT EXECUTE ON FUNCTION api.record_backup(text, text) TO epic_admin;
RESET ROLE;
