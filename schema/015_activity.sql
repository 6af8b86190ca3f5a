-- What management sees of the audit: how many records of what each department changed per day, and in how many changes.
-- The department is the one that the change was made as. Only whole days of the company's zone can be asked for, and
-- nothing tells people apart.
SET LOCAL ROLE epic_definer;

CREATE FUNCTION api.activity(first date, last date)
  RETURNS TABLE (day date, department text, noun text, records bigint, changes bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT g.day, substring(g.login_role FROM '^epic_(.+)_login$'), g.noun, count(*), sum(g.changes)::bigint
  FROM (SELECT (a.at AT TIME ZONE (SELECT sec.setting('timezone')))::date AS day, a.login_role, a.noun, a.row_id,
               count(*) AS changes
        FROM sec.audit a
        WHERE session_user = 'epic_management_login' AND (SELECT api.me()) IS NOT NULL
          AND a.at >= (SELECT first::timestamp AT TIME ZONE sec.setting('timezone'))
          AND a.at < (SELECT (last + 1)::timestamp AT TIME ZONE sec.setting('timezone'))
          AND a.employee_id IS NOT NULL AND a.action IN ('create', 'update', 'delete', 'restore', 'void')
        GROUP BY 1, 2, 3, 4) g
  GROUP BY g.day, g.login_role, g.noun
  ORDER BY 1 DESC, 2, 3
$$;
GRANT EXECUTE ON FUNCTION api.activity(date, date) TO epic_management;
RESET ROLE;
