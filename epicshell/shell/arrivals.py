"""What arrives from a terminal, in the pieces in which it came; a paste that the terminal did not mark gets marks."""

import os
import re
import select
import time

BEGIN, END = b"\x1b[200~", b"\x1b[201~"  #: around a paste, from a terminal with bracketed paste (xterm's mode 2004)
BEHIND = 0.1  #: seconds behind an end mark within which no hand presses a key: what comes so soon was in the paste
SILENCE = 0.08  #: seconds after which a paste without marks is over
_LINE_END = 0.01  #: how long the next line of a paste without marks may take, after a line that came at once
_MARK_END = 0.02  #: how long the rest of a mark may take
_PIECE, _MOST = 1 << 16, 1 << 20  #: bytes of one read; bytes of a paste that are handed on at once
_BROKEN_MARK = re.compile(rb"\x1b\[(?:2(?:0[01]?)?)?\Z|\x1b\Z")
_ANSWER = re.compile(rb"\x1b\[[0-9]+;[0-9]+R")  #: where the cursor is (ECMA-48, CPR)
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)", re.DOTALL)  #: what keys such as arrows send


class Arrivals:
    """Reads a terminal.

    Hands type one key after the other. So a piece that holds a line's end and more behind it was pasted, and gets the
    marks that a terminal with bracketed paste puts around it; with all that follows until SILENCE. (One line that
    comes with its end can't be told from a line that a program types. It counts as typed.)

    inside: whether a paste has begun and not ended. closed: whether the terminal is gone.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.inside = False
        self.closed = False
        self._torn = b""
        self._behind_until = 0.0

    def fileno(self) -> int:
        return self._descriptor

    def ready(self, seconds: float = 0) -> bool:
        """Whether something is there, or comes in time."""
        return bool(select.select([self._descriptor], [], [], seconds)[0])

    def read(self) -> bytes:
        """The next piece; of a marked paste as much as comes at once. Waits for it; empty once the terminal is gone."""
        pieces = [self._next()]
        size = len(pieces[0])
        while self.inside and not self.closed and size < _MOST and self.ready(_MARK_END):
            pieces.append(self._next())
            size += len(pieces[-1])
        return b"".join(pieces)

    def _next(self) -> bytes:
        piece = self._piece()
        if self.inside and piece == b"\x03":  # Ctrl-C: the end mark is lost, and this ends the paste
            self.inside = False
            return END
        return self._marked(piece)

    def _piece(self) -> bytes:
        data = self._read()
        while data and _BROKEN_MARK.search(data) and self.ready(_MARK_END):
            more = self._read()
            if not more:
                break
            data += more
        return data

    def _read(self) -> bytes:
        try:
            data = os.read(self._descriptor, _PIECE)
        except OSError:
            data = b""
        self.closed = not data
        return data

    def _marked(self, data: bytes) -> bytes:
        """A piece with each paste in it marked."""
        marked, data = self._mended(data)
        while data:
            if self.inside:
                text, mark, data = data.partition(END)
                self.inside = not mark
                marked += text + mark
                self._ended(mark)
                continue
            text, mark, data = data.partition(BEGIN)
            if not mark and _is_line(text) and self.ready(_LINE_END) and (more := self._piece()):
                data = text + more
                continue
            if self._was_pasted(text):
                text = _in_marks(text if mark else text + self._rest())
            marked += text + mark
            self.inside = bool(mark)
        broken = _BROKEN_MARK.search((self._torn + marked)[-len(END) :])
        self._torn = broken[0] if broken else b""
        return marked

    def _was_pasted(self, text: bytes) -> bool:
        """Whether it was, outside of all marks: a paste that holds the end mark would press the keys behind it."""
        soon = time.monotonic() < self._behind_until
        if END in text or (soon and _CONTROL.search(_BROKEN_MARK.sub(b"", _ANSWER.sub(b"", text)))):
            self._ended(END)
            return True
        return _holds_lines(text)

    def _ended(self, mark: bytes) -> None:
        if mark:
            self._behind_until = time.monotonic() + BEHIND

    def _mended(self, data: bytes) -> tuple[bytes, bytes]:
        """The rest of a mark whose beginning came with the last piece, and what follows it."""
        mark = END if self.inside else BEGIN
        if not self._torn or not (self._torn + data).startswith(mark):
            return b"", data
        self.inside = not self.inside
        rest = len(mark) - len(self._torn)
        return data[:rest], data[rest:]

    def _rest(self) -> bytes:
        """What follows until nothing does."""
        pieces = []
        while self.ready(SILENCE) and (piece := self._read()):
            pieces.append(piece)
        return b"".join(pieces)


def _in_marks(text: bytes) -> bytes:
    """The terminal's own answers, to where the cursor is, are no part of a paste that they came with."""
    answers = b"".join(_ANSWER.findall(text))
    return answers + BEGIN + _ANSWER.sub(b"", text).replace(BEGIN, b"").replace(END, b"") + END


def _is_line(data: bytes) -> bool:
    """Whether it is text with a line's end behind it."""
    text = _SEQUENCE.sub(b"", data)
    return text.endswith((b"\r", b"\n")) and bool(text.strip(b"\r\n"))


def _holds_lines(data: bytes) -> bool:
    """Whether it holds a line's end and something behind it."""
    text = _SEQUENCE.sub(b"", data).rstrip(b"\r\n")
    return b"\r" in text or b"\n" in text
