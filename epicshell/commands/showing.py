"""Showing a result: written as it is, or through the pager where it is longer than the screen."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from zoneinfo import ZoneInfo

from epicshell.command import Command
from epicshell.commands.output import Output, Pager
from epicshell.context import Memory
from epicshell.filters.again import TOO_LONG
from epicshell.render import Screen, chunks, render
from epicshell.render.bars import is_drawn
from epicshell.render.prose import fit
from epicshell.render.screen import HEADER, Signs, signs
from epicshell.results import Format, Listing, Record, Text
from epicshell.session.account import Account
from epicshell.text import width

HINT = "last --sort FIELD, --columns, --format shows it otherwise"


def show(result: Record | Listing | Text, output: Output, format: Format, screen: Screen, *, paged: bool) -> None:
    """Write a result to where it goes. paged: what is longer than the screen through the pager, if there is one.

    A result that may go through the pager can be read twice, unless it is known to be long. It is scrolled sideways
    there if it is wide, but for what is drawn, which is looked at as a whole.
    """
    pager, marks = output.pager if paged else None, signs(output.out)
    if pager is not None and _is_long(result, pager, format, screen):
        natural = replace(screen, fitted=is_drawn(result), colour=False)
        pager.show(_lines(result, format, natural, marks), pinned=_pinned(result, format), hint=_hint(result))
    elif isinstance(result, Text):
        output.out.writelines(f"{line}\n" for line in _lines(result, format, screen))
    else:
        render(result, format=format, out=output.out, screen=screen)


def _lines(
    result: Record | Listing | Text, format: Format, screen: Screen, marks: Signs | None = None
) -> Iterator[str]:
    if isinstance(result, Text):
        yield from fit(result.body, screen.width if result.flows else None)
        return
    for piece in chunks(result, format=format, screen=screen, marks=marks):
        yield from piece.removesuffix("\n").split("\n")


def _is_long(result: Record | Listing | Text, pager: Pager, format: Format, screen: Screen) -> bool:
    """Whether a result takes more lines than there is room for, as a terminal wraps them."""
    if isinstance(result, Listing) and result.kept == TOO_LONG:
        return True
    columns, room = pager.room()
    taken = 0
    for line in islice(_lines(result, format, replace(screen, colour=False)), room + 1):
        taken += max(1, -(-width(line) // columns))
    return taken > room


def _pinned(result: Record | Listing | Text, format: Format) -> int:
    """The lines of a header, which stay on top."""
    if not isinstance(result, Listing):
        return 0
    return {Format.TABLE: HEADER, Format.MARKDOWN: HEADER, Format.CSV: 1, Format.TSV: 1}.get(format, 0)


def _hint(result: Record | Listing | Text) -> str:
    return HINT if isinstance(result, Listing) and result.kept not in (None, TOO_LONG) else ""


def screen_of(account: Account, output: Output, command: Command, memory: Memory) -> Screen:
    """What rendering needs to know of who reads, and of the command whose result it is."""
    actor = account.known_actor
    settings = actor.settings if actor else {"timezone": "Europe/Paris", "currency": "EUR"}
    columns = "--columns" if command.flag("--columns") else "last --columns" if memory.on else ""
    return Screen(output.width(), output.colour, ZoneInfo(settings["timezone"]), settings["currency"], columns=columns)
