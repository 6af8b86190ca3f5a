"""Raw SQL of an employee: nothing of the server, of the schema or of a colleague's session is in reach."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from support.statements import effect, refusal, rows, undone, value
from support.world import DEPARTMENTS, LOGIN_ROLES, ONE_OF, World

if TYPE_CHECKING:
    from psycopg2.extensions import connection

DENIED = "42501"
REFUSED = {
    DENIED,
    "42704",  # no such object, where a right would be asked for next
    "42883",  # no such function
    "0A000",  # not supported here
    "55000",  # prepared transactions are off
}

MAKE = """
CREATE TEMP TABLE clients (id integer)
CREATE TEMP VIEW clients AS SELECT 1
CREATE TEMP SEQUENCE numbers
SELECT 1 AS id INTO TEMP clients
CREATE TABLE crm.mine (id integer)
CREATE TABLE public.mine (id integer)
CREATE TABLE pg_catalog.mine (id integer)
CREATE TABLE mine (id integer)
CREATE UNLOGGED TABLE api.mine AS SELECT 1
CREATE SCHEMA mine
CREATE SCHEMA AUTHORIZATION CURRENT_USER
CREATE VIEW crm.mine AS SELECT 1
CREATE MATERIALIZED VIEW crm.mine AS SELECT 1
CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT null::timestamptz'
CREATE FUNCTION public.now() RETURNS integer LANGUAGE sql AS 'SELECT 1'
CREATE FUNCTION crm.api() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'
CREATE FUNCTION crm.leak(text) RETURNS boolean LANGUAGE internal AS 'textlen'
CREATE PROCEDURE public.go() LANGUAGE sql AS 'SELECT 1'
CREATE AGGREGATE public.leak(integer) (SFUNC = int4pl, STYPE = integer)
CREATE OPERATOR public.=== (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer)
CREATE OPERATOR pg_temp.= (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer)
CREATE CAST (text AS integer) WITH INOUT AS IMPLICIT
CREATE TYPE public.mine AS (id integer)
CREATE DOMAIN public.mine AS integer
CREATE COLLATION public.mine FROM "C"
CREATE EXTENSION dblink
CREATE EXTENSION file_fdw
CREATE LANGUAGE plpython3u
CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION api.me()
CREATE TRIGGER mine BEFORE UPDATE ON crm.clients FOR EACH ROW EXECUTE FUNCTION crm.stamp()
CREATE RULE mine AS ON UPDATE TO crm.clients DO INSTEAD NOTHING
CREATE POLICY mine ON crm.clients USING (true)
CREATE INDEX ON crm.clients (full_name)
CREATE STATISTICS crm.mine ON sales_id, company FROM crm.clients
CREATE PUBLICATION mine FOR TABLE crm.clients
CREATE SUBSCRIPTION mine CONNECTION 'dbname=x' PUBLICATION y WITH (connect = false)
CREATE FOREIGN DATA WRAPPER mine
CREATE SERVER mine FOREIGN DATA WRAPPER mine
CREATE ROLE mine
"""

CHANGE = """
ALTER TABLE crm.clients DISABLE TRIGGER ALL
ALTER TABLE crm.clients DISABLE ROW LEVEL SECURITY
ALTER TABLE crm.clients NO FORCE ROW LEVEL SECURITY
ALTER TABLE crm.clients ADD COLUMN mine integer
ALTER TABLE crm.clients OWNER TO CURRENT_USER
ALTER TABLE crm.contracts DROP CONSTRAINT contracts_due_range
ALTER TABLE sec.audit DISABLE TRIGGER ALL
ALTER POLICY read_sales ON crm.clients USING (true)
DROP POLICY read_sales ON crm.clients
DROP TABLE crm.payments
DROP TRIGGER audit ON crm.clients
DROP FUNCTION api.me()
ALTER FUNCTION api.me() SECURITY INVOKER
ALTER FUNCTION api.me() RENAME TO you
ALTER VIEW api.audit_log SET (security_barrier = false)
ALTER SCHEMA crm RENAME TO theirs
ALTER SEQUENCE crm.clients_id_seq RESTART
SELECT nextval('crm.clients_id_seq')
SELECT setval('crm.clients_id_seq', 1)
SELECT currval('sec.try_numbers')
SELECT nextval('sec.try_numbers')
TRUNCATE crm.clients CASCADE
TRUNCATE crm.payments
DELETE FROM crm.clients
DELETE FROM crm.contracts
DELETE FROM crm.events
DELETE FROM crm.payments
DELETE FROM crm.employees
DELETE FROM crm.client_words
DELETE FROM crm.event_words
DELETE FROM crm.views
UPDATE crm.event_words SET event_id = 1
INSERT INTO crm.event_words VALUES ('mine', 1)
UPDATE crm.views SET shared = true
ALTER FUNCTION crm.folded(text) LEAKPROOF
ALTER FUNCTION api.activity(date, date) SECURITY INVOKER
ALTER SEQUENCE crm.views_id_seq RESTART
REINDEX TABLE crm.clients
CLUSTER crm.clients USING clients_mine
COMMENT ON TABLE crm.clients IS 'mine'
COMMENT ON ROLE epic_sales IS 'mine'
ALTER DATABASE {database} SET search_path = public
ALTER DATABASE {database} OWNER TO CURRENT_USER
ALTER ROLE epic_sales LOGIN
ALTER ROLE epic_owner SET search_path = public
ALTER ROLE postgres PASSWORD 'mine'
ALTER ROLE CURRENT_USER SUPERUSER
ALTER ROLE CURRENT_USER BYPASSRLS
ALTER ROLE CURRENT_USER CREATEROLE
ALTER ROLE CURRENT_USER REPLICATION
ALTER ROLE CURRENT_USER CONNECTION LIMIT 0
ALTER ROLE CURRENT_USER NOLOGIN
ALTER ROLE epic_auth RENAME TO mine
ALTER ROLE ALL SET statement_timeout = 1
GRANT epic_owner TO CURRENT_USER
GRANT epic_management TO CURRENT_USER
GRANT pg_read_all_data TO CURRENT_USER
REVOKE epic_sales FROM epic_sales_login
DROP OWNED BY epic_sales
DROP OWNED BY epic_support
DROP OWNED BY epic_management
DROP OWNED BY epic_admin
DROP OWNED BY epic_owner
DROP ROLE epic_sales_login
REASSIGN OWNED BY epic_owner TO CURRENT_USER
SET session_replication_role = replica
SET track_activities = on
SET log_statement = 'all'
SET log_min_error_statement = 'error'
SET log_min_duration_statement = 0
SET session_preload_libraries = 'mine'
SET allow_system_table_mods = on
SET zero_damaged_pages = on
SET lo_compat_privileges = on
SET deadlock_timeout = '1h'
SET temp_file_limit = -1
UPDATE pg_catalog.pg_authid SET rolsuper = true
DELETE FROM pg_catalog.pg_policy
UPDATE pg_settings SET setting = 'on' WHERE name = 'track_activities'
"""

REACH = """
DO 'BEGIN NULL; END'
COPY crm.clients TO '/tmp/mine'
COPY crm.clients FROM '/etc/passwd'
COPY (SELECT 1) TO PROGRAM 'cat'
COPY crm.clients FROM PROGRAM 'id'
LOAD 'dblink'
CHECKPOINT
PREPARE TRANSACTION 'mine'
SELECT pg_read_file('/etc/passwd')
SELECT pg_read_binary_file('PG_VERSION')
SELECT pg_stat_file('PG_VERSION')
SELECT pg_ls_dir('.')
SELECT pg_ls_logdir()
SELECT pg_current_logfile()
SELECT pg_hba_file_rules()
SELECT pg_reload_conf()
SELECT pg_rotate_logfile()
SELECT pg_switch_wal()
SELECT pg_create_restore_point('mine')
SELECT pg_terminate_backend({pid})
SELECT pg_cancel_backend({pid})
SELECT pg_log_backend_memory_contexts({pid})
SELECT pg_notify('channel', 'payload')
SELECT pg_advisory_lock(1)
SELECT pg_advisory_lock(20404, 1)
SELECT pg_advisory_xact_lock(20404, 1)
SELECT pg_advisory_lock_shared(20404, 2)
SELECT pg_try_advisory_lock(20404, 2)
SELECT pg_try_advisory_xact_lock_shared(1)
SELECT pg_advisory_unlock_all()
SELECT pg_export_snapshot()
SELECT pg_logical_emit_message(true, 'a', 'b')
SELECT pg_create_logical_replication_slot('mine', 'pgoutput')
SELECT lo_create(0)
SELECT lo_creat(-1)
SELECT lo_from_bytea(0, 'x')
SELECT lo_open(1, 131072)
SELECT lo_get(1)
SELECT lo_put(1, 0, 'x')
SELECT lo_import('/etc/passwd')
SELECT lo_export(1, '/tmp/mine')
SELECT lo_unlink(1)
SELECT dblink_connect('dbname=postgres')
SELECT pg_stat_reset()
SELECT pg_stat_get_backend_activity({pid}) || 'x' FROM pg_authid
SELECT rolpassword FROM pg_authid
SELECT * FROM pg_shadow
SELECT * FROM pg_statistic
SELECT * FROM pg_largeobject
SELECT * FROM pg_hba_file_rules
SELECT * FROM pg_file_settings
SELECT * FROM pg_user_mapping
SELECT pg_database_size(current_database())
SELECT sec.open_session(e, 'mine') FROM crm.employees e
SELECT sec.random32()
SELECT sec.hmac('', '')
SELECT sec.salt('bill.boquet')
SELECT sec.record(1, 'login', 'sessions', 1, NULL)
SELECT sec.revoke_sessions(1)
SELECT sec.start_enrolment(1, '')
SELECT sec.store_credential(5, '', '')
SELECT sec.managed(1)
SELECT crm.set_read_mode('company')
SELECT crm.contact_words('a@b.example', '123')
SELECT sec.draw_behind()
SELECT sec.number_batch()
SELECT sec.index_event_words()
SELECT crm.guard_reference()
SELECT * FROM sec.sessions
SELECT * FROM sec.live_sessions
SELECT key FROM sec.sessions
SELECT stored_key FROM sec.credentials
SELECT * FROM sec.enrolments
SELECT * FROM sec.installation
SELECT * FROM sec.audit
SELECT * FROM sec.login_failures
SELECT * FROM sec.migrations
"""

STATEMENTS = [line for block in (MAKE, CHANGE, REACH) for line in block.strip().splitlines()]


@contextmanager
def _as(world: World, role: str) -> Iterator["connection"]:
    """The role with a session; the door's has none."""
    department = role.removeprefix("epic_").removesuffix("_login")
    yield world.connect(ONE_OF[department]) if department in ONE_OF else world.bare(role)


def _answer(hostile: "connection", statement: str) -> str:
    """How it is refused. (XX000: another test has just made or dropped a database, in the catalogs that all share.)"""
    for _ in range(20):
        with undone(hostile):
            answer = refusal(hostile, statement)
        if answer != "XX000":
            break
    return answer


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_nothing_is_made_changed_or_reached(world: World, role: str) -> None:
    before, pid = world.state(), world.bare(role).info.backend_pid
    with _as(world, role) as hostile:
        session = world.state()
        for statement in STATEMENTS:
            answer = _answer(hostile, statement.format(database=world.target.name, pid=pid))
            assert answer in REFUSED, (statement, answer)
    assert before.keys() == session.keys()
    assert world.state() == session


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_server_is_out_of_reach(world: World, role: str) -> None:
    bare = world.bare(role)
    for statement in (
        "CREATE DATABASE mine",
        f"DROP DATABASE {world.target.name}",
        "CREATE TABLESPACE mine LOCATION '/tmp'",
        "ALTER SYSTEM SET fsync = off",
    ):
        assert refusal(bare, statement) == DENIED, statement


RIGHTS = """
    SELECT (SELECT string_agg(p::text, ' ' ORDER BY p.oid) FROM pg_policy p),
           (SELECT string_agg(relacl::text, ' ' ORDER BY oid) FROM pg_class),
           (SELECT string_agg(attacl::text, ' ' ORDER BY attrelid, attnum) FROM pg_attribute),
           (SELECT string_agg(proacl::text, ' ' ORDER BY oid) FROM pg_proc),
           (SELECT string_agg(nspacl::text, ' ' ORDER BY oid) FROM pg_namespace),
           (SELECT datacl::text FROM pg_database WHERE datname = current_database()),
           (SELECT string_agg(m::text, ' ' ORDER BY m.oid) FROM pg_auth_members m)
"""


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_no_department_is_taken_out_of_its_policies(world: World, role: str) -> None:
    group = role.removesuffix("_login")
    before = world.ask(RIGHTS)
    bare = world.bare(role)
    for statement in (
        f"DROP OWNED BY {group}",
        f"DROP OWNED BY {group} CASCADE",
        f"DROP OWNED BY {role}",
        f"DROP OWNED BY {role}, {group}",
        f"REASSIGN OWNED BY {group} TO {role}",
        f"REVOKE {group} FROM {role}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA crm FROM {group}",
        f"GRANT {group} TO PUBLIC",
    ):
        refusal(bare, statement)
    assert world.ask(RIGHTS) == before


# Locks


MODES = (
    "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)  # fmt: skip
TABLES = (
    "employees", "settings", "clients", "client_words", "contracts", "events", "event_words", "payments",
    "notifications", "views", "script_runs",
)  # fmt: skip


@pytest.mark.parametrize("role", LOGIN_ROLES)
@pytest.mark.parametrize("table", TABLES)
def test_no_table_is_locked_against_others(shared_world: World, table: str, role: str) -> None:
    bare = shared_world.bare(role)
    for mode in MODES:
        with undone(bare):
            assert refusal(bare, f"LOCK TABLE crm.{table} IN {mode} MODE NOWAIT") == DENIED, mode


@pytest.mark.parametrize(
    ("username", "sql"),
    [
        ("bill.boquet", "SELECT 1 FROM clients WHERE sales_id = 6"),
        ("bill.boquet", "SELECT 1 FROM contracts WHERE sales_id = 6"),
        ("bill.boquet", "SELECT 1 FROM events"),
        ("bill.boquet", "SELECT 1 FROM employees"),
        ("bill.boquet", "SELECT 1 FROM payments WHERE id = 404"),
        ("kate.hastroff", "SELECT 1 FROM events WHERE support_id = 8"),
        ("kate.hastroff", "SELECT 1 FROM contracts"),
        ("kate.hastroff", "SELECT 1 FROM clients"),
        ("kate.hastroff", "SELECT 1 FROM employees"),
        ("mia.manager", "SELECT 1 FROM employees WHERE id IN (1, 3)"),
        ("ada.admin", "SELECT 1 FROM employees WHERE id = 1"),
    ],
)
@pytest.mark.parametrize("strength", ["UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"])
def test_no_row_is_locked_that_may_not_be_written(shared_world: World, username: str, sql: str, strength: str) -> None:
    assert not effect(shared_world.connect(username), f"{sql} FOR {strength}")


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_shell_waits_for_no_lock_and_no_statement_forever(shared_world: World, department: str) -> None:
    opened = shared_world.connect(ONE_OF[department])
    for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        assert value(opened, f"SHOW {name}") not in ("0", None)


# Spying


def test_statements_of_a_peer_are_not_seen(shared_world: World) -> None:
    victim, peer = shared_world.connect("bill.boquet"), shared_world.connect("eve.martin")
    rows(victim, "SELECT 'the secret of bill'")
    seen = rows(peer, "SELECT * FROM pg_stat_activity WHERE pid = %s", victim.info.backend_pid)
    assert seen
    assert "secret" not in str(seen)
    owner = shared_world.owner()
    assert "secret" not in str(rows(owner, "SELECT query FROM pg_stat_activity WHERE usename LIKE 'epic%'"))


def test_prepared_statements_and_cursors_of_a_peer_are_not_seen(shared_world: World) -> None:
    victim, peer = shared_world.connect("bill.boquet"), shared_world.connect("eve.martin")
    rows(victim, "PREPARE kept AS SELECT 'secret'")
    rows(victim, "BEGIN")
    rows(victim, "DECLARE kept CURSOR FOR SELECT 'secret'")
    assert rows(peer, "SELECT * FROM pg_prepared_statements") == []
    assert "secret" not in str(rows(peer, "SELECT * FROM pg_cursors"))


@pytest.mark.parametrize("view", ["pg_stats", "pg_stats_ext", "pg_stats_ext_exprs"])
def test_statistics_tell_no_values(shared_world: World, view: str) -> None:
    assert shared_world.ask("SELECT count(*) > 0 FROM pg_stats WHERE schemaname = 'crm'") == (True,)
    for role in LOGIN_ROLES:
        with _as(shared_world, role) as opened:
            assert rows(opened, f"SELECT * FROM {view} WHERE schemaname IN ('crm', 'sec', 'api')") == []
