"""Writing results: for people as a table or a page, for programs as JSON, CSV, TSV, for wikis as Markdown."""

from typing import TextIO

from epicshell.render.screen import Screen
from epicshell.results import Format, Listing, Record

__all__ = ["Screen", "render"]


def render(result: Record | Listing, *, format: Format, out: TextIO, screen: Screen) -> None:
    """Write `result` to `out`, row by row: memory does not grow with the rows, but for Markdown.

    Nothing here escapes for the encoding of `out`; give it an error handler, such as backslashreplace, where
    it can't take every character. Raises what `out` raises (BrokenPipeError).
    """
    match format:
        case Format.TABLE:
            from epicshell.render import table, vertical

            if isinstance(result, Record):
                vertical.write(result, out, screen)
            else:
                table.write(result, out, screen)
        case Format.JSON:
            from epicshell.render import structured

            structured.write(result, out, screen)
        case Format.CSV | Format.TSV:
            from epicshell.render import delimited

            delimited.write(_listing(result), out, screen, format)
        case Format.MARKDOWN:
            from epicshell.render import markdown

            markdown.write(_listing(result), out, screen)


def _listing(result: Record | Listing) -> Listing:
    return Listing(result.columns, [result.values]) if isinstance(result, Record) else result
