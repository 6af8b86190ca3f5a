"""An expression that is being typed: what is wrong with it whatever follows, and what its words are."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from epicshell.errors import Invalid
from epicshell.filters.where import fields, grammar
from epicshell.filters.where.lexer import KEYWORDS, Kind, Token, tokens
from epicshell.filters.where.periods import is_date
from epicshell.models import Field

_LOOKED_BACK = 8  #: words at the end that are left away to find what stands complete before them


def check(text: str, known: Sequence[Field], read: Callable[[str], object]) -> None:
    """Raise Invalid, with its span, for what can't become right by typing on.

    known: the fields that may be named. read: raises what is wrong with a complete expression.
    """
    try:
        read(text)
    except Invalid as error:
        here = grammar.expected(text)
        if not here.kinds or _is_certain(error, text, known):
            raise
    else:
        return
    for shorter, closing in _shorter(text, here.start):
        try:
            read(shorter + closing)
        except Invalid as error:
            if _parses(shorter + closing) and not _waits(error, shorter, known):
                raise
        else:
            return


def _is_certain(error: Invalid, text: str, known: Sequence[Field]) -> bool:
    """Whether an error stands before what is missing at the end of a text that may go on."""
    return _parses(text) and not _waits(error, text, known)


def _waits(error: Invalid, text: str, known: Sequence[Field]) -> bool:
    """Whether an error is about a field at the end of a text, whose operator is missing yet."""
    last = tokens(text)[-2]
    is_last = error.span is not None and error.span[1] >= last.end
    return is_last and last.kind is Kind.WORD and fields.find(known, last.text) is not None


def _parses(text: str) -> bool:
    try:
        grammar.parse(text)
    except Invalid:
        return False
    return True


def _shorter(text: str, end: int) -> Iterator[tuple[str, str]]:
    """The text without its last words, one after the other; and what closes its parentheses."""
    found = [token for token in tokens(text[:end]) if token.kind is not Kind.END]
    for count in range(len(found), max(0, len(found) - _LOOKED_BACK), -1):
        kept = found[:count]
        opened = sum(token.marks("(") for token in kept) - sum(token.marks(")") for token in kept)
        yield text[: kept[-1].end], ")" * opened


def parts(text: str, names: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """From, to, and a class of the style for each word. names: of the fields."""
    before: Token | None = None
    valued = False
    for token in _tokens(text):
        valued = _takes_value(token, before, valued)
        yield token.start, token.end, _style(token, valued, names)
        before = token


def _tokens(text: str) -> list[Token]:
    """The words up to the first that is none."""
    try:
        return tokens(text)[:-1]
    except Invalid as error:
        return tokens(text[: error.span[0]])[:-1] if error.span else []


def _takes_value(token: Token, before: Token | None, valued: bool) -> bool:
    """Whether a word stands where a value does: behind an operator, in a list, at an end of a range."""
    if before is None or token.kind is not Kind.WORD:
        return valued
    if before.kind is Kind.OPERATOR or before.says("in"):
        return True
    return valued and before.kind is Kind.MARK and before.text in ("(", ",", "..")


def _style(token: Token, valued: bool, names: Sequence[str]) -> str:
    if token.kind is Kind.TEXT:
        return "quoted"
    if token.kind in (Kind.OPERATOR, Kind.MARK):
        return "operator"
    if not valued or token.says(*KEYWORDS):
        known = token.text.lower().replace("-", "_") in names
        return "keyword" if token.says(*KEYWORDS) else "field" if known else "value"
    return "number" if token.text[:1] in "+-0123456789" or is_date(token.text) else "value"


def known_names(model: Any) -> Sequence[str]:
    """The names of all fields, whoever may read them."""
    return [field.name for field in (*model.fields(), *model.neighbours())]
