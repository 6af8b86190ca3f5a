"""Watching: a thread looks again and again, the screen shows what it saw, keys are answered at once."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from epicshell.errors import EpicError, Interrupted, NotAllowed, NotLoggedIn, Unavailable
from epicshell.session.terminal import Watched
from epicshell.shell.pager import Browser
from epicshell.shell.view import Fragments, View
from epicshell.text import cut, display


class Watch:
    """A pane with the last look. seen: whether there was one. error: what ended it, if it did not go well."""

    def __init__(self, watched: Watched) -> None:
        self.view = View([])
        self.error: BaseException | None = None
        self.over = False
        self.seen = False
        self._watched = watched
        self._browser = Browser(self.view)
        self._news: SimpleQueue[str | BaseException] = SimpleQueue()
        self._left = threading.Event()
        self._wake: Callable[[], None] = lambda: None
        self._trouble = ""
        self._at = "…"

    def begin(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        threading.Thread(target=self._work, name="watch", daemon=True).start()

    def leave(self) -> None:
        """No further look; one that is under way is not waited for."""
        self._left.set()

    def key(self, key: str, text: str) -> bool:
        return self._browser.key(key, text)

    def step(self) -> bool:
        """Take over what the thread saw."""
        try:
            news = self._news.get_nowait()
        except Empty:
            return self._browser.step()
        self._at = self._watched.clock()
        if isinstance(news, str):
            self.view.replace(news.removesuffix("\n").split("\n"))
            self.seen, self._trouble = True, ""
        elif self._goes_on(news):
            self._trouble = str(getattr(news, "sentence", news))
        else:
            self.error, self.over = news, True
        return True

    def rows(self, columns: int, lines: int) -> list[Fragments]:
        above: list[Fragments] = [[("header", cut(self.heading, columns))]]
        if self._trouble:
            above.append([("error", cut(display(self._trouble), columns))])
        return [*above, *self._browser.rows(columns, max(2, lines - len(above)))]

    @property
    def heading(self) -> str:
        """When, how often, what."""
        return f"{self._at} · every {self._watched.seconds:g} s · {display(self._watched.title)}"

    def _goes_on(self, error: BaseException) -> bool:
        """Whether a later look may go well: once one did, or while the database is away."""
        if isinstance(error, Unavailable):
            return True
        return self.seen and isinstance(error, EpicError) and not isinstance(error, NotLoggedIn | NotAllowed)

    def _work(self) -> None:
        try:
            while not self._left.is_set():
                try:
                    self._news.put(self._watched.look())
                except BaseException as error:
                    self._news.put(error)
                self._wake()
                self._left.wait(self._watched.seconds)
        finally:
            self._watched.close()


def watch(watched: Watched, theme: str, write: Callable[[View, str], None]) -> None:
    """Watch on the whole screen until it is left; then write the last picture. Raises what ended it."""
    from epicshell.shell.fullscreen import show

    pane = Watch(watched)
    try:
        show(pane, theme)
    finally:
        pane.leave()
    if pane.seen and not isinstance(pane.error, NotLoggedIn):  # whose session is over leaves nothing on the screen
        write(pane.view, pane.heading)
    if pane.error is not None:
        raise pane.error


def watch_plainly(watched: Watched, write: Callable[[str], None]) -> None:
    """Where nothing can be drawn: the whole again when it changed, until Ctrl-C. Raises what ends it."""
    seen = ""
    try:
        while True:
            try:
                now = watched.look()
            except Unavailable as error:
                now = f"{error.sentence}\n"
            if now != seen:
                write(f"{watched.clock()}\n{now}")
                seen = now
            time.sleep(watched.seconds)
    except (KeyboardInterrupt, Interrupted):
        return
    finally:
        watched.close()
