"""Statements as an attacker types them, and what comes of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg2

if TYPE_CHECKING:
    from psycopg2.extensions import connection


def rows(opened: "connection", sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What a statement gives; nothing for one that gives no rows."""
    with opened.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return cursor.fetchall() if cursor.description else []


def value(opened: "connection", sql: str, *parameters: Any) -> Any:
    """The first value of the first row; None without one."""
    found = rows(opened, sql, *parameters)
    return found[0][0] if found else None


def touched(opened: "connection", sql: str, *parameters: Any) -> int:
    """How many rows a statement changed or gave."""
    with opened.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return cursor.rowcount


def refusal(opened: "connection", sql: str, *parameters: Any) -> str:
    """What the statement was refused with: the constraint's name, else the SQLSTATE; '' if it went through."""
    try:
        rows(opened, sql, *parameters)
    except psycopg2.Error as error:
        return error.diag.constraint_name or error.pgcode or type(error).__name__
    return ""


def effect(opened: "connection", sql: str, *parameters: Any) -> bool:
    """Whether a statement touches or gives any row; an error is none. It is rolled back."""
    with undone(opened):
        try:
            return touched(opened, sql, *parameters) > 0
        except psycopg2.Error:
            return False


@contextmanager
def undone(opened: "connection") -> Iterator[None]:
    """A transaction that is rolled back at the end of the block."""
    rows(opened, "BEGIN")
    try:
        yield
    finally:
        if not opened.closed:
            rows(opened, "ROLLBACK")
