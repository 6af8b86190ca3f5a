"""`epicshell backup` and `epicshell restore`: whoever owns the private server's account keeps its data."""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from epicshell.database import Target
from epicshell.embedded import backup
from epicshell.embedded.archive import Archive
from epicshell.errors import Refused
from epicshell.newfile import stands
from epicshell.session.terminal import Console, Terminal


def back_up(target: Target, chosen: argparse.Namespace) -> str:
    """Write a backup; the sentence that says so. Raises Refused, Unavailable, NotUnderstood (nobody to ask)."""
    path = Path(chosen.file)
    backup.server_of(target, "backup")
    replace = stands(path) and _agreed(f"Replace the file {path}?", chosen)
    backup.back_up(target, path, replace=replace or chosen.yes)
    return f"{target.name} is backed up to {path}.\n{backup.SECRETS}"


def restore(target: Target, chosen: argparse.Namespace) -> str:
    """Replace a database by a backup; the sentence that says so.

    Raises Refused, NotAllowed (not made here), Unavailable, NotUnderstood (nobody to ask).
    """
    path, here = Path(chosen.file), datetime.now().astimezone().tzinfo
    backup.server_of(target, "restore")
    with Archive(path) as archive:
        made = archive.manifest
    when = made.when(here) if here else made.made_at
    _agreed(f"Replace everything in {target.name} by {path}, made of {made.database} on {when}?", chosen)
    backup.restore(target, path, trust=chosen.trust)
    return f"{target.name} is as it was on {when}. Every session has ended: log in again.\n{backup.BACK_AGAIN}"


def _agreed(question: str, chosen: argparse.Namespace) -> bool:
    """True once it is answered with yes, or needn't be. Raises Refused for a no."""
    terminal = Console() if sys.stdin.isatty() and sys.stderr.isatty() else Terminal()
    if not chosen.yes and not terminal.confirm(question):
        raise Refused("Nothing was done.")
    return True
