"""The history keeps lines, not secrets."""

import stat
from pathlib import Path
from threading import Thread

import pytest

from epicshell.shell.history import TAIL, LineHistory, path_for
from epicshell.shell.paste import Paste, recalled

CODE = "-".join(["7K3QZ"] * 6)  #: of the form of an enrolment code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return path_for(tmp_path / "state", "private-epic_demo", "bill.boquet")


def loaded(path: Path) -> list[str]:
    return list(LineHistory(path).load_history_strings())


def test_lines_come_back_newest_first_and_once_in_a_row(path: Path) -> None:
    history = LineHistory(path)
    for line in ("clients list", "whoami", "whoami", "clients show 1"):
        history.append_string(line)
    assert loaded(path) == ["clients show 1", "whoami", "clients list"]
    assert history.get_strings() == ["clients list", "whoami", "clients show 1"]


def test_the_file_and_its_folders_are_its_owners_alone(path: Path) -> None:
    LineHistory(path).append_string("whoami")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in path.parents[:3]} == {0o700}


@pytest.mark.parametrize(
    "line",
    [
        "login bill.boquet correct horse battery",
        "passwd correct horse battery",
        "let a = login bill.boquet correct",
        "watch 5 login bill.boquet correct horse",
        "login 'bill.boquet'correct",
        "employees create --password=correct",
        f"login {CODE}",
        f"clients show '{CODE.lower()}'",
    ],
)
def test_what_looks_like_a_secret_is_kept_nowhere(path: Path, line: str) -> None:
    history = LineHistory(path)
    history.append_string(line)
    assert history.get_strings() == []
    assert not path.exists()


def test_what_is_no_command_stays_in_memory(path: Path) -> None:
    history = LineHistory(path)
    history.append_string("correct horse battery staple")
    assert history.get_strings() == ["correct horse battery staple"]
    assert not path.exists()


def test_shells_that_are_open_at_once_add_whole_lines(path: Path) -> None:
    def work(number: int) -> None:
        history = LineHistory(path)
        for count in range(50):
            history.append_string(f"clients show {number}{count:03}")

    threads = [Thread(target=work, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {f"clients show {number}{count:03}" for number in range(1, 5) for count in range(50)}
    assert set(loaded(path)) == expected


def test_only_the_end_of_a_long_file_is_read(path: Path) -> None:
    LineHistory(path).append_string("whoami")
    path.write_text("clients list --limit 1\n" * (TAIL // 10) + "whoami\n")
    assert loaded(path) == ["whoami", "clients list --limit 1"]


def test_a_link_in_place_of_the_file_is_not_followed(path: Path, tmp_path: Path) -> None:
    LineHistory(path).append_string("whoami")
    other = tmp_path / "other"
    other.write_text("clients list\n")
    path.unlink()
    path.symlink_to(other)
    LineHistory(path).append_string("whoami")
    assert loaded(path) == []
    assert other.read_text() == "clients list\n"


def test_a_username_can_not_lead_elsewhere(tmp_path: Path) -> None:
    assert path_for(tmp_path, "x", "../../evil").parent == tmp_path / "history" / "x"


def test_a_paste_is_one_line_of_the_history(path: Path) -> None:
    history = LineHistory(path)
    history.append_string("whoami")
    history.append_string(Paste("clients list\n\n# five\x0b\x85\u2028\nclients show \\\n  5").one_line)
    assert len(path.read_text().split("\n")) == 3
    newest, _ = loaded(path)
    paste = recalled(newest)
    assert paste is not None
    assert paste.lines == ["clients list", "", "# five\x0b\x85\u2028", "clients show \\", "  5"]


@pytest.mark.parametrize(
    "text",
    [
        "whoami\nlogin bill.boquet correct horse",
        "whoami\n  passwd correct horse",
        f"whoami\n# {CODE}",
        "clients create \\\n  --password=correct",
        "whoami\npasswd \\\n correct",
    ],
)
def test_a_paste_with_a_secret_in_any_line_is_kept_nowhere(path: Path, text: str) -> None:
    history = LineHistory(path)
    history.append_string(Paste(text).one_line)
    assert history.get_strings() == []
    assert not path.exists()


def test_a_paste_in_which_anything_is_no_command_stays_in_memory(path: Path) -> None:
    history = LineHistory(path)
    history.append_string(Paste("whoami\ncorrect horse battery staple").one_line)
    assert len(history.get_strings()) == 1
    assert not path.exists()


def test_a_very_large_paste_is_kept_as_a_remark(path: Path) -> None:
    LineHistory(path).append_string(Paste("clients list\n" * 50_000).one_line)
    assert loaded(path) == ["# A paste of 50 000 lines, too long to be kept."]
