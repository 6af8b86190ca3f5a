"""Keys out of what a terminal sends: prompt_toolkit's own way, but for pastes of any size."""

import asyncio
from collections.abc import Callable

from prompt_toolkit.application import get_app
from prompt_toolkit.input.posix_utils import PosixStdinReader
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

from epicshell.shell import arrivals
from epicshell.shell.arrivals import Arrivals

BEGIN, END = arrivals.BEGIN.decode(), arrivals.END.decode()
PATIENCE = 3  #: seconds of silence after which a paste whose end mark got lost is over


class PasteParser(Vt100Parser):
    """Collects a paste in a list: prompt_toolkit adds each piece to a string and searches all of it again.

    A paste reaches one key, Keys.BracketedPaste, whole. ended: called when it was given up to wait for its end.
    """

    def __init__(self, feed_key_callback: Callable[[KeyPress], None], ended: Callable[[], None]) -> None:
        super().__init__(feed_key_callback)
        self._ended = ended
        self._pieces: list[str] = []
        self._tail = ""

    def feed(self, data: str) -> None:
        while data:
            data = self._feed_paste(data) if self._in_bracketed_paste else self._feed_keys(data)

    def flush(self) -> None:
        super().flush()
        if self._in_bracketed_paste:
            asyncio.get_running_loop().call_later(PATIENCE, self._give_up, len(self._pieces))

    def _feed_keys(self, data: str) -> str:
        for place, character in enumerate(data, start=1):
            self._input_parser.send(character)
            if self._in_bracketed_paste:
                return data[place:]
        return ""

    def _feed_paste(self, data: str) -> str:
        """Take in a piece of a paste; what follows the paste."""
        searched = self._tail + data
        end = searched.find(END)
        if end < 0:
            self._pieces.append(data)
            self._tail = searched[1 - len(END) :]
            return ""
        self._finish("".join([*self._pieces, data])[: end - len(searched)])
        return searched[end + len(END) :]

    def _finish(self, text: str) -> None:
        self._in_bracketed_paste = False
        self._pieces, self._tail = [], ""
        self.feed_key_callback(KeyPress(Keys.BracketedPaste, text.replace(BEGIN, "")))

    def _give_up(self, pieces: int) -> None:
        """Nothing has come since there were so many pieces: what is there, is the paste."""
        if self._in_bracketed_paste and len(self._pieces) == pieces:
            self._finish("".join(self._pieces))
            self._ended()
            processor = get_app().key_processor
            processor.feed_multiple(get_app().input.flush_keys())
            processor.process_keys()


class KeyReader(PosixStdinReader):
    """Reads what arrived before anyone asked, then what arrives now. before: emptied when it is read."""

    def __init__(self, arrived: Arrivals, before: list[bytes], descriptor: int, encoding: str) -> None:
        super().__init__(descriptor, encoding=encoding)
        self._arrived = arrived
        self._before = before

    def read(self, count: int = 0) -> str:
        if self._before:
            data = b"".join(self._before)
            self._before.clear()
        elif self._arrived.ready():
            data = self._arrived.read()
        else:
            data = b""
        self.closed = self._arrived.closed
        return self._stdin_decoder.decode(data)


def take_pastes(keys: Vt100Input, ended: Callable[[], None] = lambda: None) -> None:
    """Give prompt_toolkit's input the parser for pastes of any size."""
    keys.vt100_parser = PasteParser(keys.vt100_parser.feed_key_callback, ended)
