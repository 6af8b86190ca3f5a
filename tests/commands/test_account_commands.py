"""One's own account: logging in and out, the password, the sessions."""

import pytest
from support.people import People, Person
from support.world import PASSWORD, World

NEW = "nine purple boats whisper"


@pytest.fixture
def bill(people: People, world: World) -> Person:
    """Not logged in yet; has a password."""
    world.set_password("bill.boquet")
    return people("")


def test_login_asks_for_the_password_and_saves_the_session(bill: Person) -> None:
    result = bill.answers(PASSWORD)("login bill.boquet")
    assert (result.code, result.err) == (0, "Logged in as bill.boquet (sales).")
    assert bill.terminal.asked == ["Password of bill.boquet (or enrolment code)"]
    assert bill.json("whoami") == {
        "username": "bill.boquet",
        "full_name": "Bill Boquet",
        "email": "bill@epic.example",
        "department": "sales",
    }
    assert bill.account.resume("bill.boquet")


def test_login_asks_for_the_username_too(bill: Person) -> None:
    assert bill.answers("Bill.Boquet", PASSWORD)("login").code == 0


def test_login_without_a_terminal_says_what_to_do(bill: Person) -> None:
    result = bill("login bill.boquet")
    assert (result.code, result.err) == (
        2,
        "Password of bill.boquet (or enrolment code) can't be asked for without a terminal."
        " Give it in a 0600 file with --password-file.",
    )
    assert bill("login").code == 2


@pytest.mark.parametrize("username", ["bill.boquet", "no.body", "gil.gone"])
def test_wrong_unknown_and_inactive_get_the_same_answer(bill: Person, username: str) -> None:
    result = bill.answers("not the password, is it")(f"login {username}")
    assert (result.code, result.err) == (
        3,
        "That username and password don't go together, or the account is closed.",
    )


@pytest.mark.parametrize("name", ["bill@epic.example", "b", "bill\x00", "'; DROP TABLE--", "x" * 99])
def test_what_can_not_be_a_username_is_said(bill: Person, name: str) -> None:
    result = bill.answers(PASSWORD)(f'login "{name}"')
    assert result.code == 1
    assert "is not a username. Accepted: 3 to 32 of a-z" in result.err


def test_enrolment_code_lets_choose_a_password_once(people: People, world: World) -> None:
    world.run("UPDATE sec.kdf_policy SET (m, t, p) = ROW (19456, 2, 1)")
    code = people("mia.manager").json("employees reset-password eve.martin")["enrolment_code"]
    eve = people("")
    short, common, other = "too short", "passwordpassword", "nine purple boats whimper"
    result = eve.answers(code.lower(), short, common, NEW, other, NEW, NEW)("login eve.martin")
    assert (result.code, result.err.splitlines()[-1]) == (0, "Logged in as eve.martin (sales).")
    assert "The password has 9 characters; 15 to 128 are accepted." in result.err
    assert "too easy to guess" in result.err
    assert "The two were not the same." in result.err
    assert not any(secret in result.err for secret in (code, short, common, NEW, other))
    again = people("").answers(code)("login eve.martin")
    assert (again.code, again.err) == (
        3,
        "That username and enrolment code don't go together, or the code is used up.",
    )
    assert people("").answers(NEW)("login eve.martin").code == 0


def test_password_is_changed_by_who_knows_it(bill: Person, people: People) -> None:
    assert bill.answers(PASSWORD)("login bill.boquet").code == 0
    elsewhere = people("bill.boquet")
    assert elsewhere("whoami").code == 0
    wrong = bill.answers("not the password, is it", NEW, NEW)("passwd")
    assert (wrong.code, wrong.err) == (3, "The current password is not right. Your password is unchanged.")
    result = bill.answers(PASSWORD, "boquet bill boquet", NEW, NEW)("passwd")
    assert result.code == 0
    assert "too easy to guess" in result.err
    assert result.err.endswith("Your password is changed; your other sessions have ended.")
    assert elsewhere("whoami").code == 3
    assert bill("whoami").code == 0
    assert people("").answers(PASSWORD)("login bill.boquet").code == 3
    assert people("").answers(NEW)("login bill.boquet").code == 0


def test_logout_ends_this_session_only(people: People) -> None:
    here, there = people("bill.boquet"), people("bill.boquet")
    assert here("logout").err == "Logged out."
    assert here("whoami").code == 3
    assert here.account.resume("bill.boquet") is False
    assert there("whoami").code == 0


def test_logout_of_all_ends_every_session(people: People) -> None:
    here, there, eve = people("bill.boquet"), people("bill.boquet"), people("eve.martin")
    assert there("whoami").code == 0
    assert here("logout --all").err == "Logged out; 2 sessions ended."
    assert there("whoami").code == 3
    assert eve("whoami").code == 0


def test_sessions_are_listed_and_revoked_one_by_one(people: People) -> None:
    here, there = people("bill.boquet"), people("bill.boquet")
    rows = here.json("sessions list")
    assert [row["current"] for row in rows] == [False, True]
    assert {row["username"] for row in rows} == {"bill.boquet"}
    assert set(rows[0]) == {"id", "username", "origin", "created_at", "last_seen_at", "ends_at", "current"}
    number = rows[0]["id"]
    assert here(f"sessions revoke {number}").err == f"Session {number} has ended."
    assert there("whoami").code == 3
    gone = here(f"sessions revoke {number}")
    assert (gone.code, gone.err) == (1, f"There is no session {number}. sessions list shows them.")


def test_sessions_of_others_are_the_admins(people: People) -> None:
    ada, bill, eve = people("ada.admin"), people("bill.boquet"), people("eve.martin")
    number = eve.json("sessions list")[0]["id"]
    for line in ("sessions list --user eve.martin", f"sessions revoke {number} --user eve.martin"):
        assert (bill(line).code, bill(line).err) == (
            4,
            "You are logged in as sales, which has no right sessions:others. Who has it: admin.",
        )
    assert bill(f"sessions revoke {number}").code == 1  # not among one's own
    assert bill("sessions list --user bill.boquet").code == 0
    assert [row["id"] for row in ada.json("sessions list --user eve.martin")] == [number]
    wrong = ada(f"sessions revoke {number} --user bill.boquet")
    assert wrong.err == f"There is no session {number} of bill.boquet. sessions list shows them."
    assert ada(f"sessions revoke {number} --user eve.martin").code == 0
    assert eve("whoami").code == 3


def test_session_ends_by_itself(people: People, world: World) -> None:
    bill = people("bill.boquet")
    assert bill("whoami").code == 0
    world.run("UPDATE sec.sessions SET idle_until = now()")
    result = bill("clients list")
    assert (result.code, result.out) == (3, "")
    assert "session has ended" in result.err


def test_typed_commands_keep_a_session_alive(people: People, world: World) -> None:
    bill = people("bill.boquet")
    world.run("UPDATE sec.sessions SET idle_until = now() + interval '1 minute'")
    assert bill("whoami").code == 0
    assert world.ask("SELECT idle_until > now() + interval '1 hour' FROM sec.sessions") == (True,)


def test_exit_leaves_without_a_word_about_errors(everyone: People) -> None:
    result = everyone["bill.boquet"]("exit")
    assert (result.code, result.err) == (0, "")
