-- A shorter idle time or lifetime holds at once, for the sessions that are open, too. (A longer one: from the next
-- command, and for the next session.)
SET LOCAL ROLE epic_definer;

CREATE OR REPLACE FUNCTION api.touch() RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  idle interval := sec.setting('idle_timeout')::interval;
BEGIN
  IF api.me() IS NULL THEN RETURN NULL; END IF;
  UPDATE sec.sessions SET last_seen_at = clock_timestamp(), idle_until = clock_timestamp() + idle
  WHERE id = (SELECT id FROM sec.sessions
              WHERE id = api.my_session()
                AND idle_until NOT BETWEEN clock_timestamp() + idle * 0.98 AND clock_timestamp() + idle
              FOR NO KEY UPDATE SKIP LOCKED);
  RETURN (SELECT jsonb_object_agg(name, value) FROM crm.settings);
END $$;

-- Never waits: a session whose row is locked is having a command just now, and is shortened by the next one.
CREATE FUNCTION sec.shorten_sessions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  longest interval := NEW.value::interval;
BEGIN
  IF NEW.name = 'idle_timeout' THEN
    UPDATE sec.sessions s SET idle_until = s.last_seen_at + longest
    WHERE s.id IN (SELECT l.id FROM sec.sessions l WHERE l.idle_until > l.last_seen_at + longest
                   FOR NO KEY UPDATE SKIP LOCKED);
  ELSE
    UPDATE sec.sessions s SET expires_at = s.created_at + longest
    WHERE s.id IN (SELECT l.id FROM sec.sessions l WHERE l.expires_at > l.created_at + longest
                   FOR NO KEY UPDATE SKIP LOCKED);
  END IF;
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION sec.shorten_sessions() TO epic_owner;
RESET ROLE;

SET LOCAL ROLE epic_owner;
CREATE TRIGGER shorten_sessions AFTER UPDATE OF value ON crm.settings FOR EACH ROW
  WHEN (NEW.name IN ('idle_timeout', 'session_lifetime')) EXECUTE FUNCTION sec.shorten_sessions();
RESET ROLE;
