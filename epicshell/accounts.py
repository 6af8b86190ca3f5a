"""The account that the command line asks for: of a company's database, of the private one, or of the demo."""

import argparse
import sys

from epicshell.config import Config, private_folder
from epicshell.database import Target
from epicshell.session import Saved
from epicshell.session.account import Account
from epicshell.session.terminal import PasswordFile

_WELCOME = (
    "This is a new private database, with nobody in it yet.\n"
    "epicshell demo shows sample data; epicshell init --admin USERNAME --full-name NAME --email EMAIL enrols an admin."
)


def open_account(chosen: argparse.Namespace, config: Config) -> Account:
    """The account, with its saved session taken up if there is one. Raises EpicError."""
    return _demo(chosen, config) if chosen.mode == "demo" else _account(chosen, config)


def target_of(chosen: argparse.Namespace, config: Config) -> Target:
    """The database that the options, the environment or the configuration name; else the private one."""
    url = chosen.database or config.database_url
    return Target.from_url(url) if url else private(config, "epic")


def private(config: Config, name: str) -> Target:
    """A database of the private server."""
    from epicshell.embedded import Embedded

    server = Embedded(private_folder(config.folders.data))
    return Target(name, {"dbname": name}, server)


def _demo(chosen: argparse.Namespace, config: Config) -> Account:
    from epicshell.setup.demo import open_demo

    name = f"epic_demo_{chosen.size}" if chosen.size else "epic_demo"
    target = private(config, name)
    account = Account(target, Saved(config.folders.state, target.identity))
    open_demo(account, chosen.username or "management", size=chosen.size or 0, reset=chosen.reset)
    return account


def _account(chosen: argparse.Namespace, config: Config) -> Account:
    target = target_of(chosen, config)
    account = Account(target, Saved(config.folders.state, target.identity))
    by_file = chosen.username and chosen.password_file
    if account.resume(chosen.username) and (not by_file or account.look_up()):  # else its session has ended
        return account
    if target.embedded:
        from epicshell.setup.demo import ensure_database

        if ensure_database(target):
            print(_WELCOME, file=sys.stderr)  # noqa: T201
    if by_file:
        from epicshell.session.entry import enter

        enter(account, PasswordFile(chosen.password_file), chosen.username)
    return account
