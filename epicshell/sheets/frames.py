"""What the reading process says to the one that asked it: JSON in frames, each behind its length (4 bytes).

A frame is a list: ["rows", sheet, [[number, [value, …]], …]], ["count", rows to come, about], ["left",
what is not read], ["problem", sentence, hint], ["end"]. A date, time or both in a row are
["d"|"t"|"m", ISO 8601].
"""

import json
import struct
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from epicshell.sheets.rows import Row, Value

LONGEST = 16_000_000  #: bytes of a frame
HEAD = struct.Struct("!I")
_TAGS: list[tuple[str, Any]] = [("m", datetime), ("d", date), ("t", time)]  # each datetime is a date, too


class Garbled(ValueError):
    """What came is no frame."""


def pack(content: Sequence[Any]) -> bytes:
    """A frame as bytes."""
    data = json.dumps(content, ensure_ascii=True, separators=(",", ":"), default=_tagged).encode()
    return HEAD.pack(len(data)) + data


def _tagged(value: Any) -> Any:
    tag = next(tag for tag, kind in _TAGS if isinstance(value, kind))
    return [tag, value.isoformat()]


def length(head: bytes) -> int:
    """How many bytes follow. Raises Garbled."""
    (size,) = HEAD.unpack(head)
    if size > LONGEST:
        raise Garbled
    return int(size)


def unpack(data: bytes) -> tuple[str, list[Any]]:
    """The kind of a frame, and the rest of it. Raises Garbled."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise Garbled from None
    if not (isinstance(content, list) and content and isinstance(content[0], str)):
        raise Garbled
    return content[0], content[1:]


def rows_of(content: list[Any], columns: int) -> Iterator[Row]:
    """The rows of a frame of them, each of at most so many columns. Raises Garbled for anything else."""
    try:
        sheet, rows = content
        for number, values in rows:
            row = Row(sheet, number, tuple(map(_value, values)))
            if type(sheet) is not str or type(number) is not int or len(row.values) > columns:
                raise Garbled
            yield row
    except (TypeError, ValueError):
        raise Garbled from None


def _value(value: Any) -> Value:
    if value is None or type(value) in (str, int, float, bool):
        return value  # type: ignore[no-any-return]
    tag, text = value
    return dict(_TAGS)[tag].fromisoformat(text)  # type: ignore[no-any-return]
