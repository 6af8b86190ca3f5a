"""Who the usernames of an expression are: asked once, before the rows are, so that these are found by ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

from epicshell.errors import Invalid
from epicshell.filters.where.fields import ME, Type, type_of
from epicshell.filters.where.grammar import wrong
from epicshell.filters.where.tree import And, Condition, Not, Or, Tree, Value, conditions
from epicshell.models import Employee, Field
from epicshell.models.base import call
from epicshell.session import Actor
from epicshell.text import closest, fold


def are_others(field: Field) -> bool:
    """Whether the people of a field stand in another table than the field."""
    return field.join is not None or field.having is not None


@dataclass(frozen=True)
class People:
    """The ids of usernames, and of those whose names contain a text."""

    by_name: Mapping[str, int]
    by_part: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, tree: Tree) -> "People":
        """The people of a tree; one question, if it names any. Raises Invalid for a name that nobody has."""
        asked = [one for one in conditions(tree) if type_of(one.field) is Type.PERSON and are_others(one.field)]
        named = [(one, value) for one in asked for value in one.values if isinstance(value.value, str)]
        names = {value.value: (one, value) for one, value in named if not _is_part(one) and value.value != ME}
        parts = {fold(value.value) for one, value in named if _is_part(one)}
        if not names and not parts:
            return cls({}, {})
        wanted = [Employee.username.in_(list(names)), *[call("strpos", Employee.username, part) > 0 for part in parts]]
        found = dict(Employee.select(Employee.username, Employee.id).where(reduce(or_, wanted)).tuples())
        for name, (one, value) in names.items():
            if name not in found:
                raise _nobody(one, value)
        return cls(found, {part: [number for name, number in found.items() if part in name] for part in parts})

    def known(self, tree: Tree) -> Tree:
        """The tree with the ids of those whom it names."""
        if isinstance(tree, Not):
            return Not(self.known(tree.part))
        if isinstance(tree, And | Or):
            return type(tree)(tuple(self.known(part) for part in tree.parts))
        if type_of(tree.field) is not Type.PERSON or not are_others(tree.field) or _is_part(tree):
            return tree
        values = [replace(value, value=self.by_name.get(value.value, value.value)) for value in tree.values]
        return replace(tree, values=tuple(values))

    def ids(self, one: Condition, actor: Actor) -> Sequence[int]:
        """Those whom a condition names, without doubles."""
        if _is_part(one):
            return self.by_part[fold(one.values[0].value)]
        return list(dict.fromkeys(self._id(value, actor) for value in one.values))

    def _id(self, value: Value, actor: Actor) -> int:
        if isinstance(value.value, int):
            return value.value
        return actor.employee_id if value.value == ME else self.by_name[value.value]


def _is_part(one: Condition) -> bool:
    return one.operator in ("~", "!~")


def _nobody(one: Condition, value: Value) -> Invalid:
    near = closest(value.value, [row.username for row in Employee.select(Employee.username)])
    hint = f"Did you mean {near}?" if near else "employees list shows everyone."
    return wrong(f"{one.field.name}: there is no employee {value.value}.", hint, value.span)
