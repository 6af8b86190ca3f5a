"""A new file is whole or not there, its owner's alone, and never reached through a link."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from epicshell import newfile
from epicshell.errors import Refused
from epicshell.newfile import NewFile
from epicshell.render import xlsx
from epicshell.results import Listing


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(params=["nameless", "hidden"])
def draft(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a file is written before it has its name: as the system can, and as on a file system without that."""
    if request.param == "hidden":
        monkeypatch.setattr(newfile, "_NAMELESS", None)
    return str(request.param)


@pytest.mark.usefixtures("draft")
@pytest.mark.parametrize("replace", [False, True])
def test_file_gets_its_name_at_the_end_alone(tmp_path: Path, *, replace: bool) -> None:
    path = tmp_path / "c.csv"
    if replace:
        path.write_text("before")
    with NewFile(path, replace=replace) as file:
        file.write(b"ours")
        assert path.exists() is replace
    assert (left_in(tmp_path), path.read_bytes()) == (["c.csv"], b"ours")
    assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_nlink) == (0o600, 1)


KILLED = """
import os, pathlib, signal, sys
from epicshell import newfile
newfile._NAMELESS = newfile._NAMELESS if sys.argv[2] == "nameless" else None
with newfile.NewFile(pathlib.Path(sys.argv[1]), replace=True) as file:
    file.write(b"x" * 1_000_000)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_process_leaves_nothing_where_a_file_needs_no_name(tmp_path: Path, draft: str) -> None:
    able = draft == "nameless" and has_nameless_files(tmp_path)
    (tmp_path / "c.csv").write_text("mine")
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "c.csv", draft], check=False)
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / "c.csv").read_text() == "mine"
    left = [tmp_path / name for name in left_in(tmp_path) if name != "c.csv"]
    assert [(path.name[:7], stat.S_IMODE(path.stat().st_mode)) for path in left] == (
        [] if able else [(".c.csv.", 0o600)]
    )


def has_nameless_files(folder: Path) -> bool:
    """Whether the file system here has files without a name (O_TMPFILE)."""
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600))
    except (AttributeError, OSError):
        return False
    return Path("/proc/self/fd").exists()


@pytest.mark.usefixtures("draft")
def test_file_that_appears_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"

    def trapped(*, replace: bool) -> None:
        with NewFile(path, replace=replace) as file:
            file.write(b"ours")
            path.symlink_to(tmp_path / "trap")

    with pytest.raises(Refused, match="already; nothing was written"):
        trapped(replace=False)
    path.unlink()
    with pytest.raises(Refused, match="is a link"):
        trapped(replace=True)
    assert (left_in(tmp_path), path.is_symlink()) == (["c.csv"], True)


def test_folder_that_is_swapped_for_a_link_meanwhile_gets_nothing(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    with NewFile(ours / "c.csv", replace=False) as file:
        file.write(b"ours")
        ours.rename(tmp_path / "moved")
        ours.symlink_to(theirs)
    assert left_in(theirs) == []
    assert (tmp_path / "moved" / "c.csv").read_bytes() == b"ours"


def test_rows_that_fail_midway_leave_nothing(tmp_path: Path) -> None:
    def rows() -> Iterator[tuple[int]]:
        yield (1,)
        raise RuntimeError

    with pytest.raises(RuntimeError), NewFile(tmp_path / "c.xlsx", replace=False) as file, file.writing() as out:
        xlsx.write(Listing([], rows()), out, None)
    assert left_in(tmp_path) == []
