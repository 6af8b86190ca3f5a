"""The loop: a prompt that is there at once, and one line after the other."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from contextvars import Context, copy_context
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session, get_app
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.plain_text import PlainTextOutput
from prompt_toolkit.utils import is_dumb_terminal

from epicshell import telemetry
from epicshell.errors import Leave
from epicshell.shell.editing import Editing
from epicshell.shell.harmless import Harmless
from epicshell.shell.history import LineHistory
from epicshell.shell.keyboard import Keyboard
from epicshell.shell.keys import NotYet, complete, is_asking, line_keys
from epicshell.shell.opening import Opening
from epicshell.shell.paint import FirstPaint
from epicshell.shell.paste import Paste, recalled

if TYPE_CHECKING:
    from epicshell.shell.desk import Desk


class _Unfinished(str):
    """A line that was taken away while it was typed, for a question."""

    __slots__ = ()


class Shell:
    """Reads lines with one PromptSession, and gives them to a desk that is made behind the first prompt."""

    def __init__(
        self,
        make: "Callable[[], Desk]",
        paint: FirstPaint,
        keyboard: Keyboard | None = None,
        *,
        sentry_dsn: str = "",
    ) -> None:
        self._opening = Opening(make)
        self._paint = paint
        self._keyboard = keyboard or Keyboard()
        self._sentry_dsn = sentry_dsn
        self._desk: Desk | None = None
        self._settled = False
        self._text = ""
        self._not_yet = NotYet()
        self._histories: dict[Path | None, LineHistory] = {}
        self._session: PromptSession[str | Paste] = PromptSession(
            self._message,
            history=self._history(paint.history),
            key_bindings=line_keys(),
            completer=self._not_yet,
            bottom_toolbar=self._toolbar,
            enable_suspend=True,
            input_processors=[Harmless()],
        )
        self._editing = Editing(self._session)
        self._keyboard.attach(self._session.input)

    def run(self) -> int:
        """Go on until the user leaves; the exit code. Raises what opening the account or logging in raises."""
        try:
            if not self._paint.prompt or is_dumb_terminal():  # there a prompt can't be changed once it is written
                self._settle()
            while True:
                with suppress(KeyboardInterrupt):
                    self._turn()
        except (EOFError, Leave):
            sys.stderr.write("Bye.\n")
            return 0
        finally:
            if self._desk is not None:
                self._desk.account.close()

    def _turn(self) -> None:
        """One line."""
        typed = self._read()
        if not self._settled:
            if not isinstance(typed, Paste) and typed.strip() == "exit":
                raise Leave("Bye.")
            self._settle()
            if not self._as_promised(typed):
                return
        if self._desk is None:
            return
        if isinstance(typed, _Unfinished):
            self._text = str(typed)
            self._desk.door.unlock()
        else:
            self._desk.run(typed)
        self._follow(self._desk)

    def _read(self) -> str | Paste:
        text, self._text = self._text, ""
        self._paint.lift()
        if self._desk is not None and is_dumb_terminal():
            self._desk.notices.tell()
        try:
            with self._keyboard.reading():
                typed = self._session.prompt(default=text, pre_run=self._begin)
        finally:
            if self._desk is not None:
                self._desk.notices.leave()
        return typed if isinstance(typed, Paste | _Unfinished) else recalled(typed) or typed

    def _remember(self, paste: Paste) -> None:
        self._session.history.append_string(paste.one_line)

    def _begin(self) -> None:
        """Once the prompt is on the screen, do all that is slow in a thread."""
        self._editing.begin()
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._fault)
        self._keyboard.watch()
        if self._desk is None:
            loop.call_soon(self._opening.start, partial(_wake, loop, copy_context(), self._opened))
        else:
            self._desk.lock.watch(self._take_away)
            if not is_dumb_terminal():
                self._desk.notices.attend(self._session.app)

    def _opened(self) -> None:
        """The desk is there (or never will be) while the prompt is: bring it to life, or ask what must be asked."""
        application, buffer = get_app(), self._session.default_buffer
        if not is_asking(application):  # answered meanwhile: what runs the answer waits for the desk
            return
        if self._desk is None and self._opening.succeeded:
            self._adopt()
        if self._desk is None or self._desk.door.needed:
            self._take_away()
            return
        self._desk.lock.watch(self._take_away)
        application.invalidate()
        self._desk.notices.attend(self._session.app)
        if self._not_yet.asked == buffer.document.text_before_cursor:
            complete(buffer)
        elif buffer.text:
            buffer.start_completion()

    def _take_away(self) -> None:
        """End the prompt for a question; what has been typed is kept for the next one."""
        application = self._session.app
        if is_asking(application):
            application.exit(result=_Unfinished(self._editing.line))

    def _settle(self) -> None:
        """Wait for the desk, and let someone log in if nobody is. Raises what opening or logging in raises."""
        if self._desk is None:
            self._adopt()
        desk = self._desk
        if desk is not None:
            if desk.door.needed:
                desk.door.come_in()
            self._settled = True
            self._follow(desk)

    def _adopt(self) -> None:
        self._desk = self._opening.desk()
        self._desk.remember = self._remember
        self._editing.use(self._desk)

    def _as_promised(self, typed: str | Paste) -> bool:
        """Whether a line that was typed at the first prompt may run: as whom the prompt said, and finished."""
        if isinstance(typed, _Unfinished):
            self._text = str(typed)
            return False
        if self._desk is None or self._paint.prompt in (self._desk.prompt, self._paint.guess):
            return True
        if isinstance(typed, Paste):
            return True  # it is shown and asked about, with what the new prompt's owner may not do
        sys.stderr.write("The prompt has changed since you typed this; it was not run.\n")
        self._text = typed
        return False

    def _follow(self, desk: "Desk") -> None:
        """The history and the next first prompt are those of who is logged in now."""
        path = desk.history_path
        self._session.history = self._session.default_buffer.history = self._history(path)
        self._paint.remember(desk.prompt if path else "", path)
        self._dress(desk)
        desk.dress()

    def _dress(self, desk: "Desk") -> None:
        """Take over the preferences in what the prompt is made of."""
        self._session.editing_mode = EditingMode.VI if desk.prefers("keys") == "vi" else EditingMode.EMACS
        self._session.color_depth = ColorDepth.MONOCHROME if desk.theme == "off" else None

    def _history(self, path: Path | None) -> LineHistory:
        return self._histories.setdefault(path, LineHistory(path))

    def _message(self) -> StyleAndTextTuples:
        return self._editing.message(self._desk.prompt if self._desk else self._paint.prompt)

    def _toolbar(self) -> StyleAndTextTuples:
        return self._editing.toolbar()

    def _fault(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Something of ours broke while a key was handled: the line goes on."""
        telemetry.fault(context.get("exception") or RuntimeError(context["message"]), self._sentry_dsn)


def _wake(loop: asyncio.AbstractEventLoop, context: Context, callback: Callable[[], None]) -> None:
    """Run a callback in the loop, from another thread; the loop may have ended meanwhile."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(callback, context=context)


@contextmanager
def plain_if_dumb() -> Iterator[None]:
    """Within, a terminal that understands no escape sequences gets none."""
    with create_app_session(output=PlainTextOutput(sys.stdout)) if is_dumb_terminal() else nullcontext():
        yield
