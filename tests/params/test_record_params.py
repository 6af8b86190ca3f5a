"""Records as arguments: completed and looked up through what the actor may do, so that the two never differ."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.people import People, Person
from support.world import Ids

from epicshell import policy
from epicshell.command import load
from epicshell.context import Context, Memory
from epicshell.errors import EpicError, NotFound
from epicshell.models import MODELS, Client, Contract, Event, Payment
from epicshell.params import BY_ENTITY, Param
from epicshell.params.people import Colleague, Contact, EmployeeParam, SessionOwner
from epicshell.params.records import RecordParam
from epicshell.policy import Permission

CLIENTS, CONTRACTS, EVENTS = (BY_ENTITY[model] for model in (Client, Contract, Event))


@contextmanager
def asking(person: Person) -> Iterator[Context]:
    database = person.account.database
    with database.bind_ctx(MODELS, bind_refs=False, bind_backrefs=False), database.work():
        yield Context(person.account, person.terminal, Memory(on=False))


def offered(person: Person, param: Param, prefix: str = "", needs: Permission | None = None) -> list[str]:
    with asking(person) as context:
        return [candidate.text for candidate in param.candidates(prefix, context, needs)]


@pytest.mark.parametrize(
    ("prefix", "numbers"),
    [
        ("", ["104", "103", "102", "101"]),
        ("103", ["103"]),
        ("10", ["101", "102", "103", "104"]),
        ("2", []),
        ("kev", ["101"]),  # a word of the name
        ("casey", ["101"]),
        ("STARTUP", ["101"]),  # of the company, whatever its case
        ("noel", ["102"]),  # without its accents
        ("Müll", ["102"]),
        ("nei", ["104"]),  # O'Neil is two words
        ("pros", ["104"]),
        ("tara", []),  # in the trash
        ("zzz", []),
        ("'; DROP", []),
        ("%", []),
        ("²", []),
        ("9" * 40, []),
        ("\x00", []),
        ("\udcff", []),
    ],
)
def test_client_is_completed_by_number_or_any_word(everyone: People, prefix: str, numbers: list[str]) -> None:
    assert offered(everyone["mia.manager"], CLIENTS, prefix) == numbers


def test_completion_says_what_a_number_means(everyone: People) -> None:
    with asking(everyone["mia.manager"]) as context:
        (client,) = CLIENTS.candidates("101", context, None)
        (contract,) = CONTRACTS.candidates("206", context, None)
        (event,) = EVENTS.candidates("302", context, None)
    assert client.meaning == "Kevin Casey · Cool Startup LLC"
    assert contract.meaning == "Jacky Blangier"
    assert event.meaning == "Casey Summer Ball · Kevin Casey"


def test_contracts_and_events_are_completed_by_their_client(everyone: People) -> None:
    assert offered(everyone["mia.manager"], CONTRACTS, "noël") == ["205"]
    assert offered(everyone["mia.manager"], EVENTS, "bouzin") == ["305", "303", "308", "307"]


@pytest.mark.parametrize(
    ("who", "param", "needs", "numbers"),
    [
        ("bill.boquet", CLIENTS, Permission.CLIENT_UPDATE, [102, 101]),
        ("eve.martin", CLIENTS, Permission.CLIENT_UPDATE, [104, 103]),
        ("bill.boquet", CONTRACTS, Permission.CONTRACT_SIGN, [205, 204, 203, 202, 201]),
        ("bill.boquet", CONTRACTS, Permission.EVENT_CREATE, [205, 204, 203, 202, 201]),
        ("kate.hastroff", EVENTS, Permission.EVENT_UPDATE, [302, 308, 301]),
        ("mia.manager", EVENTS, Permission.EVENT_UPDATE, [304, 305, 303, 302, 308, 307, 301]),
        ("mia.manager", RecordParam(Client, trashed=True), Permission.CLIENT_DELETE, [105]),
        ("mia.manager", RecordParam(Contract, trashed=True), Permission.CONTRACT_DELETE, [208]),
        ("mia.manager", RecordParam(Event, trashed=True), Permission.EVENT_DELETE, [306]),
    ],
)
def test_only_what_the_command_could_do_is_offered(
    everyone: People, who: str, param: Param, needs: Permission, numbers: list[int]
) -> None:
    assert offered(everyone[who], param, "", needs) == [str(number) for number in numbers]


def test_narrow_reading_narrows_completion(people: People) -> None:
    people.world.read_mode("need-to-know")
    assert offered(people("bill.boquet"), CLIENTS) == ["102", "101"]
    assert offered(people("kate.hastroff"), CLIENTS) == ["103", "101"]
    assert offered(people("kate.hastroff"), CONTRACTS) == ["206", "203", "202"]
    assert offered(people("kate.hastroff"), CLIENTS, "prospect") == []


@pytest.mark.parametrize(("param", "needs"), [
    (CLIENTS, Permission.CLIENT_UPDATE), (CONTRACTS, Permission.CONTRACT_PAY), (EVENTS, Permission.EVENT_UPDATE),
    (CLIENTS, None), (CONTRACTS, None), (EVENTS, None),
])  # fmt: skip
@pytest.mark.parametrize("who", ["bill.boquet", "kate.hastroff", "mia.manager"])
def test_what_is_offered_is_accepted(everyone: People, who: str, param: Param, needs: Permission | None) -> None:
    actor = everyone[who].account.actor
    if needs and not policy.cell(actor, needs):
        return
    numbers = offered(everyone[who], param, "", needs)
    assert numbers
    with asking(everyone[who]) as context:
        assert [str(param.parse(number, context, needs).id) for number in numbers] == numbers


@pytest.mark.parametrize(("param", "prefix", "usernames"), [
    (EmployeeParam(), "", ["ada.admin", "alienor.vichum", "bill.boquet", "eve.martin", "kate.hastroff", "max.manager",
                           "mia.manager", "otto.admin"]),
    (EmployeeParam("support"), "", ["alienor.vichum", "kate.hastroff"]),
    (EmployeeParam("sales"), "", ["bill.boquet", "eve.martin"]),
    (EmployeeParam(), "boq", ["bill.boquet"]),
    (EmployeeParam(), "ALIÉN", ["alienor.vichum"]),
    (EmployeeParam(), "m", ["eve.martin", "max.manager", "mia.manager"]),
    (EmployeeParam(), "zz", []),
    (Colleague(), "gil", []),
])  # fmt: skip
def test_employee_is_completed_by_username_or_name(
    everyone: People, param: Param, prefix: str, usernames: list[str]
) -> None:
    assert offered(everyone["mia.manager"], param, prefix) == usernames


def test_whose_clients_may_be_anyone_s_but_people_of_sales_are_offered(everyone: People) -> None:
    mia = everyone["mia.manager"]
    assert offered(mia, Contact("sales"), needs=Permission.CLIENT_READ) == ["bill.boquet", "eve.martin", "gil.gone"]
    with asking(mia) as context:
        assert Contact("sales").parse("kate.hastroff", context, Permission.CLIENT_READ).id == 7


def test_only_whom_one_manages_is_offered(everyone: People) -> None:
    needs = Permission.EMPLOYEE_UPDATE
    ours = offered(everyone["mia.manager"], EmployeeParam(), "", needs)
    assert "mia.manager" not in ours
    assert not [name for name in ours if name.endswith("admin")]
    assert "otto.admin" in offered(everyone["ada.admin"], EmployeeParam(), "", needs)


@pytest.mark.parametrize(
    ("typed", "found"), [("kate.hastroff", Ids.kate), (" Kate.Hastroff ", Ids.kate), ("gil.gone", Ids.gil)]
)
def test_employee_is_looked_up_in_any_case(everyone: People, typed: str, found: int) -> None:
    with asking(everyone["bill.boquet"]) as context:
        assert EmployeeParam().parse(typed, context, None).id == found


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("kate.hastrof", "Did you mean kate.hastroff?"),
        ("Kate Hastroff", "Did you mean kate.hastroff?"),
        ("billboquet", "Did you mean bill.boquet?"),
        ("aliénor.vichum", "Did you mean alienor.vichum?"),
        ("zzzzzz", "employees list shows everyone."),
    ],
)
def test_mistyped_employee_is_guessed(everyone: People, typed: str, hint: str) -> None:
    with asking(everyone["bill.boquet"]) as context, pytest.raises(NotFound) as caught:
        EmployeeParam().parse(typed, context, None)
    assert caught.value.hint == hint


@pytest.mark.parametrize("typed", ["101", " 101 ", "0101"])
def test_number_may_have_spaces_and_zeros(everyone: People, typed: str) -> None:
    with asking(everyone["bill.boquet"]) as context:
        assert CLIENTS.parse(typed, context, None).id == 101


def test_payment_is_under_the_right_of_its_contract(everyone: People) -> None:
    payments, needs = BY_ENTITY[Payment], Permission.CONTRACT_PAY
    with asking(everyone["bill.boquet"]) as context:
        assert payments.parse(str(Ids.payment), context, needs).id == Ids.payment
        with pytest.raises(EpicError, match="Payment 404 is not among those that you have the right contracts:pay for"):
            payments.parse(str(Ids.eves_payment), context, needs)


def test_sessions_owner_is_oneself_or_by_right_anyone(everyone: People) -> None:
    owner = SessionOwner()
    with asking(everyone["bill.boquet"]) as context:
        assert owner.parse("Bill.Boquet", context, None).id == Ids.bill
        with pytest.raises(EpicError, match="no right sessions:others"):
            owner.parse("eve.martin", context, None)
    with asking(everyone["ada.admin"]) as context:
        assert owner.parse("eve.martin", context, None).id == Ids.eve


@pytest.mark.parametrize("who", ["bill.boquet", "kate.hastroff", "mia.manager", "ada.admin"])
def test_every_parameter_completes_anything_without_fault(everyone: People, who: str) -> None:
    actor = everyone[who].account.actor
    for command in load().values():
        if command.needs and policy.cell(actor, command.needs):
            for parameter in command.parameters:
                for prefix in ("", "1", "a", "\x00", "²", "'", "%"):
                    assert isinstance(offered(everyone[who], parameter.param, prefix, command.needs), list)
