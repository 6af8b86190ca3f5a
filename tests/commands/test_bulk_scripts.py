"""A bulk change as a line of a script: one that is all or nothing, rehearsed, or taken up again."""

from pathlib import Path

from support.bulk import UNASSIGNED, support_of
from support.people import People
from support.scripts import as_option, write
from support.world import Ids, World


def test_in_a_run_that_is_all_or_nothing_one_refusal_takes_all_back(people: People, world: World) -> None:
    mia, before = people("mia.manager"), world.state("sec.sessions", "sec.attachments")
    script = "events update 302 --location Nice\ncontracts unsign --where 'signed' --yes"
    result = mia.script(script, atomic=True)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("script:2: 4 of 5 contracts were refused; nothing was done.")
    assert world.state("sec.sessions", "sec.attachments") == before


def test_in_a_run_that_is_all_or_nothing_it_needs_yes(people: People) -> None:
    result = people("mia.manager").answers("yes").script(UNASSIGNED, atomic=True)
    assert result.code == 2
    assert "Add --yes in a script that is all or nothing." in result.err


def test_dry_run_shows_and_takes_back(people: People, world: World) -> None:
    before = support_of(world)
    result = people("mia.manager").script(f"{UNASSIGNED} --yes --format json", dry_run=True)
    assert (result.code, result.ids) == (0, [304, 305])
    assert support_of(world) == before


def test_script_stops_at_a_line_that_refused_some_and_says_that_it_is_done(people: People, world: World) -> None:
    lines = ["events update 302 --location Nice", "contracts unsign --where 'signed' --yes", "events unassign 302"]
    result = people("mia.manager").script(lines)
    assert result.code == 1
    assert "Lines 1 to 2 are done." in result.err
    assert world.ask("SELECT signed FROM crm.contracts WHERE id = 201") == (False,)
    assert support_of(world)[302] == Ids.kate


def test_run_that_is_taken_up_again_does_no_bulk_change_twice(people: People, world: World, tmp_path: Path) -> None:
    lines = ["contracts unsign --where 'signed' --yes", "events update 302 --location Nice"]
    path, mia = write(tmp_path / "bulk.epic", lines), people("mia.manager")
    first = as_option(mia, path)
    assert first.code == 1
    assert first.err.endswith("Line 1 is done. Resume it.")
    assert people("max.manager")("contracts sign 201").code == 0
    assert as_option(mia, path, resume=True).code == 0
    assert world.ask("SELECT signed FROM crm.contracts WHERE id = 201") == (True,)
    assert world.ask("SELECT location FROM crm.events WHERE id = 302") == ("Nice",)


def test_records_created_by_the_lines_before_are_found(people: People) -> None:
    script = (
        "clients create --full-name A --email a@c.example --phone 123456 --company Fresh\n"
        "clients create --full-name B --email b@c.example --phone 123456 --company Fresh\n"
        "clients update --where 'company = Fresh' --company Stale --yes --format json"
    )
    result = people("bill.boquet").script(script, atomic=True)
    assert result.code == 0, result.err
    assert result.out.count('"company": "Stale"') == 2
