"""The demo's first start, however it comes about."""

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.program import Program

from epicshell.embedded import Embedded

WHOAMI = ("--format", "csv", "-c", "whoami")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Program]:
    yield Program(tmp_path)
    Embedded(tmp_path / "data").stop()


def test_two_first_starts_at_once_share_one_database(demo: Program) -> None:
    def start(who: str) -> subprocess.CompletedProcess[str]:
        return demo("demo", "--as", who, *WHOAMI)

    with ThreadPoolExecutor() as threads:
        done = list(threads.map(start, ("sales", "support")))
    assert [(one.returncode, one.stderr) for one in done] == [(0, ""), (0, "")]
    assert ["bill.boquet" in done[0].stdout, "kate.hastroff" in done[1].stdout] == [True, True]


def test_private_server_is_found_whatever_the_environment_says(tmp_path: Path, demo: Program) -> None:
    demo.environment = {"PGPORT": "5433", "PGHOST": "192.0.2.1", "PGHOSTADDR": "192.0.2.1", "PGSERVICE": "none"}
    first = demo("demo", "--as", "Bill.Boquet", *WHOAMI)
    assert (first.returncode, first.stderr) == (0, "")
    assert "bill.boquet" in first.stdout


@pytest.mark.parametrize("size", ["0", "-1", "5000001", "9" * 5000, "many", "\u0665"])
def test_size_out_of_range_is_not_understood(demo: Program, size: str) -> None:
    done = demo("demo", f"--size={size}", "-c", "whoami")
    assert done.returncode == 2
    assert done.stderr.startswith("epicshell: Argument --size: ")
    assert "Accepted: 1 to 5 000 000" in done.stderr


def test_what_is_typed_does_not_drive_the_terminal(demo: Program) -> None:
    by_name = demo("demo", "--as", "\x1b]0;x\x07", "-c", "whoami")
    assert by_name.returncode == 1
    assert by_name.stderr.startswith("epicshell: The demo has no employee \\x1b]0;x\\x07.")
    by_file = demo("demo", "-f", "/x\x1b[31m")
    assert by_file.stderr == "epicshell: /x\\x1b[31m can't be read: No such file or directory.\n"
