"""History for who reads a record, the audit log for the admin."""

import pytest
from support.people import People
from support.world import Ids, World


def test_history_has_a_row_per_changed_field(people: People) -> None:
    bill, mia = people("bill.boquet"), people("mia.manager")
    assert bill('clients update 102 --company "Noël & Filles" --first-contact-on 2024-01-31').code == 0
    assert mia("clients reassign 102 eve.martin").code == 0
    rows = mia.json("history clients 102")
    assert set(rows[0]) == {"at", "employee", "action", "revision", "field", "was", "became", "batch"}
    said = [(row["employee"], row["action"], row["revision"], row["field"], row["became"]) for row in rows]
    assert ("bill.boquet", "update", 2, "company", "Noël & Filles") in said
    assert ("bill.boquet", "update", 2, "first_contact_on", "2024-01-31") in said
    assert said[-1] == ("mia.manager", "update", 3, "sales", "eve.martin")
    assert rows[-1]["was"] == "bill.boquet"


def test_values_of_history_are_those_of_the_exact_formats(people: People) -> None:
    bill = people("bill.boquet")
    assert bill("contracts sign 204 --on 2024-06-15").code == 0
    assert bill("contracts pay 204 1000").code == 0
    changed = {row["field"]: (row["was"], row["became"]) for row in bill.json("history contracts 204")[-4:]}
    assert changed["due"] == ("2500.00", "1500.00")
    assert changed["signed"] == ("false", "true")
    assert changed["signed_at"] == (None, "2024-06-15T00:00:00+02:00")


def test_history_of_the_trash_is_managements(people: People) -> None:
    mia, bill = people("mia.manager"), people("bill.boquet")
    rows = mia.json("history clients 105")
    assert (rows[-1]["action"], rows[-1]["field"]) == ("delete", "deleted_at")
    assert bill("history clients 105").err == bill("history clients 9999").err.replace("9999", "105")
    assert (
        mia("history clients 9999").err
        == "There is no client 9999. It may have been deleted, or be none of yours to see."
    )


def test_history_of_an_employee_is_by_username(everyone: People) -> None:
    rows = everyone["bill.boquet"].json("history employees kate.hastroff")
    assert ("department", "support") in [(row["field"], row["became"]) for row in rows]


def test_history_is_nothing_for_the_admin(everyone: People) -> None:
    result = everyone["ada.admin"]("history clients 101")
    assert (result.code, result.err) == (
        4,
        "You are logged in as admin, which has no right history:read. Who has it: management, sales, support.",
    )


def test_audit_shows_no_business_values(people: People) -> None:
    bill, ada = people("bill.boquet"), people("ada.admin")
    assert bill("clients update 102 --company Secretive").code == 0
    assert bill("contracts pay 202 1234.56").code == 0
    entries = ada.json("audit --employee bill.boquet")
    assert {entry["noun"] for entry in entries} == {"clients", "contracts", "payments"}
    assert all(entry["old"] is None and entry["new"] is None for entry in entries)
    assert next(entry["fields"] for entry in entries if entry["noun"] == "clients") == "company"
    everything = ada("audit --format csv").out
    assert "Secretive" not in everything
    assert "1234.56" not in everything
    assert "123456" not in everything


def test_audit_is_filtered_by_day_and_person(people: People, world: World) -> None:
    ada, mia = people("ada.admin"), people("mia.manager")
    assert mia("events unassign 302").code == 0
    assert [entry["action"] for entry in ada.json("audit --employee mia.manager --from yesterday --to tomorrow")] == [
        "update"
    ]
    assert ada.json("audit --to -2d") == []
    assert ada.json("audit --from tomorrow") == []
    assert ada("audit --to -2d").out == "No audit entries.\n"


def test_sign_ins_and_refusals_are_in_the_audit(people: People, world: World) -> None:
    world.set_password("bill.boquet", "three odd horses dance")
    bill, ada = people(""), people("ada.admin")
    assert bill.answers("not the password, is it")("login bill.boquet").code == 3
    assert bill.answers("three odd horses dance")("login bill.boquet").code == 0
    assert bill("employees create").code == 4
    assert bill("logout").code == 0
    actions = [entry["action"] for entry in ada.json("audit --limit 5")]
    assert actions[:4] == ["logout", "refused", "login", "login-failed"]


@pytest.mark.parametrize("noun", ["clients", "contracts", "events"])
def test_history_begins_with_the_creation(people: People, noun: str) -> None:
    number = {"clients": Ids.bills_client, "contracts": Ids.bills_paid, "events": Ids.kates_event}[noun]
    rows = people("mia.manager").json(f"history {noun} {number}")
    assert {(row["action"], row["revision"]) for row in rows if row["was"] is None} >= {("create", 1)}
    assert not {"id", "revision", "created_at"} & {row["field"] for row in rows}
