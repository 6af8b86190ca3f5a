"""Completion by position: what may stand where an expression is being typed, each with a meaning."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from epicshell.context import Context
from epicshell.errors import Invalid
from epicshell.filters.where import fields, grammar, periods
from epicshell.filters.where.fields import ME, OPERATORS, Type, type_of
from epicshell.filters.where.grammar import Expected
from epicshell.fuzzy import best
from epicshell.models import DEPARTMENTS, Field
from epicshell.params.base import Candidate, Param
from epicshell.params.days import DAY_NAMES, days, spoken
from epicshell.params.fields import known
from epicshell.params.people import Contact, EmployeeParam
from epicshell.policy import Permission

_MEANINGS = {
    "=": "is",
    "!=": "is not",
    "<": "less than, or before",
    "<=": "at most, or through the end of",
    ">": "more than, or after",
    ">=": "at least, or from",
    "~": "contains, ignoring case and accents",
    "!~": "does not contain",
    "in": "one of (a, b), or from a..b",
    "not in": "none of (a, b), or not from a..b",
    "is empty": "unknown, or nobody",
    "is not empty": "known, or somebody",
    "and": "both hold",
    "or": "either holds",
    "not": "does not hold",
    "(": "what belongs together",
    ")": "closes",
    ",": "another value",
    "..": "up to",
    "empty": "unknown, or nobody",
    "not empty": "known, or somebody",
}
_YES_NO = {"yes": "it is so", "no": "it is not so"}
_JOINING = ("and", "or", ")", ",", "..")
_UNITS = ("d", "w", "mo", "y", "h", "min")
_PEOPLE: dict[str, Param] = {"sales": Contact("sales"), "support": Contact("support")}
_ANYONE: Param = EmployeeParam()


@dataclass(frozen=True)
class Piece(Param):
    """What is being typed at the end of an expression. here: what may stand there."""

    model: Any
    here: Expected
    accepts: str = ""
    metavar: str = "EXPRESSION"
    verbatim = True

    def alone(self) -> "Piece":
        """The same as a word of its own, named as the field that it is compared with."""
        field = self.here.field if "value" in self.here.kinds else ""
        return replace(self, metavar=field.upper().replace("_", "-") or "VALUE", accepts="")

    def check(self, text: str, context: Context, needs: Permission | None) -> None:
        """Nothing: the expression is judged as a whole."""

    @property
    def at_once(self) -> bool:  # type: ignore[override]
        return self._people is None

    @property
    def kind(self) -> object:
        return self._people.kind if self._people else self

    @property
    def _people(self) -> Param | None:
        """Whose usernames the database is asked for, if the value is one."""
        here = self.here
        asked = here.operator not in ("~", "!~") and "(" not in here.kinds  # a list of people begins with a (
        valued = "value" in here.kinds and not here.quoted
        if not (valued and asked) or here.field not in ("sales", "support", "username"):
            return None
        return _PEOPLE.get(here.field, _ANYONE)

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        offered = known(self.model, context.actor.department)
        field = fields.find(offered, self.here.field) if self.here.field else None
        found = [*self._values(field, prefix, context, needs), *self._words(field, prefix)]
        if "field" in self.here.kinds:
            named = best(prefix.replace("-", "_"), offered, lambda one: str(one.name))
            return [*[Candidate(one.name, str(type_of(one))) for one in named], *found]
        return found

    def among(self, keys: Sequence[str], context: Context, needs: Permission | None) -> Iterable[Candidate]:
        return self._people.among(keys, context, needs) if self._people else ()

    def _words(self, field: Field | None, prefix: str) -> Iterator[Candidate]:
        """Operators of the field's type, and the words and marks of the language."""
        for one in dict.fromkeys(self._offered(field)):
            if one.startswith(prefix.lower()):
                yield Candidate(one, "a list of values" if (one, self.here.operator) == ("(", "in") else _MEANINGS[one])

    def _offered(self, field: Field | None) -> list[str]:
        kinds = self.here.kinds
        if "operator" in kinds:
            kind = type_of(field) if field is not None else None
            joining = [one for one in _JOINING if one in kinds] if kind is Type.BOOLEAN else []
            return [*OPERATORS[kind], *joining] if kind else []
        if "empty" in kinds:
            return ["empty", "not empty"] if "not" in kinds else ["empty"]
        inner = ["not", "("] if "field" in kinds else [one for one in ("in", "(") if one in kinds]
        return [*[one for one in _JOINING if one in kinds], *inner]

    def _values(
        self, field: Field | None, prefix: str, context: Context, needs: Permission | None
    ) -> Iterable[Candidate]:
        if field is None or "value" not in self.here.kinds or self.here.quoted:
            return ()
        kind = type_of(field)
        if kind is Type.BOOLEAN:
            return [Candidate(one, meaning) for one, meaning in _YES_NO.items() if one.startswith(prefix.lower())]
        if kind is Type.DEPARTMENT:
            return [Candidate(one, "a department") for one in best(prefix, DEPARTMENTS, str)]
        if kind in (Type.DAY, Type.TIME):
            return list(_dates(prefix, context))
        if self._people is not None:
            me = [Candidate(ME, "yourself")] if ME.startswith(prefix.lower()) else []
            return [*me, *self._people.candidates(prefix, context, needs)]
        return ()


def piece(text: str, model: Any, accepts: str = "") -> tuple[int, Piece]:
    """Where in an expression that is being typed the piece at its end begins, and what may stand there."""
    if text.endswith("!"):  # of != or !~, which is no word yet
        here = grammar.expected(text[:-1])
        if "operator" in here.kinds and here.start == len(text) - 1:
            return here.start, Piece(model, here, accepts)
    here = grammar.expected(text)
    return here.start, Piece(model, here, accepts)


def _dates(prefix: str, context: Context) -> Iterator[Candidate]:
    """Periods by their name, by their distance, by the calendar; and the days around by their weekday."""
    typed = prefix.lower()
    around = [] if re.fullmatch("[+-]?[0-9]{1,4}(-.*)?", typed) else list(days(prefix, context.today))
    yield from (one for one in around if one.text in DAY_NAMES)
    for name in _periods(typed):
        if meaning := _spoken(name, context):
            yield Candidate(name, meaning)
    yield from (one for one in around if one.text not in DAY_NAMES)


def _periods(typed: str) -> list[str]:
    if re.fullmatch("[+-][0-9]{1,4}", typed):
        return [typed + unit for unit in _UNITS]
    if re.fullmatch("[0-9]{4}(-.*)?", typed):
        return [one for one in _of_year(typed[:4]) if one.startswith(typed)]
    return [one for one in periods.NAMED if one.startswith(typed) and one not in DAY_NAMES]


def _of_year(year: str) -> list[str]:
    return [year, *[f"{year}-{month:02}" for month in range(1, 13)], *[f"{year}-q{quarter}" for quarter in range(1, 5)]]


def _spoken(text: str, context: Context) -> str:
    """`Sunday 1 Nov 2026 to Monday 30 Nov 2026`; empty for what is out of range."""
    try:
        first, after = periods.period(text, context.now, context.zone).days(context.zone)
    except Invalid:
        return ""
    if text == "now":
        return "this moment"
    if re.fullmatch("[+-][0-9]+(min|h)", text):
        return f"{text[1:]} {'from now' if text[0] == '+' else 'ago'}"
    last = after - dt.timedelta(1)
    return spoken(first) if first == last else f"{spoken(first)} to {spoken(last)}"
