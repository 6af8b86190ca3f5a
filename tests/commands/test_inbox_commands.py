"""The inbox: what others did to what is mine, as far as I may read it now."""

import pytest
from support.people import People
from support.world import Ids, World

from epicshell.context import Context, Memory
from epicshell.models import MODELS, Notification
from epicshell.models.notification import sentence
from epicshell.params import BY_ENTITY
from epicshell.policy import Permission
from epicshell.results import Format


def test_the_unread_ones_are_shown_newest_first(everyone: People) -> None:
    kate = everyone["kate.hastroff"]
    assert kate("inbox --format json").ids == [Ids.kates_hidden_notification, Ids.kates_notification]
    assert Ids.kates_read_notification in kate("inbox --read-too --format json").ids
    shown = kate.json("inbox --read-too --sort id --limit 3")
    assert shown[2]["fields"] == "location, attendees"
    assert [row["read"] for row in shown] == [False, False, True]
    assert (shown[0]["kind"], shown[0]["noun"], shown[0]["about"], shown[0]["actor"]) == (
        "assigned", "events", "Casey Summer Ball", "mia.manager",
    )  # fmt: skip


def test_a_contract_is_called_by_its_client(everyone: People) -> None:
    (row,) = everyone["bill.boquet"].json("inbox")
    assert (row["kind"], row["noun"], row["row_id"], row["about"]) == ("signed", "contracts", 203, "Kevin Casey")


@pytest.mark.parametrize("format", Format)
def test_every_format_has_it(everyone: People, format: Format) -> None:
    out = everyone["kate.hastroff"](f"inbox --format {format}").out
    assert "Casey Summer Ball" in out
    assert "mia.manager" in out


def test_reading_one_gives_it_back_and_leaves_the_others(people: People) -> None:
    kate = people("kate.hastroff")
    record = kate.json(f"inbox read {Ids.kates_notification}")
    assert (record["id"], record["read"]) == (Ids.kates_notification, True)
    assert kate.json(f"inbox read {Ids.kates_notification}")["read"] is True
    assert kate("inbox --format json").ids == [Ids.kates_hidden_notification]


def test_reading_all_says_how_many(people: People) -> None:
    kate = people("kate.hastroff")
    assert kate("inbox read --all").err == "2 notifications marked as read."
    assert kate("inbox read --all").err == "0 notifications marked as read."
    assert kate("inbox").out == "No notifications.\n"
    assert people("bill.boquet")("inbox --format json").ids == [Ids.bills_notification]


def test_someone_elses_is_none(everyone: People) -> None:
    there = everyone["kate.hastroff"](f"inbox read {Ids.eves_notification}")
    missing = everyone["kate.hastroff"]("inbox read 9999")
    assert (there.code, there.err) == (1, missing.err.replace("9999", str(Ids.eves_notification)))


@pytest.mark.parametrize("line", ["inbox read", f"inbox read {Ids.kates_notification} --all"])
def test_it_is_one_or_all(everyone: People, line: str) -> None:
    result = everyone["kate.hastroff"](line)
    assert result.code == 2
    assert "either the number of a notification or --all" in result.err


def test_of_what_may_not_be_read_any_more_only_the_number_is_told(people: People, world: World) -> None:
    world.read_mode("need-to-know")
    hidden, known = people("kate.hastroff").json("inbox")
    assert (hidden["noun"], hidden["row_id"], hidden["about"]) == ("events", Ids.alienors_event, None)
    assert known["about"] == "Casey Summer Ball"
    mia, kate = people("mia.manager"), people("kate.hastroff")
    mia(f"events update {Ids.kates_event} --location Secret --name Secret")
    mia(f"events unassign {Ids.kates_event}")
    rows = kate.json("inbox")
    assert {(row["kind"], row["about"], row["fields"]) for row in rows} == {
        ("unassigned", None, None), ("changed", None, None), ("assigned", None, None),
    }  # fmt: skip
    assert "Secret" not in kate("inbox --read-too --format json").out


def test_what_is_in_the_trash_is_told_by_its_number(people: People) -> None:
    people("mia.manager")(f"events delete {Ids.kates_event} --yes")
    newest = people("kate.hastroff").json("inbox")[0]
    assert (newest["kind"], newest["row_id"], newest["about"]) == ("deleted", Ids.kates_event, None)


def test_what_is_handed_over_is_in_the_inbox_of_the_taker(people: People) -> None:
    mia, eve = people("mia.manager"), people("eve.martin")
    assert mia("employees deactivate bill.boquet --hand-over-to eve.martin --yes").code == 0
    assert sorted(row["about"] for row in eve.json("inbox")) == ["Jacky Blangier", "Kevin Casey", "Zoé Müller"]


def test_the_unread_ones_are_offered_by_number(people: People) -> None:
    kate = people("kate.hastroff")
    context = Context(kate.account, kate.terminal, Memory(on=False))
    assert context.actor
    with context.database.bind_ctx(MODELS, bind_refs=False, bind_backrefs=False):
        offered = list(BY_ENTITY[Notification].candidates("50", context, Permission.INBOX))
        assert list(BY_ENTITY[Notification].candidates("9", context, Permission.INBOX)) == []
    assert [one.text for one in offered] == ["502", "501"]
    assert offered[1].meaning == "Event 302 (Casey Summer Ball): assigned to you, by mia.manager"


@pytest.mark.parametrize(
    ("kind", "about", "fields", "told"),
    [
        ("changed", "Gala", "name, notes", "Event 9 (Gala): changed (name, notes), by mia"),
        ("unassigned", None, None, "Event 9: no longer assigned to you, by mia"),
        ("deleted", None, None, "Event 9: deleted, by mia"),
    ],
)
def test_a_notification_is_one_line(kind: str, about: str | None, fields: str | None, told: str) -> None:
    assert sentence(kind, "events", 9, about, fields, "mia") == told
