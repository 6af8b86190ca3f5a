"""Completion of records: by number and by name, under the actor's own rights."""

import pytest
from support.people import People, Person
from support.world import World

from epicshell.context import Context, Memory
from epicshell.models import MODELS, Client, Contract, Event
from epicshell.params import BY_ENTITY
from epicshell.policy import Permission


def offered(person: Person, model: object, prefix: str, needs: Permission) -> list[str]:
    """The texts that are offered for a prefix."""
    context = Context(person.account, person.terminal, Memory(on=False))
    assert context.actor
    with context.database.bind_ctx(MODELS, bind_refs=False, bind_backrefs=False):
        return [candidate.text for candidate in BY_ENTITY[model].candidates(prefix, context, needs)]


@pytest.fixture
def bill(people: People) -> Person:
    return people("bill.boquet")


def test_number_that_is_typed_comes_first_then_those_that_it_begins(world: World, bill: Person) -> None:
    for number in (20, 1010, 1019, 10100, 1100):
        world.run(
            "INSERT INTO crm.clients (id, full_name, email, phone, company, sales_id)"
            " VALUES (%s, 'Nina Number', 'n@number.example', '123', 'Numbers', 5)",
            number,
        )
    assert offered(bill, Client, "101", Permission.CLIENT_READ) == ["101", "1010", "1019", "10100"]


@pytest.mark.parametrize("typed", ["0", "00", "4294967296", "99999999999"])
def test_number_that_no_record_can_have_offers_nothing(bill: Person, typed: str) -> None:
    assert offered(bill, Contract, typed, Permission.CONTRACT_READ) == []


@pytest.mark.parametrize("typed", ["kev", "KEVIN", "start", "cool start", "llc"])
def test_any_word_of_name_or_company_finds_the_client(bill: Person, typed: str) -> None:
    assert offered(bill, Client, typed, Permission.CLIENT_READ) == ["101"]


def test_events_and_contracts_are_found_by_their_client(bill: Person) -> None:
    assert offered(bill, Contract, "blang", Permission.CONTRACT_READ) == ["209", "207", "206"]
    assert set(offered(bill, Event, "blang", Permission.EVENT_READ)) == {"303", "305", "307", "308"}


def test_own_client_is_found_behind_any_number_of_others(world: World, bill: Person) -> None:
    world.run(
        "INSERT INTO crm.clients (full_name, email, phone, company, sales_id)"
        " SELECT 'Casey Clone', 'c@clone.example', '123', 'Clones', 6 FROM generate_series(1, 300)"
    )
    assert offered(bill, Client, "casey", Permission.CLIENT_UPDATE) == ["101"]
    assert set(offered(bill, Contract, "casey", Permission.CONTRACT_SIGN)) == {"201", "202", "203", "204"}


def test_under_need_to_know_others_records_are_not_offered(world: World, people: People) -> None:
    world.read_mode("need-to-know")
    bill, kate = people("bill.boquet"), people("kate.hastroff")
    assert offered(bill, Client, "", Permission.CLIENT_READ) == ["102", "101"]
    assert offered(bill, Client, "jacky", Permission.CLIENT_READ) == []
    assert offered(kate, Client, "", Permission.CLIENT_READ) == ["103", "101"]
    assert offered(kate, Contract, "2", Permission.CONTRACT_READ) == ["202", "203", "206"]
    assert offered(kate, Event, "30", Permission.EVENT_READ) == ["301", "302", "308"]
