-- Sessions: who is behind this connection. A session key never travels again after login; each new connection
-- proves it by a short-lived JWT over a nonce of this backend (attach), and from then on api.me() names the actor.
SET LOCAL ROLE epic_definer;

CREATE FUNCTION sec.random32() RETURNS bytea LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS
-- three uuids of the server's strong random source: 366 random bits, hashed to 256
$$ SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) $$;

CREATE TABLE sec.installation (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  id uuid NOT NULL DEFAULT gen_random_uuid(),      -- the audience of every JWT: one made for another database is refused
  secret bytea NOT NULL DEFAULT sec.random32());   -- salts of names are derived from it
INSERT INTO sec.installation DEFAULT VALUES;

CREATE TABLE sec.sessions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  employee_id integer NOT NULL,
  department text NOT NULL,
  key bytea NOT NULL CHECK (octet_length(key) = 32),
  origin text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  idle_until timestamptz NOT NULL,
  expires_at timestamptz NOT NULL);
CREATE INDEX sessions_of_employee ON sec.sessions (employee_id, id);

-- Only added to, and without a key to collide on: ending a session never waits for a lock that its owner may hold.
CREATE TABLE sec.revocations (
  session_id bigint NOT NULL,
  revoked_at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX revocations_of_session ON sec.revocations (session_id);

CREATE VIEW sec.live_sessions AS
  SELECT * FROM sec.sessions s
  WHERE clock_timestamp() < least(s.idle_until, s.expires_at)
    AND NOT EXISTS (SELECT 1 FROM sec.revocations r WHERE r.session_id = s.id);

-- Which session a backend has proved. Rows of dead backends are harmless: the nonce lives in the backend's memory.
CREATE UNLOGGED TABLE sec.attachments (
  pid integer PRIMARY KEY,
  login_role name NOT NULL,
  challenge text,
  nonce text,
  session_id bigint);

CREATE FUNCTION sec.hmac(key bytea, message bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE
  SET search_path = pg_catalog, pg_temp AS $$   -- HMAC-SHA-256, RFC 2104
DECLARE
  inner_pad bytea;
  outer_pad bytea;
  b integer;
BEGIN
  IF octet_length(key) > 64 THEN key := sha256(key); END IF;
  key := key || decode(repeat('00', 64 - octet_length(key)), 'hex');
  inner_pad := key;
  outer_pad := key;
  FOR i IN 0..63 LOOP
    b := get_byte(key, i);
    inner_pad := set_byte(inner_pad, i, b # 54);
    outer_pad := set_byte(outer_pad, i, b # 92);
  END LOOP;
  RETURN sha256(outer_pad || sha256(inner_pad || message));
END $$;

CREATE FUNCTION sec.base64url(part text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT
  SET search_path = pg_catalog, pg_temp AS
$$ SELECT decode(translate(part, '-_', '+/') || repeat('=', (4 - length(part) % 4) % 4), 'base64') $$;

-- The claims of a JWT (RFC 7519) signed with HS256 (RFC 7515), else NULL. Exactly three parts, no other algorithm.
CREATE FUNCTION sec.jwt_claims(token text, key bytea) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part text[];
  header jsonb;
  claims jsonb;
BEGIN
  IF token IS NULL OR key IS NULL OR length(token) > 2048 THEN RETURN NULL; END IF;
  part := string_to_array(token, '.');
  IF cardinality(part) <> 3
     OR sec.base64url(part[3]) IS DISTINCT FROM sec.hmac(key, convert_to(part[1] || '.' || part[2], 'UTF8')) THEN
    RETURN NULL;
  END IF;
  header := convert_from(sec.base64url(part[1]), 'UTF8')::jsonb;
  IF header->>'alg' IS DISTINCT FROM 'HS256' OR header->>'typ' IS DISTINCT FROM 'JWT' OR header ? 'crit' THEN
    RETURN NULL;
  END IF;
  claims := convert_from(sec.base64url(part[2]), 'UTF8')::jsonb;
  RETURN CASE WHEN jsonb_typeof(claims) = 'object' THEN claims END;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END $$;

CREATE FUNCTION sec.setting(wanted text) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
$$ SELECT value FROM crm.settings WHERE name = wanted $$;

-- The employee behind this connection, or NULL. Every row policy reads (SELECT api.me()), once per statement: so a
-- revocation, a deactivation or a change of department bites on the next statement, inside open transactions too.
-- Another isolation level than READ COMMITTED would keep reading the session as it once was, so it has no actor.
CREATE FUNCTION api.me() RETURNS integer LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT s.employee_id
    FROM sec.attachments a
    JOIN sec.live_sessions s ON s.id = a.session_id
    JOIN crm.employees e ON e.id = s.employee_id
    WHERE a.pid = pg_backend_pid()
      AND a.login_role = session_user
      AND a.nonce = current_setting('epic.nonce', true)
      AND session_user = 'epic_' || s.department || '_login'
      AND e.active
      AND e.department = s.department
      AND current_setting('transaction_isolation') = 'read committed');
END $$;

-- The session that this backend has proved, or NULL.
CREATE FUNCTION api.my_session() RETURNS bigint LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT session_id FROM sec.attachments
  WHERE pid = pg_backend_pid() AND nonce = current_setting('epic.nonce', true) AND api.me() IS NOT NULL
$$;

CREATE FUNCTION api.schema_version() RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS
$$ SELECT max(version) FROM sec.migrations $$;

-- A nonce for this backend, good for one attach; with what the shell needs before it has a session.
CREATE FUNCTION api.challenge(OUT nonce text, OUT server_time timestamptz, OUT schema_version integer)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  nonce := encode(sec.random32(), 'hex');
  server_time := clock_timestamp();
  schema_version := api.schema_version();
  INSERT INTO sec.attachments (pid, login_role, challenge) VALUES (pg_backend_pid(), session_user, nonce)
  ON CONFLICT (pid) DO UPDATE
    SET login_role = excluded.login_role, challenge = excluded.challenge, nonce = NULL, session_id = NULL;
END $$;

-- Binds a session to this backend. Returns who it is and what the shell must know, or NULL if the proof fails.
CREATE FUNCTION api.attach(token text) RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  a sec.attachments;
  s sec.sessions;
  e crm.employees;
  claims jsonb;
  now_s double precision := extract(epoch FROM clock_timestamp());
BEGIN
  SELECT * INTO a FROM sec.attachments WHERE pid = pg_backend_pid() AND login_role = session_user FOR UPDATE;
  UPDATE sec.attachments SET challenge = NULL, nonce = NULL, session_id = NULL WHERE pid = pg_backend_pid();
  BEGIN   -- only to find the key; nothing of an unverified token is believed
    SELECT * INTO s FROM sec.sessions
    WHERE id = (convert_from(sec.base64url(split_part(left(token, 2048), '.', 2)), 'UTF8')::jsonb->>'sid')::bigint;
  EXCEPTION WHEN data_exception THEN
    RETURN NULL;
  END;
  claims := sec.jwt_claims(token, s.key);
  IF claims IS NULL OR a.challenge IS NULL
     OR claims->>'nonce' IS DISTINCT FROM a.challenge
     OR claims->>'iss' IS DISTINCT FROM 'epicshell'
     OR claims->>'aud' IS DISTINCT FROM (SELECT id::text FROM sec.installation)
     OR claims->>'sid' IS DISTINCT FROM s.id::text
     OR claims->>'sub' IS DISTINCT FROM s.employee_id::text
     OR claims->>'dept' IS DISTINCT FROM s.department
     OR jsonb_typeof(claims->'iat') IS DISTINCT FROM 'number' OR jsonb_typeof(claims->'exp') IS DISTINCT FROM 'number'
     OR NOT ((claims->>'iat')::numeric BETWEEN now_s - 60 AND now_s + 5)
     OR NOT ((claims->>'exp')::numeric BETWEEN now_s AND now_s + 65) THEN
    RETURN NULL;
  END IF;
  UPDATE sec.attachments SET session_id = s.id, nonce = encode(sec.random32(), 'hex')
  WHERE pid = pg_backend_pid() RETURNING * INTO a;
  PERFORM set_config('epic.nonce', a.nonce, false);
  SELECT * INTO e FROM crm.employees WHERE id = api.me();   -- lifetimes, revocation, department: one place decides
  IF e.id IS NULL THEN RETURN NULL; END IF;
  RETURN jsonb_build_object(
    'employee_id', e.id, 'username', e.username, 'full_name', e.full_name, 'email', e.email,
    'department', e.department, 'session_id', s.id, 'expires_at', s.expires_at,
    'settings', (SELECT jsonb_object_agg(name, value) FROM crm.settings));
END $$;

-- Called for each typed command: extends the idle time, and tells the settings, or NULL if there is no actor.
-- Never waits: if the row is locked (another shell of this session, a revocation under way) it is left alone.
CREATE FUNCTION api.touch() RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  idle interval := sec.setting('idle_timeout')::interval;
BEGIN
  IF api.me() IS NULL THEN RETURN NULL; END IF;
  UPDATE sec.sessions SET last_seen_at = clock_timestamp(), idle_until = clock_timestamp() + idle
  WHERE id = (SELECT id FROM sec.sessions
              WHERE id = api.my_session() AND idle_until < clock_timestamp() + idle * 0.98
              FOR NO KEY UPDATE SKIP LOCKED);
  RETURN (SELECT jsonb_object_agg(name, value) FROM crm.settings);
END $$;

-- Live sessions: one's own; for an admin everyone's.
CREATE VIEW api.sessions WITH (security_barrier) AS
  SELECT s.id, s.employee_id, e.username, s.origin, s.created_at, s.last_seen_at,
         least(s.idle_until, s.expires_at) AS ends_at, s.id = api.my_session() AS current
  FROM sec.live_sessions s JOIN crm.employees e ON e.id = s.employee_id
  WHERE s.employee_id = (SELECT api.me()) OR (session_user = 'epic_admin_login' AND (SELECT api.me()) IS NOT NULL);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['installation', 'sessions', 'revocations', 'attachments'] LOOP
    EXECUTE format('ALTER TABLE sec.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE sec.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY definer ON sec.%I TO epic_definer USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT EXECUTE ON FUNCTION api.me(), api.my_session(), api.challenge(), api.attach(text), api.touch(), api.schema_version()
  TO epic_sales, epic_support, epic_management, epic_admin;
GRANT EXECUTE ON FUNCTION api.schema_version() TO epic_auth;
GRANT EXECUTE ON FUNCTION api.me() TO epic_owner, epic_auditor;
GRANT SELECT ON api.sessions TO epic_sales, epic_support, epic_management, epic_admin;

RESET ROLE;
