"""From text to tree: fields are looked up among those that the reader may name, values are read by their type."""

from collections.abc import Callable, Sequence
from typing import Any

from epicshell.errors import Invalid
from epicshell.filters.where import fields, grammar, hints, periods
from epicshell.filters.where.fields import EXAMPLES, OPERATORS, Type, type_of
from epicshell.filters.where.grammar import Predicate, Syntax, wrong
from epicshell.filters.where.lexer import NULL, Token, written
from epicshell.filters.where.people import emptiness
from epicshell.filters.where.tree import PLACE, And, Condition, Not, Or, Tree, Value
from epicshell.models import Field
from epicshell.text import display, quote


def read(
    text: str, model: Any, department: str, currency: str = "EUR", is_place: Callable[[str], bool] = lambda _: False
) -> Tree:
    """The checked tree of an expression over the fields that a department may name of a model.

    is_place: whether a text only stands for a value that is not known yet. Raises Invalid with the span of what is
    wrong.
    """
    return _Reader(model, department, currency, is_place).tree(grammar.parse(text))


def leaf(model: Any, department: str, name: str, operator: str, *values: Value) -> Condition:
    """A condition whose value is known already, as flags have them."""
    field = fields.find(model.known(department), name)
    if field is None:
        raise TypeError(f"{model.plural()} have no field {name}")
    return Condition(field, operator, values)


class _Reader:
    def __init__(self, model: Any, department: str, currency: str, is_place: Callable[[str], bool]) -> None:
        self._fields: Sequence[Field] = model.known(department)
        self._plural = model.plural()
        self._currency = currency
        self._is_place = is_place

    def tree(self, syntax: Syntax) -> Tree:
        if isinstance(syntax, Predicate):
            return self._condition(syntax)
        parts = tuple(self.tree(part) for part in syntax.parts)
        return Not(parts[0]) if syntax.word == "not" else (And if syntax.word == "and" else Or)(parts)

    def _condition(self, found: Predicate) -> Condition:
        field = self._field(found.field)
        if not found.operator:
            return self._alone(field, found)
        if found.operator not in OPERATORS[type_of(field)]:
            raise self._untaken(field, found)
        read = [self._value(field, found.operator, token) for token in found.values]
        return Condition(
            field, found.operator, tuple(read), found.ranged and self._ordered(field, found), span=_span(found)
        )

    def _field(self, token: Token) -> Field:
        field = fields.find(self._fields, token.text)
        if field is None:
            sentence = f"{self._plural} have no field {quote(token.text)}."
            raise wrong(sentence, hints.of_field(self._fields, token.text), token.span)
        return field

    def _alone(self, field: Field, found: Predicate) -> Condition:
        kind = type_of(field)
        if kind is not Type.BOOLEAN:
            hint = f"{field.name} {OPERATORS[kind][0]} {EXAMPLES[kind]}; it takes {_listed(kind)}."
            raise wrong(f"{field.name} needs an operator and a value.", f"Such as: {hint}", found.field.span)
        return Condition(field, "=", (Value("yes", True, found.field.span),), alone=True, span=found.field.span)

    def _untaken(self, field: Field, found: Predicate) -> Invalid:
        """The operator is none for this type."""
        kind = type_of(field)
        sentence = f"{field.name} is {kind}, which {quote(found.operator)} does not compare."
        near = self._near(field, found)
        return wrong(sentence, f"Accepted: {_listed(kind)}.{near}", found.operator_span)

    def _near(self, field: Field, found: Predicate) -> str:
        """A field of a like name that takes the operator, if there is one: signed_at for signed."""
        others = [
            one.name
            for one in self._fields
            if one.name.startswith(field.name[:4]) and one is not field and found.operator in OPERATORS[type_of(one)]
        ]
        return f" Did you mean {others[0]}?" if others else ""

    def _value(self, field: Field, operator: str, token: Token) -> Value:
        if self._is_place(token.text):
            return Value(token.text, PLACE, token.span)
        if token.says(NULL) and type_of(field) is Type.TEXT:
            hint = f'{emptiness(field, operator, NULL)} As a text it is quoted: "{token.text}".'
            raise wrong(f"{field.name}: {quote(token.text)} is no text.", hint, token.span)
        try:
            value = fields.read(field, operator, token.text, self._currency)
        except Invalid as error:
            hint = emptiness(field, operator, token.text) or error.hint + self._meant(field, token)
            raise wrong(f"{field.name}: {error.sentence}", hint, token.span) from None
        return Value(token.text, value, token.span)

    def _meant(self, field: Field, token: Token) -> str:
        """The time of a thing that is asked for as yes or no, if a date was given; that no field is a value."""
        if fields.find(self._fields, token.text):
            return " A field is compared with a value, not with another field."
        at = fields.find(self._fields, f"{field.name}_at")
        return f" Did you mean {at.name}?" if at and periods.is_date(token.text) else ""

    def _ordered(self, field: Field, found: Predicate) -> bool:
        """True. Raises Invalid for a range of what has no order."""
        if type_of(field) in (Type.TEXT, Type.PERSON, Type.DEPARTMENT, Type.BOOLEAN):
            ends = " and ".join(written(display(token.text)) for token in found.values)
            raise wrong(
                f"{field.name} is {type_of(field)}, and has no ranges.",
                f"Accepted: {field.name} in (…) with single values, such as {ends}.",
                (found.values[0].start, found.values[-1].end),
            )
        return True


def _span(found: Predicate) -> tuple[int, int]:
    return found.field.start, found.values[-1].end if found.values else found.operator_span[1]


def _listed(kind: Type) -> str:
    return ", ".join(OPERATORS[kind])
