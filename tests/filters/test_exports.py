"""Long lists are streamed, their times written by the database: every byte as in a list that is not."""

import pytest
from support.people import People
from support.world import World

TIMES = (
    "UPDATE crm.events SET starts_at = '2026-03-29 00:59:59Z', ends_at = '2026-03-29 01:00:00Z' WHERE id = 301",
    "UPDATE crm.events SET starts_at = '2026-10-25 00:30:00.1Z', ends_at = '2026-10-25 01:30:00.00001Z' WHERE id = 302",
    "UPDATE crm.events SET starts_at = '1955-06-30 23:30:00Z', ends_at = '2199-12-31 23:59:59.999999Z' WHERE id = 303",
    "UPDATE crm.contracts SET signed_at = date_trunc('second', signed_at) WHERE id = 201",
)


@pytest.fixture
def mia(world: World, people: People) -> People:
    for statement in TIMES:
        world.run(statement)
    world.run(r"UPDATE crm.clients SET full_name = E'=1+1, \"x\"', company = E'+a\\b', phone = '+33 1' WHERE id = 101")
    return people


@pytest.mark.parametrize("format", ["csv", "tsv", "json", "table", "markdown"])
@pytest.mark.parametrize("zone", ["Europe/Paris", "UTC", "America/St_Johns", "Asia/Kathmandu"])
def test_export_is_written_as_a_page_is(world: World, mia: People, zone: str, format: str) -> None:
    world.run("UPDATE crm.settings SET value = %s WHERE name = 'timezone'", zone)
    reader = mia("mia.manager")
    for noun in ("employees", "clients", "contracts", "events"):
        page = reader(f"{noun} list --limit 1000 --format {format}")
        assert page.code == 0, page.err
        assert reader(f"{noun} list --all --format {format}").out == page.out
        assert reader(f"{noun} list --limit 20000 --format {format}").out == page.out


def test_export_leaves_the_transaction_in_utc_for_nobody_to_notice(mia: People) -> None:
    reader = mia("mia.manager")
    script = "events list --all --format csv\nevents show 302 --format json\nevents list --limit 5 --format csv"
    alone = "".join(reader(line).out for line in script.split("\n"))
    assert reader.script(script, atomic=True).out == alone


def test_limit_beyond_what_is_counted_is_kept(mia: People) -> None:
    reader = mia("mia.manager")
    assert len(reader.json("events list --limit 3")) == 3
    assert "7 events" in reader("events list --limit 20000").out
