"""Values that were used or shown last come first, at once, and only as far as the database lets them be used."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from support.world import World

from epicshell.command import load
from epicshell.context import LOOKED_AT, Memory
from epicshell.models import Client, Event
from epicshell.session import Saved
from epicshell.session.account import Account
from epicshell.shell.completer import LineCompleter
from epicshell.shell.recent import LONGEST, MOST, Recent
from epicshell.shell.values import Values

PATIENCE = 20


class Waiting:
    """A menu that only says when candidates have come in."""

    def __init__(self) -> None:
        self.there = threading.Event()

    def wait(self, text: str, *, tab: bool) -> None:
        pass

    def arrived(self) -> None:
        self.there.set()


class Desk:
    """What completes a line for somebody of the world."""

    def __init__(self, world: World, state: Path, username: str) -> None:
        self.account = Account(world.target, Saved(state, "world"))
        self.account.adopt(world.login(username))
        self.account.look_up()
        self.menu = Waiting()
        self.memory = Memory(on=True)
        self.recent = Recent(self.memory, self.account.session)
        self.completer = LineCompleter(load, self.account, Values(), self.menu, self.recent, lambda text: [])

    def known(self, text: str) -> list[tuple[str, str]]:
        """(text, meaning) of what is offered at once."""
        found = self.completer.get_completions(Document(text), CompleteEvent())
        return [(one.display_text, one.display_meta_text) for one in found]

    def answer(self, text: str) -> list[tuple[str, str]]:
        """The same once the database has answered."""
        self.menu.there.clear()
        self.known(text)
        assert self.menu.there.wait(PATIENCE)
        return self.known(text)


@pytest.fixture
def mia(shared_world: World, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(shared_world, tmp_path, "mia.manager")
    yield desk
    desk.account.close()


def test_a_used_number_comes_first_without_the_database_and_then_with_its_name(mia: Desk) -> None:
    mia.recent.used("events show 303")
    assert mia.known("events assign ") == [("303", "")]
    first, *others = mia.answer("events assign ")
    assert first[0] == "303"
    assert first[1]
    assert "303" not in [text for text, _ in others]
    assert others


def test_what_was_shown_comes_after_what_was_used(mia: Desk) -> None:
    mia.recent.used("events show 303")
    for number in (305, 307):
        mia.memory.saw(Event, number, 1)
    assert [text for text, _ in mia.answer("events show ")][:3] == ["303", "307", "305"]


def test_a_long_list_of_others_does_not_make_the_keys_slow(mia: Desk) -> None:
    mia.memory.saw(Event, 303, 1)
    for number in range(LOOKED_AT):
        mia.memory.saw(Client, number, 1)
    assert mia.memory.latest("event", MOST) == []
    assert mia.memory.latest("client", 2) == [LOOKED_AT - 1, LOOKED_AT - 2]
    mia.memory.saw(Client, 5, 2)
    assert mia.memory.latest("client", 1) == [5]


def test_a_recent_record_is_found_by_its_client_too(mia: Desk) -> None:
    for number in (308, 303):
        mia.recent.used(f"events show {number}")
    assert [text for text, _ in mia.answer("events show blang")][:2] == ["303", "308"]


def test_one_that_is_gone_or_in_the_trash_is_no_longer_offered(mia: Desk) -> None:
    mia.recent.used("events show 306")  # in the trash
    mia.recent.used("events show 999999")
    assert not {"306", "999999"} & {text for text, _ in mia.answer("events show ")}
    assert mia.answer("events show 999999") == []
    assert "306" in [text for text, _ in mia.answer("events restore ")]


def test_a_username_that_was_used_comes_first_where_that_person_may_stand(mia: Desk) -> None:
    mia.recent.used("events filter --support kate.hastroff")
    mia.recent.used("employees show bill.boquet")
    assert [text for text, _ in mia.answer("employees show ")][:2] == ["bill.boquet", "kate.hastroff"]
    assert next(text for text, _ in mia.answer("events assign 303 ")) == "kate.hastroff"
    assert "bill.boquet" not in [text for text, _ in mia.known("events assign 303 ")]


def test_words_and_days_that_were_used_come_first_and_need_no_database(mia: Desk) -> None:
    mia.recent.used("events filter --format json --from 2026-06-15")
    assert mia.known("clients list --format ")[0][0] == "json"
    assert mia.known("audit --from 20")[0][0] == "2026-06-15"
    assert not mia.menu.there.is_set()


def test_a_line_that_is_odd_is_no_trouble_and_only_some_values_are_kept(mia: Desk) -> None:
    for line in ("", "nonsense", "events show 'x", "events show @client", "history", "exit", "# events show 5"):
        mia.recent.used(line)
    mia.recent.used(f"employees show {'x' * (LONGEST + 1)}")
    assert mia.known("events show ") == mia.known("employees show ") == []
    for number in range(1, 2 * MOST):
        mia.recent.used(f"events show {number}")
    assert len(mia.known("events show ")) == MOST


def test_who_comes_next_does_not_see_what_was_used(mia: Desk) -> None:
    mia.recent.used("events show 303")
    mia.recent.go_on(mia.account.session)
    assert mia.known("events show ") == [("303", "")]
    mia.recent.go_on(None)
    assert mia.known("events show ") == []


def test_an_at_sign_is_left_to_what_it_refers_to(mia: Desk) -> None:
    mia.recent.used("clients show 101")
    assert mia.known("clients show @") == []
