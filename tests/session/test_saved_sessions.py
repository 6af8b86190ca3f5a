"""Saved sessions: private files, written whole, never used when somebody else could have read them."""

import json
import os
import stat
from pathlib import Path

import pytest

from epicshell.errors import NotLoggedIn
from epicshell.session import Saved, Session

BILL = Session(7, bytes(range(32)), 5, "bill.boquet", "sales", "an installation")
FIELDS = {"id": 7, "employee_id": 5, "username": "bill.boquet", "department": "sales", "installation": "x"}
KATE = Session(8, bytes(32), 6, "kate.hastroff", "support", "an installation")


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    return Saved(tmp_path / "state", "a-database")


@pytest.fixture
def file(saved: Saved, tmp_path: Path) -> Path:
    saved.save(BILL)
    return tmp_path / "state" / "sessions" / "a-database" / "bill.boquet.json"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_session_comes_back_as_it_was(saved: Saved) -> None:
    saved.save(BILL)
    assert saved.load("bill.boquet") == saved.load() == BILL


def test_nothing_saved_is_no_session(saved: Saved) -> None:
    assert saved.load() is None
    assert saved.load("bill.boquet") is None


def test_file_and_folders_are_private_whatever_the_umask(saved: Saved, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        saved.save(BILL)
    finally:
        os.umask(before)
    (file,) = (tmp_path / "state").rglob("*.json")
    assert mode(file) == 0o600
    assert {mode(folder) for folder in (file.parent, file.parent.parent, tmp_path / "state")} == {0o700}


def test_folder_that_was_open_is_closed_before_a_key_lies_in_it(saved: Saved, tmp_path: Path) -> None:
    (tmp_path / "state" / "sessions").mkdir(parents=True, mode=0o755)
    (tmp_path / "state").chmod(0o755)
    saved.save(BILL)
    assert mode(tmp_path / "state") == mode(tmp_path / "state" / "sessions") == 0o700


def test_each_employee_has_a_session_and_the_latest_is_resumed(saved: Saved, tmp_path: Path) -> None:
    saved.save(BILL)
    saved.save(KATE)
    folder = tmp_path / "state" / "sessions" / "a-database"
    os.utime(folder / "bill.boquet.json", (2e9, 2e9))
    os.utime(folder / "kate.hastroff.json", (1e9, 1e9))
    assert saved.load() == BILL
    assert saved.load("kate.hastroff") == KATE
    os.utime(folder / "kate.hastroff.json", (3e9, 3e9))
    assert saved.load() == KATE


def test_sessions_of_another_database_are_others(saved: Saved, tmp_path: Path) -> None:
    saved.save(BILL)
    assert Saved(tmp_path / "state", "another").load() is None


def test_saving_again_replaces_the_file_whole(saved: Saved, file: Path) -> None:
    old = file.open()
    saved.save(Session(9, bytes(32), 5, "bill.boquet", "sales", "an installation"))
    assert json.loads(old.read())["id"] == 7  # who had it open reads the old one to its end
    old.close()
    assert saved.load("bill.boquet").id == 9
    assert [path.name for path in file.parent.iterdir()] == ["bill.boquet.json"]


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o602, 0o610, 0o666])
def test_file_that_others_can_reach_is_refused(saved: Saved, file: Path, bits: int) -> None:
    file.chmod(bits)
    with pytest.raises(NotLoggedIn, match="can be read or changed by others; it was not used") as caught:
        saved.load("bill.boquet")
    assert "revoke the old session" in caught.value.hint
    with pytest.raises(NotLoggedIn):
        saved.load()


@pytest.mark.parametrize("bits", [0o750, 0o701, 0o777])
def test_file_in_an_open_folder_is_refused(saved: Saved, file: Path, bits: int) -> None:
    file.parent.chmod(bits)
    with pytest.raises(NotLoggedIn, match="can be read or changed by others"):
        saved.load("bill.boquet")


def test_link_is_refused_wherever_it_points(saved: Saved, file: Path, tmp_path: Path) -> None:
    elsewhere = file.rename(tmp_path / "elsewhere.json")
    file.symlink_to(elsewhere)
    with pytest.raises(NotLoggedIn, match="is a link or can't be read"):
        saved.load("bill.boquet")
    file.unlink()
    file.symlink_to(tmp_path / "nothing")
    with pytest.raises(NotLoggedIn, match="is a link or can't be read"):
        saved.load()


def test_what_is_no_file_is_refused(saved: Saved, file: Path) -> None:
    file.unlink()
    file.mkdir(mode=0o700)
    with pytest.raises(NotLoggedIn):
        saved.load("bill.boquet")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_file_of_somebody_else_is_refused(saved: Saved, file: Path) -> None:
    os.chown(file, 65534, 65534)
    with pytest.raises(NotLoggedIn, match="can be read or changed by others"):
        saved.load("bill.boquet")


KEY = "A" * 43 + "="
NO_SESSIONS = [
    {"key": "???"}, {"key": "AA=="}, {"key": KEY, "more": 1}, {"key": KEY, "id": "7"}, {"key": KEY, "id": True},
    {"key": KEY, "department": 5}, {"key": KEY, "department": "owner"}, {"key": KEY, "username": None},
    {"key": f"{KEY}\n"},
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", "5", '"x"', "not json", '{"id": 1}', '{"key": 5}', "\x00"]
    + [json.dumps({**FIELDS, **wrong}) for wrong in NO_SESSIONS],
)
def test_garbage_is_no_session_so_that_one_logs_in_again(saved: Saved, file: Path, text: str) -> None:
    file.write_text(text)
    assert saved.load("bill.boquet") is None
    assert saved.load() is None


def test_only_what_is_wrong_makes_it_garbage(saved: Saved, file: Path) -> None:
    file.write_text(json.dumps({**FIELDS, "key": KEY}))
    assert saved.load("bill.boquet").department == "sales"


def test_bytes_that_are_no_text_are_no_session(saved: Saved, file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    assert saved.load("bill.boquet") is None


def test_forgotten_session_is_gone(saved: Saved, file: Path) -> None:
    saved.forget(BILL)
    assert not file.exists()
    saved.forget(BILL)


def test_later_session_of_the_same_employee_is_not_forgotten_with_an_old_one(saved: Saved, file: Path) -> None:
    saved.forget(Session(6, bytes(32), 5, "bill.boquet", "sales", "an installation"))
    assert saved.load("bill.boquet") == BILL


def test_username_is_never_a_path(saved: Saved, tmp_path: Path) -> None:
    assert saved.load("../../../../etc/passwd") is None
    saved.save(Session(7, bytes(32), 5, "../up", "sales", "an installation"))
    assert not (tmp_path / "state" / "sessions" / "up.json").exists()
