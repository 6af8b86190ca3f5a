"""Parameter types of views: a name to keep one under, and the view of a name."""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from epicshell import policy
from epicshell.context import Context
from epicshell.errors import Invalid, NotFound
from epicshell.models import Employee, View
from epicshell.params.base import Candidate, Param, Scalar
from epicshell.policy import Permission
from epicshell.text import did_you_mean, quote


def is_name(text: str) -> bool:
    """Whether a view could have this name."""
    return re.fullmatch("[a-z][a-z0-9_-]{0,39}", text) is not None


def _name(typed: str, _context: Context) -> str:
    name = typed.strip().lower()
    if not is_name(name):
        raise Invalid(f"{quote(typed)} is no name.", "Accepted: a letter, then letters, digits, - and _, up to 40.")
    return name


class ViewParam(Param):
    """A view by its name: one's own, else the shared one."""

    metavar = "NAME"
    accepts = "the name of a view"
    looks_up = True

    def check(self, text: str, context: Context, needs: Permission | None) -> None:
        _name(text, context)

    def parse(self, text: str, context: Context, needs: Permission | None) -> View:
        name = _name(text, context)
        found: View | None = _views(context).where(View.name == name).first()
        if found is None:
            hint = did_you_mean(name, [view.name for view in _views(context)], "views list shows them.")
            raise NotFound(f"There is no view {quote(name)}.", hint)
        return found

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        return self.among(
            [view.name for view in _views(context) if view.name.startswith(prefix.lower())], context, needs
        )

    def among(self, keys: Sequence[str], context: Context, needs: Permission | None) -> Iterable[Candidate]:
        known = usable(context)
        return [Candidate(key, known[key].command) for key in dict.fromkeys(keys) if key in known]


def _views(context: Context) -> Any:
    """Those that the actor may use, with their owners; of one name one's own first."""
    views = View.select(View, Employee.username.alias("owner")).join(Employee, on=Employee.id == View.owner_id)
    covered = views.where(policy.readable(context.actor, View))
    return covered.order_by(View.name, *View.preferred(context.actor.employee_id)).objects()


def usable(context: Context) -> dict[str, View]:
    """The views that the actor may run, by name."""
    found: dict[str, View] = {}
    for view in _views(context):
        found.setdefault(view.name, view)
    return found


class _Kept(Scalar):
    """A command behind --, which may be left out."""

    def parse(self, text: str, context: Context, needs: Permission | None) -> str:
        return "" if text.strip() == "--" else text[self.command_at(text) or 0 :]

    def command_at(self, typed: str) -> int | None:
        begins = re.match(r"--\s+|(?!-)", typed)
        return begins.end() if begins else None


class _Values(Scalar):
    """The words behind a view's name, as they were typed."""

    def command_at(self, typed: str) -> int | None:
        return None


ViewName = Annotated[str, Scalar("NAME", "a word of your choice", _name)]
ViewOf = Annotated[View, ViewParam()]
Kept = Annotated[
    str, _Kept("-- COMMAND", "a command; $1 to $9 and $* stand for values", lambda typed, _: typed, raw=True)
]
Values = Annotated[str, _Values("VALUE …", "the values that it needs", lambda typed, _: typed, raw=True)]
