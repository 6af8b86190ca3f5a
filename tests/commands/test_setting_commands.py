"""Settings: each takes its good values at once and for everyone, and refuses the others."""

import pytest
from support.people import People

from epicshell.models import Setting

GOOD = {
    "read_mode": ["need-to-know", "company"],
    "timezone": ["UTC", "America/New_York", "Europe/Paris"],
    "currency": ["USD", "CHF", "EUR"],
    "phone_region": ["GB", "FR"],
    "idle_timeout": ["90min", "3600s", "2h"],
    "session_lifetime": ["8h", "600min", "12h"],
}
BAD = {
    "read_mode": ["all", "Company", "need to know"],
    "timezone": ["Paris", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "Europe", "europe/paris"],
    "currency": ["EURO", "eur", "€", "12"],
    "phone_region": ["FRA", "fr", "33"],
    "idle_timeout": ["0s", "2", "2 h", "-1h", "1d", "100000h", "2h; DROP"],
    "session_lifetime": ["0h", "12", "forever"],
}


def test_every_setting_is_tried(everyone: People) -> None:
    names = [row["name"] for row in everyone["ada.admin"].json("settings list")]
    assert names == sorted(GOOD) == sorted(BAD) == sorted(Setting.ACCEPTED)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in GOOD.items() for value in values])
def test_good_value_is_taken(everyone: People, name: str, value: str) -> None:
    ada = everyone["ada.admin"]
    with ada.undone():
        assert ada.json(f"settings set {name} {value}")["value"] == value
        assert [row["value"] for row in ada.json("settings list") if row["name"] == name] == [value]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_bad_value_is_refused_with_what_is_accepted(everyone: People, name: str, value: str) -> None:
    result = everyone["ada.admin"](f'settings set {name} "{value}"')
    assert (result.code, result.err) == (1, f'{name} can\'t be "{value}". Accepted: {Setting.ACCEPTED[name][1]}.')


def test_unknown_setting_is_told_the_known_ones(everyone: People) -> None:
    result = everyone["ada.admin"]("settings set colour blue")
    assert (result.code, result.err) == (
        1,
        f'NAME: "colour" is not accepted here. Accepted: {", ".join(Setting.ACCEPTED)}.',
    )


def test_others_hold_their_breath_only(people: People) -> None:
    for username in ("mia.manager", "bill.boquet", "kate.hastroff"):
        assert people(username)("settings set currency USD").code == 4


def test_read_mode_holds_at_once_in_shells_that_run(people: People) -> None:
    ada, bill, kate = people("ada.admin"), people("bill.boquet"), people("kate.hastroff")
    assert len(bill.json("clients list")) == len(kate.json("clients list")) == 4
    assert ada("settings set read_mode need-to-know").code == 0
    assert [row["id"] for row in bill.json("clients list")] == [102, 101]
    assert [row["id"] for row in kate.json("clients list")] == [103, 101]
    assert [row["id"] for row in kate.json("events list")] == [301, 308, 302]
    assert bill("clients show 103").code == 1
    assert "own" in bill("policy clients show").out
    assert ada("settings set read_mode company").code == 0
    assert len(bill.json("clients list")) == 4


def test_zone_and_currency_hold_at_once_in_shells_that_run(people: People) -> None:
    ada, bill = people("ada.admin"), people("bill.boquet")
    assert bill.json("contracts sign 204 --on 2024-06-15")["signed_at"] == "2024-06-15T00:00:00+02:00"
    assert ada("settings set timezone America/New_York").code == 0
    assert ada("settings set currency USD").code == 0
    assert bill.json("contracts show 204")["signed_at"] == "2024-06-14T18:00:00-04:00"
    assert "2 500.00 USD" in bill("contracts show 204").out
    assert "total 14 500.00 USD" in bill("contracts list --no-event --signed").out
    assert bill("contracts pay 204 '€ 5'").code == 1
    assert bill("contracts pay 204 '$5'").code == 0


def test_setting_names_who_changed_it_in_the_audit(people: People) -> None:
    ada = people("ada.admin")
    assert ada("settings set currency USD").code == 0
    entry = ada.json("audit --limit 1")[0]
    assert (entry["employee"], entry["action"], entry["noun"]) == ("ada.admin", "update", "settings")
    assert "USD" in entry["new"]
    assert "EUR" in entry["old"]


def test_admin_changes_a_setting_twice(people: People) -> None:
    ada, otto = people("ada.admin"), people("otto.admin")
    assert ada("settings set currency USD").code == 0
    assert otto("settings set currency CHF").code == 0
    assert ada.json("settings set currency EUR")["revision"] == 4
