"""One declaration per command: its function. Parser, completer, help, policy gate and documentation all read it."""

import inspect
import re
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import import_module
from itertools import chain, takewhile
from typing import Any

from epicshell import policy
from epicshell.params import scalars
from epicshell.params.base import Choice
from epicshell.params.files import EXPORT
from epicshell.policy import Permission
from epicshell.results import Format, Listing
from epicshell.session import Actor
from epicshell.signature import Parameter, flags_of, is_group, meanings_in, over_where, parameter_of

__all__ = ["CLAUSES", "FORMAT", "MODULES", "REGISTRY", "Command", "Parameter", "command", "load", "visible"]


@dataclass(frozen=True)
class Command:
    """A command as declared.

    needs: the right that its gate asks for; None for what needs no session. model: what a list is of.
    changes: it changes the record that is its first argument, so it takes --if-revision.
    confirm: the question before it runs; then it takes --yes. exclusive: flags that exclude each other.
    alone: it brings its own transactions (sessions and passwords), so it can't be part of one.
    hidden: parameters that are not told of, since they refuse who reads.
    bulk: instead of the record that is its first argument it also takes --where, for all that an expression finds.
    many: this is the command as it is called so (see `over_many`).
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
    bulk: bool = False
    many: bool = False

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
        meanings = meanings_in("\n".join(lines[1:]))
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
            if is_group(hints[name]):
                found += [replace(one, param=one.param.of(self.model)) for one in flags_of(name, hints[name])]
            else:
                found.append(parameter_of(name, hints[name], declared, self.doc[2].get(name, "")))
        if self.bulk:
            found = over_where(found, many=self.many)
        found = sorted([*found, *self._shared(found, hints.get("return"))], key=lambda one: bool(one.clause))
        return tuple(parameter for parameter in found if parameter.name not in self.hidden)

    @cached_property
    def over_many(self) -> "Command":
        """The command as it is called for all records that --where finds: without the one that it is else for."""
        return replace(self, many=True)

    def called(self, words: Iterable[Any]) -> "Command":
        """The command as the words of a line behind it call it: for one record, or with --where for many."""
        if not self.bulk:
            return self
        flags = takewhile(lambda word: word.literal or word.text != "--", words)
        many = any(not word.literal and word.text.partition("=")[0] == "--where" for word in flags)
        return self.over_many if many else self

    @property
    def subject(self) -> str:
        """The name of the handler's parameter that is the record which the command changes."""
        return self._signature[0][0]

    def told_to(self, department: str) -> "Command":
        """The command as a department is told of it: without the flags that always refuse it."""
        refused = [one.name for one in self.parameters if one.only is not None and department not in one.only]
        return replace(self, hidden=frozenset(refused)) if refused else self

    def _shared(self, own: list[Parameter], gives: Any) -> list[Parameter]:
        shared = []
        if self.changes and not self.many:
            meaning = "refuse if the record is no longer at this revision"
            shared.append(Parameter("if_revision", "--if-revision", scalars.NUMBER, False, False, meaning))
        asks = any(parameter.param.asks for parameter in own)
        kinds = (gives, *typing.get_args(gives))
        if self.needs and not asks and Listing in kinds and str not in kinds:
            meaning = "write all rows to a new file instead; help export tells more"
            shared.append(Parameter("export", "--export", EXPORT, False, False, meaning))
            asks = True
        if self.confirm or self.bulk or asks:
            shared.append(Parameter("yes", "--yes", scalars.WORD, False, True, "do not ask"))
        if self.needs:
            shared.append(Parameter("format", "--format", FORMAT, False, False, "how the result is written"))
        return shared

    @cached_property
    def groups(self) -> dict[str, Any]:
        """The dataclass of each parameter that is a group of flags."""
        hints = typing.get_type_hints(self.handler, include_extras=True)
        return {name: hint for name, hint in hints.items() if name not in ("context", "return") and is_group(hint)}

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

    @cached_property
    def usage(self) -> str:
        """`contracts sign ID [--on DATE] …`; `events assign ID|--where EXPRESSION WHO …`"""
        return self.syntax()

    def syntax(self, *without: str) -> str:
        """The usage line without some parameters."""
        usages = {one.name: one.usage for one in self.parameters if one.name not in without}
        if self.bulk and not self.many:
            usages[self.subject] += "|" + usages.pop("where").strip("[]")
        return " ".join([self.name, *usages.values()])


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
    bulk: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a function as a command; the function itself stays as it is.

    Parameters without a default before the `*`, and those before a `/`, are positionals; all others are flags; a bool
    is a switch; a dataclass is a group of flags. The docstring's first line is the summary; a line `name: meaning`
    explains a parameter.
    """

    def declare(handler: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            REGISTRY[name] = Command(name, handler, needs, model, changes, confirm, exclusive, alone, bulk=bulk)
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
