"""Where a result is written to: its size, colours, zone, and the signs it can show."""

import os
import sys
from dataclasses import dataclass
from typing import NamedTuple, TextIO
from zoneinfo import ZoneInfo

BOLD, DIM = "1", "2"
HEADER = 2  #: the lines of a table above its rows


@dataclass(frozen=True, slots=True)
class Screen:
    """What rendering needs to know of its reader.

    width: in columns, None where `out` is no terminal; then nothing is fitted or cut.
    zone: of the company, in which times are shown; currency: its code (ISO 4217).
    fitted: whether tables fit into the width; else they are as wide as they need to be, to be scrolled.
    columns: what asks for columns that found no room; empty where nothing does.
    """

    width: int | None
    colour: bool
    zone: ZoneInfo
    currency: str = "EUR"
    fitted: bool = True
    columns: str = "--columns"

    @property
    def room(self) -> int | None:
        """The columns that a table has to fit into, if any."""
        return self.width if self.fitted else None

    def styled(self, text: str, style: str) -> str:
        """`text` in a style (SGR parameter of ECMA-48) where there is colour."""
        return f"\x1b[{style}m{text}\x1b[0m" if self.colour and text else text


class Signs(NamedTuple):
    """The signs that stand for something. encoding: which escapes what it can't take; "" takes all."""

    unknown: str = "–"
    cut: str = "…"
    rule: str = "─"
    newline: str = "⏎"
    between: str = " · "
    fills: str = "█░▒"  #: of the parts of a bar
    eighths: str = "▏▎▍▌▋▊▉"  #: of the last column of a bar, from one to seven
    days: str = "·░█"  #: of a strip: a working day, a weekend's, one that is taken
    encoding: str = ""

    def shown(self, text: str) -> str:
        """The text as the encoding's error handler would write it, so that it can be measured."""
        if not self.encoding or text.isascii():
            return text
        return text.encode(self.encoding, "backslashreplace").decode(self.encoding)


ASCII = Signs("-", "~", "-", " ", ", ", fills="#-=", eighths="", days=".:#")


def signs(out: TextIO) -> Signs:
    """The signs that the encoding of `out`, and the locale, can take."""
    try:
        "".join(Signs()).encode(out.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError) as error:
        return ASCII._replace(encoding="ascii" if isinstance(error, LookupError) else out.encoding)
    return ASCII if _is_plain(out) else Signs()


def _is_plain(out: TextIO) -> bool:
    """Whether it leaves the process where someone has asked for the locale C, by its name.

    Python writes UTF-8 there all the same, and so are texts; what we draw around them is not. A machine without any
    locale, as containers are, is no such wish: its terminal is elsewhere.
    """
    asked = os.environ.get("LC_ALL") or os.environ.get("LANG")
    if asked not in ("C", "POSIX") or sys.flags.utf8_mode != 1 or "PYTHONUTF8" in os.environ:
        return False
    try:
        return out.fileno() >= 0
    except OSError:
        return False


def terminal_width() -> int | None:
    """The columns of the terminal that stdout is; None for a pipe or a file."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80 if sys.stdout.isatty() else None
