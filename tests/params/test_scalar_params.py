"""Plain values as arguments: what each type reads, in the company's zone and currency."""

import datetime as dt
from dataclasses import replace
from typing import Any, get_args

import pytest
from support.people import People

from epicshell.context import Context, Memory
from epicshell.errors import Invalid, NotAllowed
from epicshell.params import scalars
from epicshell.params.base import Choice, Param, Scalar
from epicshell.policy import Permission


def param_of(annotated: Any) -> Param:
    return next(extra for extra in get_args(annotated) if isinstance(extra, Param))


@pytest.fixture
def context(everyone: People) -> Context:
    bill = everyone["bill.boquet"]
    assert bill("whoami").code == 0
    now = dt.datetime(2026, 6, 15, 23, 30, tzinfo=dt.UTC)  # in Paris it is the next day already
    return Context(bill.account, bill.terminal, Memory(on=False), now=now)


@pytest.mark.parametrize(
    ("param", "typed", "value"),
    [
        (scalars.AMOUNT, "12 000,50", 1_200_050),
        (scalars.AMOUNT, "€ 12.5k", 1_250_000),
        (scalars.AMOUNT, "0", 0),
        (scalars.DAY, "today", dt.date(2026, 6, 16)),
        (scalars.DAY, "+3d", dt.date(2026, 6, 19)),
        (scalars.DAY, "15 juin 2024", dt.date(2024, 6, 15)),
        (scalars.MOMENT, "tomorrow 14:30", dt.datetime(2026, 6, 17, 12, 30, tzinfo=dt.UTC)),
        (scalars.MOMENT, "2026-01-15 14:30", dt.datetime(2026, 1, 15, 13, 30, tzinfo=dt.UTC)),
        (param_of(scalars.Attendees), " 75 ", 75),
        (param_of(scalars.Attendees), "0", 0),
        (param_of(scalars.Name), "  Zoe\u0308 ", "Zoë"),
        (param_of(scalars.Notes), "one\r\ntwo\tthree", "one\ntwo\tthree"),
        (param_of(scalars.Notes), "", ""),
        (param_of(scalars.Email), "Ana@COSTA.Example", "Ana@costa.example"),
        (param_of(scalars.Phone), "01 23 45 67 89", "01 23 45 67 89"),
        (param_of(scalars.Username), " Bill.Boquet ", "bill.boquet"),
        (param_of(scalars.AnyDepartment), "Sales", "sales"),
        (param_of(scalars.Noun), "EVENTS", "events"),
    ],
)
def test_value_is_read(context: Context, param: Param, typed: str, value: object) -> None:
    assert param.parse(typed, context, None) == value


@pytest.mark.parametrize(("annotated", "longest"), [(scalars.Name, 100), (scalars.Title, 200), (scalars.Place, 300)])
def test_text_has_a_longest(context: Context, annotated: Any, longest: int) -> None:
    param = param_of(annotated)
    assert len(param.parse("é" * longest, context, None)) == longest
    with pytest.raises(Invalid, match=rf"{longest + 1} characters are too many. Accepted: up to {longest}."):
        param.parse("é" * (longest + 1), context, None)
    assert str(longest) in param.accepts


def test_warning_about_a_phone_number_comes_once(context: Context) -> None:
    phone = param_of(scalars.Phone)
    for _ in range(2):
        phone.parse("12345", context, None)
    assert context.notes == ['"12345" can\'t be dialled as it is.']


def test_number_of_the_companys_country_can_be_dialled(context: Context) -> None:
    param_of(scalars.Phone).parse("01 23 45 67 89", context, None)
    assert context.notes == []


def test_only_an_admin_makes_an_admin(everyone: People, context: Context) -> None:
    department = param_of(scalars.Department)
    needs = Permission.EMPLOYEE_CREATE
    ada, mia = everyone["ada.admin"], everyone["mia.manager"]
    assert ada("whoami").code == mia("whoami").code == 0
    assert department.parse("admin", replace(context, account=ada.account), needs) == "admin"
    with pytest.raises(NotAllowed, match="Who makes an admin: admin"):
        department.parse("admin", replace(context, account=mia.account), needs)
    offered = department.candidates("", replace(context, account=mia.account), needs)
    assert "admin" not in [candidate.text for candidate in offered]


def test_choice_says_what_it_accepts(context: Context) -> None:
    choice = Choice("SIZE", lambda _: ("small", "large"))
    assert [one.text for one in choice.candidates("L", context, None)] == ["large"]
    with pytest.raises(Invalid, match="Accepted: small, large"):
        choice.parse("huge", context, None)


def test_type_that_can_not_be_typed_says_so(context: Context) -> None:
    nothing = Param()
    nothing.metavar = "NOTHING"
    with pytest.raises(Invalid, match="NOTHING can't be typed"):
        nothing.parse("x", context, None)
    assert list(nothing.candidates("x", context, None)) == []


def test_every_type_says_what_it_accepts() -> None:
    found = [param_of(one) for one in vars(scalars).values() if any(isinstance(x, Param) for x in get_args(one))]
    found += [one for one in vars(scalars).values() if isinstance(one, Scalar)]
    assert len(found) > 15
    for param in found:
        assert param.accepts, param
        assert param.metavar == param.metavar.upper()
