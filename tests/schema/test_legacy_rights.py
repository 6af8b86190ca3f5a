"""Importing the old event sheets, as raw SQL: the one door by which management makes events, and how wide it is."""

from typing import TYPE_CHECKING

import pytest
from support.statements import effect, refusal, rows, touched, value
from support.world import Ids, World

if TYPE_CHECKING:
    from psycopg2.extensions import connection

INSERT = (
    "INSERT INTO events ({}contract_id, name, starts_at, ends_at, location{}) VALUES ({}%s, 'N', now(),"
    " now() + interval '1 day', 'L'{}) RETURNING id"
)
IMPORT = INSERT.format("id, ", ", legacy_ref", "{}, ", ", 'legacy:{}'")
DENIED = "42501"


def importing(number: int, reference: int | None = None) -> str:
    return IMPORT.format(number, reference or number)


@pytest.fixture
def mia(world: World) -> "connection":
    return world.connect("mia.manager")


@pytest.mark.parametrize("who", ["bill.boquet", "kate.hastroff", "ada.admin"])
def test_nobody_else_chooses_the_number_of_an_event(shared_world: World, who: str) -> None:
    assert refusal(shared_world.connect(who), importing(109), Ids.bills_unpaid) == DENIED


def test_sales_import_only_on_their_own_contracts(shared_world: World) -> None:
    bill = shared_world.connect("bill.boquet")
    statement = INSERT.format("", ", legacy_ref", "", ", 'sheet:1'")
    assert effect(bill, statement, Ids.bills_unpaid)
    assert refusal(bill, statement, Ids.eves_signed) == "events_contract_fkey"


def test_sales_take_no_number_of_an_old_sheet(shared_world: World) -> None:
    """It would keep the sheet out for good, or stand for another event."""
    bill = shared_world.connect("bill.boquet")
    for reference in ("legacy:1", "legacy:1023 "):
        assert refusal(bill, INSERT.format("", ", legacy_ref", "", f", '{reference}'"), Ids.bills_unpaid) == DENIED


def test_management_does_not_open_events_otherwise(shared_world: World) -> None:
    mia = shared_world.connect("mia.manager")
    assert refusal(mia, INSERT.format("", "", "", ""), Ids.bills_unpaid) == DENIED
    assert refusal(mia, INSERT.format("", ", legacy_ref", "", ", NULL"), Ids.bills_unpaid) == DENIED
    assert (
        refusal(mia, INSERT.format("", ", legacy_ref", "", ", 'no source'"), Ids.bills_unpaid)
        == "events_legacy_ref_form"
    )


@pytest.mark.parametrize(
    "column", ["created_at", "deleted_at", "revision", "client_id", "sales_id", "contract_standing"]
)
def test_what_the_database_keeps_is_not_imported(shared_world: World, column: str) -> None:
    statement = INSERT.format("", f", legacy_ref, {column}", "", ", 'legacy:1', NULL")
    assert refusal(shared_world.connect("mia.manager"), statement, Ids.bills_unpaid) == DENIED


@pytest.mark.parametrize("contract", [Ids.bills_unsigned, Ids.trashed_contract, 999])
def test_an_event_needs_a_signed_contract_that_stands(shared_world: World, contract: int) -> None:
    assert refusal(shared_world.connect("mia.manager"), importing(109), contract) == "events_contract_fkey"


@pytest.mark.parametrize("who", [Ids.gil, Ids.eve])
def test_its_support_is_an_active_employee_of_support(shared_world: World, who: int) -> None:
    statement = INSERT.format("", ", legacy_ref, support_id", "", f", 'legacy:1', {who}")
    assert refusal(shared_world.connect("mia.manager"), statement, Ids.bills_unpaid) == "events_support_active"


def test_neither_a_number_nor_a_reference_is_taken_twice(shared_world: World) -> None:
    mia = shared_world.connect("mia.manager")
    assert refusal(mia, importing(Ids.alienors_event), Ids.bills_unpaid) == "events_pkey"
    assert refusal(mia, importing(Ids.trashed_event), Ids.bills_unpaid) == "events_pkey"
    assert (
        refusal(mia, importing(1) + "; " + importing(2, 1), Ids.bills_unpaid, Ids.bills_unpaid)
        == "events_legacy_ref_key"
    )


@pytest.mark.parametrize("number", [0, -1, 1_000_000_000, 2_147_483_647])
def test_a_number_leaves_room_for_others(shared_world: World, number: int) -> None:
    assert refusal(shared_world.connect("mia.manager"), importing(number, 1), Ids.bills_unpaid) == DENIED


def test_the_next_event_is_numbered_behind_those_imported(world: World, mia: "connection") -> None:
    for number in (900, 700):
        assert touched(mia, importing(number), Ids.bills_unpaid) == 1
    bill = world.connect("bill.boquet")
    assert value(bill, INSERT.format("", "", "", ""), Ids.bills_unpaid) == 901


def test_an_import_without_a_session_is_refused(world: World, mia: "connection") -> None:
    rows(mia, "SELECT api.revoke_session(id) FROM api.sessions WHERE current")
    assert refusal(mia, importing(109), Ids.bills_unpaid) != ""


class TestTheReferenceOfAContract:
    SET = "UPDATE contracts SET legacy_ref = %s WHERE id = %s"

    def test_is_given_once_by_management(self, world: World, mia: "connection") -> None:
        assert touched(mia, self.SET, "legacy:652", Ids.bills_unpaid) == 1
        assert touched(mia, self.SET, "legacy:652", Ids.bills_unpaid) == 1
        assert refusal(mia, self.SET, "legacy:653", Ids.bills_unpaid) == "contracts_legacy_ref_once"
        assert refusal(mia, self.SET, None, Ids.bills_unpaid) == "contracts_legacy_ref_once"
        assert refusal(mia, self.SET, "legacy:652", Ids.bills_paid) == "contracts_legacy_ref_key"
        assert refusal(mia, self.SET, "652", Ids.bills_paid) == "contracts_legacy_ref_form"
        told = "SELECT new->>'legacy_ref' FROM sec.audit WHERE noun = 'contracts' AND row_id = %s ORDER BY id DESC"
        assert value(world.owner(), told, Ids.bills_unpaid) == "legacy:652"

    @pytest.mark.parametrize("who", ["bill.boquet", "kate.hastroff", "ada.admin"])
    def test_is_nobody_else_s_to_give(self, shared_world: World, who: str) -> None:
        assert refusal(shared_world.connect(who), self.SET, "legacy:652", Ids.bills_unpaid) == DENIED
