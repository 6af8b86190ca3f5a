"""The business verbs of the models, and what keeps them apart from other writers."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from support.world import Ids, World

from epicshell.database import Database
from epicshell.errors import Conflict, Invalid
from epicshell.models import (
    MODELS,
    AuditEntry,
    Client,
    Contract,
    Employee,
    Event,
    LiveSession,
    Notification,
    Payment,
    Setting,
)
from epicshell.models.base import Entity, listed

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def by(world: World) -> Iterator[Callable[[str], Database]]:
    """Binds the models to a database as an employee."""
    bound = []

    def bind(username: str) -> Database:
        database = world.database(username)
        context = database.bind_ctx(MODELS, bind_refs=False, bind_backrefs=False)
        context.__enter__()
        bound.append(context)
        return database

    yield bind
    for context in reversed(bound):
        context.__exit__(None, None, None)


@pytest.mark.parametrize(
    ("model", "noun", "plural"),
    [
        (Client, "client", "clients"), (Contract, "contract", "contracts"), (Event, "event", "events"),
        (Payment, "payment", "payments"), (Employee, "employee", "employees"), (Setting, "setting", "settings"),
        (LiveSession, "session", "sessions"), (Notification, "notification", "notifications"),
        (AuditEntry, "audit entry", "audit entries"),
    ],
)  # fmt: skip
def test_every_entity_has_a_name_for_people(model: type[Entity], noun: str, plural: str) -> None:
    assert (model.noun, model.plural()) == (noun, plural)


@pytest.mark.parametrize(
    "model", [Client, Contract, Event, Notification, Payment, Employee, Setting, LiveSession, AuditEntry]
)
def test_table_shows_fields_that_there_are(model: type[Entity]) -> None:
    names = [field.name for field in model.fields()]
    assert set(model.summary) <= set(names)
    assert len(set(names)) == len(names)
    assert model.field("nonsense") is None


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        ([], ""), ([5], "event 5"), ([5, 7], "events 5, 7"),
        (list(range(1, 11)), "events 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"),
        (list(range(1, 12)), "events 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …"),
    ],
)  # fmt: skip
def test_ids_are_listed_up_to_ten(ids: list[int], words: str) -> None:
    assert listed("event", ids) == words


def test_record_is_named_in_questions(by: Callable[[str], Database]) -> None:
    by("mia.manager")
    assert str(Client.get_by_id(104)) == "client 104 (Sam O'Neil)"
    assert str(Event.get_by_id(302)) == "event 302 (Casey Summer Ball)"
    assert str(Contract.get_by_id(202)) == "contract 202"
    assert str(Employee.get_by_id(6)) == "employee 6 (Eve Martin)"


def test_control_characters_of_a_name_are_harmless_in_questions(world: World, by: Callable[[str], Database]) -> None:
    world.run("UPDATE crm.clients SET full_name = E'\\x1b[31mRed' WHERE id = 104")
    by("mia.manager")
    assert str(Client.get_by_id(104)) == r"client 104 (\x1b[31mRed)"


def test_change_writes_what_differs_and_raises_the_revision(by: Callable[[str], Database]) -> None:
    by("bill.boquet")
    client = Client.get_by_id(101)
    client.change(company="Cool Startup LLC", phone="123")
    assert (client.phone, client.revision) == ("123", 2)
    client.change(company="Cool Startup LLC", phone="123")
    assert client.revision == 2


def test_change_of_a_row_that_someone_changed_is_a_conflict(world: World, by: Callable[[str], Database]) -> None:
    by("bill.boquet")
    client = Client.get_by_id(101)
    world.run("UPDATE crm.clients SET phone = '5' WHERE id = 101")
    with pytest.raises(Conflict, match="Client 101 was changed by someone else just now; nothing was done"):
        client.change(phone="6")


def test_contract_knows_what_is_paid(by: Callable[[str], Database]) -> None:
    by("mia.manager")
    contract = Contract.get_by_id(Ids.bills_partly_paid)
    assert (contract.total, contract.due, contract.paid) == (800_000, 500_000, 300_000)


def test_contract_is_drawn_up_with_its_first_payment(by: Callable[[str], Database]) -> None:
    by("mia.manager")
    contract = Contract.draw_up(Client.get_by_id(101), 1000, 400, NOW, NOW.date())
    assert (contract.total, contract.signed) == (1000, True)
    payment = Payment.get(Payment.contract_id == contract.id)
    assert (payment.amount, payment.paid_on, payment.contract().due) == (600, NOW.date(), 400)
    payment.void()
    assert Contract.get_by_id(contract.id).due == 1000
    with pytest.raises(Conflict):
        payment.void()


@pytest.mark.parametrize(
    ("model", "number", "children"),
    [
        (Client, 103, "contracts 206, 207, 209"), (Client, 104, ""), (Client, 105, ""),
        (Contract, 202, "events 302, 304"), (Contract, 201, ""), (Event, 302, ""),
    ],
)  # fmt: skip
def test_children_are_the_live_ones(
    by: Callable[[str], Database], model: type[Client], number: int, children: str
) -> None:
    by("mia.manager")
    assert model.get_by_id(number).children() == children


def test_verbs_of_the_trash(by: Callable[[str], Database]) -> None:
    by("mia.manager")
    event = Event.get_by_id(302)
    event.delete_to_trash()
    assert event.deleted_at is not None
    event.restore()
    assert event.deleted_at is None
    assert event.revision == 3


def test_support_comes_and_goes(by: Callable[[str], Database]) -> None:
    by("mia.manager")
    event = Event.get_by_id(304)
    event.assign(Employee.get_by_id(Ids.alienor))
    assert event.support_id == Ids.alienor
    event.unassign()
    assert event.support_id is None


def test_event_that_is_going_on_is_not_past(by: Callable[[str], Database]) -> None:
    by("mia.manager")
    past = [event.id for event in Event.select().where(Event.is_past(NOW)).order_by(Event.id)]
    assert past == [Ids.kates_past_event, Ids.alienors_past_event]


@pytest.mark.parametrize("name", Setting.ACCEPTED)
def test_setting_refuses_before_the_database_must(by: Callable[[str], Database], name: str) -> None:
    by("ada.admin")
    setting = Setting.get_by_id(name)
    with pytest.raises(Invalid, match=f"{name} can't be"):
        setting.put("~")
    assert Setting.get_by_id(name).revision == 1


def test_settings_and_the_database_accept_the_same(world: World) -> None:
    (definition,) = world.ask(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'settings_value_known'"
    )
    for name, (pattern, _words) in Setting.ACCEPTED.items():
        assert f"'{name}'" in definition
        if name not in ("timezone", "read_mode"):
            assert f"^{pattern}$" in definition
