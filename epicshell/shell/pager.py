"""The pager: what is longer than the screen, a part at a time. No other program, and no way to one."""

import sys
from collections.abc import Callable, Iterator
from typing import TextIO

from prompt_toolkit.application import get_app_session
from prompt_toolkit.utils import is_dumb_terminal

from epicshell.shell.colours import sgr
from epicshell.shell.fullscreen import Guard, show
from epicshell.shell.keyboard import Keyboard
from epicshell.shell.view import Fragments, View
from epicshell.text import cut, prefix, width

KEYS = "q leaves · / searches · ←→ · space, b"
_SEARCHING = {"/": False, "?": True}


class Browser:
    """A view that keys move.

    hint: what else may be of use. typed: the search that is being typed, None if none is.
    """

    over = False

    def __init__(self, view: View, hint: str = "") -> None:
        self.view = view
        self._hint = hint
        self.typed: str | None = None
        self._backwards = False
        self._actions: dict[str, Callable[[], None]] = {}
        for keys, action in (
            ("down j c-m c-j c-n", lambda: view.move(1)),
            ("up k c-p", lambda: view.move(-1)),
            ("space pagedown c-f f c-v", lambda: view.page(1)),
            ("b pageup c-b", lambda: view.page(-1)),
            ("d c-d", lambda: view.page(0.5)),
            ("u c-u", lambda: view.page(-0.5)),
            ("g home <", view.begin),
            ("G end >", view.end),
            ("right l", lambda: view.sideways(1)),
            ("left h", lambda: view.sideways(-1)),
            ("n", lambda: view.again(backwards=self._backwards)),
            ("N", lambda: view.again(backwards=not self._backwards)),
        ):
            self._actions |= dict.fromkeys(keys.split(), action)

    def begin(self, wake: Callable[[], None]) -> None:
        pass

    def step(self) -> bool:
        return self.view.step()

    def key(self, key: str, text: str) -> bool:
        busy, self.view.job, self.view.message = self.view.job is not None, None, ""
        if self.typed is not None:
            self._type(key, text)
        elif key in ("q", "Q", "escape", "c-c"):
            return not busy  # the first one stops what takes long
        elif key in _SEARCHING:
            self.typed, self._backwards = "", _SEARCHING[key]
        else:
            self._actions.get("space" if key == " " else key, lambda: None)()
        if self.view.job is not None:
            self.view.step()  # most of it takes no more
        return False

    def _type(self, key: str, text: str) -> None:
        """A key of a search that is being typed."""
        typed = self.typed or ""
        if key in ("escape", "c-c", "c-g"):
            self.typed = None
        elif key in ("c-m", "c-j"):
            self.typed = None
            if typed:
                self.view.search(typed, backwards=self._backwards)
            else:
                self.view.again(backwards=self._backwards)
        elif key in ("c-h", "backspace"):
            self.typed = typed[:-1] if typed else None
        elif key == "c-u":
            self.typed = ""
        elif len(key) == 1 or key == "<bracketed-paste>":
            self.typed = typed + "".join(filter(str.isprintable, text))

    def rows(self, columns: int, lines: int) -> list[Fragments]:
        self.view.size(columns, lines - 1)
        return [*self.view.rows(), [("status", self._status(columns))]]

    def _status(self, columns: int) -> str:
        if self.typed is not None:
            entry = ("?" if self._backwards else "/") + self.typed
            return entry if width(entry) < columns else "…" + entry[-max(0, columns - 2) :]
        if self.view.job is not None:
            return cut(f"{self.view.place} · at work, any key stops", columns)
        if self.view.message:
            return cut(self.view.message, columns)
        return cut(" · ".join(filter(None, (self.view.place, KEYS, self._hint))), columns)


class ShellPager:
    """The pager of the shell.

    out: where the part last in view is left. theme: its colours, asked for each time. keyboard: what it reads from.
    guard: ends it with the session, and leaves nothing.
    """

    def __init__(
        self, out: TextIO, theme: Callable[[], str], keyboard: Keyboard, guard: Guard = lambda _: None
    ) -> None:
        self._out = out
        self._theme = theme
        self._keyboard = keyboard
        self._guard = guard

    def room(self) -> tuple[int, int]:
        """All but the line that was typed and the prompt that follows."""
        size = get_app_session().output.get_size()
        return max(1, size.columns), max(1, size.rows - 2)

    def show(self, lines: Iterator[str], *, pinned: int, hint: str) -> None:
        view = View(lines, pinned=pinned)
        with self._keyboard.asking(drawn=True):
            show(Browser(view, hint), self._theme(), self._guard)
        leave(view, self._out, self._theme())


def shell_pager(out: TextIO, theme: Callable[[], str], keyboard: Keyboard, guard: Guard) -> ShellPager | None:
    """The pager, where there is a terminal that can be drawn on."""
    drawn = sys.stdin.isatty() and out.isatty() and not is_dumb_terminal()
    return ShellPager(out, theme, keyboard, guard) if drawn else None


def leave(view: View, out: TextIO, theme: str) -> None:
    """Write what was last in view where it stays."""
    bold = sgr(theme, "header")
    plain = "\x1b[0m" if bold else ""
    rows = view.rows()
    for number, row in enumerate(rows[: len(view.header) + len(view.visible)]):
        text = prefix("".join(text for _, text in row), view.columns).rstrip()
        out.write(f"{bold}{text}{plain}\n" if number < len(view.header) else f"{text}\n")
    out.flush()
