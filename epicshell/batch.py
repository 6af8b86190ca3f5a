"""Commands and scripts without the shell."""

import argparse
import sys

from epicshell.commands.dispatch import Dispatcher
from epicshell.commands.output import Output
from epicshell.commands.script import run as run_script
from epicshell.commands.scriptfile import lines_of, read, run_file
from epicshell.commands.statements import Mode, Statement, statements
from epicshell.commands.words import quoted
from epicshell.errors import Leave, NotUnderstood
from epicshell.session.account import Account
from epicshell.session.terminal import Console, PasswordFile, Terminal


def run_batch(chosen: argparse.Namespace, output: Output, account: Account) -> int:
    """Run the commands or the script; the exit code. Raises EpicError."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if chosen.resume and chosen.file in (None, "-"):
        raise NotUnderstood("--resume goes with -f FILE.", "What was typed or piped is not kept.")
    terminal = _terminal(chosen)
    dispatcher = Dispatcher(account, terminal, output, assume_yes=chosen.yes)
    mode = Mode(chosen.atomic, chosen.dry_run, chosen.keep_going)
    try:
        if chosen.commands:
            _commands(dispatcher, chosen.commands, mode)
        if chosen.file is not None or not chosen.commands:
            _file(dispatcher, chosen.file or "-", mode, chosen)
    except Leave:
        pass
    sys.stdout.flush()
    return 0


def _terminal(chosen: argparse.Namespace) -> Terminal:
    if chosen.password_file:
        return PasswordFile(chosen.password_file)
    return Console() if sys.stdin.isatty() and sys.stderr.isatty() else Terminal()


def _commands(dispatcher: Dispatcher, commands: list[str], mode: Mode) -> None:
    """Each -c is one statement whatever it holds; with a mode they are a script, and told by their number."""
    if mode != Mode():
        run_script(dispatcher, "-c", [Statement(number, text) for number, text in enumerate(commands, 1)], mode)
        return
    for command in commands:
        dispatcher.run(command)


def _file(dispatcher: Dispatcher, name: str, mode: Mode, chosen: argparse.Namespace) -> None:
    if name != "-":
        advice = f"-f {quoted(name)} --resume goes on."
        run_file(dispatcher, read(name), mode, resume=chosen.resume, after=chosen.after, advice=advice)
        return
    run_script(dispatcher, "stdin", statements(lines_of(sys.stdin.buffer.read(), "stdin")), mode)
