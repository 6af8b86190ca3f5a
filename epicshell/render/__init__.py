"""Writing results: for people as a table or a page, for programs as JSON, CSV, TSV, for wikis as Markdown."""

from collections.abc import Iterator
from typing import TextIO

from epicshell.render.bars import undrawn
from epicshell.render.screen import Screen, Signs, signs
from epicshell.results import Format, Listing, Record

__all__ = ["Screen", "chunks", "render"]


def render(result: Record | Listing, *, format: Format, out: TextIO, screen: Screen) -> None:
    """Write `result` to `out`, row by row: memory does not grow with the rows, but for Markdown.

    Nothing here escapes for the encoding of `out`; give it an error handler, such as backslashreplace, where
    it can't take every character. Raises what `out` raises (BrokenPipeError).
    """
    for chunk in chunks(result, format=format, screen=screen, marks=signs(out)):
        out.write(chunk)


def chunks(result: Record | Listing, *, format: Format, screen: Screen, marks: Signs | None = None) -> Iterator[str]:
    """What `render` writes, as pieces of whole lines, made when asked for. marks: the signs that can be shown."""
    marks = marks or Signs()
    if format is not Format.TABLE:
        result = undrawn(result)
    match format:
        case Format.TABLE:
            from epicshell.render import table, vertical

            if isinstance(result, Record):
                return vertical.chunks(result, screen, marks)
            return table.chunks(result, screen, marks)
        case Format.JSON:
            from epicshell.render import structured

            return structured.chunks(result, screen)
        case Format.CSV | Format.TSV:
            from epicshell.render import delimited

            return delimited.chunks(_listing(result), screen, format)
        case Format.MARKDOWN:
            from epicshell.render import markdown

            return markdown.chunks(_listing(result), screen, marks)


def _listing(result: Record | Listing) -> Listing:
    return Listing(result.columns, [result.values]) if isinstance(result, Record) else result
