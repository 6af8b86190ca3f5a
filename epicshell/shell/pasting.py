"""What becomes of a paste: it is shown, and whoever pasted it says what to do with it."""

from collections.abc import Callable
from enum import Enum

from epicshell.commands.examine import Examination
from epicshell.commands.statements import Mode
from epicshell.commands.tally import Failed
from epicshell.errors import Interrupted, NotUnderstood
from epicshell.session.terminal import Question
from epicshell.shell.edit import edited
from epicshell.shell.keyboard import Keyboard
from epicshell.shell.paste import Paste, preview
from epicshell.shell.terminal import ShellTerminal

QUESTION = "[r]un, [a]ll or nothing, dr[y] run, [e]dit or [d]rop"
DROPPED = "Dropped; nothing was done."


class Answer(Enum):
    """What can be done with a paste: each by its letter or its words."""

    RUN = ("r", "run")
    WHOLE = ("a", "all", "all or nothing")
    DRY = ("y", "dry", "dry run")
    EDIT = ("e", "edit")
    DROP = ("d", "drop", "")


_MODES = {Answer.RUN: Mode(), Answer.WHOLE: Mode(atomic=True), Answer.DRY: Mode(dry_run=True)}


class Pasting:
    """Asks about a paste until it was run or dropped.

    examine: what its lines would do. run: runs it; raises EpicError. remember: keeps it in the history.
    """

    def __init__(
        self,
        terminal: ShellTerminal,
        keyboard: Keyboard,
        columns: Callable[[], int],
        examine: Callable[[Paste], Examination],
        run: Callable[[Paste, Mode], None],
        remember: Callable[[Paste], None],
    ) -> None:
        self._terminal = terminal
        self._keyboard = keyboard
        self._columns = columns
        self._examine = examine
        self._run = run
        self._remember = remember

    def handle(self, paste: Paste) -> None:
        """Show it, ask, and do as answered. Raises what running it raises."""
        shown = False
        while True:
            if not shown:
                found = self._examine(paste)
                self._terminal.tell(preview(paste, found, self._columns()))
                self._remember(paste)
                if not found.commands:
                    return
                shown = True
            answer = self._ask()
            if answer is Answer.DROP:
                self._terminal.tell(DROPPED)
                return
            if answer is Answer.EDIT:
                paste, shown = self._edit(paste, found), False
            elif answer is Answer.DRY:
                self._rehearse(paste)
            else:
                self._run(paste, _MODES[answer])
                return

    def _ask(self) -> Answer:
        try:
            return _answer(self._terminal.choose(Question(QUESTION, check=_answer)))
        except Interrupted:
            return Answer.DROP

    def _rehearse(self, paste: Paste) -> None:
        try:
            self._run(paste, _MODES[Answer.DRY])
        except Failed as failure:
            self._terminal.complain(failure)

    def _edit(self, paste: Paste, found: Examination) -> Paste:
        """The paste as edited, from the first line that can't run; as it was if that is given up."""
        with self._keyboard.asking():
            text = edited("\n".join(paste.lines), found.flaws[0].line if found.flaws else 1)
        return paste if text is None else Paste(text)


def _answer(typed: str) -> Answer:
    word = " ".join(typed.lower().split())
    for answer in Answer:
        if word in answer.value:
            return answer
    raise NotUnderstood("Answer r, a, y, e or d.")
