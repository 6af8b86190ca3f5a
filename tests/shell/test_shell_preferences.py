"""Preferences in the shell: taken over at once, from the one who is logged in."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.output import ColorDepth
from support.world import World

from epicshell.commands.output import Output
from epicshell.config import Config, Folders
from epicshell.preferences import Preferences
from epicshell.session import Saved
from epicshell.session.account import Account
from epicshell.shell.colours import THEMES, sgr, theme
from epicshell.shell.desk import Desk
from epicshell.shell.loop import Shell
from epicshell.shell.paint import FirstPaint


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Callable[[str], Desk]:
    """Opens the desk of somebody."""
    state = tmp_path / "state"

    def make(username: str) -> Desk:
        account = Account(world.target, Saved(state, world.target.identity))
        account.adopt(world.login(username))
        config = Config(Folders(tmp_path / "data", state, tmp_path / "config"))
        made = Desk(account, Output(sys.stdout, lambda: 80, colour=True), config, "", assume_yes=False)
        made.settle()
        return made

    return make


def test_each_has_their_own_and_a_stranger_the_defaults(desk: Callable[[str], Desk], world: World) -> None:
    bill = desk("bill.boquet")
    bill.run("set keys vi")
    assert bill.prefers("keys") == "vi"
    bill.account.adopt(world.login("eve.martin"))
    assert bill.prefers("keys") == "emacs"
    bill.run("logout")
    assert (bill.preferences(), bill.prefers("keys")) == (None, "emacs")
    assert desk("bill.boquet").prefers("keys") == "vi"


def test_a_shell_without_colours_writes_none(
    desk: Callable[[str], Desk], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    bill = desk("bill.boquet")
    bill.run("clients list")
    assert "\x1b[1m" in capsys.readouterr().out
    bill.run("set colours off")
    bill.dress()
    bill.run("clients list")
    assert "\x1b" not in capsys.readouterr().out
    bill.run("set colours default")
    bill.dress()
    bill.run("last")
    assert "\x1b[1m" in capsys.readouterr().out


def test_a_damaged_file_is_told_once(
    desk: Callable[[str], Desk], tmp_path: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    Preferences(tmp_path / "state", world.target.identity, "bill.boquet").put("keys", "vi")
    next((tmp_path / "state" / "preferences").rglob("*.json")).write_text("{")
    bill = desk("bill.boquet")
    bill.dress()
    bill.dress()
    assert capsys.readouterr().err.count("are damaged; they were not used.") == 1


def test_the_prompt_is_edited_and_coloured_as_preferred(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    bill = desk("bill.boquet")
    shell = Shell(lambda: bill, FirstPaint(tmp_path, "tests", ""))
    for keys, mode in (("vi", EditingMode.VI), ("emacs", EditingMode.EMACS)):
        bill.run(f"set keys {keys}")
        shell._follow(bill)
        assert shell._session.editing_mode is mode
    bill.run("set colours off")
    shell._follow(bill)
    assert shell._session.color_depth is ColorDepth.MONOCHROME


@pytest.mark.parametrize("preferred", ["auto", "light", "dark", "off"])
def test_no_color_wins_over_what_is_preferred(preferred: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert theme(preferred) == preferred
    monkeypatch.setenv("NO_COLOR", "1")
    assert theme(preferred) == "off"


def test_every_theme_has_every_style_and_none_when_off() -> None:
    assert {frozenset(styles) for styles in THEMES.values()} == {frozenset(THEMES["auto"])}
    assert sgr("off", "error") == sgr("off", "header") == sgr("auto", "") == ""
