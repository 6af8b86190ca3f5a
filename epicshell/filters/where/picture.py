"""Where an expression is wrong, drawn: the expression, and carets under the place."""

from epicshell.errors import Invalid
from epicshell.text import cut, display, prefix, width

COLUMNS = 76  #: of a terminal that the drawing takes at most
_BEFORE = 30  #: columns that are left before the place where the rest is cut away


def column(error: Invalid) -> Invalid:
    """The error with the column of its place in its sentence."""
    if error.span is None:
        return error
    told = Invalid(f"column {error.span[0] + 1}: {error.sentence}", error.hint)
    told.span = error.span
    return told


def drawn(text: str, error: Invalid) -> Invalid:
    """The error with the column, and the expression and carets under it. Harmless on a terminal."""
    told = column(error)
    if told.span is None or not text.strip():
        return told
    start, end = told.span
    before, place, after = (display(part) for part in (text[:start], text[start:end], text[end:]))
    if width(before) > _BEFORE and width(before + place + after) > COLUMNS:
        before = "…" + _last(before, _BEFORE)
    place = cut(place, max(1, COLUMNS - width(before)))
    shown = cut(before + place + after, COLUMNS)
    carets = " " * width(before) + "^" * max(1, width(place))
    told.picture = f"  {shown}\n  {carets}"
    return told


def _last(text: str, columns: int) -> str:
    """The longest end of a text that fits."""
    while width(text) > columns:
        text = text[len(prefix(text, max(1, width(text) - columns))) or 1 :]  # a wide character goes whole
    return text
