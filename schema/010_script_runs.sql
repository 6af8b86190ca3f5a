-- How far an employee's script has come. The row is written in the transaction of each line's own work, so that a run
-- that was stopped, or killed at any moment, is taken up again without doing a line twice. It goes with the script's end.
SET LOCAL ROLE epic_owner;

CREATE TABLE crm.script_runs (
  employee_id integer NOT NULL DEFAULT api.me() CONSTRAINT script_runs_employee_fkey REFERENCES crm.employees,
  source text NOT NULL CONSTRAINT script_runs_source_form CHECK (source <> '' AND length(source) <= 4096),
  run text NOT NULL CONSTRAINT script_runs_run_form CHECK (run ~ '^[0-9a-f]{32}$'),   -- drawn by who runs it now
  step integer NOT NULL DEFAULT 1,                -- how often the row was written: who has seen another one is too late
  digest text NOT NULL CONSTRAINT script_runs_digest_form CHECK (digest ~ '^[0-9a-f]{64}$'),   -- SHA-256 of the file
  line integer NOT NULL DEFAULT 0,                -- the last line that is done
  inside jsonb NOT NULL DEFAULT '[]' CONSTRAINT script_runs_inside_range CHECK (length(inside::text) <= 100000),
                                                  -- [source, digest, line] of the scripts that the next line runs
  begun integer,                                  -- a line (of the innermost) that can't be taken back was begun
  names jsonb NOT NULL DEFAULT '{}' CONSTRAINT script_runs_names_range CHECK (length(names::text) <= 100000),
                                                  -- [noun, id] by name
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (employee_id, source));

ALTER TABLE crm.script_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE crm.script_runs FORCE ROW LEVEL SECURITY;
CREATE POLICY definer ON crm.script_runs TO epic_definer USING (true) WITH CHECK (true);
CREATE POLICY own ON crm.script_runs TO epic_sales, epic_support, epic_management, epic_admin
  USING (employee_id = (SELECT api.me())) WITH CHECK (employee_id = (SELECT api.me()));

-- Column by column, and no DELETE: who has a right on the whole table may lock it for everyone.
GRANT SELECT (employee_id, source, run, step, digest, line, inside, begun, names, updated_at),
      INSERT (source, run, digest, line, inside, names),
      UPDATE (run, step, digest, line, inside, begun, names, updated_at)
  ON crm.script_runs TO epic_sales, epic_support, epic_management, epic_admin;
GRANT SELECT, DELETE ON crm.script_runs TO epic_definer;
RESET ROLE;

SET LOCAL ROLE epic_definer;
-- The script has come to its end; nothing happens if somebody else has taken the run over. What stopped a year ago and
-- was never taken up is cleared away.
CREATE FUNCTION api.end_script_run(script text, mine text) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM crm.script_runs
  WHERE employee_id = (SELECT api.me()) AND (source = script AND run = mine OR updated_at < now() - interval '1 year')
$$;
GRANT EXECUTE ON FUNCTION api.end_script_run(text, text) TO epic_sales, epic_support, epic_management, epic_admin;
RESET ROLE;
