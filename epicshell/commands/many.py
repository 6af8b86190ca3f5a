"""The records that one command changes together: those that an expression found, as they were looked at."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from epicshell import policy
from epicshell.commands.line import Line
from epicshell.commands.progress import Bar
from epicshell.commands.refusals import Refusals
from epicshell.commands.sentences import translating
from epicshell.context import Context
from epicshell.errors import EpicError, NotAllowed, Refused
from epicshell.filters.again import Kept, owner_of
from epicshell.policy import Permission
from epicshell.results import Listing
from epicshell.text import counted

MOST = 10_000  #: records of one command
_CHUNK = 500  #: records that are read with one statement
_HURRIED = "SET LOCAL lock_timeout = '50ms'"  #: after one record that someone else holds: not 3 seconds for each


class Many:
    """The live records that a line is about, as far as the actor may read them.

    model: of what. of: how many. permitted: the revisions of those that the actor may change, by id; refusals: of the
    others, and of those that could not be changed. rest: the line without its expression, which has been answered.
    """

    def __init__(self, line: Line, context: Context, given: dict[str, Any]) -> None:
        """Look. Raises Refused for more than MOST records."""
        self.line = line
        self.rest = Line(line.command, {name: text for name, text in line.values.items() if name != "where"})
        self.needs: Permission = line.command.needs or Permission.OWN_ACCOUNT
        self.model: Any = next(one.param for one in line.command.parameters if one.name == "where").model  # type: ignore[attr-defined]
        found = self._found(context, given.pop("where"))
        self.of = len(found)
        self.permitted = {number: revision for number, revision, covered in found if covered}
        self.refusals = Refusals(self.model, self.of)
        self.refusals.bar([number for number, _, covered in found if not covered], context, self.needs)
        self.to = f" to {given['to'].username}" if "to" in given else ""

    def _found(self, context: Context, tree: Any) -> list[tuple[int, int, bool]]:
        """(id, revision, whether the right covers it) of each."""
        from epicshell.filters.where import condition
        from epicshell.filters.where.limits import bounded, limited

        meets = condition(tree, self.model, context)
        covered = policy.scope(context.actor, self.needs, self.model)
        query = self.model.select(self.model.id, self.model.revision, covered).where(self._readable(context) & meets)
        limited(context)
        with bounded(context, self.model, tree):
            rows = list(query.order_by(self.model.id).limit(MOST + 1).tuples())
        if len(rows) > MOST:
            raise Refused(f"More than {MOST} {self.model.plural()} meet this; nothing was done.", "Narrow it down.")
        return rows

    def _readable(self, context: Context) -> Any:
        return policy.readable(context.actor, self.model) & self.model.live()

    def counted(self, number: int) -> str:
        """`12 events`"""
        return counted(number, self.model.noun) if number else f"no {self.model.plural()}"

    def entities(self, context: Context, numbers: Sequence[int]) -> Iterator[Any]:
        """The records of some ids as they now are, if they are still there; in the order of their ids."""
        for start in range(0, len(numbers), _CHUNK):
            some = self.model.id.in_(numbers[start : start + _CHUNK])
            yield from self.model.select().where(some & self._readable(context)).order_by(self.model.id)

    def rows(self, numbers: Sequence[int]) -> dict[int, tuple[Any, ...]]:
        """All fields of some records, by their ids."""
        query = self.model.view(self.model.fields()).where(self.model.id.in_(numbers))
        return {row[0]: row for row in query.tuples()} if numbers else {}

    def attempt(self, context: Context, entity: Any, given: dict[str, Any]) -> EpicError | None:
        """Run the command for one record; its refusal, if it is refused. Other errors end it all."""
        command = self.line.command
        try:
            with translating(), context.database.work():
                command.call(context, {command.subject: entity, **given})
        except (Refused, NotAllowed) as error:
            return error
        return None

    def change(self, context: Context, given: dict[str, Any], bar: Bar, *, whole: bool) -> Listing:
        """Change the records one by one, inside a transaction; those that have changed, as they now are.

        Raises EpicError if none could be; if it is part of a run that is all or nothing (whole), or one could not.
        """
        changed, left = [], dict(self.permitted)
        for entity in self.entities(context, list(self.permitted)):
            revision = left.pop(entity.id)
            if entity.revision != revision:
                self.refusals.outdate([entity.id])
            elif error := self.attempt(context, entity, given):
                if self.refusals.add(entity.id, error):
                    context.database.execute_sql(_HURRIED)
            elif entity.revision != revision:
                changed.append(entity.id)
            bar.advance()
        self.refusals.outdate(list(left))
        if self.refusals and (whole or len(self.refusals) == self.of):
            raise self.refusals.error(0)
        return self._listing(context, changed)

    @property
    def failure(self) -> EpicError | None:
        """What was refused, to be raised once the rest is committed and shown; None if nothing was."""
        return self.refusals.error(self.of - len(self.refusals)) if self.refusals else None

    def _listing(self, context: Context, changed: Sequence[int]) -> Listing:
        fields, rows = self.model.fields(), self.rows(changed)
        place = next(place for place, field in enumerate(fields) if field.name == "revision")
        for number in changed:
            context.memory.saw(self.model, number, rows[number][place])
        kept = Kept(owner_of(context), fields, [rows[number] for number in changed], self.model)
        return replace(cast(Listing, kept.result(context)), footer=self._told)

    def _told(self, shown: int) -> str:
        """`10 events assigned to kate.hastroff · 1 stayed as it was · 2 refused`"""
        if not self.of:
            return f"No {self.model.plural()} meet this; nothing was done."
        verb = self.line.command.name.split()[1]
        parts = [f"{self.counted(shown).capitalize()} {verb}{'d' if verb.endswith('e') else 'ed'}{self.to}"]
        if same := self.of - len(self.refusals) - shown:
            parts.append(f"{same} stayed as {'it was' if same == 1 else 'they were'}")
        if self.refusals:
            parts.append(f"{len(self.refusals)} refused")
        return " · ".join(parts)
