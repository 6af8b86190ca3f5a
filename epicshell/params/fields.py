"""Names of fields: what `--columns`, `--sort` and `--group-by` take, looked up, complained about and completed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any

from epicshell.context import Context
from epicshell.errors import Invalid
from epicshell.fuzzy import best
from epicshell.models import Field
from epicshell.params.base import Candidate, Param
from epicshell.policy import Permission
from epicshell.results import Column, Kind
from epicshell.text import did_you_mean, quote

COUNT = "count"  #: the column of a grouped list that no entity has
_MEANINGS = {
    Kind.INTEGER: "number",
    Kind.TEXT: "text",
    Kind.MONEY: "amount",
    Kind.BOOLEAN: "yes or no",
    Kind.DATE: "date",
    Kind.TIME: "date and time",
}


@cache
def known(model: Any, department: str) -> Sequence[Field]:
    """All fields that lists of a department may name: the entity's own, then those of its neighbours."""
    return tuple(model.known(department))


def picked(fields: Sequence[Any], columns: str, plural: str, flag: str = "") -> list[Any]:
    """The fields that `a,b,c` names. Raises Invalid; its span is the name's."""
    found: list[Any] = []
    for name, start in _names(columns):
        field = named(fields, name, plural, flag, start)
        if field in found:
            span = (start, start + len(name))
            raise _wrong(f"{quote(name)} is named twice.", "Accepted: each field once.", flag, span)
        found.append(field)
    return found


def order_of(fields: Sequence[Any], sort: str, plural: str, flag: str = "") -> list[tuple[Any, bool]]:
    """(field, descending) for each part of FIELD[,-FIELD]. Raises Invalid; its span is the name's."""
    order = []
    for name, start in _names(sort):
        descending = name.startswith("-")
        plain = name.removeprefix("-")
        order.append((named(fields, plain, plural, flag, start + descending), descending))
    return order


def named(fields: Sequence[Any], name: str, plural: str, flag: str = "", start: int = 0) -> Any:
    """The field of a name. start: where in the flag's value it stands. Raises Invalid with a near one."""
    found = next((field for field in fields if field.name == name), None)
    if found is None:
        hint = did_you_mean(name, [field.name for field in fields])
        raise _wrong(f"{plural} have no field {quote(name)}.", hint, flag, (start, start + len(name)))
    return found


def _names(typed: str) -> Iterable[tuple[str, int]]:
    """(name, where it begins) of each part between commas."""
    place = 0
    for part in typed.split(","):
        yield part.strip(), place + len(part) - len(part.lstrip())
        place += len(part) + 1


def _wrong(sentence: str, hint: str, flag: str, span: tuple[int, int]) -> Invalid:
    error = Invalid(f"{flag}: {sentence}" if flag else sentence, hint)
    error.span = span
    return error


@dataclass(frozen=True)
class FieldNames(Param):
    """Names of fields of a list, separated by commas.

    signed: each with a - before it for the largest first. single: it is one name. model: the entity of the list;
    None: of what was shown last. taken: the names before the one that is being typed. grouped: the list is grouped.
    """

    metavar: str
    accepts: str
    signed: bool = False
    single: bool = False
    model: Any = None
    taken: frozenset[str] = frozenset()
    grouped: bool = False
    at_once = True
    verbatim = True

    def of(self, model: Any) -> Param:
        return replace(self, model=model)

    def given(self, typed: Mapping[str, str]) -> Param:
        return replace(self, grouped=not self.single and "group_by" in typed)

    def piece(self, typed: str) -> tuple[int, Param]:
        before, _, last = ("", "", typed) if self.single else typed.rpartition(",")
        name = last.lstrip().removeprefix("-" if self.signed else "")
        taken = frozenset(name.strip().lstrip("-") for name in before.split(","))
        return len(typed) - len(name), replace(self, taken=taken)

    def parse(self, text: str, context: Context, needs: Permission | None) -> str:
        """The text as it is: which names are accepted, depends on whether the list is grouped."""
        if not text.strip():
            raise Invalid("It must not be empty.", f"Accepted: {self.accepts}.")
        return text.strip()

    def check(self, text: str, context: Context, needs: Permission | None) -> None:
        """Raises Invalid for a name that no list of this entity has, grouped or not."""
        fields = self._fields(context)
        if self.model is None or not text:
            return
        plural = self.model.plural()
        if self.single:
            named(fields, text.strip(), plural)
        elif self.signed:
            order_of([*fields, Column(COUNT)], text, plural)
        else:
            picked([*fields, Column(COUNT)], text, plural)

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        count = [Column(COUNT, Kind.INTEGER)] if self.grouped else []
        fields = [field for field in (*count, *self._fields(context)) if field.name not in self.taken]
        return [Candidate(one.name, _MEANINGS[one.kind]) for one in best(prefix, fields, lambda one: str(one.name))]

    def among(self, keys: Sequence[str], context: Context, needs: Permission | None) -> Iterable[Candidate]:
        return ()

    def _fields(self, context: Context) -> Sequence[Column]:
        if self.model is None:
            return getattr(context.memory.last, "fields", ())
        return known(self.model, context.actor.department)


_FIELDS = "fields of the list, such as company,id"
_SORT = "fields to sort by, -FIELD for the largest first, such as company,-id"
Columns = Annotated[str, FieldNames("FIELDS", _FIELDS)]
Sort = Annotated[str, FieldNames("FIELDS", _SORT, signed=True)]
GroupBy = Annotated[str, FieldNames("FIELD", "a field of the list, such as sales", single=True)]
