"""A day at the shell in fast motion: idling, locking, the end of a session, a server that comes and goes."""

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from support.demo import Demo
from support.terminal import TerminalProgram

from epicshell.setup.demo import PASSWORD

BILL = "bill.boquet (sales) epic_demo> "
ASKED = "Password of bill.boquet (or enrolment code): "


@pytest.fixture
def short_idling(demo: Demo) -> Iterator[None]:
    """Two seconds without a command lock."""
    demo.sql("UPDATE crm.settings SET value = '2s' WHERE name = 'idle_timeout'")
    yield
    demo.sql("UPDATE crm.settings SET value = '2h' WHERE name = 'idle_timeout'")


def end_lifetimes(demo: Demo) -> None:
    """The sessions of now have lived long enough; those that begin from now on have not."""
    demo.sql("UPDATE crm.settings SET value = '1s' WHERE name = 'session_lifetime'")
    demo.sql("UPDATE crm.settings SET value = '12h' WHERE name = 'session_lifetime'")


def morning(demo: Demo) -> TerminalProgram:
    """A shell whose session has just begun."""
    shell = demo.open("demo", "--as", "sales")
    shell.prompts(BILL)
    shell.enter("login bill.boquet")
    shell.prompts(ASKED)
    shell.enter(PASSWORD)
    shell.prompts(BILL)
    return shell


def run(shell: TerminalProgram, line: str) -> str:
    """Type a line at the prompt; the screen once there is a prompt or a question again."""
    shell.screen.reset()
    shell.enter(line)
    shell.until(lambda: shell.screen.cursor.y > 0 and shell.cursor_line.endswith((BILL, ASKED)), "a prompt")
    return shell.text


def test_a_whole_day(demo: Demo, short_idling: None) -> None:
    shell = morning(demo)
    shell.run("clients show 1", BILL)
    shell.type("whoam")  # somebody comes to the desk; typing is no command, so it locks
    shell.shows("Locked after 2s without a command; log in again to go on.")
    shell.prompts(ASKED)
    shell.enter("not the password at all")
    shell.shows("don't go together")
    shell.prompts(ASKED)
    shell.enter(PASSWORD)
    shell.until(lambda: shell.cursor_line.endswith(f"{BILL}whoam"), "the half-typed line")
    locking = time.monotonic() + 2.5
    shell.type("i")
    shell.enter("")
    shell.shows("bill.boquet@epicevents.example")
    shell.prompts(BILL)
    while time.monotonic() < locking:  # commands keep it from locking, not from its end
        shell.run("whoami", BILL)
        time.sleep(0.1)
    end_lifetimes(demo)
    assert "session" in run(shell, "clients list --limit 1")
    shell.prompts(ASKED)
    shell.enter(PASSWORD)
    shell.shows("1 of")
    shell.prompts(BILL)
    assert "full name" in run(shell, "clients show @client")  # what was shown before still has its name
    assert PASSWORD.encode() not in shell.written


def test_another_shell_of_the_session_keeps_this_one_open(demo: Demo, short_idling: None) -> None:
    shell = morning(demo)
    moments = [time.monotonic()]
    while moments[-1] < moments[0] + 2.5:
        demo.command("whoami")
        moments.append(time.monotonic())
    shell.type("w")
    shell.until(lambda: shell.cursor_line.endswith(f"{BILL}w") or "Locked" in shell.text, "a key, which is no command")
    longest = max(later - before for before, later in pairwise(moments))
    assert "Locked" not in shell.text or longest > 1, longest  # a machine that is too busy for this tells nothing
    shell.shows("Locked after 2s without a command")


def test_a_screen_is_cleared_by_the_lock_for_who_likes_it(demo: Demo, short_idling: None) -> None:
    shell = morning(demo)
    shell.run("set lock-clears-screen on", BILL)
    assert "Kevin Casey" in run(shell, "clients list --sort id --limit 1 --columns full_name")
    shell.prompts(ASKED)
    assert "Kevin Casey" not in shell.text
    assert shell.lines[0].startswith("Locked after 2s")
    shell.enter(PASSWORD)
    shell.prompts(BILL)
    shell.run("set lock-clears-screen default", BILL)


def test_the_pager_and_a_question_end_with_the_session_and_come_again(demo: Demo, short_idling: None) -> None:
    shell = morning(demo)
    shell.run("set lock-clears-screen on", BILL)
    shell.enter("clients list --sort id --all")
    shell.shows("q leaves")
    shell.prompts(ASKED)
    assert "Kevin Casey" not in shell.text
    shell.enter(PASSWORD)
    shell.shows("q leaves")
    shell.type("q")
    shell.prompts(BILL)
    shell.enter("clients create")
    shell.prompts("full name: ")
    shell.prompts(ASKED)
    shell.enter(PASSWORD)
    shell.prompts("full name: ")
    shell.type("\x03")
    shell.prompts(BILL)
    shell.run("set lock-clears-screen default", BILL)


def test_who_gives_up_a_locked_shell_leaves_it(demo: Demo, short_idling: None) -> None:
    shell = morning(demo)
    shell.prompts(ASKED)
    shell.type("\x03")
    assert shell.leave() == 0


def test_leaving_works_while_the_server_is_down(demo: Demo) -> None:
    shell = morning(demo)
    demo.crash()
    shell.type("\x04")
    assert shell.leave() == 0
