"""`epicshell backup` and `epicshell restore`: from one machine to another, by whoever owns the account."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.program import Program

from epicshell.embedded import Embedded

CLIENTS = ("demo", "--as", "sales", "--format", "json", "-c", "clients list")
AUDIT = ("demo", "--as", "admin", "--format", "csv", "-c", "audit --sort id --columns id,at,action,new")


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[tuple[Program, Program]]:
    made = [Program(tmp_path / name) for name in ("old", "new")]
    yield made[0], made[1]
    for one in made:
        Embedded(one.home / "data").stop()


def test_database_moves_to_another_machine(homes: tuple[Program, Program], tmp_path: Path) -> None:
    old, new = homes
    file = str(tmp_path / "demo.backup")
    clients, audit = old(*CLIENTS), old(*AUDIT)
    made = old("backup", "--demo", file)
    assert (made.returncode, made.stdout) == (0, "")
    assert "the proofs of all passwords" in made.stderr
    assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600
    again = old("backup", "--demo", file)
    assert (again.returncode, again.stderr) == (
        2,
        f"epicshell: Replace the file {file}? There is nobody to ask. Repeat the command with --yes.\n",
    )

    refused = new("restore", "--demo", file, "--yes")
    assert (refused.returncode, "add --trust" in refused.stderr) == (4, True)
    done = new("restore", "--demo", file, "--yes", "--trust")
    assert (done.returncode, "Every session has ended" in done.stderr) == (0, True)
    assert new(*CLIENTS).stdout == clients.stdout  # the demo's sessions are opened anew
    restored = new(*AUDIT).stdout
    assert restored.startswith(audit.stdout)
    assert "restore-backup" in restored


def test_who_forgets_whose_database_is_told(homes: tuple[Program, Program]) -> None:
    done = homes[0]("backup", "file")
    assert done.returncode == 5
    assert "--demo" in done.stderr


def test_company_server_is_backed_up_by_its_administrator(homes: tuple[Program, Program]) -> None:
    program = homes[0]
    program.url = "postgresql:///epic?host=/nowhere"
    for command in ("backup", "restore"):
        done = program(command, "file")
        assert done.returncode == 1
        assert "BYPASSRLS" in done.stderr
