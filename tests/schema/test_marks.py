"""What the database keeps of a record's children, for its indexes: who is a prospect or has no contract or event."""

from support.race import Race
from support.statements import rows
from support.world import World

SIGN = "UPDATE contracts SET signed_at = now() WHERE id = %s"
UNSIGN = "UPDATE contracts SET signed_at = NULL WHERE id = %s"
TRASH = "UPDATE {} SET deleted_at = now() WHERE id = %s"
RESTORE = "UPDATE {} SET deleted_at = NULL WHERE id = %s"


def prospects(world: World) -> set[int]:
    return {client for (client,) in world.rows("SELECT id FROM crm.clients WHERE prospect")}


def contractless(world: World) -> set[int]:
    return {client for (client,) in world.rows("SELECT id FROM crm.clients WHERE contractless")}


def eventless(world: World) -> set[int]:
    return {contract for (contract,) in world.rows("SELECT id FROM crm.contracts WHERE eventless")}


def test_the_world_is_marked(shared_world: World) -> None:
    ids = shared_world.ids
    assert prospects(shared_world) == {ids.bills_prospect, ids.eves_prospect, ids.trashed_client}
    assert contractless(shared_world) == {ids.eves_prospect, ids.trashed_client}
    with_events = {ids.bills_partly_paid, ids.bills_paid, ids.eves_signed, ids.eves_paid}
    everything = {contract for (contract,) in shared_world.rows("SELECT id FROM crm.contracts")}
    assert eventless(shared_world) == everything - with_events


def test_signature_ends_a_prospect_and_its_withdrawal_makes_one(world: World) -> None:
    mia = world.connect("mia.manager")
    rows(mia, SIGN, world.ids.prospects_contract)
    assert world.ids.bills_prospect not in prospects(world)
    rows(mia, UNSIGN, world.ids.prospects_contract)
    assert world.ids.bills_prospect in prospects(world)


def test_contract_that_is_signed_from_the_start_ends_a_prospect(world: World) -> None:
    mia = world.connect("mia.manager")
    rows(mia, "INSERT INTO contracts (client_id, total, signed_at) VALUES (%s, 1, NULL)", world.ids.eves_prospect)
    assert world.ids.eves_prospect in prospects(world)
    rows(mia, "INSERT INTO contracts (client_id, total, signed_at) VALUES (%s, 1, now())", world.ids.eves_prospect)
    assert world.ids.eves_prospect not in prospects(world)


def test_client_with_another_signed_contract_is_no_prospect(world: World) -> None:
    rows(world.connect("mia.manager"), UNSIGN, world.ids.bills_unpaid)
    assert world.ids.bills_client not in prospects(world)


def test_contract_in_the_trash_does_not_count(world: World) -> None:
    mia = world.connect("mia.manager")
    rows(mia, SIGN, world.ids.prospects_contract)
    rows(mia, TRASH.format("contracts"), world.ids.prospects_contract)
    assert world.ids.bills_prospect in prospects(world)
    rows(mia, RESTORE.format("contracts"), world.ids.prospects_contract)
    assert world.ids.bills_prospect not in prospects(world)


def test_first_and_last_contract_of_a_client_mark_it(world: World) -> None:
    mia = world.connect("mia.manager")
    rows(mia, "INSERT INTO contracts (client_id, total) VALUES (%s, 1)", world.ids.eves_prospect)
    assert world.ids.eves_prospect not in contractless(world)
    rows(mia, TRASH.format("contracts"), world.ids.prospects_contract)
    assert world.ids.bills_prospect in contractless(world)
    rows(mia, RESTORE.format("contracts"), world.ids.prospects_contract)
    assert world.ids.bills_prospect not in contractless(world)


def test_client_is_without_contracts_at_first(world: World) -> None:
    added = (
        "INSERT INTO clients (full_name, email, phone, company) VALUES ('N', 'n@new.example', '1', 'C') RETURNING id"
    )
    [(client,)] = rows(world.connect("bill.boquet"), added)
    assert client in contractless(world)


def test_first_event_and_last_event_of_a_contract_mark_it(world: World) -> None:
    event = (
        "INSERT INTO events (contract_id, name, starts_at, ends_at, location) VALUES (%s, 'E', now(), 'tomorrow', 'P')"
    )
    rows(world.connect("bill.boquet"), event, world.ids.bills_unpaid)
    assert world.ids.bills_unpaid not in eventless(world)
    mia = world.connect("mia.manager")
    rows(mia, TRASH.format("events"), world.ids.kates_past_event)
    assert world.ids.bills_paid in eventless(world)
    rows(mia, RESTORE.format("events"), world.ids.kates_past_event)
    assert world.ids.bills_paid not in eventless(world)


def test_marks_are_no_change_of_the_record(world: World) -> None:
    client = world.ask("SELECT revision, updated_at FROM crm.clients WHERE id = %s", world.ids.bills_prospect)
    contract = world.ask("SELECT revision, updated_at FROM crm.contracts WHERE id = %s", world.ids.bills_paid)
    mia = world.connect("mia.manager")
    rows(mia, SIGN, world.ids.prospects_contract)
    rows(mia, TRASH.format("contracts"), world.ids.prospects_contract)
    rows(mia, TRASH.format("events"), world.ids.kates_past_event)
    assert world.ask("SELECT revision, updated_at FROM crm.clients WHERE id = %s", world.ids.bills_prospect) == client
    assert world.ask("SELECT revision, updated_at FROM crm.contracts WHERE id = %s", world.ids.bills_paid) == contract
    assert world.rows("SELECT noun FROM sec.audit WHERE noun = 'clients' AND action = 'update'") == []


def test_nobody_marks_by_hand(shared_world: World) -> None:
    writable = shared_world.rows(
        "SELECT grantee, column_name FROM information_schema.column_privileges"
        " WHERE table_schema = 'crm' AND column_name IN ('prospect', 'contractless', 'eventless')"
        " AND privilege_type IN ('INSERT', 'UPDATE') AND grantee NOT IN ('epic_owner', 'epic_definer')"
    )
    assert writable == []


def test_of_two_who_sign_and_unsign_at_once_the_second_sees_the_first(world: World, race: Race) -> None:
    rows(world.connect("mia.manager"), SIGN, world.ids.bills_unsigned)
    world.run("UPDATE crm.contracts SET signed_at = NULL WHERE id = %s", world.ids.bills_unpaid)
    first, second = world.connect("mia.manager"), world.connect("max.manager")
    for event in (world.ids.kates_past_event, world.ids.kates_event, world.ids.open_event):
        rows(first, TRASH.format("events"), event)
    rows(first, UNSIGN, world.ids.bills_partly_paid)
    # two signed contracts are left; each of the two sees that of the other, and takes its own back
    rows(first, "BEGIN")
    rows(first, UNSIGN, world.ids.bills_paid)
    waiting = race.start_waiting(second, UNSIGN, world.ids.bills_unsigned)
    rows(first, "COMMIT")
    assert waiting.answer == []
    assert world.ids.bills_client in prospects(world)
