"""Names of files are offered as they can be typed, and nothing goes wrong with odd folders."""

import os
from pathlib import Path

import pytest
from support.reader import actor

from epicshell.commands.words import begun, split
from epicshell.errors import Invalid
from epicshell.params.files import FILE, MOST
from epicshell.shell.completer import completions
from epicshell.shell.mistakes import quiet_context

CONTEXT = quiet_context(actor("sales"))


def offered(prefix: str) -> list[str]:
    return [candidate.text for candidate in FILE.candidates(prefix, CONTEXT, None)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("plan.epic", "Été.epic", "two words.epic", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / "my scripts").mkdir()
    (tmp_path / "my scripts" / "one.epic").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_folders_end_with_a_slash_and_hidden_files_wait_for_a_dot(folder: Path) -> None:
    assert offered("") == ["my scripts/", "plan.epic", "two words.epic", "Été.epic"]
    assert offered(".") == [".hidden"]
    assert offered("my scripts/") == ["my scripts/one.epic"]
    assert offered(f"{folder}/pl") == [f"{folder}/plan.epic"]


def test_accents_do_not_matter(folder: Path) -> None:
    assert offered("ete") == ["Été.epic"]


def test_home_is_a_tilde(folder: Path) -> None:
    assert offered("~") == ["~/"]
    assert "~/plan.epic" in offered("~/")
    assert FILE.parse("~/plan.epic", CONTEXT, None) == folder / "plan.epic"


@pytest.mark.parametrize("prefix", ["/nowhere/x", "plan.epic/x", "\0", "~nobody/", "x" * 5000, "/root/../../\udcff"])
def test_a_folder_that_is_none_offers_nothing(folder: Path, prefix: str) -> None:
    assert offered(prefix) == []


def test_a_name_that_speaks_to_the_terminal_or_can_not_be_typed_is_not_offered(folder: Path) -> None:
    (folder / "evil\x1b[31m").touch()
    (folder / "two\nlines").touch()
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe")).touch()
    assert offered("evil") == []
    assert offered("two") == ["two words.epic"]
    assert len(offered("")) == 4


def test_a_folder_of_thousands_offers_some(tmp_path: Path) -> None:
    for number in range(MOST + 50):
        (tmp_path / f"f{number}").touch()
    assert len(offered(f"{tmp_path}/")) == MOST


def test_spaces_are_quoted_and_a_folder_s_quotation_stays_open(folder: Path) -> None:
    shown = {one.display_text: one.text for one in completions(FILE.candidates("", CONTEXT, None), 0)}
    assert shown["two words.epic"] == '"two words.epic"'
    assert split(shown["two words.epic"])[0].text == "two words.epic"
    assert shown["my scripts/"] == '"my scripts/'
    assert begun(shown["my scripts/"] + "one")[1].text == "my scripts/one"


def test_no_name_is_no_file() -> None:
    with pytest.raises(Invalid):
        FILE.parse("", CONTEXT, None)
