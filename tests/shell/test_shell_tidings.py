"""What a shell tells of its notifications, without a terminal: each once, each to whom it is for."""

import select
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.world import World

from epicshell.models.notification import MOST_UNREAD
from epicshell.session import Saved
from epicshell.session.account import Account
from epicshell.shell.aside import Aside
from epicshell.shell.notices import Notices
from epicshell.shell.tidings import News, Tidings
from epicshell.shell.toolbar import beside

SESSION = 7


def begun(*numbers: int) -> Tidings:
    """What a shell knows that has opened with these unread, and has said so."""
    tidings = Tidings()
    assert tidings.begin(SESSION, numbers) is False
    tidings.lines()
    return tidings


@pytest.mark.parametrize(
    ("count", "line"),
    [(1, "1 unread notification: inbox"), (3, "3 unread notifications: inbox"), (MOST_UNREAD, "1000+ unread")],
)
def test_a_session_starts_with_how_many_there_are(count: int, line: str) -> None:
    tidings = Tidings()
    tidings.begin(SESSION, range(count, 0, -1))
    assert tidings.lines()[0].startswith(line)
    assert tidings.lines() == []


def test_a_session_that_missed_nothing_says_nothing() -> None:
    tidings = Tidings()
    tidings.begin(SESSION, [])
    assert (tidings.lines(), tidings.badge) == ([], "")


def test_each_is_told_once_and_counted_as_long_as_it_is_unread() -> None:
    tidings = begun(4)
    tidings.add(News(SESSION, [5, 4], ["five"], 1))
    tidings.add(News(SESSION, [5, 4], ["five"], 1))  # a look that began before the first was taken in
    assert tidings.lines() == ["five"]
    assert tidings.badge == "2 unread · inbox"
    tidings.add(News(SESSION, [4]))
    assert (tidings.lines(), tidings.badge) == ([], "1 unread · inbox")


def test_a_lower_number_that_is_committed_later_is_told_too() -> None:
    tidings = begun()
    tidings.add(News(SESSION, [9], ["nine"], 1))
    tidings.add(News(SESSION, [9, 8], ["eight"], 1))
    assert tidings.lines() == ["nine", "eight"]


def test_what_was_for_another_session_is_dropped() -> None:
    tidings = begun(4)
    tidings.add(News(SESSION + 1, [9], ["someone else's"], 1))
    assert (tidings.lines(), tidings.badge) == ([], "1 unread · inbox")
    tidings.add(News(SESSION, [9, 4], ["mine"], 1))
    tidings.begin(SESSION + 1, [])
    assert (tidings.lines(), tidings.badge) == ([], "")


def test_a_new_connection_of_the_same_session_knows_whether_it_missed_something() -> None:
    tidings = begun(4)
    assert tidings.begin(SESSION, [4]) is False
    assert tidings.begin(SESSION, [5, 4]) is True
    assert tidings.lines() == []


@pytest.mark.parametrize("columns", [10, 30, 60, 100])
def test_the_count_never_makes_the_toolbar_too_wide(columns: int) -> None:
    shown = beside(lambda left: "x" * left, "2 unread · inbox", columns)
    assert len(shown) == columns
    assert ("2 unread" in shown) is (columns >= 60)
    assert beside(lambda left: "x" * left, "", columns) == "x" * columns


# With a database


def reach(account: Account) -> None:
    """Wait until something has come on the account's connection."""
    assert select.select([account.database.connection()], [], [], 20)[0]


@pytest.fixture
def account(world: World, tmp_path: Path) -> Iterator[Account]:
    account = Account(world.target, Saved(tmp_path, "world"))
    account.adopt(world.login("kate.hastroff"))
    yield account
    account.close()


def test_a_connection_listens_from_the_start(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    notices = Notices(account, Aside(), lambda: 80)
    assert account.actor
    assert notices.badge == "2 unread · inbox"
    assert account.database.one("SELECT count(*) FROM pg_listening_channels()") == 1
    notices.tell()
    assert capsys.readouterr().err == "» 2 unread notifications: inbox\n"


def test_one_that_was_there_before_is_listened_on_once(account: Account) -> None:
    assert account.actor
    notices = Notices(account, Aside(), lambda: 80)
    notices.start()
    channel = account.database.one("SELECT pg_listening_channels()")
    notices.start()
    assert account.database.one("SELECT pg_listening_channels()") == channel


def test_what_is_new_is_read_aside_and_told(account: Account, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    notices = Notices(account, Aside(), lambda: 80)
    assert account.actor
    notices.tell()
    world.run("SELECT sec.tell(7, 'support', 'changed', 'events', 301, 3, 'notes')")
    reach(account)
    notices.tell()
    assert "» Event 301 (Casey Launch Party): changed (notes), by mia.manager\n" in capsys.readouterr().err


def test_lines_can_be_off_while_the_count_goes_on(
    account: Account, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    notices = Notices(account, Aside(), lambda: 80, enabled=lambda: False)
    assert account.actor
    world.run("SELECT sec.tell(7, 'support', 'changed', 'events', 301, 3, 'notes')")
    reach(account)
    notices.tell()
    assert notices.badge == "3 unread · inbox"
    assert capsys.readouterr().err == ""


def test_an_admin_has_no_inbox_and_no_channel(world: World, tmp_path: Path) -> None:
    account = Account(world.target, Saved(tmp_path, "world"))
    account.adopt(world.login("ada.admin"))
    notices = Notices(account, Aside(), lambda: 80)
    assert account.actor
    assert notices.badge == ""
    assert account.database.one("SELECT count(*) FROM pg_listening_channels()") == 0
    account.close()


def test_who_logs_out_has_no_count(account: Account) -> None:
    notices = Notices(account, Aside(), lambda: 80)
    assert account.actor
    account.forget()
    assert notices.badge == ""
