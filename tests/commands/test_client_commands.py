"""Clients: created by sales, theirs; reassigned, deleted and restored by management."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from support.people import People
from support.world import Ids

CREATE = (
    'clients create --full-name "Ana Costa" --email Ana@COSTA.example --phone "+351 21 123 4567" --company "Costa Azul"'
)


def today() -> str:
    return str(dt.datetime.now(ZoneInfo("Europe/Paris")).date())


def test_created_client_is_the_creators(people: People) -> None:
    bill, before = people("bill.boquet"), today()
    made = bill.json(CREATE)
    assert bill.json(f"clients show {made['id']}") == made
    assert (made["full_name"], made["company"], made["sales"]) == ("Ana Costa", "Costa Azul", "bill.boquet")
    assert made["email"] == "Ana@costa.example"
    assert made["phone"] == "+351 21 123 4567"
    assert made["revision"] == 1
    assert before <= made["first_contact_on"] <= today()


def test_text_is_kept_in_nfc_without_outer_space(people: People) -> None:
    line = CREATE.replace("Costa Azul", "  Cafe\u0301 ")
    made = people("bill.boquet").json(f"{line} --first-contact-on 2024-06-15")
    assert (made["company"], made["first_contact_on"]) == ("Café", "2024-06-15")


def test_odd_phone_number_is_kept_with_a_warning(people: People) -> None:
    result = people("bill.boquet")(CREATE.replace("+351 21 123 4567", "+ 666 12345"))
    assert result.code == 0
    assert "+ 666 12345" in result.out
    assert result.err == '"+ 666 12345" can\'t be dialled as it is.'


def test_update_changes_what_is_named(people: People) -> None:
    bill = people("bill.boquet")
    before = bill.json("clients show 101")
    after = bill.json('clients update 101 --company "Warm Startup" --first-contact-on 2020-01-02')
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"company", "first_contact_on", "updated_at", "revision"}
    assert after["revision"] == before["revision"] + 1


def test_update_to_the_same_changes_nothing(people: People) -> None:
    bill = people("bill.boquet")
    before = bill.json("clients show 101")
    assert bill.json('clients update 101 --company "Cool Startup LLC"') == before


def test_update_needs_something_to_change(people: People) -> None:
    result = people("bill.boquet")("clients update 101")
    assert (result.code, result.err) == (
        2,
        "There is nothing to change."
        " Give at least one of --full-name, --email, --phone, --company, --first-contact-on.",
    )


def test_reassigned_client_takes_contracts_and_events_along(people: People) -> None:
    mia, eve, bill = people("mia.manager"), people("eve.martin"), people("bill.boquet")
    assert mia.json("clients reassign 101 eve.martin")["sales"] == "eve.martin"
    assert {row["sales"] for row in mia.json("contracts list --client 101")} == {"eve.martin"}
    assert {row["sales"] for row in mia.json("events list --client 101")} == {"eve.martin"}
    assert eve("clients update 101 --company X").code == 0
    assert bill("clients update 101 --company Y").code == 4
    assert Ids.kates_event in [row["id"] for row in eve.json("events list --mine")]


@pytest.mark.parametrize(
    ("whom", "sentence"),
    [
        ("kate.hastroff", "WHO: kate.hastroff is support. Accepted: the username of an active sales employee."),
        ("gil.gone", "WHO: gil.gone is inactive. Accepted: the username of an active sales employee."),
        ("eve.marten", "There is no employee eve.marten. Did you mean eve.martin?"),
    ],
)
def test_client_goes_to_active_sales_only(people: People, whom: str, sentence: str) -> None:
    result = people("mia.manager")(f"clients reassign 101 {whom}")
    assert (result.code, result.err) == (1, sentence)


def test_delete_names_the_contracts_that_stand_against_it(people: People) -> None:
    result = people("mia.manager")("clients delete 103 --yes")
    assert (result.code, result.err) == (
        1,
        "Client 103 still has contracts 206, 207, 209; nothing was deleted. Delete these first.",
    )


def test_deleted_client_goes_to_the_trash_and_comes_back(people: People) -> None:
    mia, eve = people("mia.manager"), people("eve.martin")
    assert mia("clients delete 104 --yes").code == 0
    assert 104 not in [row["id"] for row in mia.json("clients list")]
    assert [row["id"] for row in mia.json("clients list --trash")] == [105, 104]
    for line in ("clients show 104", "clients update 104 --company X", "contracts list --client 104"):
        assert eve(line).code == 1
        assert "There is no client 104." in eve(line).err
    assert mia("contracts create --client 104 --total 1").code == 1
    assert mia.json("clients restore 104")["id"] == 104
    assert eve.json("clients show 104")["sales"] == "eve.martin"


def test_only_the_trash_is_restored_from(people: People) -> None:
    mia = people("mia.manager")
    for number in (101, 9999):
        result = mia(f"clients restore {number}")
        assert (result.code, result.err) == (1, f"There is no client {number} in the trash.")


def test_prospect_is_a_client_without_a_signed_contract(people: People) -> None:
    mia = people("mia.manager")
    number, seen = Ids.prospects_contract, []
    for line in ("sign {}", "delete {} --yes", "restore {}", "unsign {}", "sign {}", "delete {} --yes"):
        seen.append([row["id"] for row in mia.json("clients list --prospects")])
        assert mia(f"contracts {line.format(number)}").code == 0
    seen.append([row["id"] for row in mia.json("clients list --prospects")])
    assert seen == [[104, 102], [104], [104, 102], [104], [104, 102], [104], [104, 102]]


def test_filters_of_clients_combine(people: People) -> None:
    bill, kate = people("bill.boquet"), people("kate.hastroff")
    assert [row["id"] for row in bill.json("clients list --mine")] == [102, 101]
    assert [row["id"] for row in bill.json("clients list --sales eve.martin")] == [104, 103]
    assert [row["id"] for row in bill.json("clients list --mine --prospects")] == [102]
    assert bill.json("clients list --mine --sales eve.martin") == []
    assert [row["id"] for row in kate.json("clients list --mine")] == [103, 101]  # those of her events
