"""Views in the shell: known aside, then completed, coloured and judged like commands."""

import threading
from pathlib import Path

import pytest
from support.demo import Demo
from support.reader import actor, commands
from support.world import World

from epicshell.commands.examine import examined
from epicshell.session import Saved
from epicshell.session.account import Account
from epicshell.shell.aside import Aside
from epicshell.shell.completion import suggest
from epicshell.shell.highlight import parts
from epicshell.shell.mistakes import mistakes
from epicshell.shell.toolbar import hint
from epicshell.shell.views import FRESH_SECONDS, KnownViews, as_command

SALES = actor("sales")
OFFERED = {
    **commands("sales"),
    "late": as_command("late", "contracts filter --unpaid --sales $1"),
    "some": as_command("some", "find $*"),
    "bin": as_command("bin", "clients delete $1"),
}


def choices(text: str) -> list[str]:
    found = suggest(text, OFFERED)
    return [one.text for one in found.choices] if found else []


def complaints(text: str) -> list[str]:
    return [one.sentence for one in mistakes(text, len(text) + 1, OFFERED, SALES)]


def test_names_complete_as_first_words_with_what_they_stand_for() -> None:
    found = suggest("lat", OFFERED)
    assert [(one.text, one.meaning) for one in found.choices] == [("late", "contracts filter --unpaid --sales $1")]
    assert choices("late bill.boquet --f") == ["--format"]


def test_values_complete_as_the_inner_parameter_does() -> None:
    found = suggest("late bi", OFFERED)
    assert (found.prefix, found.param.metavar, found.command.needs) == ("bi", "WHO", "contracts:read")
    assert "late WHO" in hint("late bi", OFFERED, 80)
    assert suggest("bin 1", OFFERED).param.metavar == "ID"


@pytest.mark.parametrize("text", ["late bill.boquet ", "LATE x", "some a b c ", "watch 5 late x ", "bin 101 "])
def test_a_view_is_no_mistake(text: str) -> None:
    assert complaints(text) == []


def test_mistakes_in_its_values_are_told_as_of_a_command() -> None:
    assert complaints("bin x ") == ['ID: "x" is not the number of a client. Accepted: a number, such as 109.']
    assert complaints("late a b ")[0].startswith('"b" is one word too many for late.')
    assert complaints("latte a ")[0].startswith('"latte" is not a command. Did you mean late?')


def test_it_is_coloured_as_a_command() -> None:
    assert list(parts("late bill.boquet", OFFERED)) == [(0, 4, "command"), (5, 16, "value")]


def test_what_is_kept_is_read_as_a_command_with_places() -> None:
    text = "views save x -- clients show $1"
    assert complaints(text + " ") == []
    assert next(name for start, _, name in parts(text, OFFERED) if start >= text.index("clients")) == "command"
    assert choices("views save x -- clients sh") == ["show"]


def test_a_paste_with_views_is_examined_as_what_they_are() -> None:
    found = examined(["late bill.boquet", "bin 101", "late", "nothing 1"], SALES, OFFERED)
    assert (found.commands, found.flawed, [flaw.line for flaw in found.flaws]) == (4, 3, [2, 3, 4])
    found = examined(["bin 101"], actor("management"), {**commands("management"), "bin": OFFERED["bin"]})
    assert (found.flawed, found.grave) == (0, [1])


def test_a_view_of_what_is_no_command_any_more_is_none() -> None:
    assert as_command("old", "clientele filter $1") is None
    assert as_command("old", 'clients filter "') is None
    assert as_command("blank", "\x1c") is None


def test_what_a_colleague_shares_takes_yes_if_it_changes_something() -> None:
    for text, takes in (("contracts pay 201 1", True), ("clients list", False)):
        for foreign in (True, False):
            view = as_command("theirs", text, foreign=foreign)
            assert any(one.flag == "--yes" for one in view.parameters) is (takes and foreign), (text, foreign)


class _Aside(Aside):
    """Tells when it has answered."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = threading.Event()
        self.questions = 0

    def ask(self, key, account, work, then) -> None:  # type: ignore[no-untyped-def]
        self.questions += 1

        def told(found: object) -> None:
            then(found)
            self.answered.set()

        super().ask(key, account, work, told)


def test_names_are_asked_for_aside_and_again_after_a_while(shared_world: World, tmp_path: Path) -> None:
    account = Account(shared_world.target, Saved(tmp_path, "world"))
    account.adopt(shared_world.login("bill.boquet"))
    aside, now = _Aside(), [0.0]
    known = KnownViews(account, aside, lambda: now[0])
    declared = commands("sales")
    assert known.among(declared) is declared
    known.wake()
    assert aside.answered.wait(20)
    assert set(known.among(declared)) - set(declared) == {"late", "open"}
    assert known.among(declared) is known.among(declared)
    known.wake()
    assert aside.questions == 1
    now[0] = FRESH_SECONDS + 1
    known.wake()
    assert aside.questions == 2
    known.forget()
    known.wake()
    assert aside.questions == 3
    account.adopt(shared_world.login("ada.admin"))
    assert known.among(declared) is declared  # someone else's are none of theirs
    account.close()


def test_in_a_real_shell_a_view_is_saved_completed_and_run(demo: Demo) -> None:
    prompt = "bill.boquet (sales) epic_demo> "
    shell = demo.open("demo", "--as", "sales", columns=100, lines=30)
    shell.prompts(prompt)
    shell.run("views save late -- contracts filter --unpaid --sales $1 --limit 2", prompt)
    shell.type("\x0c")
    shell.until(lambda: "contracts filter" not in shell.text, "a screen with nothing of the view")

    def is_offered() -> bool:
        shell.type("\x15lat")
        return "contracts filter --unpaid" in shell.text

    shell.until(is_offered, "the view in the menu")
    shell.type("e bill")
    shell.shows("Bill Boquet · sales")
    shell.type("\x15")
    shell.prompts(prompt)
    shown = shell.run("late bill.boquet", prompt)
    assert "2 of" in shown
