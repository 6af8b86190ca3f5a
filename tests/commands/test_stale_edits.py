"""Who edits a copy that someone else has changed since is told both versions; the second try works."""

import pytest
from support.people import People

from epicshell.errors import Conflict
from epicshell.models import Contract

#: (who reads, how, what they then do; who changes it meanwhile, and how; the lines of the difference)
RACES = {
    "update": (
        "bill.boquet", "clients show 101", "clients update 101 --company Mine",
        "mia.manager", ["clients reassign 101 eve.martin", "clients reassign 101 bill.boquet"], [],
    ),
    "update after a list": (
        "kate.hastroff", "events list --mine --format json", "events update 302 --notes mine",
        "mia.manager", ["events update 302 --location Nice --attendees 99"],
        ["  location: Lyon → Nice", "  attendees: 120 → 99"],
    ),
    "sign": (
        "bill.boquet", "contracts show 204", "contracts sign 204",
        "mia.manager", ["contracts update 204 --total 3000"],
        ["  total: 2 500.00 EUR → 3 000.00 EUR", "  due: 2 500.00 EUR → 3 000.00 EUR"],
    ),
    "unsign": (
        "bill.boquet", "contracts list", "contracts unsign 201",
        "mia.manager", ["contracts update 201 --total 13000"], ["  total: 12 000.00 EUR → 13 000.00 EUR"],
    ),
    "pay": (
        "bill.boquet", "contracts show 202", "contracts pay 202 100",
        "mia.manager", ["contracts pay 202 50"], ["  due: 5 000.00 EUR → 4 950.00 EUR"],
    ),
    "assign": (
        "mia.manager", "events show 304", "events assign 304 alienor.vichum",
        "max.manager", ["events assign 304 kate.hastroff"], ["  support: – → kate.hastroff"],
    ),
    "reassign": (
        "mia.manager", "clients show 104", "clients reassign 104 bill.boquet",
        "eve.martin", ["clients update 104 --company 'New Name' --first-contact-on 2024-01-31"],
        ["  company: Prospect Ltd → New Name", " → 2024-01-31"],
    ),
    "delete": (
        "mia.manager", "clients show 104", "clients delete 104 --yes",
        "eve.martin", ['clients update 104 --full-name "Sam Neil"'], ["  full_name: Sam O'Neil → Sam Neil"],
    ),
    "restore": (
        "mia.manager", "events list --trash", "events restore 306",
        "max.manager", ["events restore 306", "events delete 306 --yes"], ["  deleted_at: "],
    ),
    "employee": (
        "mia.manager", "employees show eve.martin", "employees update eve.martin --email e@epic.example",
        "ada.admin", ["employees update eve.martin --full-name 'Eve Marten'"], ["  full_name: Eve Martin → Eve Marten"],
    ),
    "deactivate": (
        "ada.admin", "employees list", "employees deactivate kate.hastroff --yes",
        "mia.manager", ["employees update kate.hastroff --email k@epic.example"],
        ["  email: kate@epic.example → k@epic.example"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("race", RACES)
def test_edit_of_a_stale_copy_is_refused_once(people: People, race: str) -> None:
    reader, look, edit, other, changes, differences = RACES[race]
    someone, someone_else = people(reader, remember=True), people(other)
    assert someone(look).code == 0
    for change in changes:
        assert someone_else(change).code == 0, change
    refused = someone(edit)
    assert (refused.code, refused.out) == (1, "")
    assert f"was changed by {other} since you read it (revision " in refused.err
    assert "As you read it → as it is now:" in refused.err
    for difference in differences:
        assert difference in refused.err
    assert refused.err.endswith("Repeat the command to go on all the same.")
    assert someone(edit).code == 0


def test_own_edits_are_no_surprise(people: People) -> None:
    bill = people("bill.boquet", remember=True)
    lines = ("clients show 101", "clients update 101 --company A", "clients update 101 --company B")
    assert [bill(line).code for line in lines] == [0, 0, 0]
    lines = (
        "contracts show 204",
        "contracts sign 204",
        "contracts pay 204 10",
        "contracts pay 204 10",
        "contracts unsign 204",
    )
    assert [bill(line).code for line in lines] == [0, 0, 0, 0, 0]


def test_what_was_never_read_is_edited(people: People) -> None:
    bill, mia = people("bill.boquet", remember=True), people("mia.manager")
    assert mia("contracts update 204 --total 3000").code == 0
    assert bill("contracts sign 204").code == 0


def test_scripts_remember_nothing(people: People) -> None:
    bill, mia = people("bill.boquet"), people("mia.manager")
    assert bill("contracts show 204").code == 0
    assert mia("contracts update 204 --total 3000").code == 0
    assert bill("contracts sign 204").code == 0


def test_script_may_name_the_revision_that_it_read(people: People) -> None:
    bill, mia = people("bill.boquet"), people("mia.manager")
    revision = bill.json("contracts show 204")["revision"]
    assert mia("contracts update 204 --total 3000").code == 0
    refused = bill(f"contracts sign 204 --if-revision {revision}")
    assert refused.code == 1
    assert "  total: 2 500.00 EUR → 3 000.00 EUR" in refused.err
    assert bill(f"contracts sign 204 --if-revision {revision}").code == 1  # it names its own each time
    assert bill(f"contracts sign 204 --if-revision {revision + 1}").code == 0


def test_revision_to_come_is_refused(people: People) -> None:
    result = people("bill.boquet")("contracts sign 204 --if-revision 7")
    assert (result.code, result.err) == (1, "Contract 204 is at revision 1, not 7; nothing was done.")


def test_memory_ends_with_the_session(people: People) -> None:
    bill, mia = people("bill.boquet", remember=True), people("mia.manager")
    assert bill("contracts show 204").code == 0
    assert mia("contracts update 204 --total 3000").code == 0
    assert bill("logout").code == 0
    bill.account.adopt(people.world.login("bill.boquet"))
    assert bill("contracts sign 204").code == 0


def test_change_between_reading_and_writing_of_one_command_is_a_conflict(people: People) -> None:
    """Two shells at the same moment: one waits for the other, and is then told."""
    bill, mia = people("bill.boquet"), people("mia.manager")
    with bill.account.database.bind_ctx([Contract], bind_refs=False, bind_backrefs=False):
        contract = Contract.get_by_id(204)
        assert mia("contracts update 204 --total 3000").code == 0
        with pytest.raises(Conflict, match="Contract 204 was changed by someone else just now; nothing was done"):
            contract.change(total=1)
