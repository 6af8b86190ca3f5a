"""Contracts and payments: drawn up by management, followed by sales; the due never leaves 0 to the total."""

import pytest
from support.people import People
from support.world import Ids, World


def amounts(record: dict[str, object]) -> tuple[object, object]:
    return record["total"], record["due"]


def test_contract_is_due_in_full_at_first(people: People) -> None:
    made = people("mia.manager").json("contracts create --client 101 --total '12 000,50'")
    assert amounts(made) == ("12000.50", "12000.50")
    assert (made["client"], made["sales"], made["signed"], made["signed_at"]) == (
        "Kevin Casey",
        "bill.boquet",
        False,
        None,
    )


def test_lower_due_books_a_first_payment(people: People) -> None:
    mia = people("mia.manager")
    made = mia.json("contracts create --client 101 --total 12k --due 9000 --signed")
    assert amounts(made) == ("12000.00", "9000.00")
    assert made["signed"] is True
    (payment,) = mia.json(f"contracts payments {made['id']}")
    assert payment["amount"] == "3000.00"


def test_contract_may_be_paid_from_the_start(people: People) -> None:
    mia = people("mia.manager")
    made = mia.json("contracts create --client 101 --total 500 --due 0")
    assert amounts(made) == ("500.00", "0.00")
    assert made["id"] in [row["id"] for row in mia.json("contracts list --paid")]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "contracts create --client 101 --total 100 --due 100.01",
            "--due: 100.01 EUR is more than the total. Accepted: 0 up to the total.",
        ),
        (
            "contracts update 202 --total 2999.99",
            "--total: 3 000.00 EUR is paid already. A total can't fall below that; contracts payments ID shows it.",
        ),
        (
            "contracts pay 202 5000.01",
            "AMOUNT: 5 000.00 EUR is due on contract 202. Accepted: more than 0.00, up to that.",
        ),
        ("contracts pay 203 0.01", "Contract 203 is paid; nothing is due."),
        ("contracts pay 202 0", "AMOUNT: 5 000.00 EUR is due on contract 202. Accepted: more than 0.00, up to that."),
        ("contracts pay 202 5 --on tomorrow", " is yet to come. Accepted: today or earlier."),
        ("contracts sign 204 --on +1d", " is yet to come. Accepted: today or earlier."),
        ("contracts sign 201", "Contract 201 is signed already; nothing was done. --on DATE corrects the date."),
        ("contracts unsign 202", "Contract 202 still has events 302, 304; it stays signed. Delete these first."),
        (
            "contracts delete 202 --yes",
            "Contract 202 still has events 302, 304; nothing was deleted. Delete these first.",
        ),
        ("contracts void-payment 9999 --yes", "There is no payment 9999."),
    ],
)
def test_what_the_numbers_and_dates_refuse(people: People, world: World, line: str, sentence: str) -> None:
    before = world.state("sec.sessions", "sec.attachments")
    mia = people("mia.manager")
    result = mia(line)
    assert result.code == 1
    assert sentence in result.err
    assert world.state("sec.sessions", "sec.attachments") == before


def test_total_may_fall_to_what_is_paid(people: People) -> None:
    assert amounts(people("mia.manager").json("contracts update 202 --total 3000")) == ("3000.00", "0.00")


def test_total_of_a_signed_contract_is_managements(people: People) -> None:
    bill = people("bill.boquet")
    result = bill("contracts update 202 --total 9000")
    assert result.code == 4
    assert "management only" in result.err
    assert amounts(bill.json("contracts update 204 --total 9000")) == ("9000.00", "9000.00")  # not signed


def test_payments_lower_the_due_and_voided_ones_raise_it(people: People) -> None:
    bill = people("bill.boquet")
    paid = bill.json("contracts pay 202 1000 --on 2024-06-15")
    assert amounts(paid) == ("8000.00", "4000.00")
    first, second = bill.json("contracts payments 202")
    assert (first["id"], second["amount"], second["paid_on"]) == (Ids.payment, "1000.00", "2024-06-15")
    voided = bill.json(f"contracts void-payment {second['id']} --yes")
    assert (voided["id"], voided["due"]) == (202, "5000.00")
    assert [row["id"] for row in bill.json("contracts payments 202")] == [Ids.payment]


def test_last_payment_makes_a_contract_paid(people: People) -> None:
    bill = people("bill.boquet")
    assert bill.json("contracts pay 202 5000")["due"] == "0.00"
    assert 202 in [row["id"] for row in bill.json("contracts list --paid")]
    assert 202 not in [row["id"] for row in bill.json("contracts list --unpaid")]


def test_signature_has_a_date_that_can_be_corrected(people: People) -> None:
    bill = people("bill.boquet")
    signed = bill.json("contracts sign 204 --on 2024-06-15")
    assert (signed["signed"], signed["signed_at"]) == (True, "2024-06-15T00:00:00+02:00")
    assert bill.json("contracts sign 204 --on 2024-01-15")["signed_at"] == "2024-01-15T00:00:00+01:00"
    unsigned = bill.json("contracts unsign 204")
    assert (unsigned["signed"], unsigned["signed_at"]) == (False, None)


def test_contract_under_a_trashed_client_is_not_restored(people: People) -> None:
    mia = people("mia.manager")
    for line in (
        "contracts delete 207 --yes",
        "contracts restore 207",
        "contracts delete 205 --yes",
        "clients delete 102 --yes",
    ):
        assert mia(line).code == 0
    result = mia("contracts restore 205")
    assert (result.code, result.err) == (
        1,
        "Contract 205 needs client 102 (Zoé Müller), which is in the trash; nothing was restored."
        " First: clients restore 102",
    )
    assert mia("clients restore 102").code == 0
    assert mia("contracts restore 205").code == 0


def test_trashed_contract_is_no_more_shown_or_paid(people: People) -> None:
    mia = people("mia.manager")
    for line in ("contracts show 208", "contracts pay 208 1", "contracts payments 208", "contracts sign 208"):
        result = mia(line)
        assert (result.code, result.err) == (
            1,
            "There is no contract 208. It may have been deleted, or be none of yours to see.",
        )


def test_payment_of_a_trashed_contract_is_not_voided(people: People, world: World) -> None:
    mia = people("mia.manager")
    assert mia("contracts delete 205 --yes").code == 0
    assert mia(f"contracts void-payment {Ids.deposit} --yes").code == 1
    assert world.ask("SELECT count(*) FROM crm.payments WHERE id = %s", Ids.deposit) == (1,)


@pytest.mark.parametrize(
    ("flags", "ids"),
    [
        ("", [209, 207, 206, 205, 204, 203, 202, 201]),
        ("--unsigned", [207, 205, 204]),
        ("--signed --unpaid", [206, 202, 201]),
        ("--paid", [209, 203]),
        ("--no-event", [207, 205, 204, 201]),
        ("--no-event --signed", [201]),
        ("--client 101", [204, 203, 202, 201]),
        ("--sales eve.martin --unsigned", [207]),
        ("--mine", [205, 204, 203, 202, 201]),
        ("--mine --unsigned --client 102", [205]),
    ],
)
def test_filters_of_contracts(everyone: People, flags: str, ids: list[int]) -> None:
    assert [row["id"] for row in everyone["bill.boquet"].json(f"contracts filter {flags}")] == ids


def test_contracts_of_support_are_those_of_their_events(everyone: People) -> None:
    assert [row["id"] for row in everyone["kate.hastroff"].json("contracts list --mine")] == [206, 203, 202]


def test_contract_has_no_event_when_it_has_no_live_one(people: People) -> None:
    mia = people("mia.manager")
    seen = []
    for line in ("delete 307 --yes", "restore 307", "delete 302 --yes", "delete 304 --yes", "restore 306"):
        assert mia(f"events {line}").code == 0
        seen.append([row["id"] for row in mia.json("contracts list --no-event --signed")])
    assert seen == [[209, 201], [201], [201], [202, 201], [201]]
