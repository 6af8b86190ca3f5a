"""What the database refuses is told in a sentence, in one place."""

import re

import psycopg2
import psycopg2.errors as pg
import pytest
from peewee import IntegrityError
from support.world import World

from epicshell import telemetry
from epicshell.commands.sentences import CONSTRAINTS, translate, translating
from epicshell.errors import (
    Conflict,
    EpicError,
    Interrupted,
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
    Unavailable,
)

#: Constraints that no command can meet: what is typed is checked before, or only the database writes these columns.
UNREACHED = {
    "events_support_fkey", "employees_department_known", "settings_value_known", "settings_timezone_known",
    "employees_id_department_key", "clients_id_sales_id_live_key", "contracts_id_client_id_sales_id_standing_key",
    "client_words_client_id_fkey", "notifications_kind_known", "notifications_noun_known", "script_runs_employee_fkey",
    "views_owner_fkey",
}  # fmt: skip


def test_every_constraint_that_can_be_met_has_a_sentence(world: World) -> None:
    sql = "SELECT conname FROM pg_constraint WHERE connamespace = 'crm'::regnamespace AND contype <> 'n'"
    named = {name for (name,) in world.rows(sql)}
    plain = {name for name in named if name.endswith(("_pkey", "_form", "_range"))}
    assert named - set(CONSTRAINTS) - UNREACHED <= plain


def test_every_sentence_is_of_a_constraint_that_there_is(world: World) -> None:
    named = {name for (name,) in world.rows("SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes")}
    bodies = " ".join(body for (body,) in world.rows("SELECT prosrc FROM pg_proc WHERE prosrc ~ 'CONSTRAINT ='"))
    assignees = {"clients_sales_active", "events_support_active"}  # their names are put together by the trigger
    assert set(CONSTRAINTS) <= named | set(re.findall(r"'(\w+)'", bodies)) | assignees


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_sentence_is_one_for_people(name: str) -> None:
    kind, sentence, hint = CONSTRAINTS[name]
    assert issubclass(kind, EpicError)
    assert sentence.endswith(".")
    assert name not in sentence + hint
    assert not re.search(r"constraint|violat|foreign key|NULL", sentence + hint)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (pg.QueryCanceled(), Refused),
        (pg.LockNotAvailable(), Conflict),
        (pg.DeadlockDetected(), Conflict),
        (pg.InsufficientPrivilege(), NotAllowed),
        (pg.CheckViolation(), Invalid),
        (pg.NumericValueOutOfRange(), Invalid),
        (pg.UntranslatableCharacter(), Invalid),
        (pg.UniqueViolation(), Conflict),
        (pg.ForeignKeyViolation(), Conflict),
        (pg.NotNullViolation(), Conflict),
        (pg.DiskFull(), Unavailable),
        (pg.OutOfMemory(), Unavailable),
        (pg.TooManyConnections(), Unavailable),
        (pg.ReadOnlySqlTransaction(), Unavailable),
        (pg.AdminShutdown(), Unavailable),
        (psycopg2.OperationalError("server closed the connection unexpectedly"), Unavailable),
        (psycopg2.InterfaceError("connection already closed"), Unavailable),
    ],
)
def test_error_of_the_database_is_told(error: psycopg2.Error, kind: type[EpicError]) -> None:
    told = translate(error)
    assert type(told) is kind
    assert str(told).endswith((".", "."))
    with pytest.raises(kind), translating():
        raise error


@pytest.mark.parametrize("error", [pg.UndefinedColumn(), pg.SyntaxError(), ValueError("x"), KeyError("x")])
def test_fault_of_ours_stays_what_it_is(error: Exception) -> None:
    assert translate(error) is error
    with pytest.raises(type(error)), translating():
        raise error


def test_peewees_errors_are_told_from_the_drivers(world: World) -> None:
    database = world.database("mia.manager")
    with pytest.raises(NotFound, match="no such client"), translating():
        database.execute_sql("INSERT INTO contracts (client_id, total) VALUES (9999, 1)")
    with pytest.raises(IntegrityError):
        database.execute_sql("INSERT INTO contracts (client_id, total) VALUES (9999, 1)")
    world.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = 'epic_management_login' AND datname = current_database()"
    )
    with pytest.raises(Unavailable), translating():
        database.execute_sql("SELECT 1")


def test_interruption_is_told_as_one() -> None:
    with pytest.raises(Interrupted, match=r"^Interrupted\.$"), translating():
        raise KeyboardInterrupt


@pytest.mark.parametrize("error", [pg.InsufficientPrivilege(), pg.CheckViolation(), pg.NumericValueOutOfRange()])
def test_what_only_the_database_refuses_is_in_the_log(
    error: psycopg2.Error, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry.log, "propagate", True)
    told = translate(error)
    (record,) = caplog.records
    assert isinstance(told, EpicError)
    assert told.hint == f"The log has it as {record.args[0]}."
    assert record.exc_info[1] is error


def test_what_others_do_is_not_in_the_log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry.log, "propagate", True)
    assert (
        str(translate(pg.UniqueViolation()))
        == "Another record stands against this; nothing was done. Look at it again."
    )
    assert not caplog.records
