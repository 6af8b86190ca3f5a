"""Employees: the directory, enrolment codes, and handing over what is somebody's."""

import re

import pytest
from support.people import People
from support.world import Ids, World

from epicshell.session.keys import is_code
from epicshell.telemetry import Secret

CREATE = 'employees create --username lea.simon --full-name "Léa Simon" --email lea@epic.example --department support'


def test_created_employee_gets_a_code_that_is_shown_once(people: People, world: World) -> None:
    mia = people("mia.manager")
    made = mia.json(CREATE)
    assert (made["username"], made["department"], made["active"], made["last_login_at"]) == (
        "lea.simon", "support", True, None,
    )  # fmt: skip
    assert is_code(Secret(made["enrolment_code"]))
    assert "enrolment_code" not in mia.json("employees show lea.simon")
    assert made["enrolment_code"] not in str(world.rows("SELECT * FROM sec.audit")) + str(
        world.rows("SELECT * FROM sec.enrolments")
    )


def test_code_is_given_with_a_word_on_what_to_do_with_it(people: People) -> None:
    result = people("mia.manager")(CREATE)
    assert len(re.findall(r"([0-9A-Z]{5}-){5}[0-9A-Z]{5}", result.out)) == 1
    assert result.err == "Give lea.simon the code in person; it is good for 72 hours, once: login lea.simon"


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        (CREATE.replace("lea.simon", "Eve.Martin"), 1, "That username is taken. employees list shows who has it."),
        (CREATE.replace("lea@", "EVE@"), 1, "Another employee has that e-mail address."),
        (
            CREATE.replace("support", "admin"),
            4,
            "As management you have the right employees:create for management, sales, support only."
            " Who makes an admin: admin.",
        ),
        ("employees update eve.martin --email bill@epic.example", 1, "Another employee has that e-mail address."),
        (
            "employees update eve.martin",
            2,
            "There is nothing to change. Give at least one of --full-name, --email, --department.",
        ),
    ],
)
def test_employee_that_can_not_be(people: People, line: str, code: int, sentence: str) -> None:
    result = people("mia.manager")(line)
    assert (result.code, result.err) == (code, sentence)


def test_reset_password_ends_sessions_and_gives_a_new_code(people: People) -> None:
    mia, bill = people("mia.manager"), people("bill.boquet")
    assert bill("whoami").code == 0
    first = mia.json("employees reset-password bill.boquet")["enrolment_code"]
    assert bill("whoami").code == 3
    assert mia.json("employees reset-password bill.boquet")["enrolment_code"] != first


def test_deactivated_employee_is_out_at_once_and_let_in_again(people: People) -> None:
    mia, kate = people("mia.manager"), people("kate.hastroff")
    assert kate("whoami").code == 0
    assert mia.json("employees deactivate kate.hastroff --yes")["active"] is False
    assert kate("whoami").code == 3
    assert "kate.hastroff" not in [row["username"] for row in mia.json("employees list")]
    assert {row["username"] for row in mia.json("employees list --inactive")} == {"gil.gone", "kate.hastroff"}
    assert mia.json("employees reactivate kate.hastroff")["active"] is True


def test_sales_hand_over_clients_with_contracts_and_events(people: People) -> None:
    mia, eve = people("mia.manager"), people("eve.martin")
    result = mia("employees deactivate bill.boquet --hand-over-to eve.martin --yes")
    assert (result.code, result.err) == (0, "3 clients handed over to eve.martin.")  # with the one in the trash
    assert len(eve.json("clients list --mine")) == 4
    assert len(eve.json("contracts list --mine")) == 8
    assert len(eve.json("events list --mine")) == 7
    assert mia.json("clients list --trash")[0]["sales"] == "eve.martin"


def test_support_hands_over_events_that_are_not_over(people: People) -> None:
    mia = people("mia.manager")
    result = mia("employees deactivate kate.hastroff --hand-over-to alienor.vichum --yes")
    assert (result.code, result.err) == (0, "3 events handed over to alienor.vichum.")  # with the one in the trash
    assert mia.json(f"events show {Ids.kates_past_event}")["support"] == "kate.hastroff"
    for event in (Ids.kates_event, Ids.kates_running_event):
        assert mia.json(f"events show {event}")["support"] == "alienor.vichum"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("deactivate bill.boquet --hand-over-to kate.hastroff", "kate.hastroff is support. Accepted: another"),
        ("deactivate bill.boquet --hand-over-to gil.gone", "gil.gone is inactive. Accepted: another"),
        ("deactivate bill.boquet --hand-over-to bill.boquet", "bill.boquet is the same person. Accepted: another"),
        ("deactivate bill.boquet --hand-over-to mia.manager", "mia.manager is management. Accepted: another"),
        ("deactivate bill.boquet --hand-over-to nobody.here", "There is no employee nobody.here."),
        ("deactivate max.manager --hand-over-to bill.boquet", "max.manager of management has no clients or events."),
        ("update bill.boquet --department support --hand-over-to kate.hastroff", "kate.hastroff is support."),
    ],
)  # fmt: skip
def test_hand_over_to_a_wrong_person_changes_nothing(people: People, world: World, line: str, sentence: str) -> None:
    before = world.state("sec.sessions", "sec.attachments")
    result = people("mia.manager")(f"employees {line} {'--yes' if line.startswith('de') else ''}")
    assert result.code == 1
    assert sentence in result.err
    assert world.state("sec.sessions", "sec.attachments") == before


def test_what_is_left_with_somebody_who_has_gone_is_told_and_can_be_given_later(people: People) -> None:
    mia = people("mia.manager")
    gone = mia("employees deactivate bill.boquet --yes")
    assert gone.err == "bill.boquet still has 2 clients; --hand-over-to WHO gives them to a colleague."
    later = mia("employees deactivate bill.boquet --hand-over-to eve.martin --yes")
    assert (later.code, later.err) == (0, "3 clients handed over to eve.martin.")
    assert mia("employees deactivate kate.hastroff --yes").err.startswith("kate.hastroff still has 2 events; ")
    assert people("ada.admin")("employees deactivate alienor.vichum --yes").err == ""  # who may not know


def test_hand_over_of_one_and_of_none_is_told_so(people: People, world: World) -> None:
    world.run("UPDATE crm.events SET support_id = 8 WHERE id IN (306, 308)")
    mia = people("mia.manager")
    for line in ("1 event handed over to alienor.vichum.", "No events handed over to alienor.vichum."):
        assert mia("employees deactivate kate.hastroff --hand-over-to alienor.vichum --yes").err == line


def test_hand_over_is_taken_back_when_the_rest_fails(people: People) -> None:
    mia = people("mia.manager")
    line = "employees update bill.boquet --email eve@epic.example --hand-over-to eve.martin"
    assert (mia(line).code, mia(line).err) == (1, "Another employee has that e-mail address.")
    assert len(mia.json("clients list --sales bill.boquet")) == 2


def test_admin_hands_over_what_it_never_reads(people: People) -> None:
    result = people("ada.admin")("employees deactivate bill.boquet --hand-over-to eve.martin --yes")
    assert (result.code, result.err) == (0, "3 clients handed over to eve.martin.")


@pytest.mark.parametrize("who", ["bill.boquet", "kate.hastroff"])
def test_department_is_kept_by_who_still_has_something(people: People, who: str) -> None:
    result = people("mia.manager")(f"employees update {who} --department management")
    assert (result.code, result.err) == (
        1,
        "They still have clients, or events that are not over, so they can't change department."
        " Add --hand-over-to WHO to give these to a colleague.",
    )


def test_department_changes_after_handing_over(people: People) -> None:
    mia, bill = people("mia.manager"), people("bill.boquet")
    assert bill("whoami").code == 0
    moved = mia.json("employees update bill.boquet --department support --hand-over-to eve.martin")
    assert moved["department"] == "support"
    assert bill("whoami").code == 3  # a new department ends the sessions of the old one


def test_past_events_hold_nobody_in_a_department(people: People, world: World) -> None:
    world.run("UPDATE crm.events SET starts_at = now() - interval '9 days', ends_at = now() - interval '8 days'")
    moved = people("mia.manager").json("employees update kate.hastroff --department sales")
    assert moved["department"] == "sales"


def test_last_active_admin_stays(people: People, world: World) -> None:
    ada, otto = people("ada.admin"), people("otto.admin")
    assert ada("employees deactivate otto.admin --yes").code == 0
    assert otto("employees deactivate ada.admin --yes").code == 3
    result = ada("employees deactivate ada.admin --yes")
    assert result.code == 4  # nobody touches themselves, so the last one can't go
    assert world.ask("SELECT count(*) FROM crm.employees WHERE department = 'admin' AND active") == (1,)


def test_closed_account_is_opened_by_an_admin(people: People, world: World) -> None:
    world.run(
        "INSERT INTO sec.login_failures VALUES (sha256('bill.boquet'), 101, now(), now())",
    )
    ada, mia = people("ada.admin"), people("mia.manager")
    assert mia("employees unlock bill.boquet").code == 4
    assert ada.json("employees unlock bill.boquet")["username"] == "bill.boquet"
    assert world.rows("SELECT 1 FROM sec.login_failures") == []


def test_directory_is_everyones(everyone: People) -> None:
    for username in ("ada.admin", "mia.manager", "bill.boquet", "kate.hastroff"):
        rows = everyone[username].json("employees list --columns username")
        assert [row["username"] for row in rows] == [
            "ada.admin", "alienor.vichum", "bill.boquet", "eve.martin", "kate.hastroff", "max.manager", "mia.manager",
            "otto.admin",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "usernames"),
    [
        ("--department support", ["alienor.vichum", "kate.hastroff"]),
        ("--department sales --inactive", ["gil.gone"]),
        ("--department admin --sort=-id", ["otto.admin", "ada.admin"]),
        ("--department SALES", ["bill.boquet", "eve.martin"]),
    ],
)
def test_filters_of_employees(everyone: People, flags: str, usernames: list[str]) -> None:
    assert [row["username"] for row in everyone["bill.boquet"].json(f"employees filter {flags}")] == usernames
