"""Scripts: files, pipes and pasted lines, one command after the other; all or nothing, or a dry run, on request."""

from collections.abc import Iterable
from contextlib import nullcontext

from epicshell.commands.all_or_nothing import all_or_nothing
from epicshell.commands.dispatch import Dispatcher
from epicshell.commands.line_by_line import line_by_line
from epicshell.commands.patience import Patience
from epicshell.commands.progress import Bar, shown
from epicshell.commands.statements import Mode, Statement

TOUCH_EVERY = 1.0  #: seconds: a script's lines aren't typed one by one, and the database guards each of them anyway


def run(dispatcher: Dispatcher, source: str, script: Iterable[Statement], mode: Mode) -> None:
    """Run a script. source: its name in messages (`FILE:LINE: message`).

    Raises Failed at the first error, and says which lines are done; with --keep-going Failed counts them in the end,
    after each has been told. Raises Leave when all is done and committed, if the script ended with `exit`.
    What is created or shown on the way keeps its names (`@last`) if it is not taken back.
    """
    lines = list(script)
    outermost = dispatcher.patience is None
    patience = dispatcher.patience = dispatcher.patience or Patience()
    dispatcher.presence.every = TOUCH_EVERY
    try:
        with (
            patience if outermost else nullcontext(),
            shown(dispatcher, len(lines)) if outermost else nullcontext(Bar()) as bar,
        ):
            if mode.whole:
                with patience.suspended():
                    leave = all_or_nothing(dispatcher, source, lines, mode, bar)
            else:
                leave = line_by_line(dispatcher, source, lines, mode, bar)
    finally:
        if outermost:
            dispatcher.patience, dispatcher.presence.every = None, 0
        dispatcher.presence.record_refusals()
    if leave:
        raise leave
