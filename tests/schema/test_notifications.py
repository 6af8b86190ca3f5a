"""Notifications in the database: who is told what, that only they see it, and how their shells are woken."""

from typing import TYPE_CHECKING

import pytest
from support.statements import refusal, rows, touched, undone, value
from support.world import LOGIN_ROLES, World

if TYPE_CHECKING:
    from psycopg2.extensions import connection

BILL, EVE, KATE, ALIENOR = "bill.boquet", "eve.martin", "kate.hastroff", "alienor.vichum"
MIA = "mia.manager"
DENIED = "42501"
#: Who does what, and who is told what of which record: (kind, fields).
TELLING: list[tuple[str, str, dict[str, tuple[str, str]]]] = [
    (MIA, "UPDATE events SET support_id = 7 WHERE id = 304",
     {KATE: ("assigned", ""), BILL: ("changed", "support")}),
    (MIA, "UPDATE events SET support_id = 8 WHERE id = 302",
     {KATE: ("unassigned", ""), ALIENOR: ("assigned", ""), BILL: ("changed", "support")}),
    (MIA, "UPDATE events SET support_id = NULL WHERE id = 302",
     {KATE: ("unassigned", ""), BILL: ("changed", "support")}),
    (MIA, "UPDATE events SET attendees = NULL, location = 'Pau' WHERE id = 302",
     {KATE: ("changed", "location, attendees"), BILL: ("changed", "location, attendees")}),
    (KATE, "UPDATE events SET notes = 'Bring chairs.' WHERE id = 302", {BILL: ("changed", "notes")}),
    (MIA, "UPDATE events SET deleted_at = now() WHERE id = 302", {KATE: ("deleted", ""), BILL: ("deleted", "")}),
    (MIA, "UPDATE events SET deleted_at = NULL WHERE id = 306", {KATE: ("restored", ""), BILL: ("restored", "")}),
    (MIA, "UPDATE events SET notes = 'In the trash.' WHERE id = 306", {}),
    (MIA, "UPDATE events SET notes = notes, attendees = attendees WHERE id = 302", {}),
    (MIA, "UPDATE contracts SET signed_at = now() WHERE id = 204", {BILL: ("signed", "")}),
    (MIA, "UPDATE contracts SET signed_at = NULL WHERE id = 201", {BILL: ("unsigned", "")}),
    (MIA, "UPDATE contracts SET total = total + 1 WHERE id = 201", {}),
    (MIA, "INSERT INTO contracts (client_id, total, signed_at) VALUES (103, 100, now())", {EVE: ("signed", "")}),
    (MIA, "INSERT INTO payments (contract_id, amount) VALUES (201, 100)", {BILL: ("payment", "")}),
    (MIA, "INSERT INTO payments (contract_id, amount) VALUES (201, 1200000)", {BILL: ("paid", "")}),
    (MIA, "SELECT api.void_payment(402)", {BILL: ("voided", "")}),
    (MIA, "UPDATE clients SET sales_id = 6 WHERE id = 102", {EVE: ("handed-over", "")}),
    (MIA, "UPDATE clients SET deleted_at = now() WHERE id = 104", {}),
    (BILL, "UPDATE contracts SET signed_at = now() WHERE id = 204", {}),
    (BILL, "INSERT INTO payments (contract_id, amount) VALUES (201, 1200000)", {}),
    (BILL, "UPDATE clients SET company = 'New' WHERE id = 101", {}),
    (BILL, "INSERT INTO clients (full_name, email, phone, company) VALUES ('N', 'n@c.example', '1', 'C')", {}),
]  # fmt: skip
NEW = (
    "SELECT e.username, n.kind, n.fields, a.username FROM crm.notifications n"
    " JOIN crm.employees e ON e.id = n.recipient_id JOIN crm.employees a ON a.id = n.actor_id WHERE n.id >= 520"
)


@pytest.mark.parametrize(("actor", "sql", "told"), TELLING, ids=[f"{who}: {sql}" for who, sql, _ in TELLING])
def test_those_whose_it_is_are_told_who_did_what(
    world: World, actor: str, sql: str, told: dict[str, tuple[str, str]]
) -> None:
    rows(world.connect(actor), sql)
    assert {who: (kind, fields) for who, kind, fields, _ in world.rows(NEW)} == told
    assert {by for *_, by in world.rows(NEW)} <= {actor}
    assert len(world.rows(NEW)) == len(told)


def test_who_sets_something_up_without_a_session_tells_nobody(world: World) -> None:
    world.run("UPDATE crm.events SET support_id = 8 WHERE id = 302")
    world.run("UPDATE crm.clients SET sales_id = 6 WHERE id = 101")
    assert world.rows(NEW) == []


def test_who_has_left_is_told_nothing(world: World) -> None:
    world.run("UPDATE crm.employees SET active = false WHERE id = 5")
    rows(world.connect(MIA), "UPDATE contracts SET signed_at = now() WHERE id = 204")
    assert world.rows(NEW) == []


def test_who_is_in_another_department_by_now_is_told_nothing(world: World) -> None:
    world.run("UPDATE crm.events SET ends_at = now() - interval '1 hour', starts_at = now() - interval '9 hours'")
    world.run("UPDATE crm.employees SET department = 'sales' WHERE id = 7")
    rows(world.connect(MIA), "UPDATE events SET notes = 'None of hers by now.' WHERE id = 301")
    assert {who for who, *_ in world.rows(NEW)} == {BILL}


def test_what_is_taken_back_told_nobody(world: World) -> None:
    with undone(mia := world.connect(MIA)):
        rows(mia, "UPDATE events SET support_id = 7 WHERE id = 304")
    assert world.rows(NEW) == []


# Only one's own


@pytest.mark.parametrize(("username", "own"), [(KATE, [501, 502, 503]), (BILL, [504]), (MIA, [506])])
def test_everyone_reads_their_own_alone(shared_world: World, username: str, own: list[int]) -> None:
    opened = shared_world.connect(username)
    assert [number for (number,) in rows(opened, "SELECT id FROM notifications ORDER BY id")] == own


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_without_a_session_there_are_none(shared_world: World, role: str) -> None:
    bare = shared_world.bare(role)
    assert refusal(bare, "SELECT 1 / (id - id) FROM crm.notifications") in ("", DENIED)
    assert refusal(bare, "SELECT 1 / CASE WHEN api.listen() THEN 0 ELSE 1 END") in ("", DENIED)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO notifications (recipient_id, kind, noun, row_id, actor_id) VALUES (5, 'paid', 'contracts', 1, 3)",
        "DELETE FROM notifications",
        "TRUNCATE notifications",
        *(f"UPDATE notifications SET {column} = {column}" for column in ("recipient_id", "kind", "row_id", "actor_id")),
        "UPDATE notifications SET created_at = now()",
        "UPDATE notifications SET fields = 'x'",
        "SELECT sec.tell(5, 'sales', 'paid', 'contracts', 201, 3)",
        "SELECT sec.wake(5)",
        "SELECT channel FROM sec.attachments",
        "SELECT pg_notify('x', '')",
    ],
)
@pytest.mark.parametrize("username", [KATE, MIA, "ada.admin"])
def test_nobody_makes_changes_or_removes_one(shared_world: World, username: str, sql: str) -> None:
    with undone(opened := shared_world.connect(username)):
        assert refusal(opened, sql) == DENIED


def test_only_ones_own_are_marked(world: World) -> None:
    kate = world.connect(KATE)
    assert touched(kate, "UPDATE notifications SET read_at = now() WHERE id IN (504, 505)") == 0
    assert touched(kate, "UPDATE notifications SET read_at = now()") == 3
    assert world.rows("SELECT id FROM crm.notifications WHERE read_at IS NULL ORDER BY id") == [(504,), (505,), (506,)]


def test_who_holds_their_own_holds_nobody_up(world: World) -> None:
    kate = world.connect(KATE)
    with undone(kate):
        rows(kate, "SELECT 1 FROM notifications FOR UPDATE")
        world.run("UPDATE crm.notifications SET read_at = now() - interval '31 days' WHERE id = 505")
        rows(world.connect(MIA), "UPDATE events SET attendees = 5 WHERE id = 302")
        assert value(world.connect(KATE), "SELECT api.listen()") is True


# Waking


def listening(world: World, username: str) -> "connection":
    opened = world.connect(username)
    assert value(opened, "SELECT api.listen()") is True
    return opened


def woken(opened: "connection") -> list[str]:
    """What has come through the connection's channels since the last time."""
    rows(opened, "SELECT 1")
    came = [notify.payload for notify in opened.notifies]
    opened.notifies.clear()
    return came


def test_every_shell_of_who_is_told_is_woken_and_no_other(world: World) -> None:
    kate, again, alienor, silent = (listening(world, who) for who in (KATE, KATE, ALIENOR, KATE))
    rows(silent, "UNLISTEN *")
    rows(world.connect(MIA), "UPDATE events SET support_id = 7 WHERE id = 304")
    assert (woken(kate), woken(again), woken(alienor), woken(silent)) == ([""], [""], [], [])


def test_what_is_read_in_one_shell_wakes_the_others(world: World) -> None:
    kate, again, bill = (listening(world, who) for who in (KATE, KATE, BILL))
    rows(again, "UPDATE notifications SET read_at = now() WHERE id = 501")
    assert (woken(kate), woken(bill)) == ([""], [])


def test_a_thousand_changes_wake_once(world: World) -> None:
    world.run(
        "INSERT INTO crm.clients (full_name, email, phone, company, sales_id)"
        " SELECT 'N ' || n, 'n@c.example', '1', 'C', 5 FROM generate_series(1, 1000) n"
    )
    eve = listening(world, EVE)
    assert value(world.connect(MIA), "SELECT api.hand_over(5, 6)") == 1003  # with what is in the trash
    assert world.ask("SELECT count(*) FROM crm.notifications WHERE recipient_id = 6 AND id >= 520") == (1002,)
    assert woken(eve) == [""]


def test_an_ended_session_is_not_woken(world: World) -> None:
    session = world.login(KATE)
    kate = world.connect(KATE, session)
    rows(kate, "SELECT api.listen()")
    world.run("INSERT INTO sec.revocations (session_id) VALUES (%s)", session.id)
    rows(world.connect(MIA), "UPDATE events SET support_id = 7 WHERE id = 304")
    assert woken(kate) == []
    assert value(kate, "SELECT api.listen()") is False


def test_a_channel_is_a_long_secret_of_its_backend_and_never_used_again(world: World) -> None:
    kate, bill = listening(world, KATE), listening(world, BILL)
    (mine,) = [name for (name,) in rows(kate, "SELECT pg_listening_channels()")]
    (his,) = [name for (name,) in rows(bill, "SELECT pg_listening_channels()")]
    assert mine != his
    assert len(mine) == len("inbox_") + 48
    rows(kate, "SELECT api.listen()")
    (newer,) = [name for (name,) in rows(kate, "SELECT pg_listening_channels()")]
    assert newer != mine
    rows(kate, "SELECT api.challenge()")  # as whoever gets a dead backend's number does first
    assert world.ask("SELECT channel FROM sec.attachments WHERE pid = %s", kate.info.backend_pid) == (None,)


def test_admins_have_no_inbox(shared_world: World) -> None:
    ada = shared_world.connect("ada.admin")
    assert refusal(ada, "SELECT api.listen()") == DENIED
    assert refusal(ada, "SELECT 1 FROM notifications") == DENIED


# Retention


def test_what_was_read_long_ago_is_cleared_away_when_a_shell_opens(world: World) -> None:
    world.run("UPDATE crm.notifications SET read_at = now() - interval '31 days' WHERE id IN (503, 504)")
    world.run("UPDATE crm.notifications SET created_at = now() - interval '2 years' WHERE id = 501")
    listening(world, KATE)
    assert world.rows("SELECT id FROM crm.notifications ORDER BY id") == [(502,), (504,), (505,), (506,)]
