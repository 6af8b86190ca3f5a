"""JSON (RFC 8259): a listing is an array with one row per line, a record an indented object."""

from collections.abc import Iterable, Iterator, Sequence
from json import JSONEncoder
from json.encoder import encode_basestring_ascii
from typing import Any

from epicshell.render.cells import Formatter, batches, by_column, exactly
from epicshell.render.screen import Screen
from epicshell.results import Column, Kind, Listing, Record
from epicshell.text import escape

_encode = JSONEncoder(ensure_ascii=False).encode
_QUOTED = {Kind.MONEY, Kind.DATE, Kind.TIME}


def chunks(result: Record | Listing, screen: Screen) -> Iterator[str]:
    """Amounts are decimal strings, times ISO 8601 in the zone of the screen, unknown is null."""
    if isinstance(result, Record):
        template = "{\n  " + ",\n  ".join(_members(result.columns)) + "\n}\n"
        yield from _objects(result.columns, [result.values], template, screen)
    else:
        template = "{" + ", ".join(_members(result.columns)) + "}"
        yield from _array(_objects(result.columns, result.rows, template, screen))


def _members(columns: Sequence[Column]) -> list[str]:
    """The members of an object as a template for `%`."""
    return [f"{json_text(column.name).replace('%', '%%')}: %s" for column in columns]


def _objects(columns: Sequence[Column], rows: Iterable[Sequence[Any]], template: str, screen: Screen) -> Iterator[str]:
    formatters = [_formatter(column.kind, screen) for column in columns]
    for batch in batches(rows):
        yield from map(template.__mod__, zip(*by_column(batch, formatters, "null"), strict=True))


def _formatter(kind: Kind, screen: Screen) -> Formatter:
    bare = exactly(kind, screen.zone, json_text)
    return (lambda value: f'"{bare(value)}"') if kind in _QUOTED else bare


def json_text(text: str) -> str:
    """A JSON string that is harmless on a terminal too, and yet reads back as `text`, other letters as is."""
    return escape(_encode(text), lambda character: encode_basestring_ascii(character)[1:-1])


def _array(objects: Iterator[str]) -> Iterator[str]:
    before = next(objects, None)
    if before is None:
        yield "[]\n"
        return
    yield "[\n"
    for following in objects:
        yield before + ",\n"
        before = following
    yield before + "\n]\n"
