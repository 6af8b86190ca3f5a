"""Options, and putting the rooms together for what they ask."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import IO, NoReturn

from epicshell import __version__
from epicshell.commands.dispatch import Dispatcher, Output
from epicshell.commands.script import Mode
from epicshell.commands.script import run as run_script
from epicshell.config import Config, private_folder
from epicshell.database import Target
from epicshell.errors import Leave, NotUnderstood
from epicshell.render.screen import terminal_width
from epicshell.results import Format
from epicshell.session import Saved
from epicshell.session.account import Account
from epicshell.session.terminal import Console, PasswordFile, Terminal

EPILOG = """environment: EPICSHELL_DATABASE_URL, EPICSHELL_OWNER_URL, EPICSHELL_HOME, EPICSHELL_SENTRY_DSN,
EPICSHELL_LOG_LEVEL; or the keys database_url, owner_url, sentry_dsn, log_level of epicshell.toml"""


_WELCOME = (
    "This is a new private database, with nobody in it yet.\n"
    "epicshell demo shows sample data; epicshell init --admin USERNAME --full-name NAME --email EMAIL enrols an admin."
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise NotUnderstood(
            f"{message[0].upper()}{message[1:]}.", f"Usage: {' '.join(self.format_usage().split()[1:])}"
        )


def options(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line. Raises NotUnderstood; --help and --version print and exit."""
    parser = _Parser(prog="epicshell", description="The CRM of Epic Events.", epilog=EPILOG, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"epicshell {__version__}")
    modes = parser.add_subparsers(dest="mode", metavar="demo | init | migrate | doctor", parser_class=_Parser)
    demo = modes.add_parser("demo", help="a private database with sample data, logged in already", allow_abbrev=False)
    demo.add_argument("--reset", action="store_true", help="start again from fresh sample data")
    demo.add_argument("--size", type=int, metavar="N", help="a training database with N generated clients")
    init = modes.add_parser("init", help="set up a company's empty database and enrol an admin", allow_abbrev=False)
    init.add_argument("--admin", metavar="USERNAME", help="the admin to enrol, or to let in again")
    init.add_argument("--full-name", metavar="NAME")
    init.add_argument("--email", metavar="EMAIL")
    modes.add_parser("migrate", help="bring a database's schema up to date", allow_abbrev=False)
    modes.add_parser("doctor", help="check a deployment", allow_abbrev=False)
    for each in (parser, demo):
        _running(each, top=each is parser)
    for each in (init, *[modes.choices[name] for name in ("migrate", "doctor")]):
        each.add_argument("--database", metavar="URL", default=argparse.SUPPRESS)
        each.add_argument("--format", choices=list(Format), default=argparse.SUPPRESS)
    return parser.parse_args(argv)


def _running(parser: argparse.ArgumentParser, *, top: bool) -> None:
    """What the shell and demo share; given after `demo` it doesn't undo what stood before it."""
    unset = None if top else argparse.SUPPRESS
    no = False if top else argparse.SUPPRESS
    parser.add_argument("-c", dest="commands", action="append", metavar="COMMAND", default=unset, help="run and exit")
    parser.add_argument("-f", dest="file", metavar="FILE", default=unset, help="run a script and exit; - is stdin")
    parser.add_argument("--as", dest="username", metavar="USERNAME", default=unset, help="whose session")
    parser.add_argument("--database", metavar="URL", default=unset, help="host, port, database, TLS")
    parser.add_argument("--password-file", metavar="FILE", default=unset, help="a 0600 file with the password")
    parser.add_argument("--format", choices=list(Format), default=unset)
    parser.add_argument("--yes", action="store_true", default=no, help="answer questions with yes")
    parser.add_argument("--atomic", action="store_true", default=no, help="all of the script or nothing")
    parser.add_argument("--dry-run", action="store_true", default=no, help="do the work, then take it back")
    parser.add_argument("--keep-going", action="store_true", default=no, help="go on after an error")


def run(argv: Sequence[str], config: Config) -> int:
    """Do what the command line asks; the exit code. Raises EpicError."""
    chosen = options(argv)
    if chosen.mode in ("init", "migrate", "doctor"):
        from epicshell.setup import commands

        return commands.run(chosen, config, private(config, "epic"))
    if chosen.mode == "demo":
        account = _demo(chosen, config)
    else:
        account = _account(chosen, config)
    try:
        return _work(chosen, config, account)
    finally:
        account.close()


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
    if not account.resume(chosen.username) and target.embedded:
        from epicshell.setup.demo import ensure_database

        if ensure_database(target):
            print(_WELCOME, file=sys.stderr)  # noqa: T201
    return account


def _work(chosen: argparse.Namespace, config: Config, account: Account) -> int:
    """Run the commands, the script, or the shell."""
    shell = not chosen.commands and chosen.file is None and sys.stdin.isatty() and sys.stdout.isatty()
    output = Output(sys.stdout, terminal_width, _colour(), Format(chosen.format or Format.TABLE))
    if shell:
        from epicshell.shell import open_shell

        return open_shell(account, output, config, assume_yes=chosen.yes)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    terminal = _terminal(chosen)
    dispatcher = Dispatcher(account, terminal, output, assume_yes=chosen.yes)
    if account.session is None and chosen.username and chosen.password_file:
        from epicshell.session.entry import enter

        enter(account, terminal, chosen.username)
    mode = Mode(chosen.atomic, chosen.dry_run, chosen.keep_going)
    if chosen.commands:
        _commands(dispatcher, chosen.commands, mode)
    if chosen.file is not None or not chosen.commands:
        _file(dispatcher, chosen.file or "-", mode)
    sys.stdout.flush()
    return 0


def _terminal(chosen: argparse.Namespace) -> Terminal:
    if chosen.password_file:
        return PasswordFile(chosen.password_file)
    return Console() if sys.stdin.isatty() and sys.stderr.isatty() else Terminal()


def _commands(dispatcher: Dispatcher, commands: list[str], mode: Mode) -> None:
    if mode != Mode():
        run_script(dispatcher, "-c", commands, mode)
        return
    for command in commands:
        try:
            dispatcher.run(command)
        except Leave:
            return


def _file(dispatcher: Dispatcher, name: str, mode: Mode) -> None:
    if name == "-":
        run_script(dispatcher, "stdin", _decoded(sys.stdin.buffer, "stdin"), mode)
        return
    try:
        with open(name, "rb") as file:
            run_script(dispatcher, name, _decoded(file, name), mode)
    except OSError as error:
        raise NotUnderstood(f"{name} can't be read: {error.strerror}.") from None


def _decoded(file: IO[bytes], name: str) -> "Sequence[str]":
    try:
        return file.read().decode("utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise NotUnderstood(f"{name}:{line}: not UTF-8.", "Save the script as UTF-8.") from None


def _colour() -> bool:
    """Colour on a terminal that has it; NO_COLOR (no-color.org) and TERM=dumb turn it off."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
