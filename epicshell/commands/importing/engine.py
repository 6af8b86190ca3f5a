"""Doing what a file wants, in one transaction that is kept or taken back, with an outcome for each record."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from epicshell.commands.importing.report import Report
from epicshell.commands.importing.wishes import OF_ONE, Action, Outcome, Wish, outcome
from epicshell.commands.sentences import NOTHING_DONE, translate, translating
from epicshell.context import Context
from epicshell.models import Entity
from epicshell.results import Listing

#: What triggers and references look up is planned anew: a plan from when a table was all but empty reads all of it.
_AFRESH = "DISCARD PLANS"


@dataclass(frozen=True, slots=True)
class Mode:
    """apply: keep what was done; else it is a rehearsal. skip_errors: keep the others if some records fail."""

    apply: bool = False
    skip_errors: bool = False


class _TakenBack(Exception):
    """Rolls everything back; never leaves this module."""


def run(
    context: Context, batches: Iterable[Sequence[Wish]], mode: Mode, *, tick: Callable[[], None] = lambda: None
) -> Listing:
    """Do what the wishes of a file say, inside the command's transaction; the report, which says what was done.

    batches: made one after the other, so that each may look at what those before it did; the drafts of a batch are of
    one entity and name the same columns. tick: called once per record.
    All is taken back unless it is to be applied and nothing failed, or failures may be skipped.
    """
    report = Report()
    try:
        with context.database.work():
            for batch in batches:
                context.database.execute_sql(_AFRESH)
                for one in _done(context, batch):
                    report.add(one)
                    tick()
            context.conclude()
            if not mode.apply or (report.count(Action.ERROR) and not mode.skip_errors):
                raise _TakenBack
    except _TakenBack:
        report.taken_back = True
    return report.listing(context, apply=mode.apply, skip_errors=mode.skip_errors)


def _done(context: Context, batch: Sequence[Wish]) -> Iterator[Outcome]:
    """The outcomes of a batch, in its order: the drafts are made together first."""
    drafts = [wish for wish in batch if wish.draft is not None]
    made = dict(zip(map(id, drafts), _made(context, drafts), strict=True))
    for wish in batch:
        yield made.get(id(wish)) or _alone(context, wish)


def _made(context: Context, drafts: Sequence[Wish]) -> list[Outcome]:
    """Rows made with one statement; if the database refuses any of them, each alone."""
    values = [wish.draft.values for wish in drafts if wish.draft is not None]
    if not values or drafts[0].draft is None:
        return []
    try:
        with context.database.work():
            entities = drafts[0].draft.model.add_all(values)
    except Exception as error:
        if not isinstance(translate(error), OF_ONE):
            raise
        return [_alone(context, wish) for wish in drafts]
    return [outcome(wish, entity) for wish, entity in zip(drafts, entities, strict=True)]


def _alone(context: Context, wish: Wish) -> Outcome:
    """One record, in a savepoint of its own."""
    work: Callable[[], Entity] | None = wish.draft.make if wish.draft is not None else wish.work
    if wish.error is not None or work is None:
        return outcome(wish, None, wish.error)
    try:
        with context.database.work(), translating(NOTHING_DONE):
            return outcome(wish, work())
    except OF_ONE as error:
        return outcome(wish, None, error)
