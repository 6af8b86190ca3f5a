"""Rows and columns out of reach stay so, whatever a statement does to get at them."""

import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING

import psycopg2
import pytest
from support.server import Server
from support.statements import effect, refusal, rows, touched, undone, value
from support.world import ONE_OF, World, opened

from epicshell.embedded.binaries import installed

if TYPE_CHECKING:
    from psycopg2.extensions import connection

DENIED = "42501"


@pytest.fixture(scope="module")
def narrow(server: Server) -> Iterator[World]:
    """A world under need-to-know."""
    with opened(server) as world:
        world.read_mode("need-to-know")
        yield world


@pytest.fixture(scope="module")
def bill(narrow: World) -> "connection":
    return narrow.connect("bill.boquet")


@pytest.fixture(scope="module")
def kate(narrow: World) -> "connection":
    return narrow.connect("kate.hastroff")


# What is hidden


def test_need_to_know_hides_all_but_ones_own(narrow: World, bill: "connection", kate: "connection") -> None:
    expected = {
        "clients": ([101, 102], [101, 103]),
        "contracts": ([201, 202, 203, 204, 205], [202, 203, 206]),
        "payments": ([401, 402, 403], [401, 402, 404]),
        "events": ([301, 302, 304], [301, 302, 308]),
    }
    for table, (bills, kates) in expected.items():
        for actor, ids in ((bill, bills), (kate, kates)):
            assert rows(actor, f"SELECT array_agg(id ORDER BY id) FROM {table}") == [(ids,)]
    words = "SELECT array_agg(DISTINCT client_id ORDER BY client_id) FROM client_words"
    assert (value(bill, words), value(kate, words)) == ([101, 102], [101, 103])
    words = "SELECT array_agg(DISTINCT event_id ORDER BY event_id) FROM event_words"
    assert (value(bill, words), value(kate, words)) == ([301, 302, 304], [301, 302, 308])


SPYING = {
    "division": "SELECT 1 FROM clients WHERE 1 / (id - 104) > -5",
    "cast": "SELECT 1 FROM clients WHERE id = 104 AND full_name::integer = 1",
    "cast first": "SELECT 1 FROM clients WHERE CASE id WHEN 104 THEN company::integer = 1 ELSE false END",
    "cast in the list": "SELECT company::integer FROM clients WHERE id = 104",
    "join": "SELECT 1 FROM (VALUES (104)) AS wanted (id) JOIN clients USING (id) WHERE email::integer = 1",
    "lateral": "SELECT 1 FROM clients c, LATERAL (SELECT c.email::integer WHERE c.id = 104) l",
    "order": "SELECT 1 FROM clients WHERE id = 104 ORDER BY full_name::integer",
    "aggregate": "SELECT sum(phone::integer) FROM clients WHERE id = 104",
    "contract": "SELECT 1 FROM contracts WHERE id = 207 AND 1 / (total - 100000) = 1",
    "payment": "SELECT 1 FROM payments WHERE id = 405 AND 1 / (amount - 150000) = 1",
    "event": "SELECT 1 FROM events WHERE id = 303 AND location::integer = 1",
    "word": "SELECT 1 FROM client_words WHERE client_id = 104 AND word::integer = 1",
    "event word": "SELECT 1 FROM event_words WHERE event_id = 303 AND word::integer = 1",
    "view": "SELECT 1 FROM views WHERE id = 604 AND command::integer = 1",
    "history": "SELECT 1 FROM api.history WHERE noun = 'clients' AND row_id = 104 AND (new->>'company')::integer = 1",
    "session": "SELECT 1 FROM api.sessions WHERE employee_id = 1 AND origin::integer = 1",
    "ctid": "SELECT 1 FROM clients WHERE ctid = '(0,4)' AND full_name::integer = 1",
    "trash": "SELECT 1 FROM clients WHERE id = 105 AND full_name::integer = 1",
    "sample": "SELECT 1 FROM clients TABLESAMPLE BERNOULLI (100) WHERE id = 104 AND full_name::integer = 1",
    "xml": "SELECT 1 / (query_to_xml('SELECT email FROM clients WHERE id = 104', true, true, '')::text !~ 'sam')::int",
}
PLANS = ("", "SET enable_seqscan = off", "SET enable_indexscan = off", "SET debug_parallel_query = on",
         "SET enable_nestloop = off", "SET plan_cache_mode = force_generic_plan")  # fmt: skip


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("sql", SPYING.values(), ids=SPYING)
def test_no_error_speaks_of_a_hidden_row(narrow: World, bill: "connection", sql: str, plan: str) -> None:
    with undone(bill):
        if plan:
            rows(bill, plan.replace("SET", "SET LOCAL"))
        assert refusal(bill, sql) in ("", "0A000")
        rows(bill, "ROLLBACK; BEGIN")
        if plan:
            rows(bill, plan.replace("SET", "SET LOCAL"))
        assert refusal(bill, f"EXPLAIN ANALYZE {sql}") in ("", "0A000")


def test_same_spying_shows_what_is_not_hidden(shared_world: World) -> None:
    opened = shared_world.connect("bill.boquet")
    for name in ("division", "cast", "contract", "event", "word", "event word", "history"):
        assert refusal(opened, SPYING[name]) in ("22P02", "22012", "22003"), name


def test_admin_sees_no_business_row_through_an_error(narrow: World) -> None:
    admin = narrow.connect("ada.admin")
    log = "SELECT 1 FROM api.audit_log WHERE noun = 'clients' AND (new->>'company')::integer = 1"
    assert refusal(admin, log) == ""
    for table in ("clients", "contracts", "payments", "events", "client_words", "event_words", "notifications"):
        assert refusal(admin, f"SELECT 1 FROM {table}") == DENIED


def test_whole_tables_are_not_copied(narrow: World) -> None:
    psql = [installed() / "bin" / "psql", "-X", "-h", narrow.server.host, "-U", "epic_sales_login", narrow.target.name]
    for sql, told in (
        ("COPY crm.clients TO STDOUT", ""),
        (
            "COPY crm.clients (full_name, email, phone, company) FROM STDIN",
            "COPY FROM not supported with row-level security",
        ),
        ("COPY sec.sessions TO STDOUT", "permission denied for schema sec"),
    ):
        done = subprocess.run([*psql, "-c", sql], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        assert done.stdout == ""
        assert told in done.stderr


# Guessing: hidden and missing give the same answer.


@pytest.mark.parametrize(
    ("sql", "hidden", "username"),
    [
        ("INSERT INTO payments (contract_id, amount) VALUES ({}, 1)", 207, "bill.boquet"),
        ("INSERT INTO payments (contract_id, amount) VALUES ({}, 1)", 208, "bill.boquet"),
        ("SELECT api.void_payment({})", 405, "bill.boquet"),
        ("INSERT INTO events (contract_id, name, starts_at, ends_at, location)"
         " VALUES ({}, 'N', now(), now() + interval '1 day', 'L')", 206, "bill.boquet"),
        ("UPDATE clients SET full_name = 'N' WHERE id = {}", 104, "bill.boquet"),
        ("UPDATE contracts SET total = 1 WHERE id = {}", 207, "bill.boquet"),
        ("UPDATE events SET name = 'N' WHERE id = {}", 303, "kate.hastroff"),
        ("SELECT * FROM clients WHERE id = {} FOR UPDATE", 104, "bill.boquet"),
        ("SELECT * FROM api.history WHERE noun = 'clients' AND row_id = {}", 104, "bill.boquet"),
        ("SELECT api.hand_over({}, 5)", 1, "mia.manager"),
        ("SELECT api.issue_enrolment({}, sha256('x'))", 1, "mia.manager"),
        ("SELECT api.revoke_session({})", 1, "bill.boquet"),
    ],
)  # fmt: skip
def test_hidden_and_missing_get_the_same_answer(narrow: World, sql: str, hidden: int, username: str) -> None:
    narrow.login("ada.admin")
    opened = narrow.connect(username)
    assert _answer(opened, sql.format(hidden)) == _answer(opened, sql.format(999_999))


def _answer(opened: "connection", sql: str) -> object:
    """All that a client can tell two answers apart by."""
    with undone(opened):
        try:
            return touched(opened, sql), rows(opened, sql)
        except psycopg2.Error as error:
            diag = error.diag
            return (
                error.pgcode, diag.message_primary, diag.message_detail, diag.constraint_name, diag.table_name,
                diag.column_name, diag.message_hint,
            )  # fmt: skip


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE contracts SET total = -1 WHERE id = 204",
        "UPDATE contracts SET total = 1 WHERE id = 205",
        "UPDATE clients SET full_name = '' WHERE id = 101",
        "INSERT INTO payments (contract_id, amount) VALUES (203, 1)",
        "INSERT INTO payments (contract_id, amount) VALUES (203, NULL)",
    ],
)
def test_refusal_repeats_no_row(bill: "connection", sql: str) -> None:
    with pytest.raises(psycopg2.IntegrityError) as error, undone(bill):
        rows(bill, sql)
    assert error.value.diag.message_detail is None
    assert "Failing row" not in str(error.value)


def test_refused_cascade_repeats_only_a_row_that_the_actor_reads(bill: "connection") -> None:
    with pytest.raises(psycopg2.IntegrityError) as error, undone(bill):
        rows(bill, "UPDATE contracts SET signed_at = NULL WHERE id = 202")
    detail = error.value.diag.message_detail or ""
    assert any(f"({number}, " in detail for (number,) in rows(bill, "SELECT id FROM events"))


def test_emails_of_clients_are_no_key_to_guess_by(shared_world: World) -> None:
    opened = shared_world.connect("bill.boquet")
    copy = "INSERT INTO clients (full_name, email, phone, company) VALUES ('N', 'sam@prospect.example', '1', 'C')"
    assert effect(opened, copy)


# Writing past the policies

_CLIENT = "INSERT INTO clients ({}full_name, email, phone, company) {} VALUES ({}'N', 'a@b', '1', 'C')"
_EVENT = (
    "INSERT INTO events (contract_id, name, starts_at, ends_at, location, {})"
    " VALUES ({}, 'N', now(), now() + interval '1 day', 'L', {})"
)
_UPSERT = (
    "INSERT INTO employees (username, full_name, email, department) VALUES ('{}', 'N', 'n@e', 'sales')"
    " ON CONFLICT (username) DO UPDATE SET {}"
)
_MERGE = "MERGE INTO {} t USING (VALUES (103)) v (id) ON {} = v.id WHEN MATCHED THEN {}"
PAST_THE_POLICIES = {
    "bill.boquet": [
        "UPDATE clients SET sales_id = 6 WHERE id = 101",
        "UPDATE contracts SET sales_id = 6 WHERE id = 201",
        "UPDATE contracts SET client_id = 104 WHERE id = 201",
        "UPDATE contracts SET paid = total WHERE id = 201",
        "UPDATE contracts SET deleted_at = now() WHERE id = 204",
        "UPDATE payments SET amount = 1 WHERE id = 401",
        "INSERT INTO client_words (word, client_id, sales_id) VALUES ('mine', 104, 5)",
        _CLIENT.format("sales_id, ", "", "6, "),
        _CLIENT.format("created_at, ", "", "now(), "),
        _CLIENT.format("id, ", "", "104, "),
        _CLIENT.format("id, ", "OVERRIDING SYSTEM VALUE", "900, "),
        _CLIENT.format("", "", "") + " ON CONFLICT (id) DO UPDATE SET sales_id = 5",
        _EVENT.format("support_id", 202, 7),
        _EVENT.format("contract_standing", 204, "true"),
        _MERGE.format("clients", "t.id", "UPDATE SET full_name = 'N'"),
        _MERGE.format("clients", "t.id", "DELETE"),
        _MERGE.format("contracts", "t.client_id", "UPDATE SET total = 1"),
    ],
    "kate.hastroff": [
        "UPDATE events SET support_id = 8 WHERE id = 302",
        "UPDATE events SET support_id = NULL WHERE id = 302",
        "UPDATE events SET contract_id = 206 WHERE id = 302",
        "UPDATE events SET deleted_at = now() WHERE id = 302",
    ],
    "mia.manager": [
        "UPDATE clients SET full_name = 'N' WHERE id = 101",
        "UPDATE employees SET username = 'new.name' WHERE id = 5",
        "UPDATE employees SET revision = 1 WHERE id = 5",
        "UPDATE employees SET last_login_at = now() WHERE id = 5",
        _UPSERT.format("mia.manager", "department = 'sales'"),
        _UPSERT.format("ada.admin", "active = false"),
    ],
    "ada.admin": [
        "UPDATE settings SET name = 'other' WHERE name = 'currency'",
        "INSERT INTO settings (name, value, description) VALUES ('currency', 'USD', 'x')",
        _UPSERT.format("ada.admin", "full_name = 'N'"),
    ],
}


@pytest.mark.parametrize(
    ("username", "sql"), [(username, sql) for username, block in PAST_THE_POLICIES.items() for sql in block]
)
def test_write_past_the_policies_is_refused(shared_world: World, username: str, sql: str) -> None:
    before = shared_world.state()
    assert refusal(shared_world.connect(username), sql) == DENIED
    for table, digest in shared_world.state("sec.sessions", "sec.attachments").items():
        assert digest == before[table]


@pytest.mark.parametrize(
    ("username", "sql"),
    [
        (
            "bill.boquet",
            "WITH moved AS (UPDATE clients SET full_name = 'N' WHERE id = 103 RETURNING 1) SELECT * FROM moved",
        ),
        (
            "bill.boquet",
            "UPDATE clients c SET full_name = 'N' FROM contracts k WHERE k.client_id = c.id AND k.id = 206",
        ),
        ("bill.boquet", "UPDATE contracts SET total = total + 1 WHERE sales_id = 6 RETURNING *"),
        ("bill.boquet", "UPDATE clients SET full_name = 'N' WHERE ctid = (SELECT ctid FROM clients WHERE id = 103)"),
        ("kate.hastroff", "UPDATE events SET notes = 'N' WHERE support_id IS NULL"),
        ("kate.hastroff", "UPDATE events SET notes = 'N' WHERE id = 306"),
        ("bill.boquet", "UPDATE contracts SET total = 1 WHERE id = 208"),
        ("mia.manager", "UPDATE employees SET active = false WHERE department = 'admin'"),
    ],
)
def test_write_to_rows_of_others_touches_none(shared_world: World, username: str, sql: str) -> None:
    assert not effect(shared_world.connect(username), sql)


def test_write_at_a_cursor_on_anothers_row_touches_none(shared_world: World) -> None:
    opened = shared_world.connect("bill.boquet")
    with undone(opened):
        rows(opened, "DECLARE kept CURSOR FOR SELECT * FROM clients WHERE id = 103")
        assert rows(opened, "FETCH kept")
        assert touched(opened, "UPDATE clients SET full_name = 'N' WHERE CURRENT OF kept") == 0


# Columns

WRITABLE = (
    {
        ("sales", "clients"): (
            "full_name email phone company first_contact_on legacy_ref",
            "full_name email phone company first_contact_on",
        ),
        ("sales", "contracts"): ("", "total signed_at"),
        ("sales", "payments"): ("contract_id amount paid_on", ""),
        ("sales", "events"): ("contract_id name starts_at ends_at location attendees notes legacy_ref", ""),
        ("support", "events"): ("", "name starts_at ends_at location attendees notes"),
        ("management", "employees"): ("username full_name email department", "full_name email department active"),
        ("management", "clients"): ("", "sales_id deleted_at"),
        ("management", "contracts"): ("client_id total signed_at legacy_ref", "total signed_at deleted_at legacy_ref"),
        ("management", "payments"): ("contract_id amount paid_on", ""),
        ("management", "events"): (
            "id contract_id name starts_at ends_at location attendees notes support_id legacy_ref",
            "name starts_at ends_at location attendees notes support_id deleted_at",
        ),
        **{(department, "notifications"): ("", "read_at") for department in ("sales", "support", "management")},
        ("admin", "employees"): ("username full_name email department", "full_name email department active"),
        ("admin", "settings"): ("", "value"),
    }
    | {
        (department, "script_runs"): (
            "source run digest line inside names",
            "run step digest line inside begun names updated_at",
        )
        for department in ONE_OF
    }
    | {(department, "views"): ("name command", "command") for department in ONE_OF}
)  #: (columns of an insert, of an update); of any other table none


@pytest.mark.parametrize("department", ONE_OF)
def test_columns_that_a_department_writes(shared_world: World, department: str) -> None:
    granted = shared_world.rows(
        "SELECT c.relname::text, a.attname::text, has_column_privilege(%s, c.oid, a.attnum, 'INSERT'),"
        " has_column_privilege(%s, c.oid, a.attnum, 'UPDATE') FROM pg_class c"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relnamespace IN ('crm'::regnamespace, 'sec'::regnamespace, 'api'::regnamespace) AND c.relkind"
        " IN ('r', 'v')",
        *[f"epic_{department}_login"] * 2,
    )
    for table, column, inserts, updates in granted:
        insertable, updatable = WRITABLE.get((department, table), ("", ""))
        assert (inserts, updates) == (column in insertable.split(), column in updatable.split()), (table, column)
