"""Views in raw SQL: whose they are, who may change them, and what the audit tells of them."""

import pytest
from support.statements import effect, refusal, rows, touched, undone, value
from support.world import ONE_OF, World

DENIED = "42501"
SAVE = "INSERT INTO views (name, command) VALUES ('new', 'whoami')"


@pytest.mark.parametrize(
    ("username", "seen"), list(zip(ONE_OF.values(), ([], [602, 603], [601, 602], [602]), strict=True))
)
def test_one_sees_one_s_own_and_what_is_shared(shared_world: World, username: str, seen: list[int]) -> None:
    opened = shared_world.connect(username)
    assert [number for (number,) in rows(opened, "SELECT id FROM views ORDER BY id")] == seen


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM views WHERE id = 604",
        "UPDATE views SET command = 'x' WHERE id = 602",  # shared, and another's
        "UPDATE views SET command = 'x' WHERE id = 604",
        "SELECT 1 WHERE api.delete_view(604)",
        "SELECT 1 FROM views WHERE id = 602 FOR UPDATE",
    ],
)
@pytest.mark.parametrize("username", ONE_OF.values())
def test_views_of_others_are_not_changed(shared_world: World, username: str, sql: str) -> None:
    assert not effect(shared_world.connect(username), sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE views SET shared = true WHERE id = 601",
        "UPDATE views SET owner_id = 6",
        "UPDATE views SET name = 'x'",
        "UPDATE views SET deleted_at = NULL",
        "INSERT INTO views (name, command, shared) VALUES ('new', 'whoami', true)",
        "INSERT INTO views (name, command, owner_id) VALUES ('new', 'whoami', 6)",
        "DELETE FROM views",
        "TRUNCATE views",
    ],
)
@pytest.mark.parametrize("username", ["bill.boquet", "mia.manager"])
def test_columns_that_are_not_theirs_are_refused(shared_world: World, username: str, sql: str) -> None:
    assert refusal(shared_world.connect(username), sql) == DENIED


@pytest.mark.parametrize("command", ["", " ", "\t\n", "x" * 2001])
def test_view_has_a_command(shared_world: World, command: str) -> None:
    bill = shared_world.connect("bill.boquet")
    assert refusal(bill, "INSERT INTO views (name, command) VALUES ('new', %s)", command) == "views_command_form"


def test_only_management_shares_and_ends_it(shared_world: World) -> None:
    bill, mia = shared_world.connect("bill.boquet"), shared_world.connect("mia.manager")
    assert refusal(bill, "SELECT api.share_view(601, true)") == DENIED
    assert value(bill, "SELECT api.delete_view(602)") is False
    with undone(mia):
        assert value(mia, "SELECT api.share_view(604, true)") is False  # eve's own
        assert value(mia, "SELECT api.share_view(603, true)") is True
        assert value(mia, "SELECT api.delete_view(602)") is True
        assert rows(mia, "SELECT id, shared FROM views") == [(603, True)]


def test_who_has_left_management_changes_nothing_that_is_shared(world: World) -> None:
    world.run("UPDATE crm.employees SET department = 'sales' WHERE id = 4")
    max_ = world.connect("max.manager")
    assert rows(max_, "SELECT id FROM views") == [(602,)]
    assert touched(max_, "UPDATE views SET command = 'whoami'") == 0
    assert value(max_, "SELECT api.delete_view(602)") is False


def test_without_a_session_there_is_nothing(shared_world: World) -> None:
    opened = shared_world.bare("epic_sales_login")
    assert rows(opened, "SELECT 1 FROM views") == []
    assert refusal(opened, SAVE) in ("23502", DENIED, "28000")
    assert value(opened, "SELECT api.delete_view(601)") is False


def test_audit_tells_an_admin_no_text(shared_world: World) -> None:
    bill, ada = shared_world.connect("bill.boquet"), shared_world.connect("ada.admin")
    rows(bill, "UPDATE views SET command = 'clients filter' WHERE id = 601")
    told = "SELECT action, row_id, fields, old, new FROM api.audit_log WHERE noun = 'views' ORDER BY id DESC LIMIT 1"
    assert rows(ada, told) == [("update", 601, "command", None, None)]
    for opened in (bill, shared_world.connect("mia.manager")):
        assert rows(opened, "SELECT 1 FROM api.history WHERE noun = 'views'") == []
