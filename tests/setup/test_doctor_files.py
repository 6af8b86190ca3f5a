"""epicshell doctor on this machine's files: each is for its owner alone."""

import os
import subprocess
from pathlib import Path

import pytest
from support.company import CompanyServer, Deployment


@pytest.fixture
def home(deployment: Deployment, tmp_path: Path) -> Deployment:
    """The deployment, used from a home with everything that epicshell writes, private."""
    used = Deployment(deployment.server, deployment.name, tmp_path / "a home")
    sessions = used.home / "state" / "sessions" / "abc"
    sessions.mkdir(parents=True, mode=0o700)
    written = [sessions / "ada.json", used.home / "state" / "history", used.home / "state" / "epicshell.log"]
    for path in (*written, used.home / "config" / "epicshell.toml"):
        path.touch(mode=0o600)
    for folder in (used.home, sessions.parent):
        folder.chmod(0o700)
    return used


def test_private_home_has_no_finding(home: Deployment) -> None:
    assert home.examine() == []


def test_settings_that_others_may_read_are_no_finding(home: Deployment) -> None:
    (home.home / "config" / "epicshell.toml").chmod(0o644)
    (home.home / "config").chmod(0o755)
    assert home.examine() == []


def test_home_that_was_never_written_to_is_no_finding(deployment: Deployment, tmp_path: Path) -> None:
    fresh = Deployment(deployment.server, deployment.name, tmp_path / "new")
    for folder in (fresh.home / "data", fresh.home / "state", fresh.home / "config"):
        folder.rmdir()
    assert fresh.examine() == []


@pytest.mark.parametrize(
    ("path", "mode", "check"),
    [
        ("state/sessions/abc/ada.json", 0o644, "private files"),
        ("state/sessions", 0o755, "private files"),
        ("state/history", 0o640, "private files"),
        ("state/epicshell.log", 0o604, "private files"),
        ("state", 0o711, "private files"),
        ("config/epicshell.toml", 0o622, "settings files"),
        ("config", 0o730, "settings files"),
        ("data", 0o777, "settings files"),
        ("", 0o775, "settings files"),
    ],
)
def test_open_file_is_found_and_closed_by_its_remedy(home: Deployment, path: str, mode: int, check: str) -> None:
    (home.home / path).chmod(mode)
    (finding,) = home.examine()
    assert (finding.level, finding.check) == ("problem", check)
    assert f"{home.home / path}." in finding.sentence
    heal(finding.remedy)
    assert home.examine() == []


def test_link_among_the_sessions_is_found(home: Deployment, tmp_path: Path) -> None:
    (home.home / "state" / "sessions" / "abc" / "bill.json").symlink_to(tmp_path / "elsewhere")
    (finding,) = home.examine()
    assert "is a link" in finding.sentence
    heal(finding.remedy)
    assert home.examine() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_file_of_another_account_is_found(home: Deployment, company: CompanyServer) -> None:
    os.chown(home.home / "config" / "epicshell.toml", 65534, -1)
    (finding,) = home.examine()
    assert (finding.level, finding.check) == ("problem", "settings files")
    heal(finding.remedy)
    assert home.examine() == []


def heal(remedy: str) -> None:
    subprocess.run(["sh", "-c", remedy], check=True)
