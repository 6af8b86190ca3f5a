"""Everything slow, done in a thread behind the first prompt: imports, the saved session, the connection."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from epicshell.shell.desk import Desk


class Opening:
    """Makes the desk that lines go to. make: in whichever thread; raises what opening the account raises."""

    def __init__(self, make: "Callable[[], Desk]") -> None:
        self._make = make
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._then: Callable[[], None] = lambda: None
        self._desk: Desk | None = None
        self._error: BaseException | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the desk is there."""
        return self._desk is not None

    def start(self, then: Callable[[], None]) -> None:
        """Begin in a thread, unless that was done; `then` is called at the end, however it ends, from any thread."""
        self._then = then
        if self._done.is_set():
            then()
        elif self._thread is None:
            self._thread = threading.Thread(target=self._work, name="opening", daemon=True)
            self._thread.start()

    def desk(self) -> "Desk":
        """The desk, once it is there; from now on it belongs to this thread. Raises what went wrong."""
        if self._thread is None and not self._done.is_set():
            self._work()
        self._done.wait()
        if self._error is not None:
            raise self._error
        assert self._desk is not None
        self._desk.settle()
        return self._desk

    def _work(self) -> None:
        try:
            self._desk = self._make()
        except BaseException as error:
            self._error = error
        finally:
            self._done.set()
            self._then()
