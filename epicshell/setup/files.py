"""Checks of what epicshell writes on this machine: nobody else may read a session, or change a setting."""

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from epicshell.setup.findings import Finding, problem
from epicshell.setup.site import Site

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def private_files(site: Site) -> Iterator[Finding]:
    """Sessions, history and log are for their owner alone."""
    state = site.config.folders.state
    for path in (state, *sorted(state.rglob("*"))) if state.is_dir() else ():
        facts = path.lstat()
        if stat.S_ISLNK(facts.st_mode):
            yield problem(f"{path} is a link: epicshell uses none.", f"rm {_quoted(path)}")
        elif facts.st_mode & _OTHERS or _foreign(facts):
            yield problem(f"Others can read or change {path}.", _take(path, 0o700 if path.is_dir() else 0o600))


def unchangeable_settings(site: Site) -> Iterator[Finding]:
    """Only its owner says which database epicshell trusts, and where it writes."""
    folders = site.config.folders
    watched = [folders.configuration / "epicshell.toml", folders.configuration, folders.data, folders.state]
    for path in dict.fromkeys([*watched, *(folder.parent for folder in watched[1:])]):
        if not path.exists():
            continue
        facts = path.stat()
        sticky = facts.st_mode & stat.S_ISVTX  # as /tmp: others can't replace what is ours
        if (facts.st_mode & _OTHERS_WRITE and not sticky) or _foreign(facts):
            yield problem(f"Others can change {path}.", _take(path, stat.S_IMODE(facts.st_mode) & ~_OTHERS_WRITE))


def _foreign(facts: os.stat_result) -> bool:
    return facts.st_uid not in (0, os.geteuid())


def _take(path: Path, mode: int) -> str:
    owner = f"chown {os.geteuid()} {_quoted(path)} && " if _foreign(path.lstat()) else ""
    return f"{owner}chmod {mode:o} {_quoted(path)}"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
