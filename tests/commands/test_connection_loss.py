"""A connection that is lost at any step of a command: what is told about it is true, and nothing is done twice."""

import itertools
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.people import Person, Result
from support.wire import Fate, Wire, wired
from support.world import World

CREATE = 'clients create --full-name "Ana Costa" --email {} --phone "+351 21 123 4567" --company Costa'
_numbers = itertools.count()


class Line:
    """Bill, on a wire that can be cut."""

    def __init__(self, world: World, home: Path, person: Person, wire: Wire) -> None:
        self.world, self.home, self.person, self.wire = world, home, person, wire

    def create(self, at: int, fate: Fate) -> tuple[Result, int]:
        """Create a client while the wire fails at a message; what was told, and how many clients were made."""
        email = f"ana{next(_numbers)}@costa.example"
        self.wire.messages.clear()
        self.wire.at, self.wire.fate = at, fate
        result = self.person(CREATE.format(email))
        self.wire.at = 0
        return result, len(self.world.rows("SELECT 1 FROM crm.clients WHERE email = %s", email))


@pytest.fixture
def line(world: World, tmp_path: Path) -> Iterator[Line]:
    with wired(world.target) as (target, wire):
        person = Person(replace(world, target=target), world.login("bill.boquet"), tmp_path)
        assert person("whoami").code == 0
        yield Line(world, tmp_path, person, wire)
        person.account.close()


def steps(line: Line) -> int:
    """The messages of an undisturbed creation."""
    assert line.create(0, Fate.LOST)[1] == 1
    return len(line.wire.messages)


@pytest.mark.parametrize("fate", [Fate.LOST, Fate.UNANSWERED])
def test_whatever_is_lost_what_is_told_is_true(line: Line, fate: Fate) -> None:
    told = set()
    for at in range(1, steps(line) + 1):
        result, made = line.create(at, fate)
        if result.code == 0:
            assert made == 1, result
        else:
            assert (result.code, made) == (5, 0)
            assert "The connection to the database was lost; nothing was done." in result.err
        told.add((result.code, "reconnected" in result.err))
        assert line.person("whoami").code == 0
    assert (5, False) in told  # lost in the middle
    assert (0, True) in told  # lost before anything was under way, or at the commit


def commit(line: Line) -> int:
    """The number of the message that commits."""
    count = steps(line)
    return next(at for at in range(1, count + 1) if b"COMMIT" in line.wire.messages[at - 1])


def test_a_commit_whose_answer_is_lost_is_told_as_done_and_its_result_is_shown(line: Line) -> None:
    result, made = line.create(commit(line), Fate.UNANSWERED)
    assert (result.code, made) == (0, 1)
    assert "Ana Costa" in result.out
    assert "it is done" in result.err


def test_a_commit_that_never_arrived_is_told_as_not_done(line: Line) -> None:
    result, made = line.create(commit(line), Fate.LOST)
    assert (result.code, made) == (5, 0)
    assert "nothing was done" in result.err


@pytest.mark.parametrize(("fate", "told", "made"), [(Fate.UNANSWERED, "was done", 1), (Fate.LOST, "was not done", 0)])
def test_while_nobody_can_be_asked_it_is_in_doubt_and_told_with_the_next_command(
    line: Line, fate: Fate, told: str, made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("epicshell.database.VERDICT_SECONDS", 0)
    at = commit(line)
    line.wire.gone_after = True
    result, found = line.create(at, fate)
    assert (result.code, found) == (5, made)
    assert "not known yet" in result.err
    assert line.person("whoami").code == 5
    line.wire.gone_after, line.wire.down = False, False
    again = line.person("whoami")
    assert again.code == 0
    assert f"clients create was being committed: it {told}" in again.err
    assert "being committed" not in line.person("whoami").err


def test_ctrl_c_gives_up_a_server_that_hangs(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epicshell.waiting.ANSWER_SECONDS", 0.1)
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    result, made = line.create(commit(line) - 1, Fate.SILENT)
    assert (result.code, made) == (5, 0)
    assert "The connection to the database was lost; nothing was done." in result.err
    assert line.person("whoami").code == 0


def test_a_script_that_loses_its_connection_says_at_which_line(line: Line) -> None:
    count = steps(line)
    script = "\n".join(CREATE.format(f"script{number}@costa.example") for number in range(3))
    line.wire.messages.clear()
    line.wire.at, line.wire.fate = count - 1, Fate.LOST  # the session is not looked at again so soon
    result = line.person.script(script)
    assert result.code == 5
    assert ":1: The connection to the database was lost; nothing was done." in result.err


@pytest.mark.parametrize("at", range(2, 9))
def test_an_atomic_script_that_loses_its_connection_does_all_or_nothing(line: Line, at: int) -> None:
    script = "\n".join(CREATE.format(f"whole{number}@costa.example") for number in range(3))
    line.wire.messages.clear()
    line.wire.at, line.wire.fate = at, Fate.UNANSWERED
    result = line.person.script(script, atomic=True)
    made = line.world.rows("SELECT 1 FROM crm.clients WHERE email LIKE 'whole%%'")
    assert (result.code, len(made)) in [(5, 0), (0, 3)]
    assert ("othing was done" in result.err) is (result.code == 5)
