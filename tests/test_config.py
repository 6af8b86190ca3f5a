"""Folders and files that are ours alone."""

import os
from pathlib import Path

import pytest

from epicshell import config
from epicshell.errors import NotUnderstood, Unavailable

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


def test_a_private_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    assert config.private_folder(tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_an_open_folder_of_ours_is_closed(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    assert config.private_folder(tmp_path / "open").stat().st_mode & 0o777 == 0o700


def test_a_link_is_no_private_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(Unavailable, match="a link or belongs to someone else"):
        config.private_folder(tmp_path / "link")


@as_root
def test_a_folder_of_someone_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o777)
    os.chown(tmp_path / "theirs", 65534, 65534)
    with pytest.raises(Unavailable):
        config.private_folder(tmp_path / "theirs")


def test_a_folder_that_can_not_be_made_is_a_sentence() -> None:
    with pytest.raises(Unavailable, match="can't be made"):
        config.private_folder(Path("/proc/nope"))


def test_a_private_file_is_written_whole_and_read_back(tmp_path: Path) -> None:
    folder = config.private_folder(tmp_path / "own")
    config.write_private(folder / "file", "Château")
    assert (folder / "file").stat().st_mode & 0o777 == 0o600
    assert config.read_private(folder / "file") == "Château"
    assert [path.name for path in folder.iterdir()] == ["file"]


def test_writing_never_follows_a_link(tmp_path: Path) -> None:
    folder = config.private_folder(tmp_path / "own")
    (tmp_path / "victim").write_text("untouched")
    (folder / "file").symlink_to(tmp_path / "victim")
    config.write_private(folder / "file", "new")
    assert (tmp_path / "victim").read_text() == "untouched"


@pytest.mark.parametrize("how", ["open file", "link", "open folder", "pipe"])
def test_a_file_that_others_could_have_touched_is_not_read(tmp_path: Path, how: str) -> None:
    folder = config.private_folder(tmp_path / "own")
    config.write_private(folder / "file", "text")
    match how:
        case "open file":
            (folder / "file").chmod(0o644)
        case "open folder":
            folder.chmod(0o755)
        case "link":
            (folder / "file").rename(folder / "other")
            (folder / "file").symlink_to(folder / "other")
        case _:
            (folder / "file").unlink()
            os.mkfifo(folder / "file", 0o600)
    with pytest.raises(OSError, match=r"others|symbolic"):
        config.read_private(folder / "file")


def test_settings_that_others_can_change_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPICSHELL_HOME", str(tmp_path))
    file = tmp_path / "config" / "epicshell.toml"
    file.parent.mkdir()
    file.write_text('log_level = "DEBUG"\n')
    file.chmod(0o644)
    assert config.load().log_level == "DEBUG"
    file.chmod(0o666)
    with pytest.raises(NotUnderstood, match="can be changed by others"):
        config.load()


def test_a_home_of_nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPICSHELL_HOME", "~nosuch/x")
    with pytest.raises(NotUnderstood, match="~nosuch/x names an account that isn't there"):
        config.load()


def test_settings_that_are_no_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPICSHELL_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    os.mkfifo(tmp_path / "config" / "epicshell.toml", 0o600)
    with pytest.raises(NotUnderstood, match="is not a file"):
        config.load()
