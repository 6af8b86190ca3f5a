"""Values of the audit, which are JSON, as what they were."""

import datetime as dt

import pytest

from epicshell.filters.history import title, typed
from epicshell.models import Client, Contract, Event
from epicshell.results import Kind

PEOPLE = {5: "bill.boquet"}


@pytest.mark.parametrize(
    ("model", "name", "value", "expected"),
    [
        (Client, "company", "Lou Bouzin", (Kind.TEXT, "Lou Bouzin")),
        (Client, "first_contact_on", "2024-06-15", (Kind.DATE, dt.date(2024, 6, 15))),
        (Client, "sales_id", 5, (Kind.TEXT, "bill.boquet")),
        (Client, "sales_id", 99, (Kind.TEXT, None)),
        (Contract, "total", 1200050, (Kind.MONEY, 1200050)),
        (Contract, "signed", True, (Kind.BOOLEAN, True)),
        (
            Contract,
            "signed_at",
            "2024-06-15T10:00:00.123456+00:00",
            (Kind.TIME, dt.datetime(2024, 6, 15, 10, 0, 0, 123456, dt.UTC)),
        ),
        (Event, "deleted_at", "2024-06-15T10:00:00+00:00", (Kind.TIME, dt.datetime(2024, 6, 15, 10, tzinfo=dt.UTC))),
        (Event, "deleted_at", "infinity", (Kind.TEXT, "infinity")),
        (Client, "first_contact_on", "294000-01-01", (Kind.TEXT, "294000-01-01")),
        (Event, "support_id", None, (Kind.TEXT, None)),
        (Event, "attendees", None, (Kind.INTEGER, None)),
        (Event, "starts_at", None, (Kind.TIME, None)),
    ],
)
def test_value_has_the_kind_of_its_column(model: type[Client], name: str, value: object, expected: object) -> None:
    assert typed(model, name, value, PEOPLE) == expected


def test_columns_have_the_names_that_people_know() -> None:
    assert [title(name) for name in ("sales_id", "support_id", "company")] == ["sales", "support", "company"]
