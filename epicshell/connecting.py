"""How a connection is opened: with our settings, with patience for a server that is starting, or a sentence why not."""

import time
from typing import TYPE_CHECKING, Any

import psycopg2

from epicshell.errors import Unavailable

if TYPE_CHECKING:
    from psycopg2.extensions import connection

STATEMENT_SECONDS = 15  #: what a statement may take

# Startup options win over what a peer may have set for the role with ALTER ROLE … SET.
_SETTINGS = {
    "search_path": "crm,pg_catalog",
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "iso_8601",
    "default_transaction_isolation": "read\\ committed",
    "default_transaction_read_only": "off",
    "default_transaction_deferrable": "off",
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "60s",
    "idle_session_timeout": "0",
    "local_preload_libraries": "",
    "exit_on_error": "off",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "bytea_output": "hex",
    "gin_fuzzy_search_limit": "0",
    "debug_print_parse": "off",
    "debug_print_rewritten": "off",
    "debug_print_plan": "off",
    "row_security": "on",
    "standard_conforming_strings": "on",
    "client_min_messages": "warning",
    "jit": "off",
    "random_page_cost": "1.1",  # what a random page costs on SSD and in memory; 4 was measured on disks
}
_SETTINGS_17 = {"transaction_timeout": "0", "restrict_nonsystem_relation_kind": ""}  #: since PostgreSQL 17
_PARAMETERS = {
    "application_name": "epicshell",
    "client_encoding": "UTF8",
    "gssencmode": "disable",
    # A machine that slept, or a network that is gone, is noticed within seconds and not after a quarter of an hour.
    "keepalives_idle": "30",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}


def connected(parameters: dict[str, str]) -> "connection":
    """A connection with our settings and parameters of libpq, over which the given ones win. Raises psycopg2.Error.

    A server that is older, or that a pooler stands for, says which setting it doesn't know.
    """
    parameters = {**_PARAMETERS, **parameters}
    try:
        return _patient({"options": _options(_SETTINGS | _SETTINGS_17), **parameters})
    except psycopg2.OperationalError as error:
        if "unrecognized configuration parameter" not in str(error):
            raise
    return _patient({"options": _options(_SETTINGS), **parameters})


def _options(settings: dict[str, str]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _patient(parameters: dict[str, Any]) -> "connection":
    """Connect; a server that is just starting up or recovering from a crash is waited for, some seconds."""
    for pause in (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 0):
        try:
            opened: connection = psycopg2.connect(**parameters)
        except psycopg2.OperationalError as error:
            if "the database system is" not in str(error) or not pause:
                raise
            time.sleep(pause)
        else:
            return opened
    raise AssertionError("the last try has no pause, and so returned or raised")


def unreachable(error: psycopg2.Error, name: str) -> Unavailable:
    """A failed connection as a sentence: the last line of libpq's message says why."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = lines[-1].rstrip(".") if lines else type(error).__name__
    missing = reason.endswith(f'database "{name}" does not exist')
    return Unavailable(
        f"The database {name} can't be reached: {reason}.",
        "epicshell init makes it; epicshell demo has one of its own, which backup and restore name with --demo."
        if missing
        else "Nothing was changed.",
    )
