"""What the signature of a command's handler says of its arguments."""

import inspect
import re
import typing
from dataclasses import MISSING, dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any

from epicshell.params import BY_ENTITY, BY_TYPE, Param, scalars
from epicshell.params.base import Only


@dataclass(frozen=True)
class Parameter:
    """One argument of a command.

    name: the function's parameter. flag: `--name`; None for a positional or a clause. switch: a flag without a value.
    group: the dataclass parameter that it is a field of, if any. only: the departments that it is of use to; None: all.
    """

    name: str
    flag: str | None
    param: Param
    required: bool
    switch: bool
    meaning: str
    group: str | None = None
    only: tuple[str, ...] | None = None

    @property
    def clause(self) -> str:
        """The word behind which it takes the rest of the line; empty if it is a flag or a positional."""
        return "" if self.flag else self.param.clause

    @property
    def label(self) -> str:
        """How it is named in messages: the flag, the word of a clause, or the metavar of a positional."""
        return self.flag or self.clause or self.param.metavar

    @property
    def usage(self) -> str:
        named = bool(self.flag or self.clause) and not self.switch
        shown = f"{self.label} {self.param.metavar}" if named else self.label
        return shown if self.required else f"[{shown}]"


def meanings_in(text: str) -> dict[str, str]:
    """The lines `name: meaning` of a docstring."""
    return dict(re.findall(r"(?m)^(\w+): (.+)$", text))


def parameter_of(name: str, hint: Any, declared: inspect.Parameter, meaning: str) -> Parameter:
    """A parameter of a handler as an argument. hint: its annotation. Raises TypeError for one that says no type."""
    optional = declared.default is not inspect.Parameter.empty
    positional = declared.kind is inspect.Parameter.POSITIONAL_ONLY or (
        not optional and declared.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    )
    return _made(name, hint, optional=optional, positional=positional, meaning=meaning)


def is_group(hint: Any) -> bool:
    """Whether an annotation stands for several flags: it is a dataclass."""
    return isinstance(hint, type) and is_dataclass(hint)


def flags_of(group: str, dataclass_type: Any) -> list[Parameter]:
    """The flags that a dataclass stands for, a field each. group: the handler's parameter that it is the type of."""
    hints = typing.get_type_hints(dataclass_type, include_extras=True)
    meanings = meanings_in(inspect.cleandoc(dataclass_type.__doc__ or ""))
    return [
        _made(
            field.name,
            hints[field.name],
            optional=field.default is not MISSING,
            positional=False,
            meaning=meanings.get(field.name, ""),
            group=group,
        )
        for field in fields(dataclass_type)
    ]


def _made(
    name: str, hint: Any, *, optional: bool, positional: bool, meaning: str, group: str | None = None
) -> Parameter:
    inner = _not_none(hint)
    extras = typing.get_args(inner)[1:] if typing.get_origin(inner) is typing.Annotated else ()
    only = next((extra.departments for extra in extras if isinstance(extra, Only)), None)
    switch = hint is bool or (bool(extras) and typing.get_args(inner)[0] is bool)
    param = scalars.WORD if switch else _param(hint)
    flag = None if positional or param.clause else "--" + name.rstrip("_").replace("_", "-")
    return Parameter(name, flag, param, not optional and not switch, switch, meaning, group, only)


def _param(hint: Any) -> Param:
    """The parameter type that an annotation stands for."""
    hint = _not_none(hint)
    if typing.get_origin(hint) is typing.Annotated:
        base, *extras = typing.get_args(hint)
        return next((extra for extra in extras if isinstance(extra, Param)), None) or _param(base)
    found: Param | None = BY_TYPE.get(hint) or BY_ENTITY.get(hint)
    if found is None:
        raise TypeError(f"no parameter type for {hint!r}")
    return found


def over_where(parameters: list[Parameter], *, many: bool) -> list[Parameter]:
    """The parameters with --where: it stands for the first of them, a record, where a command is called for many."""
    from epicshell.filters.where import Where

    subject = parameters[0]
    model: Any = subject.param.model  # type: ignore[attr-defined]  # a bulk command is for a record
    meaning = f"instead of {subject.label}: every {model.noun} that it finds"
    where = Parameter("where", "--where", Where(model, clause=""), many, False, meaning)
    return [where, *parameters[1:]] if many else [*parameters, where]


def _not_none(hint: Any) -> Any:
    """What an annotation is besides None."""
    if typing.get_origin(hint) in (typing.Union, UnionType):
        return next(inner for inner in typing.get_args(hint) if inner is not NoneType)
    return hint
