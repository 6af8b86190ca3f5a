"""Events: opened by sales on a signed contract, assigned by management, run by support."""

import pytest
from support.people import People
from support.world import Ids

CREATE = (
    'events create --contract {} --name "Casey Gala" --starts-at "4 Jun 2031 13:00" --ends-at "5 Jun 2031 2AM"'
    ' --location "53 Rue du Château"'
)


def test_event_is_opened_on_a_signed_contract(people: People) -> None:
    made = people("bill.boquet").json(CREATE.format(Ids.bills_unpaid) + ' --attendees 75 --notes "Book the DJ."')
    assert {key: made[key] for key in ("contract_id", "client_id", "client", "client_email", "sales", "support")} == {
        "contract_id": Ids.bills_unpaid,
        "client_id": Ids.bills_client,
        "client": "Kevin Casey",
        "client_email": "kevin@startup.example",
        "sales": "bill.boquet",
        "support": None,
    }
    assert (made["starts_at"], made["ends_at"]) == ("2031-06-04T13:00:00+02:00", "2031-06-05T02:00:00+02:00")
    assert (made["attendees"], made["notes"]) == (75, "Book the DJ.")


def test_attendees_may_be_unknown(people: People) -> None:
    bill = people("bill.boquet")
    made = bill.json(CREATE.format(Ids.bills_unpaid))
    assert (made["attendees"], made["notes"]) == (None, None)
    assert "attendees     –" in bill(f"events show {made['id']}").out


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        (CREATE.format(Ids.bills_unsigned), 1, "The contract is not signed. An event can be opened once it is"),
        (
            CREATE.format(Ids.eves_signed),
            4,
            "Contract 206 is not among those that you have the right events:create for.",
        ),
        (CREATE.format(Ids.trashed_contract), 1, "There is no contract 208."),
        (
            CREATE.format(201).replace("5 Jun 2031 2AM", "4 Jun 2031 1PM"),
            1,
            "An event must end after it starts. Check --starts-at and --ends-at.",
        ),
    ],
)
def test_event_that_can_not_be(people: People, line: str, code: int, sentence: str) -> None:
    result = people("bill.boquet")(line)
    assert (result.code, result.out) == (code, "")
    assert sentence in result.err


def test_support_updates_its_events(people: People) -> None:
    kate = people("kate.hastroff")
    before = kate.json("events show 302")
    after = kate.json("events update 302 --attendees 0 --notes 'Line one\nline two' --location Nice")
    assert (after["attendees"], after["notes"], after["location"]) == (0, "Line one\nline two", "Nice")
    assert after["revision"] == before["revision"] + 1
    assert kate.json("events update 302 --notes ''")["notes"] is None
    assert kate("events update 302").code == 2


def test_update_keeps_the_end_after_the_start(people: People) -> None:
    result = people("kate.hastroff")("events update 302 --ends-at '2020-01-01 10:00'")
    assert (result.code, result.err) == (1, "An event must end after it starts. Check --starts-at and --ends-at.")


def test_assigned_event_is_the_supports(people: People) -> None:
    mia, kate, alienor = people("mia.manager"), people("kate.hastroff"), people("alienor.vichum")
    assert mia.json("events assign 302 alienor.vichum")["support"] == "alienor.vichum"
    assert kate("events update 302 --notes x").code == 4
    assert alienor("events update 302 --notes x").code == 0
    assert mia.json("events unassign 302")["support"] is None
    assert alienor("events update 302 --notes y").code == 4
    assert 302 in [row["id"] for row in mia.json("events list --no-support")]


@pytest.mark.parametrize("whom", ["bill.boquet", "mia.manager", "gil.gone"])
def test_event_is_assigned_to_active_support_only(people: People, whom: str) -> None:
    result = people("mia.manager")(f"events assign 304 {whom}")
    assert result.code == 1
    assert "Accepted: the username of an active support employee." in result.err


def test_deleted_event_comes_back(people: People) -> None:
    mia, kate = people("mia.manager"), people("kate.hastroff")
    assert mia("events delete 302 --yes").code == 0
    assert kate("events show 302").code == 1
    assert [row["id"] for row in mia.json("events list --trash")] == [302, 306]
    assert mia.json("events restore 302")["support"] == "kate.hastroff"
    assert kate("events show 302").code == 0


def test_event_under_a_trashed_contract_is_not_restored(people: People) -> None:
    mia = people("mia.manager")
    for line in ("events delete 302 --yes", "events delete 304 --yes", "contracts delete 202 --yes"):
        assert mia(line).code == 0
    result = mia("events restore 306")
    assert (result.code, result.err) == (
        1,
        "Event 306 needs contract 202, which is in the trash; nothing was restored. First: contracts restore 202",
    )


def test_event_of_an_unsigned_contract_is_not_restored(people: People) -> None:
    mia = people("mia.manager")
    for line in ("events delete 302 --yes", "events delete 304 --yes", "contracts unsign 202"):
        assert mia(line).code == 0
    result = mia("events restore 306")
    assert (result.code, result.err) == (
        1,
        "Event 306 needs a signed contract, and contract 202 is not; nothing was restored. First: contracts sign 202",
    )


@pytest.mark.parametrize(
    ("who", "flags", "ids"),
    [
        ("mia.manager", "", [301, 307, 308, 302, 303, 305, 304]),
        ("mia.manager", "--no-support", [305, 304]),
        ("mia.manager", "--upcoming", [308, 302, 303, 305, 304]),
        ("mia.manager", "--past", [307, 301]),
        ("mia.manager", "--from tomorrow --to +25d", [302, 303]),
        ("mia.manager", "--from -1d --to today", [308]),
        ("mia.manager", "--client 103", [307, 308, 303, 305]),
        ("mia.manager", "--contract 202", [302, 304]),
        ("mia.manager", "--support alienor.vichum --upcoming", [303]),
        ("kate.hastroff", "--mine", [301, 308, 302]),
        ("kate.hastroff", "--mine --upcoming", [308, 302]),
        ("bill.boquet", "--mine", [301, 302, 304]),
        ("bill.boquet", "--mine --no-support", [304]),
        ("mia.manager", "--trash", [306]),
        ("mia.manager", "--past --sort starts_at", [301, 307]),
    ],
)
def test_filters_of_events(everyone: People, who: str, flags: str, ids: list[int]) -> None:
    assert [row["id"] for row in everyone[who].json(f"events filter {flags}")] == ids
