"""Rows as the parameters of a command read them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from epicshell.command import Parameter
from epicshell.commands.importing.cells import text_of
from epicshell.commands.importing.headers import ID, Columns
from epicshell.commands.importing.wishes import OF_ONE
from epicshell.context import Context
from epicshell.errors import EpicError, Invalid
from epicshell.params.scalars import DAY
from epicshell.policy import Permission
from epicshell.sheets import Row
from epicshell.values import yes_no


@dataclass
class Entry:
    """A row of the file.

    key: what it is known by, if anything. values: its fields but those that name records. errors: of fields that have
    no value.
    """

    row: Row
    texts: Mapping[str, str]
    key: Any = None
    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, EpicError] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


class Reader:
    """Reads rows. related: the parameters that name other records, which are left for later."""

    def __init__(
        self,
        context: Context,
        columns: Columns,
        parameters: Mapping[str, Parameter],
        needs: Permission,
        related: frozenset[str],
    ) -> None:
        self._columns = columns
        self._parameters = parameters
        self._needs = needs
        self._plain = [name for name in parameters if name not in related]
        self._aside = replace(context, notes=[])  # what the parameters remark of a row belongs to it

    def entry(self, row: Row, key: Callable[[Mapping[str, str]], Any]) -> Entry:
        """A row with what could be read of it. key: what it is known by, from its texts; may raise EpicError."""
        texts = {name: text_of(row, column) for name, column in self._columns.of.items()}
        if self._columns.first_name is not None:
            texts["full_name"] = f"{text_of(row, self._columns.first_name)} {texts['full_name']}".strip()
        entry = Entry(row, {name: text for name, text in texts.items() if text})
        values: dict[str, Any] = {}
        errors: dict[str, EpicError] = {}
        self._aside.notes.clear()
        try:
            entry.key = key(entry.texts)
        except OF_ONE as error:
            errors[ID] = error
        for name in self._plain:
            if name in entry.texts:
                try:
                    values[name] = self.value(name, entry.texts[name])
                except OF_ONE as error:
                    errors[name] = error
        return replace(entry, values=values, errors=errors, remarks=tuple(self._aside.notes))

    def value(self, name: str, text: str) -> Any:
        """What a text stands for in a parameter. Raises EpicError, beginning with the parameter's name if invalid."""
        parameter = self._parameters[name]
        try:
            if parameter.switch:
                return yes_no(text)
            if parameter.param is DAY:
                text = text.removesuffix(" 00:00:00")  # a date as other programs put it into a cell
            return parameter.param.parse(text, self._aside, self._needs)
        except Invalid as error:
            raise Invalid(f"{name}: {error.sentence}", error.hint) from None
