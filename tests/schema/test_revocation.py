"""The end of a session bites on the next statement, whatever is under way, and nothing holds it up."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from support.matrix import ACTIONS
from support.statements import effect, refusal, rows, touched, undone, value
from support.world import World

from epicshell.errors import NotLoggedIn
from epicshell.session import Session, attach

if TYPE_CHECKING:
    pass

VICTIM = "max.manager"  # without records of his own, so that he can change department
READ = "SELECT id FROM crm.clients"
WRITE = "UPDATE crm.contracts SET total = total + 1"
ME = "SELECT api.me()"

Ending = Callable[[World, Session], None]


def _as_admin(sql: str) -> Ending:
    def end(world: World, session: Session) -> None:
        of = session.id if "revoke_session" in sql else session.employee_id
        assert touched(world.connect("ada.admin"), sql, of) == 1

    return end


def _as_victim(sql: str, *, same_session: bool) -> Ending:
    def end(world: World, session: Session) -> None:
        opened = world.connect(VICTIM, session if same_session else None)
        assert value(opened, sql.replace("%s", str(session.id)))

    return end


def _by_time(sql: str) -> Ending:
    def end(world: World, session: Session) -> None:
        world.run(sql, session.id)

    return end


ENDINGS: dict[str, Ending] = {
    "logout": _as_victim("SELECT api.logout(false)", same_session=True),
    "logout everywhere": _as_victim("SELECT api.logout(true)", same_session=False),
    "revoked by its owner": _as_victim("SELECT api.revoke_session(%s)", same_session=False),
    "revoked by an admin": _as_admin("SELECT 1 WHERE api.revoke_session(%s)"),
    "deactivated": _as_admin("UPDATE employees SET active = false WHERE id = %s"),
    "moved to another department": _as_admin("UPDATE employees SET department = 'support' WHERE id = %s"),
    "password reset": _as_admin("SELECT 1 WHERE api.issue_enrolment(%s, sha256('code'))"),
    "idle for too long": _by_time("UPDATE sec.sessions SET idle_until = clock_timestamp() WHERE id = %s"),
    "open for too long": _by_time("UPDATE sec.sessions SET expires_at = clock_timestamp() WHERE id = %s"),
}
UNDER_WAY = {
    "nothing": (),
    "a transaction": ("BEGIN", READ),
    "a transaction with a write": ("BEGIN", WRITE),
    "a savepoint": ("BEGIN", WRITE, "SAVEPOINT one"),
    "a read-only transaction": ("BEGIN READ ONLY", READ),
    "a prepared statement": ("PREPARE kept AS " + READ, *["EXECUTE kept"] * 6),
    "a generic plan": ("SET plan_cache_mode = force_generic_plan", "PREPARE kept AS " + READ, "EXECUTE kept"),
}


@pytest.fixture
def session(world: World) -> Session:
    return world.login(VICTIM)


@pytest.fixture
def one_session(shared_world: World) -> Iterator[Session]:
    """Of the victim, who is as before when it has ended."""
    yield shared_world.login(VICTIM)
    shared_world.release()
    shared_world.run("UPDATE crm.employees SET active = true, department = 'management' WHERE username = %s", VICTIM)


@pytest.mark.parametrize("under_way", UNDER_WAY.values(), ids=UNDER_WAY)
@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_ended_session_reads_and_writes_nothing_more(
    shared_world: World, one_session: Session, end: Ending, under_way: tuple[str, ...]
) -> None:
    opened = shared_world.connect(VICTIM, one_session)
    for statement in under_way:
        assert rows(opened, statement) or not statement.startswith(("SELECT", "EXECUTE"))
    assert value(opened, ME) == one_session.employee_id
    end(shared_world, one_session)
    assert value(opened, ME) is None
    assert rows(opened, READ) == []
    if "EXECUTE kept" in under_way:
        assert rows(opened, "EXECUTE kept") == []
    if "BEGIN READ ONLY" not in under_way:
        assert touched(opened, WRITE) == 0
        assert refusal(opened, "INSERT INTO crm.contracts (client_id, total) VALUES (101, 1)") != ""


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_ended_session_attaches_no_more(shared_world: World, one_session: Session, end: Ending) -> None:
    attach(shared_world.bare("epic_management_login"), one_session)
    end(shared_world, one_session)
    with pytest.raises(NotLoggedIn):
        attach(shared_world.bare("epic_management_login"), one_session)


@pytest.mark.parametrize(
    ("there", "back"),
    [("active = false", "active = true"), ("department = 'support'", "department = 'management'")],
)
def test_session_does_not_live_again(world: World, session: Session, there: str, back: str) -> None:
    opened = world.connect(VICTIM, session)
    admin = world.connect("ada.admin")
    for change in (there, back):
        rows(admin, f"UPDATE employees SET {change} WHERE id = %s", session.employee_id)
    assert value(opened, ME) is None


def test_other_sessions_of_the_employee_stay(world: World, session: Session) -> None:
    other = world.connect(VICTIM)
    ENDINGS["revoked by an admin"](world, session)
    assert value(other, ME) == session.employee_id


# Isolation levels


LEVELS = ("REPEATABLE READ", "SERIALIZABLE", "READ UNCOMMITTED")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "begin",
    [
        ("BEGIN ISOLATION LEVEL {}",),
        ("BEGIN", "SET TRANSACTION ISOLATION LEVEL {}"),
        ("SET default_transaction_isolation = '{}'", "BEGIN"),
        ("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL {}", "BEGIN"),
        ("BEGIN ISOLATION LEVEL {} READ ONLY",),
    ],
    ids=lambda begin: begin[0],
)
def test_transaction_that_would_keep_an_old_view_has_no_actor(
    shared_world: World, level: str, begin: tuple[str, ...]
) -> None:
    opened = shared_world.connect(VICTIM)
    for statement in begin:
        rows(opened, statement.format(level))
    assert value(opened, ME) is None
    assert rows(opened, READ) == []
    assert rows(opened, "SELECT * FROM api.sessions") == []


@pytest.mark.parametrize("username", ["bill.boquet", "kate.hastroff", "mia.manager", "ada.admin"])
def test_no_right_works_under_another_level(shared_world: World, username: str) -> None:
    opened = shared_world.connect(username)
    rows(opened, "SET default_transaction_isolation = 'repeatable read'")
    for action in ACTIONS:
        for target in action.targets.values():
            assert not effect(opened, action.sql.replace("%(id)s", str(target))), action.name


def test_level_does_not_change_midway(shared_world: World) -> None:
    opened = shared_world.connect(VICTIM)
    for first, second in (("READ COMMITTED", "REPEATABLE READ"), ("REPEATABLE READ", "READ COMMITTED")):
        with undone(opened):
            rows(opened, f"SET TRANSACTION ISOLATION LEVEL {first}")
            rows(opened, READ)
            assert refusal(opened, f"SET TRANSACTION ISOLATION LEVEL {second}") == "25001"


def test_level_is_told_by_the_server_not_by_the_session(shared_world: World) -> None:
    opened = shared_world.connect(VICTIM)
    with undone(opened):
        rows(opened, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert value(opened, ME) is None
        assert refusal(opened, "SELECT set_config('transaction_isolation', 'read committed', true)") == "25001"


# What goes on: PostgreSQL finishes what it has begun.


@pytest.mark.parametrize("hold", ["", " WITH HOLD"])
def test_cursor_opened_before_gives_the_rows_of_then_and_a_new_one_none(
    world: World, session: Session, hold: str
) -> None:
    opened = world.connect(VICTIM, session)
    rows(opened, "BEGIN")
    rows(opened, f"DECLARE kept CURSOR{hold} FOR {READ}")
    if hold:
        rows(opened, "COMMIT")
    ENDINGS["deactivated"](world, session)
    world.run("UPDATE crm.clients SET full_name = 'Later'")
    assert len(rows(opened, "FETCH ALL FROM kept")) == 5
    if hold:
        rows(opened, "BEGIN")
    rows(opened, f"DECLARE later CURSOR FOR {READ}")
    assert rows(opened, "FETCH ALL FROM later") == []


def test_change_made_before_the_end_is_committed(world: World, session: Session) -> None:
    opened = world.connect(VICTIM, session)
    rows(opened, "BEGIN")
    changed = touched(opened, WRITE)
    ENDINGS["deactivated"](world, session)
    rows(opened, "COMMIT")
    assert world.ask("SELECT count(*) FROM sec.audit WHERE session_id = %s", session.id) == (changed,)


# Nothing that its owner holds keeps a session from ending.


HELD = {
    "a logout": "SELECT api.logout(true)",
    "a touch": "SELECT api.touch()",
    "a client created": "INSERT INTO crm.clients (full_name, email, phone, company) VALUES ('N', 'n@c', '1', 'C')",
    "a row of theirs": "SELECT 1 FROM crm.clients WHERE id = 101 FOR UPDATE",
    "an end of another session": "SELECT api.revoke_session({other})",
}


@pytest.mark.parametrize("held", HELD.values(), ids=HELD)
def test_deactivation_waits_for_nothing_that_the_employee_holds(world: World, held: str) -> None:
    other = world.login("bill.boquet")
    opened, second = world.connect("bill.boquet"), world.connect("bill.boquet", other)
    world.run("UPDATE sec.sessions SET idle_until = clock_timestamp() + interval '1 minute'")
    rows(opened, "BEGIN")
    rows(opened, held.format(other=other.id))
    admin = world.connect("ada.admin")
    rows(admin, "SET lock_timeout = '100ms'")
    assert value(admin, "SELECT api.revoke_session(%s)", other.id)
    assert value(second, ME) is None
    assert touched(admin, "UPDATE employees SET active = false WHERE id = %s", world.ids.bill) == 1
    assert value(opened, ME) is None


# The idle time


def test_only_a_touch_extends_the_idle_time_and_never_the_lifetime(world: World) -> None:
    session = world.login("bill.boquet")
    opened = world.connect("bill.boquet", session)
    ends = "SELECT idle_until > clock_timestamp() + interval '1 hour', expires_at FROM sec.sessions WHERE id = %s"
    world.run("UPDATE sec.sessions SET idle_until = clock_timestamp() + interval '1 minute'")
    before = world.ask(ends, session.id)
    rows(opened, READ)
    rows(opened, "SELECT * FROM api.sessions")
    assert world.ask(ends, session.id) == before
    rows(opened, "SELECT api.touch()")
    assert world.ask(ends, session.id) == (True, before[1])


def test_touch_does_not_wake_an_ended_session(world: World) -> None:
    session = world.login("bill.boquet")
    opened = world.connect("bill.boquet", session)
    ENDINGS["idle for too long"](world, session)
    assert value(opened, "SELECT api.touch()") is None
    assert value(opened, ME) is None


def test_lifetimes_come_from_the_settings(world: World) -> None:
    rows(world.connect("ada.admin"), "UPDATE settings SET value = '5min' WHERE name = 'idle_timeout'")
    rows(world.connect("ada.admin"), "UPDATE settings SET value = '1h' WHERE name = 'session_lifetime'")
    session = world.login("bill.boquet")
    sql = "SELECT idle_until - created_at, expires_at - created_at FROM sec.sessions WHERE id = %s"
    idle, absolute = world.ask(sql, session.id)
    assert (round(idle.total_seconds()), round(absolute.total_seconds())) == (300, 3600)


@pytest.mark.parametrize(("name", "ends"), [("idle_timeout", "idle_until"), ("session_lifetime", "expires_at")])
def test_a_shorter_lifetime_holds_at_once_for_sessions_that_are_open(world: World, name: str, ends: str) -> None:
    session = world.login("bill.boquet")
    opened = world.connect("bill.boquet", session)
    world.run(
        "UPDATE sec.sessions"
        " SET created_at = created_at - interval '1 min', last_seen_at = last_seen_at - interval '1 min'"
    )
    rows(world.connect("ada.admin"), "UPDATE settings SET value = '30s' WHERE name = %s", name)
    assert world.ask(f"SELECT {ends} < clock_timestamp() FROM sec.sessions WHERE id = %s", session.id) == (True,)
    assert value(opened, ME) is None


def test_a_setting_is_never_held_up_by_a_command_that_is_under_way(world: World) -> None:
    session = world.login("bill.boquet")
    opened = world.connect("bill.boquet", session)
    world.run("UPDATE sec.sessions SET idle_until = clock_timestamp() + interval '1 minute'")
    opened.autocommit = False
    rows(opened, "SELECT api.touch()")
    rows(world.connect("ada.admin"), "UPDATE settings SET value = '30s' WHERE name = 'idle_timeout'")
    opened.commit()
    rows(opened, "SELECT api.touch()")
    opened.commit()
    left = "SELECT idle_until < clock_timestamp() + interval '31 s' FROM sec.sessions WHERE id = %s"
    assert world.ask(left, session.id) == (True,)


def test_nobody_ends_sessions_of_others_but_an_admin(world: World) -> None:
    session = world.login(VICTIM)
    opened = world.connect(VICTIM, session)
    for username in ("mia.manager", "bill.boquet", "kate.hastroff"):
        assert value(world.connect(username), "SELECT api.revoke_session(%s)", session.id) is False
    assert value(opened, ME) == session.employee_id


def test_session_that_is_there_and_one_that_is_not_get_the_same_answer(world: World) -> None:
    theirs = world.login(VICTIM)
    opened = world.connect("bill.boquet")
    answers = {value(opened, "SELECT api.revoke_session(%s)", number) for number in (theirs.id, 999_999)}
    assert answers == {False}
