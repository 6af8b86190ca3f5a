"""One declaration per command: its function. Parser, completer, help, policy gate and documentation all read it."""

import inspect
import re
import typing
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from functools import cache, cached_property
from importlib import import_module
from itertools import chain
from types import NoneType, UnionType
from typing import Any

from epicshell import policy
from epicshell.params import BY_ENTITY, BY_TYPE, Param, scalars
from epicshell.params.base import Choice, Only
from epicshell.policy import Permission
from epicshell.results import Format
from epicshell.session import Actor


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


@dataclass(frozen=True)
class Command:
    """A command as declared.

    needs: the right that its gate asks for; None for what needs no session. model: what a list is of.
    changes: it changes the record that is its first argument, so it takes --if-revision.
    confirm: the question before it runs; then it takes --yes. exclusive: flags that exclude each other.
    alone: it brings its own transactions (sessions and passwords), so it can't be part of one.
    hidden: parameters that are not told of, since they refuse who reads.
    """

    name: str
    handler: Callable[..., Any]
    needs: Permission | None
    model: Any = None
    changes: bool = False
    confirm: str = ""
    exclusive: tuple[tuple[str, ...], ...] = ()
    alone: bool = False
    hidden: frozenset[str] = frozenset()

    @property
    def noun(self) -> str:
        return self.name.split()[0]

    @property
    def reads(self) -> bool:
        """Whether it only reads: a list, or what the right to read is enough for."""
        return self.model is not None or (self.needs or "").endswith(":read")

    @cached_property
    def doc(self) -> tuple[str, str, dict[str, str]]:
        """(summary, explanation, meaning per parameter) of the docstring."""
        lines = inspect.cleandoc(self.handler.__doc__ or "").splitlines()
        meanings = dict(re.findall(r"(?m)^(\w+): (.+)$", "\n".join(lines[1:])))
        rest = [line for line in lines[1:] if not re.match(r"\w+: ", line)]
        return lines[0] if lines else "", "\n".join(rest).strip(), meanings

    @property
    def summary(self) -> str:
        return self.doc[0]

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """In the order of the usage line: positionals, flags, the flags that many commands share, then a clause."""
        hints = typing.get_type_hints(self.handler, include_extras=True)
        found: list[Parameter] = []
        for name, declared in inspect.signature(self.handler).parameters.items():
            if name == "context":
                continue
            if _is_group(hints[name]):
                found += _group(name, hints[name])
            else:
                found.append(_parameter(name, hints[name], declared, self.doc[2].get(name, "")))
        found = sorted([*found, *self._shared()], key=lambda parameter: bool(parameter.clause))
        return tuple(parameter for parameter in found if parameter.name not in self.hidden)

    def told_to(self, department: str) -> "Command":
        """The command as a department is told of it: without the flags that always refuse it."""
        refused = [one.name for one in self.parameters if one.only is not None and department not in one.only]
        return replace(self, hidden=frozenset(refused)) if refused else self

    def _shared(self) -> list[Parameter]:
        shared = []
        if self.changes:
            meaning = "refuse if the record is no longer at this revision"
            shared.append(Parameter("if_revision", "--if-revision", scalars.NUMBER, False, False, meaning))
        if self.confirm:
            shared.append(Parameter("yes", "--yes", scalars.WORD, False, True, "do not ask"))
        if self.needs:
            shared.append(Parameter("format", "--format", FORMAT, False, False, "how the result is written"))
        return shared

    @cached_property
    def groups(self) -> dict[str, Any]:
        """The dataclass of each parameter that is a group of flags."""
        hints = typing.get_type_hints(self.handler, include_extras=True)
        return {name: hint for name, hint in hints.items() if name not in ("context", "return") and _is_group(hint)}

    @cached_property
    def positionals(self) -> list[Parameter]:
        return [parameter for parameter in self.parameters if parameter.flag is None and not parameter.clause]

    @cached_property
    def clause(self) -> Parameter | None:
        """What the rest of the line is behind the word of the clause, if there is one."""
        return next((parameter for parameter in self.parameters if parameter.clause), None)

    @cached_property
    def required(self) -> list[Parameter]:
        return [parameter for parameter in self.parameters if parameter.required]

    @cached_property
    def _flags(self) -> dict[str, Parameter]:
        return {parameter.flag: parameter for parameter in self.parameters if parameter.flag}

    def flag(self, text: str) -> Parameter | None:
        return self._flags.get(text)

    @cached_property
    def _signature(self) -> list[tuple[str, bool, Any]]:
        """The handler's parameters behind the context: name, whether only by keyword, default."""
        declared = list(inspect.signature(self.handler).parameters.values())[1:]
        return [(one.name, one.kind is inspect.Parameter.KEYWORD_ONLY, one.default) for one in declared]

    def call(self, context: Any, arguments: dict[str, Any]) -> Any:
        """Run the handler; what isn't given takes its default."""
        positional = [arguments.get(name, default) for name, keyword, default in self._signature if not keyword]
        named = {name: arguments.get(name, default) for name, keyword, default in self._signature if keyword}
        return self.handler(context, *positional, **named)

    @property
    def usage(self) -> str:
        """`contracts sign ID [--on DATE] …`"""
        return " ".join([self.name, *[parameter.usage for parameter in self.parameters]])


FORMAT = Choice("FORMAT", lambda _: tuple(Format), "table, json, csv, tsv or markdown")

CLAUSES = ("where",)  #: the words behind which a clause stands
REGISTRY: dict[str, Command] = {}
#: The modules that declare the commands of a first word; imported when that word is typed.
MODULES: dict[str, tuple[str, ...]] = {
    "employees": ("employees", "imports"),
    "clients": ("clients", "imports"),
    "contracts": ("contracts", "imports"),
    "events": ("events", "imports"),
    "find": ("find",),
    "report": ("reports",),
    "calendar": ("calendar",),
    "inbox": ("inbox",),
    "history": ("records",),
    "audit": ("records",),
    "settings": ("records",),
    "backup": ("backups",),
    "restore": ("backups",),
    "sessions": ("account",),
    "login": ("account",),
    "logout": ("account",),
    "whoami": ("account",),
    "passwd": ("account",),
    "exit": ("account",),
    "last": ("last",),
    "more": ("more",),
    "views": ("views",),
    "set": ("preferences",),
    "watch": ("watch",),
    "run": ("scripts",),
    "let": ("scripts",),
    "policy": ("guide",),
    "help": ("guide",),
}


def command(
    *names: str,
    needs: Permission | None,
    model: Any = None,
    changes: bool = False,
    confirm: str = "",
    exclusive: tuple[tuple[str, ...], ...] = (),
    alone: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a function as a command; the function itself stays as it is.

    Parameters without a default before the `*`, and those before a `/`, are positionals; all others are flags; a bool
    is a switch; a dataclass is a group of flags. The docstring's first line is the summary; a line `name: meaning`
    explains a parameter.
    """

    def declare(handler: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            REGISTRY[name] = Command(name, handler, needs, model, changes, confirm, exclusive, alone)
        return handler

    return declare


def load(noun: str | None = None) -> dict[str, Command]:
    """The commands in their order, with those of a first word declared; with all of them if none is given."""
    if noun is None:
        return _everything()
    for module in MODULES.get(noun, ()):
        import_module(f"epicshell.commands.{module}")
    return REGISTRY


@cache
def _everything() -> dict[str, Command]:
    for module in dict.fromkeys(chain.from_iterable(MODULES.values())):
        import_module(f"epicshell.commands.{module}")
    return dict(sorted(REGISTRY.items(), key=lambda item: _place(item[1])))


def _place(command: Command) -> tuple[int, int]:
    """Where a command stands among all: by its noun, then by the module; a module of many nouns may come first."""
    modules, module = MODULES[command.noun], command.handler.__module__.rpartition(".")[2]
    return list(MODULES).index(command.noun), modules.index(module) if module in modules else 0


def visible(actor: Actor | None) -> dict[str, Command]:
    """The commands that an actor can ever run, with the flags that can; without one, those that need no session."""
    return _visible(actor.department if actor else None)


@cache
def _visible(department: str | None) -> dict[str, Command]:
    return {
        name: command.told_to(department) if department else command
        for name, command in load().items()
        if command.needs is None or (department and policy.granted(department, command.needs))
    }


def _parameter(name: str, hint: Any, declared: inspect.Parameter, meaning: str) -> Parameter:
    optional = declared.default is not inspect.Parameter.empty
    positional = declared.kind is inspect.Parameter.POSITIONAL_ONLY or (
        not optional and declared.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    )
    return _made(name, hint, optional=optional, positional=positional, meaning=meaning)


def _is_group(hint: Any) -> bool:
    return isinstance(hint, type) and is_dataclass(hint)


def _group(group: str, dataclass_type: Any) -> list[Parameter]:
    hints = typing.get_type_hints(dataclass_type, include_extras=True)
    meanings = dict(re.findall(r"(?m)^(\w+): (.+)$", inspect.cleandoc(dataclass_type.__doc__ or "")))
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


def _not_none(hint: Any) -> Any:
    """What an annotation is besides None."""
    if typing.get_origin(hint) in (typing.Union, UnionType):
        return next(inner for inner in typing.get_args(hint) if inner is not NoneType)
    return hint
