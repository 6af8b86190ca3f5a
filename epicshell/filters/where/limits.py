"""What expressions may cost: a few seconds of the database, and then advice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from peewee import OperationalError
from psycopg2.errors import QueryCanceled

from epicshell.connecting import STATEMENT_SECONDS
from epicshell.context import Context
from epicshell.errors import Refused
from epicshell.filters.where.fields import Type, type_of
from epicshell.filters.where.tree import Condition, Tree, conditions

SECONDS = 5
LIMIT = f"SET LOCAL statement_timeout = '{SECONDS}s'"
_BACK = f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'"


def limited(context: Context) -> None:
    """The statements to come may take SECONDS each."""
    context.database.execute_sql(LIMIT)


def unlimited(context: Context) -> None:
    """They may take as long as others again: the lines of a script may share one transaction."""
    if not context.memory.on:
        context.database.execute_sql(_BACK)


def typed(tree: Tree | None) -> bool:
    """Whether an expression was typed: flags alone are quick."""
    return tree is not None and any(one.span is not None for one in conditions(tree))


@contextmanager
def bounded(context: Context, model: Any, tree: Tree | None) -> Iterator[None]:
    """Around the statement that an expression is for. Raises Refused, with what made it slow, when its time is over."""
    if tree is None or not typed(tree):
        yield
        return
    try:
        yield
    except OperationalError as error:
        if not isinstance(error.orig, QueryCanceled):
            raise
        raise advice(model, tree) from error
    unlimited(context)


def advice(model: Any, tree: Tree) -> Refused:
    """What is said of an expression that took too long."""
    what = next((one for one in conditions(tree) if _looks_everywhere(one)), None)
    slow = f": {what} looks into every {model.noun}" if what else ": nothing in it leads to few rows"
    return Refused(
        f"The database stopped this after {SECONDS} seconds{slow}.",
        f"Narrow it down: a date, sales = me, an exact =, or {'find WORDS' if _named(what) else 'fewer or'}.",
    )


def _looks_everywhere(one: Condition) -> bool:
    """Whether no index can serve a condition."""
    contains = one.operator in ("~", "!~") and type_of(one.field) is not Type.PERSON
    return contains or (one.field.zero is not None and type_of(one.field) is not Type.BOOLEAN)


def _named(one: Condition | None) -> bool:
    return one is not None and one.field.name in ("name", "full_name", "company", "client", "email", "client_email")
