"""The JSON of every record: exactly the names and types that scripts build on."""

import re
from typing import Any

import pytest
from support.people import People

ID, TEXT, COUNT = "id", "text", "count"
AMOUNT, DAY, MOMENT, FLAG = (
    r"\d+\.\d\d",
    r"\d{4}-\d\d-\d\d",
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d",
    "flag",
)
RECORDS: dict[str, dict[str, str]] = {
    "employees": {
        "id": ID, "username": TEXT, "full_name": TEXT, "email": TEXT, "department": TEXT, "active": FLAG,
        "created_at": MOMENT, "last_login_at": f"{MOMENT}?", "revision": COUNT,
    },
    "clients": {
        "id": ID, "full_name": TEXT, "email": TEXT, "phone": TEXT, "company": TEXT, "sales": TEXT,
        "first_contact_on": DAY, "created_at": MOMENT, "updated_at": MOMENT, "revision": COUNT,
    },
    "contracts": {
        "id": ID, "client_id": ID, "client": TEXT, "sales": TEXT, "total": AMOUNT, "due": AMOUNT, "signed": FLAG,
        "signed_at": f"{MOMENT}?", "created_at": MOMENT, "updated_at": MOMENT, "revision": COUNT,
    },
    "payments": {
        "id": ID, "contract_id": ID, "amount": AMOUNT, "paid_on": DAY, "created_at": MOMENT, "revision": COUNT,
    },
    "events": {
        "id": ID, "name": TEXT, "contract_id": ID, "client_id": ID, "client": TEXT, "client_email": TEXT,
        "client_phone": TEXT, "sales": TEXT, "support": f"{TEXT}?", "starts_at": MOMENT, "ends_at": MOMENT,
        "location": TEXT, "attendees": f"{COUNT}?", "notes": f"{TEXT}?", "created_at": MOMENT, "updated_at": MOMENT,
        "revision": COUNT,
    },
    "notifications": {
        "id": ID, "kind": TEXT, "noun": TEXT, "row_id": ID, "about": f"{TEXT}?", "fields": f"{TEXT}?", "actor": TEXT,
        "created_at": MOMENT, "read": FLAG,
    },
}  # fmt: skip


def fits(value: Any, form: str) -> bool:
    if form.endswith("?"):
        return value is None or fits(value, form[:-1])
    if form in (ID, COUNT):
        return type(value) is int and value >= (form == ID)
    if form in (TEXT, FLAG):
        return type(value) is {TEXT: str, FLAG: bool}[form]
    return isinstance(value, str) and re.fullmatch(form, value) is not None


def check(record: dict[str, Any], noun: str, *more: str) -> None:
    assert list(record) == [*RECORDS[noun], *more]
    for name, form in RECORDS[noun].items():
        assert fits(record[name], form), (name, record[name])


@pytest.mark.parametrize(
    ("noun", "line"),
    [
        ("employees", "employees list"),
        ("employees", "employees filter --inactive"),
        ("clients", "clients list"),
        ("clients", "clients filter --trash"),
        ("contracts", "contracts list"),
        ("contracts", "contracts filter --trash"),
        ("payments", "contracts payments 202"),
        ("events", "events list"),
        ("events", "events filter --no-support"),
        ("events", "events filter --trash"),
    ],
)
def test_list_is_an_array_of_whole_records(everyone: People, noun: str, line: str) -> None:
    rows = everyone["mia.manager"].json(line)
    assert isinstance(rows, list)
    assert rows
    for row in rows:
        check(row, noun)


def test_empty_list_is_an_empty_array(everyone: People) -> None:
    assert everyone["mia.manager"]("events list --client 104 --format json").out == "[]\n"


@pytest.mark.parametrize(
    ("noun", "who", "line"),
    [
        ("employees", "bill.boquet", "employees show kate.hastroff"),
        ("employees", "mia.manager", "employees update eve.martin --full-name N"),
        ("employees", "mia.manager", "employees deactivate eve.martin --yes"),
        ("employees", "mia.manager", "employees reactivate gil.gone"),
        ("employees", "ada.admin", "employees unlock bill.boquet"),
        ("clients", "kate.hastroff", "clients show 101"),
        ("clients", "bill.boquet", "clients create --full-name N --email n@c.example --phone 123 --company C"),
        ("clients", "bill.boquet", "clients update 101 --company C"),
        ("clients", "mia.manager", "clients reassign 101 eve.martin"),
        ("clients", "mia.manager", "clients delete 104 --yes"),
        ("clients", "mia.manager", "clients restore 105"),
        ("contracts", "kate.hastroff", "contracts show 202"),
        ("contracts", "mia.manager", "contracts create --client 101 --total 12k --due 1k"),
        ("contracts", "mia.manager", "contracts update 202 --total 12k"),
        ("contracts", "bill.boquet", "contracts sign 204"),
        ("contracts", "bill.boquet", "contracts unsign 201"),
        ("contracts", "bill.boquet", "contracts pay 202 1"),
        ("contracts", "bill.boquet", "contracts void-payment 401 --yes"),
        ("contracts", "mia.manager", "contracts delete 204 --yes"),
        ("contracts", "mia.manager", "contracts restore 208"),
        ("events", "bill.boquet", "events show 304"),
        ("events", "kate.hastroff", "events update 302 --notes x"),
        ("events", "mia.manager", "events assign 304 kate.hastroff"),
        ("events", "mia.manager", "events unassign 302"),
        ("events", "mia.manager", "events delete 302 --yes"),
        ("events", "mia.manager", "events restore 306"),
    ],
)
def test_change_of_a_record_gives_the_record_as_it_now_is(everyone: People, noun: str, who: str, line: str) -> None:
    result = everyone[who].attempt(f"{line} --format json")
    assert result.code == 0, result.err
    check(result.json, noun)


def test_the_inbox_is_an_array_and_what_is_marked_an_object(everyone: People) -> None:
    kate = everyone["kate.hastroff"]
    for row in kate.json("inbox --read-too"):
        check(row, "notifications")
    check(kate.attempt("inbox read 501 --format json").json, "notifications")


@pytest.mark.parametrize(
    "line",
    [
        "employees create --username new.one --full-name N --email n@epic.example --department sales",
        "employees reset-password eve.martin",
    ],
)
def test_enrolment_code_is_part_of_the_record_that_it_is_made_with(everyone: People, line: str) -> None:
    record = everyone["mia.manager"].attempt(f"{line} --format json").json
    check(record, "employees", "enrolment_code")
    assert re.fullmatch("([0-9A-Z]{5}-){5}[0-9A-Z]{5}", record["enrolment_code"])


def test_whoami_tells_four_things(everyone: People) -> None:
    assert everyone["kate.hastroff"].json("whoami") == {
        "username": "kate.hastroff",
        "full_name": "Kate Hastroff",
        "email": "kate@epic.example",
        "department": "support",
    }


def test_known_values_are_exact(everyone: People) -> None:
    kate = everyone["kate.hastroff"]
    contract = kate.json("contracts show 206")
    assert (contract["client"], contract["total"], contract["due"], contract["signed"]) == (
        "Jacky Blangier", "9900.50", "9000.00", True,
    )  # fmt: skip
    event = kate.json("events show 304")
    assert (event["support"], event["attendees"], event["notes"]) == (None, None, None)
    assert kate.json("contracts payments 206")[0]["amount"] == "900.50"


def test_shared_flags_choose_and_order_the_keys(everyone: People) -> None:
    rows = everyone["kate.hastroff"].json("contracts list --columns due,id --sort due,-id --limit 3")
    assert rows == [{"due": "0.00", "id": 209}, {"due": "0.00", "id": 203}, {"due": "1000.00", "id": 207}]
