"""An expression that is understood: conditions on fields with typed values, which print themselves as text again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from epicshell.filters.where.lexer import written
from epicshell.models import Field

PLACE = object()  #: a value that is not known yet, in an expression that is kept


@dataclass(frozen=True, slots=True)
class Value:
    """A value. text: as it is written. value: what it is, by the field's type: int, cents, bool, str; a date stays its
    text, since what it means depends on the day; or PLACE. span: where it was typed."""

    text: str
    value: Any
    span: tuple[int, int] = (0, 0)

    def __str__(self) -> str:
        return written(self.text)


@dataclass(frozen=True, slots=True)
class Condition:
    """A field compared.

    operator: of `grammar.COMPARISONS`, `in`, `not in`, `is empty`, `is not empty`. ranged: the values are two ends.
    alone: a boolean field without more, which is a comparison with yes. span: where it was typed, if it was.
    """

    field: Field
    operator: str
    values: tuple[Value, ...] = ()
    ranged: bool = False
    alone: bool = False
    span: tuple[int, int] | None = None

    def __str__(self) -> str:
        name = self.field.name
        if self.alone:
            return name
        if not self.values:
            return f"{name} {self.operator}"
        if self.ranged:
            return f"{name} {self.operator} {self.values[0]}..{self.values[1]}"
        if self.operator in ("in", "not in"):
            return f"{name} {self.operator} ({', '.join(map(str, self.values))})"
        return f"{name} {self.operator} {self.values[0]}"


@dataclass(frozen=True, slots=True)
class Not:
    part: "Tree"

    def __str__(self) -> str:
        return f"not {_inner(self.part)}"


@dataclass(frozen=True, slots=True)
class And:
    parts: "tuple[Tree, ...]"

    def __str__(self) -> str:
        return " and ".join(_inner(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    parts: "tuple[Tree, ...]"

    def __str__(self) -> str:
        return " or ".join(_inner(part) for part in self.parts)


Tree = Condition | Not | And | Or


def _inner(part: Tree) -> str:
    return f"({part})" if isinstance(part, And | Or) else str(part)


def conditions(tree: Tree) -> Iterator[Condition]:
    """All conditions of a tree, from left to right."""
    if isinstance(tree, Condition):
        yield tree
        return
    for part in (tree.part,) if isinstance(tree, Not) else tree.parts:
        yield from conditions(part)


def together(*trees: Tree | None) -> Tree | None:
    """All of these at once; None if there are none."""
    parts: list[Tree] = []
    for tree in trees:
        if tree is not None:
            parts += tree.parts if isinstance(tree, And) else (tree,)
    return parts[0] if len(parts) == 1 else And(tuple(parts)) if parts else None
