"""Lists that are written to a file instead of being shown: whole, counted, on record in the audit."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from epicshell.command import Command, Parameter
from epicshell.commands.line import Line
from epicshell.commands.progress import Bar
from epicshell.context import Context, Memory
from epicshell.errors import NotUnderstood
from epicshell.filters.again import Kept
from epicshell.models import Event
from epicshell.newfile import NewFile
from epicshell.params.files import NewFilePath, format_of
from epicshell.render import Screen, chunks
from epicshell.render.bars import undrawn
from epicshell.render.cells import BATCH
from epicshell.results import FileFormat, Format, Listing, Record
from epicshell.text import counted, display

MANUAL = """\
COMMAND --export FILE

  .xlsx  for Excel and LibreOffice: amounts, dates and numbers as such, texts as
         texts; up to 1 048 575 rows
  .csv   for other programs, and for import: UTF-8, commas between the values,
         12000.00, 2023-06-04T13:00:00+02:00. An Excel that separates by
         semicolons, as the French one does, shows it as one column: take .xlsx
  .json  exactly what --format json prints
  .ics   events, for Thunderbird, Outlook or a phone

The file is yours alone (0600): whole or not there, never written through a
link, over another one only if you agree (--yes). The audit log has its name and
the number of its rows.

No text runs as a formula. In an .xlsx file a text is one; in a .csv file an
apostrophe stands before what begins with = + - or @, at the start of a value
and behind each semicolon, tab and line end in it, where some spreadsheets begin
another cell. Phone numbers stay as they are, and import takes it off again."""


def destination(line: Line) -> Parameter | None:
    """The argument of a line that names the file that its rows go to, if it has one."""
    parameter = _destination(line.command)
    return parameter if parameter is not None and parameter.name in line.values else None


@cache
def _destination(command: Command) -> Parameter | None:
    files = (one for one in command.parameters if isinstance(one.param, NewFilePath) and one.param.formats)
    return next(files, None)


def wanted(line: Line, context: Context) -> "Export | None":
    """The export that a line asks for, if it does. Raises NotUnderstood, Invalid."""
    parameter = destination(line)
    if parameter is None:
        return None
    flag = parameter.label
    if context.database.in_transaction():
        raise NotUnderstood(f"{flag} can't stand in a script that is all or nothing, or a dry run.", "Run it alone.")
    if parameter.flag and "format" in line.values:
        raise NotUnderstood(f"--format and {flag} exclude each other: the file's extension says how it is written.")
    path = parameter.param.parse(line.values[parameter.name] or "", context, line.command.needs)
    format = format_of(path) or FileFormat.CSV
    if format is FileFormat.ICS and line.command.model not in (None, Event):
        raise NotUnderstood(f"An .ics file holds events, and {line.command.name} gives none.", "Use .csv or .xlsx.")
    if format is FileFormat.ICS and line.values.get("columns"):
        raise NotUnderstood("--columns can't choose what an .ics file tells of an event.", "Leave it away.")
    return Export(line, context, format, path)


class Export:
    """One result on its way into a file; a context manager around the transaction that it is read in.

    Left without an error, so once the audit has it for good, the file gets its name; an error leaves nothing behind.
    context: what the command runs with: it gives all rows unless --limit says otherwise, and nothing is remembered.
    """

    def __init__(self, line: Line, context: Context, format: FileFormat, path: Path) -> None:
        self._line = line
        self._format = format
        self._file = NewFile(path, replace=context.agreed)
        memory = context.memory if line.command.alone else Memory(on=False, names=context.memory.names)
        self.context = replace(context, format=format, page_size=None, memory=memory, preferences=None)

    def __enter__(self) -> Self:
        self._file.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)

    def write(self, result: Any, bar: Bar) -> str:
        """Write the rows and put them on record; the sentence that tells of it. Raises Refused, NotUnderstood.

        bar: tells how far it is; how many rows there are it knows only where the format has to know.
        """
        command, path = self._line.command, self._file.path
        if not isinstance(result, Listing | Record):
            raise NotUnderstood(f"{command.name} gives no rows here that could be written to a file.")
        result = undrawn(result)
        listing = Listing(result.columns, [result.values]) if isinstance(result, Record) else result
        rows = _Counted(listing.rows, bar)
        count = partial(_count, listing.count, bar) if listing.count else None
        self._write(replace(listing, rows=rows, count=count), result)
        record = "SELECT api.record_export(%s, %s, %s, %s)"
        self.context.database.one(record, (self._source, str(self._format), display(path.name), rows.number))
        model = Event if self._format is FileFormat.ICS else command.model
        model = None if self._line.values.get("group_by") else model
        return f"{counted(rows.number, model.noun if model else 'row')} written to {path}."

    @property
    def _source(self) -> str:
        """The command that gave the rows, for the audit: also of a result that was kept."""
        name, last = self._line.command.name, self.context.memory.last
        return f"{name} ({last.command})" if self._line.command.alone and isinstance(last, Kept) else name

    def _write(self, listing: Listing, result: Listing | Record) -> None:
        context = self.context
        match self._format:
            case FileFormat.XLSX:
                from epicshell.render import xlsx

                with self._file.writing() as out:
                    xlsx.write(listing, out, context.zone)
            case FileFormat.ICS:
                for piece in self._calendar(listing):
                    self._file.write(piece.encode())
            case _:
                screen = Screen(None, False, context.zone)
                shown = result if isinstance(result, Record) and self._format is FileFormat.JSON else listing
                for piece in chunks(shown, format=Format(self._format), screen=screen):
                    self._file.write(piece.encode())

    def _calendar(self, listing: Listing) -> Iterator[str]:
        from epicshell.render import ics

        session = self.context.account.session
        if session is None or not ics.fits(listing.columns):
            raise NotUnderstood("An .ics file holds events, and these are none.", "Use .csv or .xlsx.")
        cancelled = "trash" in self._line.values
        return ics.chunks(listing, installation=session.installation, now=self.context.now, cancelled=cancelled)


class _Counted:
    """Rows that are counted as they pass by."""

    def __init__(self, rows: Iterable[Sequence[Any]], bar: Bar) -> None:
        self._rows = rows
        self._bar = bar
        self.number = 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self._rows:
            self.number += 1
            if not self.number % BATCH:
                self._bar.advance(BATCH)
            yield row


def _count(count: Callable[[int], int], bar: Bar, most: int) -> int:
    bar.total = number = count(most)
    return number
