"""The account that commands run under: resumed, proved with each connection, shared by shells, dropped."""

import unicodedata
from contextlib import closing
from pathlib import Path

import pytest
from support.world import PASSWORD, World

from epicshell.errors import NotLoggedIn, SessionEnded, Unavailable
from epicshell.session import Saved
from epicshell.session.account import Account
from epicshell.session.passwords import normal
from epicshell.telemetry import Secret


@pytest.fixture
def account(world: World, tmp_path: Path) -> Account:
    account = Account(world.target, Saved(tmp_path / "state", world.target.identity))
    yield account
    account.close()


def test_nobody_is_logged_in_at_first(account: Account) -> None:
    assert account.session is None
    assert account.known_actor is None
    assert account.look_up() is None
    assert account.resume() is False
    for ask in (lambda: account.database, lambda: account.actor, account.apart):
        with pytest.raises(NotLoggedIn, match="You are not logged in, or your session has ended"):
            ask()


def test_login_is_saved_and_resumed_by_another_shell(account: Account, world: World, tmp_path: Path) -> None:
    world.set_password("bill.boquet")
    actor = account.login("bill.boquet", Secret(PASSWORD))
    assert (actor.username, actor.department, actor.settings["read_mode"]) == ("bill.boquet", "sales", "company")
    other = Account(world.target, Saved(tmp_path / "state", world.target.identity))
    assert other.resume()
    assert other.actor.session_id == actor.session_id
    other.close()


def test_password_is_the_same_in_both_forms_of_its_accents(account: Account, world: World) -> None:
    world.set_password("bill.boquet", normal("trois châteaux à côté").reveal())
    typed = unicodedata.normalize("NFD", "trois châteaux à côté")
    assert account.login("bill.boquet", normal(typed)).username == "bill.boquet"


def test_actor_is_asked_for_once(account: Account, world: World) -> None:
    account.adopt(world.login("kate.hastroff"))
    assert account.known_actor is None
    assert account.look_up() is account.actor is account.known_actor


def test_connection_that_was_closed_is_opened_and_proved_again(account: Account, world: World) -> None:
    account.adopt(world.login("kate.hastroff"))
    assert account.database.one("SELECT api.me()") == world.ids.kate
    account.close()
    assert account.database.one("SELECT api.me()") == world.ids.kate


def test_session_that_ended_is_refused_at_the_next_connection(account: Account, world: World) -> None:
    account.adopt(world.login("kate.hastroff"))
    world.run("UPDATE sec.sessions SET expires_at = now()")
    with pytest.raises(SessionEnded):
        _ = account.actor
    assert account.look_up() is None


def test_session_of_another_key_is_refused(account: Account, world: World) -> None:
    session = world.login("kate.hastroff")
    forged = type(session)(**{**session.__dict__, "key": bytes(32)})
    account.adopt(forged)
    with pytest.raises(SessionEnded):
        _ = account.actor


def test_session_for_another_department_is_refused(account: Account, world: World) -> None:
    session = world.login("kate.hastroff")
    account.adopt(type(session)(**{**session.__dict__, "department": "management"}))
    with pytest.raises(SessionEnded):
        _ = account.actor


def test_database_that_is_not_ours_is_said_so(account: Account, world: World) -> None:
    account.adopt(world.login("kate.hastroff"))
    world.run("DROP SCHEMA api CASCADE")
    with pytest.raises(Unavailable):
        _ = account.actor
    assert account.look_up() is None


def test_logout_ends_the_session_here_and_in_the_database(account: Account, world: World, tmp_path: Path) -> None:
    session = world.login("kate.hastroff")
    account.adopt(session)
    assert account.logout(everywhere=False) == 1
    assert account.session is None
    assert world.rows("SELECT session_id FROM sec.revocations") == [(session.id,)]
    assert list((tmp_path / "state").rglob("*.json")) == []


def test_logout_of_a_session_that_is_over_is_one(account: Account, world: World) -> None:
    account.adopt(world.login("bill.boquet"))
    world.run("UPDATE sec.sessions SET idle_until = now()")
    assert account.logout(everywhere=False) == 0
    assert (account.session, account.resume()) == (None, False)


def test_logout_without_the_server_forgets_the_key_and_says_so(account: Account, world: World) -> None:
    account.adopt(world.login("bill.boquet"))
    with closing(world.server.owner()) as owner, owner.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {world.target.name} ALLOW_CONNECTIONS false")
    with pytest.raises(Unavailable, match="logged out here, but the session on the server could not be ended"):
        account.logout(everywhere=False)
    assert (account.session, account.resume()) == (None, False)


def test_logout_of_an_old_shell_keeps_the_newer_login_of_another(
    account: Account, world: World, tmp_path: Path
) -> None:
    account.adopt(world.login("kate.hastroff"))
    assert account.actor
    newer = world.login("kate.hastroff")
    saved = Saved(tmp_path / "state", world.target.identity)
    saved.save(newer)
    account.logout(everywhere=False)
    assert saved.load("kate.hastroff") == newer


def test_same_session_serves_two_threads_apart(account: Account, world: World) -> None:
    account.adopt(world.login("kate.hastroff"))
    other = account.apart()
    assert other.actor.session_id == account.actor.session_id
    pids = {one.database.one("SELECT pg_backend_pid()") for one in (account, other)}
    assert len(pids) == 2
    other.close()


def test_settings_are_taken_over_as_they_change(account: Account, world: World) -> None:
    account.adopt(world.login("kate.hastroff"))
    assert not account.actor.need_to_know
    account.refresh({"read_mode": "need-to-know"})
    assert account.actor.need_to_know
