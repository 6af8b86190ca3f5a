"""Options, and putting the rooms together for what they ask."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from epicshell import __version__
from epicshell.commands.output import Output
from epicshell.config import Config
from epicshell.errors import NotUnderstood, Refused
from epicshell.results import Format
from epicshell.text import quote

if TYPE_CHECKING:
    from epicshell.session.account import Account

FORMATS = [format.value for format in Format]
_MOST_CLIENTS = 5_000_000  #: of a training database
EPILOG = """environment: EPICSHELL_DATABASE_URL, EPICSHELL_OWNER_URL, EPICSHELL_HOME, EPICSHELL_SENTRY_DSN,
EPICSHELL_LOG_LEVEL; or the keys database_url, owner_url, sentry_dsn, log_level of epicshell.toml"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise NotUnderstood(
            f"{message[0].upper()}{message[1:]}.", f"Usage: {' '.join(self.format_usage().split()[1:])}"
        )


def options(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line. Raises NotUnderstood; --help and --version print and exit."""
    parser = _Parser(prog="epicshell", description="The CRM of Epic Events.", epilog=EPILOG, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"epicshell {__version__}")
    modes = parser.add_subparsers(
        prog=parser.prog, dest="mode", metavar="demo | init | migrate | doctor | backup | restore", parser_class=_Parser
    )
    demo = modes.add_parser("demo", help="a private database with sample data, logged in already", allow_abbrev=False)
    demo.add_argument("--reset", action="store_true", help="start again from fresh sample data")
    demo.add_argument("--size", type=_size, metavar="N", help="a training database with N generated clients")
    init = modes.add_parser("init", help="set up a company's empty database and enrol an admin", allow_abbrev=False)
    init.add_argument("--admin", metavar="USERNAME", help="the admin to enrol, or to let in again")
    init.add_argument("--full-name", metavar="NAME")
    init.add_argument("--email", metavar="EMAIL")
    modes.add_parser("migrate", help="bring a database's schema up to date", allow_abbrev=False)
    modes.add_parser("doctor", help="check a deployment", allow_abbrev=False)
    keeping = [_keeping(modes, "backup", "write a backup of epicshell's own server")]
    keeping += [_keeping(modes, "restore", "replace everything by a backup")]
    keeping[1].add_argument("--trust", action="store_true", help="take a backup that this installation did not make")
    for each in (parser, demo):
        _running(each, top=each is parser)
    for each in (init, *[modes.choices[name] for name in ("migrate", "doctor")], *keeping):
        each.add_argument("--database", metavar="URL", default=argparse.SUPPRESS)
        each.add_argument("--format", choices=FORMATS, default=argparse.SUPPRESS, help="how results are written")
    return parser.parse_args(argv)


def _keeping(modes: Any, name: str, meaning: str) -> _Parser:
    made: _Parser = modes.add_parser(name, help=meaning, allow_abbrev=False)
    made.add_argument("file", metavar="FILE")
    made.add_argument("--demo", action="store_true", help="of the demo's database")
    made.add_argument("--yes", action="store_true", default=argparse.SUPPRESS, help="answer questions with yes")
    return made


def _size(typed: str) -> int:
    if not typed.isascii() or not typed.isdigit() or not 1 <= int(typed[:8]) <= _MOST_CLIENTS:
        raise argparse.ArgumentTypeError(f"{quote(typed)} is not accepted. Accepted: 1 to 5 000 000")
    return int(typed)


def _running(parser: argparse.ArgumentParser, *, top: bool) -> None:
    """What the shell and demo share; given after `demo` it doesn't undo what stood before it."""
    unset = None if top else argparse.SUPPRESS
    no = False if top else argparse.SUPPRESS
    parser.add_argument("-c", dest="commands", action="append", metavar="COMMAND", default=unset, help="run and exit")
    parser.add_argument("-f", dest="file", metavar="FILE", default=unset, help="run a script and exit; - is stdin")
    parser.add_argument(
        "--as", dest="username", type=str.lower, metavar="USERNAME", default=unset, help="whose session"
    )
    parser.add_argument("--database", metavar="URL", default=unset, help="host, port, database, TLS")
    parser.add_argument("--password-file", metavar="FILE", default=unset, help="a 0600 file with the password")
    parser.add_argument("--format", choices=FORMATS, default=unset, help="how results are written")
    parser.add_argument("--yes", action="store_true", default=no, help="answer questions with yes")
    parser.add_argument("--atomic", action="store_true", default=no, help="all of the script or nothing")
    parser.add_argument("--dry-run", action="store_true", default=no, help="do the work, then take it back")
    parser.add_argument("--keep-going", action="store_true", default=no, help="go on after an error")
    parser.add_argument("--resume", action="store_true", default=no, help="go on where the last run of -f FILE stopped")
    parser.add_argument("--after", type=int, metavar="LINE", default=unset, help="with --resume, the last line done")


def run(argv: Sequence[str], config: Config) -> int:
    """Do what the command line asks; the exit code. Raises EpicError."""
    chosen = options(argv)
    setting_up = chosen.mode in ("init", "migrate", "doctor", "backup", "restore")
    _require_streams(reading=not setting_up and (chosen.file == "-" or not (chosen.commands or chosen.file)))
    if setting_up:
        from epicshell.accounts import private
        from epicshell.setup import commands

        return commands.run(chosen, config, private(config, "epic_demo" if getattr(chosen, "demo", False) else "epic"))
    output = Output(sys.stdout, _width, _colour(), Format(chosen.format or Format.TABLE), fixed=bool(chosen.format))
    if chosen.commands or chosen.file is not None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _batch(chosen, config, output)
    return _shell(chosen, config, output)


def _require_streams(*, reading: bool) -> None:
    """Refuse to work where the caller closed the output, or the input that is to be read."""
    if sys.stdout is None:
        raise Refused("The output is closed; nothing was done.")
    if sys.stdin is None:
        if reading:
            raise NotUnderstood("The input is closed.", "Give commands with -c, or a script with -f FILE.")
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 — open to the end


def _batch(chosen: argparse.Namespace, config: Config, output: Output) -> int:
    from epicshell.accounts import open_account
    from epicshell.batch import run_batch

    account = open_account(chosen, config)
    try:
        return run_batch(chosen, output, account)
    finally:
        account.close()


def _shell(chosen: argparse.Namespace, config: Config, output: Output) -> int:
    """The shell paints its prompt first; the rooms that open an account take longer to import."""
    from epicshell.shell import open_shell

    def account() -> "Account":
        from epicshell.accounts import open_account

        return open_account(chosen, config)

    invocation = [chosen.mode, chosen.username, chosen.database or config.database_url, getattr(chosen, "size", None)]
    return open_shell(
        account,
        output,
        config,
        key=repr(invocation),
        guess="epic> " if chosen.mode == "demo" else "",
        username=chosen.username or "",
        assume_yes=chosen.yes,
    )


def _width() -> int | None:
    from epicshell.render.screen import terminal_width

    return terminal_width()


def _colour() -> bool:
    """Colour on a terminal that has it; NO_COLOR (no-color.org) and TERM=dumb turn it off."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
