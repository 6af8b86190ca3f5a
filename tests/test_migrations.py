"""Migrations: numbered files, forward only, each whole or not at all, one migrator at a time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import pytest
from support.server import Server
from support.statements import rows, value

from epicshell.errors import Unavailable
from epicshell.migrations import LATEST, check, migrate, migrations
from epicshell.session import Session, attach
from epicshell.setup import generate

if TYPE_CHECKING:
    from psycopg2.extensions import connection

LOCK = (20404, 2)
TABLES = "SELECT array_agg(relname::text ORDER BY relname) FROM pg_class WHERE relname ~ '^(one|two|three)$'"
VERSIONS = "SELECT array_agg(version ORDER BY version) FROM sec.migrations"

Write = Callable[..., Path]
Upgraded = tuple["connection", "connection", "connection"]  #: of the owner, a manager, a sales person
RECORDS = " UNION ALL ".join(
    f"SELECT '{table}' AS noun, id, to_jsonb(t) - '{{legacy_ref,contractless}}'::text[] AS record FROM crm.{table} t"
    for table in ("employees", "clients", "contracts", "payments", "events")
)
FIRST_PROSPECT = "SELECT min(id) FROM crm.clients WHERE prospect"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes migrations that each make a table, and returns their folder."""

    def write(*names: str, **contents: str) -> Path:
        for name in names:
            (tmp_path / f"{name}.sql").write_text(f"CREATE TABLE {name.split('_')[1]} (id integer);")
        for name, content in contents.items():
            (tmp_path / f"{name.lstrip('m')}.sql").write_text(content)
        return tmp_path

    return write


@pytest.fixture
def blank(server: Server) -> Iterator[str]:
    """The name of a database without any schema."""
    with server.copy("template0") as target:
        yield target.name


@pytest.fixture
def owner(server: Server, blank: str) -> Iterator["connection"]:
    with closing(server.owner(blank)) as opened:
        yield opened


# The files


def test_latest_is_the_number_of_the_last_file() -> None:
    assert [migration.version for migration in migrations()] == list(range(1, LATEST + 1))


def test_files_are_found_in_order_and_nothing_else(write: Write) -> None:
    folder = write("002_two", "001_one", "010_ten", *[f"{number:03}_t" for number in range(3, 10)])
    (folder / "README.md").touch()
    (folder / "__init__.py").touch()
    assert [migration.version for migration in migrations(folder)] == list(range(1, 11))
    assert [migration.name for migration in migrations(folder)][:2] == ["one", "two"]


@pytest.mark.parametrize(
    "names",
    [("001_one", "003_three"), ("002_two",), ("001_one", "001_two"), ("000_zero", "001_one")],
    ids=["gap", "first missing", "duplicate", "zero"],
)
def test_gap_and_duplicate_are_refused(write: Write, names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="gap or duplicate"):
        migrations(write(*names))


@pytest.mark.parametrize("name", ["1_one", "001-one", "one", "0001_one", "001_", "001_one.old", "١٢٣_one"])
def test_other_names_are_refused(write: Write, name: str) -> None:
    folder = write("001_one")
    (folder / f"{name}.sql").touch()
    with pytest.raises(ValueError, match=name):
        migrations(folder)


# Applying them


def test_what_is_pending_is_applied_in_order_and_told(owner: "connection", write: Write) -> None:
    assert [migration.version for migration in migrate(owner, write("001_one", "002_two"))] == [1, 2]
    assert [migration.version for migration in migrate(owner, write("003_three"))] == [3]
    assert value(owner, TABLES) == ["one", "three", "two"]
    assert value(owner, VERSIONS) == [1, 2, 3]


def test_second_run_does_nothing(owner: "connection", write: Write) -> None:
    folder = write("001_one")
    migrate(owner, folder)
    before = rows(owner, "SELECT * FROM sec.migrations")
    assert migrate(owner, folder) == []
    assert rows(owner, "SELECT * FROM sec.migrations") == before


def test_failing_migration_leaves_nothing_of_itself_and_all_before_it(owner: "connection", write: Write) -> None:
    folder = write("001_one", m002_two="CREATE TABLE two (id integer); SELECT 1/0; CREATE TABLE three ()")
    with pytest.raises(psycopg2.errors.DivisionByZero):
        migrate(owner, folder)
    assert value(owner, TABLES) == ["one"]
    assert value(owner, VERSIONS) == [1]
    assert owner.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_IDLE
    assert [migration.version for migration in migrate(owner, write("002_two"))] == [2]


def test_failing_migration_frees_the_lock(server: Server, blank: str, owner: "connection", write: Write) -> None:
    with pytest.raises(psycopg2.Error):
        migrate(owner, write(m001_one="SELECT 1/0"))
    with closing(server.owner(blank)) as other:
        assert value(other, "SELECT pg_try_advisory_lock(%s, %s)", *LOCK)


def test_lost_connection_applies_nothing(server: Server, owner: "connection", write: Write) -> None:
    folder = write(m001_one="CREATE TABLE one (); SELECT pg_terminate_backend(pg_backend_pid())")
    name = owner.info.dbname
    with pytest.raises(psycopg2.OperationalError):
        migrate(owner, folder)
    with closing(server.owner(name)) as other:
        assert value(other, TABLES) is None
        assert [migration.version for migration in migrate(other, write("001_one"))] == [1]


@pytest.mark.parametrize("edit", ["-- a comment", "DROP TABLE one;"])
def test_migration_edited_after_it_was_applied_is_refused(owner: "connection", write: Write, edit: str) -> None:
    folder = write("001_one")
    migrate(owner, folder)
    write("002_two", m001_one=f"CREATE TABLE one (id integer); {edit}")
    with pytest.raises(Unavailable, match="Migration 1 of this database is not the one"):
        migrate(owner, folder)
    assert value(owner, VERSIONS) == [1]


def test_schema_of_a_newer_epicshell_is_refused(owner: "connection", write: Write) -> None:
    folder = write("001_one", "002_two")
    migrate(owner, folder)
    (folder / "002_two.sql").unlink()
    with pytest.raises(Unavailable, match="schema is version 2"):
        migrate(owner, folder)


@pytest.mark.parametrize(
    ("version", "hint"),
    [
        (None, "epicshell init"),
        (0, "epicshell migrate"),
        (LATEST - 1, "epicshell migrate"),
        (LATEST + 1, "newer epicshell"),
    ],
)
def test_shell_refuses_another_schema_and_says_what_helps(version: int | None, hint: str) -> None:
    with pytest.raises(Unavailable) as error:
        check(version)
    assert hint in error.value.hint


def test_shell_accepts_its_schema() -> None:
    check(LATEST)


# At once


def test_two_migrators_take_turns(server: Server, blank: str, owner: "connection", write: Write) -> None:
    folder = write("001_one", "002_two")
    with closing(server.owner(blank)) as other, ThreadPoolExecutor(2) as threads:
        applied = list(threads.map(lambda opened: migrate(opened, folder), (owner, other)))
    assert sorted(len(done) for done in applied) == [0, 2]
    assert value(owner, VERSIONS) == [1, 2]


def test_two_databases_of_a_server_are_set_up_at_once(server: Server) -> None:
    """The roles belong to the server, so both migrators write these."""
    with (
        server.copy("template0") as first,
        server.copy("template0") as second,
        closing(server.owner(first.name)) as one,
        closing(server.owner(second.name)) as other,
        ThreadPoolExecutor(2) as threads,
    ):
        assert [len(done) for done in threads.map(migrate, (one, other))] == [LATEST, LATEST]


def test_schema_is_set_up_beside_an_older_one_of_the_server(server: Server, blank: str, owner: "connection") -> None:
    """Roles that are there already are brought to what they must be."""
    assert len(migrate(owner)) == LATEST
    assert value(owner, "SELECT api.schema_version()") == LATEST


# From one version to the next


def company_at(version: int, owner: "connection", folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database at a version, with 50 generated clients and 40 employees; later versions fill what they add."""
    older = [sql.replace(", contractless", "").replace(", false", "") for sql in generate._STATEMENTS]
    monkeypatch.setattr(generate, "TABLES", ("clients", "events"))
    monkeypatch.setattr(generate, "_STATEMENTS", [sql for sql in older if "_words (" not in sql])
    for migration in migrations()[:version]:
        (folder / f"{migration.version:03}_{migration.name}.sql").write_text(migration.sql)
    migrate(owner, folder)
    with owner.cursor() as cursor:
        cursor.execute("BEGIN")
        generate.fill(cursor, clients=50, employees=40)
        cursor.execute("COMMIT")


def open_session(owner: "connection", username: str) -> Session:
    """A session of an employee, as the database opens it at login."""
    [(number, key, *who)] = rows(
        owner,
        "SELECT o.session_id, o.session_key, e.id, e.username, e.department, i.id::text"
        " FROM crm.employees e, sec.installation i, sec.open_session(e, 'tests') o WHERE e.username = %s",
        username,
    )
    return Session(number, bytes(key), *who)


def test_a_company_with_data_and_sessions_gets_notifications(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From version 8 on: what there is stays, a session that was open goes on, and nobody is told of the past.

    Names become words by which events are found.
    """
    with server.copy("template0") as target, closing(server.owner(target.name)) as owner:
        company_at(8, owner, tmp_path, monkeypatch)
        session = open_session(owner, "generated.n20")
        events = "SELECT to_jsonb(e) - 'legacy_ref' FROM crm.events e ORDER BY id"
        before = rows(owner, events)
        assert [migration.version for migration in migrate(owner)] == list(range(9, LATEST + 1))
        assert rows(owner, events) == before
        assert value(owner, "SELECT count(DISTINCT event_id) FROM crm.event_words") == len(before)
        assert value(owner, "SELECT count(DISTINCT client_id) FROM crm.client_words WHERE word = '@example'") == 50
        assert value(owner, "SELECT count(*) FROM crm.notifications") == 0
        assert value(owner, "SELECT count(*) FROM crm.script_runs") == 0
        with closing(target.connect("epic_management_login")) as manager:
            attach(manager, session)
            rows(
                manager, "UPDATE events SET support_id = 1 WHERE id = (SELECT min(id) FROM events WHERE support_id > 1)"
            )
            assert value(manager, "SELECT api.listen()") is True
        assert rows(owner, "SELECT DISTINCT kind FROM crm.notifications ORDER BY 1") == [
            ("assigned",), ("changed",), ("unassigned",),
        ]  # fmt: skip


@pytest.fixture
def upgraded(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Upgraded]:
    """A company brought from version 11 on: its owner, a manager and a sales person, whose sessions were open before.

    The table `before` has every record as it was; one client has no contract but in the trash.
    """
    with server.copy("template0") as target, closing(server.owner(target.name)) as owner:
        company_at(11, owner, tmp_path, monkeypatch)
        rows(owner, "UPDATE crm.clients SET company = 'Casey & Söhne' WHERE id = (SELECT min(id) FROM crm.clients)")
        rows(owner, f"UPDATE crm.contracts SET deleted_at = now() WHERE client_id = ({FIRST_PROSPECT})")
        rows(owner, f"CREATE TABLE before AS {RECORDS}")
        sessions = [open_session(owner, username) for username in ("generated.n20", "generated.n2")]
        assert [migration.version for migration in migrate(owner)] == list(range(12, LATEST + 1))
        with (
            closing(target.connect("epic_management_login")) as manager,
            closing(target.connect("epic_sales_login")) as seller,
        ):
            for opened, session in zip((manager, seller), sessions, strict=True):
                attach(opened, session)
            yield owner, manager, seller


def test_records_stay_as_they_were_and_have_no_references(upgraded: Upgraded) -> None:
    owner, _, _ = upgraded
    assert value(owner, "SELECT count(*) FROM before") > 200
    assert rows(owner, f"({RECORDS}) EXCEPT SELECT * FROM before") == []
    assert rows(owner, f"SELECT * FROM before EXCEPT ({RECORDS})") == []
    for table in ("clients", "contracts", "events"):
        assert value(owner, f"SELECT count(legacy_ref) FROM crm.{table}") == 0


def test_clients_that_had_no_contract_are_marked(upgraded: Upgraded) -> None:
    owner, _, _ = upgraded
    assert rows(owner, "SELECT id FROM crm.clients WHERE contractless") == rows(owner, FIRST_PROSPECT)


def test_records_that_were_there_are_found_by_their_words(upgraded: Upgraded) -> None:
    owner, manager, seller = upgraded
    for opened in (manager, seller):
        assert value(opened, "SELECT count(DISTINCT event_id) FROM event_words") == value(
            owner, "SELECT count(*) FROM crm.events"
        )
        assert value(opened, "SELECT count(DISTINCT client_id) FROM client_words WHERE word = '@client1'") == 1
        assert (
            value(opened, "SELECT count(DISTINCT client_id) FROM client_words WHERE word >= '+3' AND word < '+4'") == 50
        )
        assert value(opened, "SELECT count(*) FROM client_words WHERE word = 'sohne'") == 1
    assert value(owner, "SELECT count(*) FROM pg_index WHERE NOT indisvalid OR NOT indisready") == 0


def test_what_was_changed_before_there_were_batches_has_none(upgraded: Upgraded) -> None:
    owner, manager, _ = upgraded
    assert value(owner, "SELECT count(*) > 0 AND count(batch) = 0 FROM sec.audit WHERE noun = 'clients'") is True
    rows(manager, "UPDATE events SET support_id = NULL WHERE support_id IS NOT NULL")
    assert value(owner, "SELECT count(DISTINCT batch) FROM sec.audit WHERE noun = 'events'") == 1


def test_sessions_that_were_open_use_what_is_new(upgraded: Upgraded) -> None:
    owner, manager, seller = upgraded
    for opened in (manager, seller):
        assert rows(opened, "SELECT * FROM views") == []
        rows(opened, "INSERT INTO views (name, command) VALUES ('late', 'contracts filter --unpaid')")
        rows(opened, "SELECT api.record_export('events list', 'csv', 'events.csv', 3)")
    assert value(owner, "SELECT count(*) FROM sec.audit WHERE action = 'export'") == 2
    assert ("management", "views") in rows(
        manager, "SELECT department, noun FROM api.activity(current_date - 1, current_date + 1)"
    )
    rows(
        manager,
        "INSERT INTO events (id, contract_id, name, starts_at, ends_at, location, legacy_ref)"
        " SELECT 900000, id, 'Gala', now(), now() + interval '1 hour', 'Paris', 'sheets:7'"
        " FROM contracts WHERE signed_at IS NOT NULL LIMIT 1",
    )
    assert value(seller, "SELECT name FROM events WHERE id = 900000") == "Gala"
