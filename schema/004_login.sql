-- Logging in: a SCRAM exchange (RFC 5802) whose key derivation is Argon2id (RFC 9106), done in the shell.
--   salted    = Argon2id(password, salt)                 client_key = HMAC(salted, 'Client Key')
--   stored_key = SHA256(client_key)                      server_key = HMAC(salted, 'Server Key')
--   auth      = username,client_nonce,server_nonce,salt,kdf        (hexadecimal, joined by commas)
--   proof     = client_key XOR HMAC(stored_key, auth)    signature  = HMAC(server_key, auth)
-- Only stored_key and server_key are here, and they never leave: neither mints a session.
--
-- Unknown, wrong, closed and inactive names get the same answer in the same time:
-- * the salt of a name is derived from the installation's secret, so that it never changes and every name has one;
-- * every name is offered the same list of parameters: today's, then any older ones that some credential still has;
--   the shell proves each, so that raising an old credential at its next login makes no name stand out.
-- A try is charged when it starts, and only a charge that is committed can be finished, once: a guess that is rolled
-- back, or left hanging, has been counted, and a rollback does not give the try back.
SET LOCAL ROLE epic_definer;

CREATE TABLE sec.kdf_policy (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  m integer NOT NULL CHECK (m BETWEEN 19456 AND 1048576),   -- KiB; the floor is OWASP's
  t integer NOT NULL CHECK (t BETWEEN 2 AND 16),
  p integer NOT NULL CHECK (p BETWEEN 1 AND 16));
INSERT INTO sec.kdf_policy (m, t, p) VALUES (65536, 3, 4);   -- RFC 9106, second recommended option

CREATE TABLE sec.credentials (
  employee_id integer PRIMARY KEY,
  m integer NOT NULL, t integer NOT NULL, p integer NOT NULL,
  stored_key bytea NOT NULL CHECK (octet_length(stored_key) = 32),
  server_key bytea NOT NULL CHECK (octet_length(server_key) = 32),
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp());

CREATE TABLE sec.enrolments (   -- one-time codes, by their hash; good for 72 hours
  employee_id integer PRIMARY KEY,
  code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
  issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL DEFAULT clock_timestamp() + interval '72 hours');

CREATE TABLE sec.login_failures (   -- tries in a row without success, for any name that was ever tried
  name_hash bytea PRIMARY KEY,
  failures integer NOT NULL,
  last_at timestamptz NOT NULL,
  next_try_at timestamptz NOT NULL);

CREATE TABLE sec.login_tries (      -- the one open try of a backend
  pid integer PRIMARY KEY,
  number bigint NOT NULL,
  xid xid8 NOT NULL,
  username text NOT NULL,
  kdf text[] NOT NULL,
  auth bytea NOT NULL);

CREATE SEQUENCE sec.try_numbers;

CREATE FUNCTION sec.xor32(a bytea, b bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  FOR n IN 0..31 LOOP a := set_byte(a, n, get_byte(a, n) # get_byte(b, n)); END LOOP;
  RETURN a;
END $$;

CREATE FUNCTION sec.salt(username text) RETURNS bytea LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
$$ SELECT substr(sec.hmac(secret, convert_to('salt:' || username, 'UTF8')), 1, 16) FROM sec.installation $$;

-- The parameters that some credential has, today's first, as 'm=65536,t=3,p=4;m=19456,t=2,p=1'.
CREATE FUNCTION sec.kdf_offer() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT string_agg(format('m=%s,t=%s,p=%s', m, t, p), ';' ORDER BY today DESC, m DESC, t DESC, p DESC)
  FROM (SELECT m, t, p, bool_or(today) AS today
        FROM (SELECT m, t, p, true AS today FROM sec.kdf_policy
              UNION ALL SELECT m, t, p, false FROM sec.credentials) every
        GROUP BY m, t, p ORDER BY bool_or(today) DESC, count(*) DESC LIMIT 3) offered
$$;

CREATE FUNCTION sec.record(actor integer, action text, noun text, row_id bigint, details jsonb DEFAULT NULL)
  RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS
$$ SELECT $$;   -- replaced once the audit table exists

-- Opens a try for a name and charges it. wait: seconds until a try is accepted; then there is no nonce, and no charge.
CREATE FUNCTION api.login_start(username text, client_nonce bytea,
                                OUT server_nonce bytea, OUT salt bytea, OUT kdf text, OUT wait integer)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  name text := lower(left(username, 64));
  hashed bytea := sha256(convert_to(lower(left(username, 64)), 'UTF8'));
  at timestamptz := clock_timestamp();
  f sec.login_failures;
  n integer;
BEGIN
  salt := sec.salt(name);
  kdf := sec.kdf_offer();
  INSERT INTO sec.login_failures (name_hash, failures, last_at, next_try_at) VALUES (hashed, 0, at, at)
  ON CONFLICT (name_hash) DO NOTHING;
  SELECT * INTO f FROM sec.login_failures WHERE name_hash = hashed FOR UPDATE;
  at := clock_timestamp();
  wait := greatest(0, ceil(extract(epoch FROM f.next_try_at - at)))::integer;
  DELETE FROM sec.login_tries WHERE pid = pg_backend_pid();
  IF wait > 0 THEN RETURN; END IF;

  -- after 30 quiet days the row starts again, for every name alike; a closed name stays closed until unlock
  n := CASE WHEN f.failures <= 100 AND f.last_at < at - interval '30 days' THEN 1 ELSE least(f.failures + 1, 1000) END;
  UPDATE sec.login_failures
  SET failures = n, last_at = at,
      next_try_at = at + CASE WHEN n < 5 THEN interval '0' ELSE least(power(2, n - 5), 60) * interval '1 second' END
  WHERE name_hash = hashed;
  IF n = 101 THEN
    PERFORM sec.record(NULL, 'close', 'employees', e.id, jsonb_build_object('username', e.username))
    FROM crm.employees e WHERE e.username = name;
  END IF;

  server_nonce := sec.random32();
  INSERT INTO sec.login_tries (pid, number, xid, username, kdf, auth)
  VALUES (pg_backend_pid(), nextval('sec.try_numbers'), pg_current_xact_id(), name, string_to_array(kdf, ';'),
          convert_to(concat_ws(',', name, encode(client_nonce, 'hex'), encode(server_nonce, 'hex'),
                               encode(salt, 'hex'), kdf), 'UTF8'));
END $$;

-- The open try of this backend, taken: usable once, and only if its charge was committed. A rollback would bring the
-- row back, but not the number that this backend was last given.
CREATE FUNCTION sec.take_try() RETURNS sec.login_tries LANGUAGE plpgsql VOLATILE
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  l sec.login_tries;
BEGIN
  DELETE FROM sec.login_tries WHERE pid = pg_backend_pid() RETURNING * INTO l;
  IF l.xid = pg_current_xact_id() THEN
    RAISE EXCEPTION 'a login starts and finishes in two transactions' USING ERRCODE = 'invalid_transaction_state';
  ELSIF l.number IS DISTINCT FROM currval('sec.try_numbers') THEN
    RAISE EXCEPTION 'no login is open' USING ERRCODE = 'invalid_transaction_state';
  END IF;
  PERFORM nextval('sec.try_numbers');
  RETURN l;
END $$;

-- The employee whose password the proofs show (one proof per offered parameter set, in that order), or NULL.
CREATE FUNCTION sec.prove(l sec.login_tries, proofs bytea[]) RETURNS crm.employees
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  e crm.employees;
  c sec.credentials;
  open boolean;
  proof bytea;
  stored bytea := sec.random32();
  good boolean;
BEGIN
  SELECT * INTO e FROM crm.employees WHERE username = l.username;
  SELECT * INTO c FROM sec.credentials WHERE employee_id = e.id;
  SELECT failures <= 100 INTO open FROM sec.login_failures
  WHERE name_hash = sha256(convert_to(l.username, 'UTF8'));
  proof := proofs[coalesce(array_position(l.kdf, format('m=%s,t=%s,p=%s', c.m, c.t, c.p)), 1)];
  stored := coalesce(c.stored_key, stored);   -- the same work for every name: none is checked against random bits
  good := octet_length(proof) = 32 AND sha256(sec.xor32(proof, sec.hmac(stored, l.auth))) = stored;
  IF NOT coalesce(good AND open AND e.active, false) THEN RETURN NULL; END IF;
  -- a reset or a change of the password that is under way is waited for, and then holds
  PERFORM 1 FROM sec.credentials x WHERE x.employee_id = e.id AND x.stored_key = c.stored_key FOR NO KEY UPDATE;
  RETURN CASE WHEN FOUND THEN e END;
END $$;

-- Finishes a try: opens a session, and returns its key, the only time that it travels.
CREATE FUNCTION api.login_finish(proofs bytea[], origin text,
                                 OUT session_id bigint, OUT session_key bytea, OUT employee_id integer,
                                 OUT username text, OUT department text, OUT installation text,
                                 OUT signature bytea, OUT outdated boolean)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  l sec.login_tries := sec.take_try();
  e crm.employees := sec.prove(l, proofs);
  c sec.credentials;
  earlier integer;
BEGIN
  origin := left(coalesce(origin, ''), 100);
  UPDATE crm.employees x SET last_login_at = clock_timestamp()   -- a deactivation under way is waited for, too
  WHERE x.id = e.id AND x.active AND x.department = e.department;
  IF NOT FOUND THEN
    PERFORM sec.record(x.id, 'login-failed', 'employees', x.id,   -- an unknown name may be a password: it isn't kept
                       jsonb_build_object('username', x.username, 'origin', origin))
    FROM (SELECT l.username) name LEFT JOIN crm.employees x ON x.username = name.username;
    RETURN;
  END IF;
  DELETE FROM sec.login_failures WHERE name_hash = sha256(convert_to(l.username, 'UTF8'))
  RETURNING failures - 1 INTO earlier;
  SELECT * INTO c FROM sec.credentials x WHERE x.employee_id = e.id;
  SELECT o.session_id, o.session_key INTO session_id, session_key FROM sec.open_session(e, origin) o;
  employee_id := e.id;
  username := e.username;
  department := e.department;
  installation := (SELECT i.id FROM sec.installation i);
  signature := sec.hmac(c.server_key, l.auth);
  outdated := (c.m, c.t, c.p) IS DISTINCT FROM (SELECT (k.m, k.t, k.p) FROM sec.kdf_policy k);
  PERFORM sec.record(e.id, 'login', 'sessions', session_id,
                     jsonb_build_object('origin', origin, 'failures_before', earlier));
END $$;

CREATE FUNCTION sec.open_session(e crm.employees, origin text, OUT session_id bigint, OUT session_key bytea)
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  session_key := sec.random32();
  INSERT INTO sec.sessions (employee_id, department, key, origin, idle_until, expires_at)
  VALUES (e.id, e.department, session_key, origin,
          clock_timestamp() + sec.setting('idle_timeout')::interval,
          clock_timestamp() + sec.setting('session_lifetime')::interval)
  RETURNING id INTO session_id;
END $$;

CREATE FUNCTION sec.revoke_sessions(whose integer, but bigint DEFAULT NULL) RETURNS void LANGUAGE sql VOLATILE
  SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO sec.revocations (session_id)
  SELECT s.id FROM sec.live_sessions s WHERE s.employee_id = whose AND s.id IS DISTINCT FROM but
$$;

CREATE FUNCTION sec.store_credential(whose integer, stored_key bytea, server_key bytea) RETURNS void
  LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO sec.credentials (employee_id, m, t, p, stored_key, server_key)
  SELECT whose, k.m, k.t, k.p, store_credential.stored_key, store_credential.server_key FROM sec.kdf_policy k
  ON CONFLICT (employee_id) DO UPDATE
    SET m = excluded.m, t = excluded.t, p = excluded.p, stored_key = excluded.stored_key,
        server_key = excluded.server_key, changed_at = excluded.changed_at
$$;

-- A new password, by who knows the old one: the finish of a try. The keys are of today's parameters.
-- keep: the session that stays; all others of the employee end. raised: the same password with newer parameters,
-- and no session ends; only where there are newer ones.
CREATE FUNCTION api.change_password(proofs bytea[], stored_key bytea, server_key bytea, keep bigint, raised boolean)
  RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  l sec.login_tries := sec.take_try();
  e crm.employees := sec.prove(l, proofs);
BEGIN
  IF e.id IS NULL THEN RETURN false; END IF;
  raised := raised AND EXISTS (SELECT 1 FROM sec.credentials c, sec.kdf_policy k
                               WHERE c.employee_id = e.id AND (c.m, c.t, c.p) IS DISTINCT FROM (k.m, k.t, k.p));
  PERFORM sec.store_credential(e.id, stored_key, server_key);
  DELETE FROM sec.login_failures WHERE name_hash = sha256(convert_to(l.username, 'UTF8'));
  IF raised IS NOT TRUE THEN PERFORM sec.revoke_sessions(e.id, keep); END IF;
  PERFORM sec.record(e.id, CASE WHEN raised THEN 'password-raise' ELSE 'password-change' END, 'employees', e.id);
  RETURN true;
END $$;

-- The employee with this enrolment code, or NULL. hashed: SHA256 of the code; what is stored is the hash of that.
CREATE FUNCTION sec.enrolling(l sec.login_tries, hashed bytea) RETURNS crm.employees LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT e FROM crm.employees e JOIN sec.enrolments n ON n.employee_id = e.id
  WHERE e.username = l.username AND e.active AND n.code_hash = sha256(hashed) AND n.expires_at > clock_timestamp()
    AND EXISTS (SELECT 1 FROM sec.login_failures f
                WHERE f.name_hash = sha256(convert_to(l.username, 'UTF8')) AND f.failures <= 100)
$$;

-- Whether a code is good, before the shell asks for a new password.
CREATE FUNCTION api.enrol_check(hashed bytea) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  l sec.login_tries := sec.take_try();
  good boolean := (sec.enrolling(l, hashed)).id IS NOT NULL;
BEGIN
  IF good THEN DELETE FROM sec.login_failures WHERE name_hash = sha256(convert_to(l.username, 'UTF8')); END IF;
  RETURN good;
END $$;

-- Uses the code up: the employee has a password from now on.
CREATE FUNCTION api.enrol(hashed bytea, stored_key bytea, server_key bytea) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  l sec.login_tries := sec.take_try();
  e crm.employees := sec.enrolling(l, hashed);
BEGIN
  IF e.id IS NULL THEN RETURN false; END IF;
  DELETE FROM sec.enrolments n WHERE n.employee_id = e.id AND n.code_hash = sha256(hashed);
  IF NOT FOUND THEN RETURN false; END IF;   -- two at once: one wins; and a code issued meanwhile replaces this one
  DELETE FROM sec.login_failures WHERE name_hash = sha256(convert_to(l.username, 'UTF8'));
  PERFORM sec.store_credential(e.id, stored_key, server_key);
  PERFORM sec.revoke_sessions(e.id);
  PERFORM sec.record(e.id, 'enrol', 'employees', e.id);
  RETURN true;
END $$;

-- May the actor manage this employee's access? Never their own; only an admin touches an admin.
CREATE FUNCTION sec.managed(who integer) RETURNS crm.employees LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp AS $$
  SELECT e FROM crm.employees e
  WHERE e.id = who AND e.id <> api.me()
    AND (session_user = 'epic_admin_login' OR (session_user = 'epic_management_login' AND e.department <> 'admin'))
$$;

-- Issues a one-time code by its double hash; the password that there was, and every session, ends.
CREATE FUNCTION api.issue_enrolment(who integer, code_hash bytea) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  e crm.employees := sec.managed(who);
BEGIN
  IF e.id IS NULL THEN RETURN false; END IF;
  PERFORM sec.start_enrolment(e.id, code_hash);
  RETURN true;
END $$;

CREATE FUNCTION sec.start_enrolment(who integer, hashed bytea) RETURNS void
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM sec.credentials WHERE employee_id = who;
  INSERT INTO sec.enrolments (employee_id, code_hash) VALUES (who, hashed)
  ON CONFLICT (employee_id) DO UPDATE
    SET code_hash = excluded.code_hash, issued_at = excluded.issued_at, expires_at = excluded.expires_at;
  PERFORM sec.revoke_sessions(who);
  PERFORM sec.record(api.me(), 'reset-password', 'employees', who);
END $$;

-- Opens a closed name again.
CREATE FUNCTION api.unlock(who integer) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  e crm.employees := sec.managed(who);
BEGIN
  IF e.id IS NULL OR session_user <> 'epic_admin_login' THEN RETURN false; END IF;
  DELETE FROM sec.login_failures WHERE name_hash = sha256(convert_to(e.username, 'UTF8'));
  PERFORM sec.record(api.me(), 'unlock', 'employees', e.id);
  RETURN true;
END $$;

-- Ends sessions: this one, all of one's own, or by number (one's own; an admin anyone's).
CREATE FUNCTION api.logout(everywhere boolean) RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  actor integer := api.me();
  mine bigint := api.my_session();
  n integer;
BEGIN
  PERFORM sec.record(actor, 'logout', 'sessions', mine, jsonb_build_object('everywhere', everywhere))
  WHERE actor IS NOT NULL;
  INSERT INTO sec.revocations (session_id)
  SELECT s.id FROM sec.live_sessions s WHERE s.employee_id = actor AND (everywhere OR s.id = mine);
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END $$;

CREATE FUNCTION api.revoke_session(which bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  actor integer := api.me();
BEGIN
  INSERT INTO sec.revocations (session_id)
  SELECT s.id FROM sec.live_sessions s
  WHERE s.id = which AND actor IS NOT NULL AND (s.employee_id = actor OR session_user = 'epic_admin_login');
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM sec.record(actor, 'revoke', 'sessions', which);
  RETURN true;
END $$;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['kdf_policy', 'credentials', 'enrolments', 'login_failures', 'login_tries'] LOOP
    EXECUTE format('ALTER TABLE sec.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE sec.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY definer ON sec.%I TO epic_definer USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT EXECUTE ON FUNCTION api.login_start(text, bytea), api.login_finish(bytea[], text),
  api.change_password(bytea[], bytea, bytea, bigint, boolean), api.enrol_check(bytea), api.enrol(bytea, bytea, bytea)
  TO epic_auth;
GRANT EXECUTE ON FUNCTION api.logout(boolean), api.revoke_session(bigint)
  TO epic_sales, epic_support, epic_management, epic_admin;
GRANT EXECUTE ON FUNCTION api.issue_enrolment(integer, bytea) TO epic_management, epic_admin;
GRANT EXECUTE ON FUNCTION api.unlock(integer) TO epic_admin;

RESET ROLE;
