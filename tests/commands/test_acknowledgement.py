"""What is told as done has been committed."""

import io
from dataclasses import replace

import pytest
from support.people import People
from support.world import World

from epicshell.errors import Interrupted
from epicshell.waiting import InterruptedLate

CREATE = 'clients create --full-name "Ana Costa" --email ana@costa.example --phone "+351 21 123 4567" --company "Costa"'
FAIL_AT_COMMIT = """
    CREATE FUNCTION crm.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room left'
      USING ERRCODE = 'disk_full'; END $$;
    CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON crm.clients DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION crm.fail()"""


def test_a_change_whose_commit_fails_is_never_told_as_done(people: People, world: World) -> None:
    world.run(FAIL_AT_COMMIT)
    bill = people("bill.boquet")
    result = bill(CREATE)
    assert (result.code, result.out) == (5, "")
    assert "Ana Costa" not in bill("clients list").out


def test_a_code_of_a_change_whose_commit_fails_is_never_shown(people: People, world: World) -> None:
    world.run(FAIL_AT_COMMIT.replace("crm.clients", "crm.employees"))
    result = people("mia.manager")(
        "employees create --username lea.simon --full-name Lea --email lea@simon.example --department support"
    )
    assert (result.code, result.out) == (5, "")
    assert "login lea.simon" not in result.err


def refusals(world: World) -> list[str]:
    rows = world.rows("SELECT new->>'command' FROM sec.audit WHERE action = 'refused' ORDER BY id")
    return [command for (command,) in rows]


def test_a_dry_run_gives_no_code(people: People) -> None:
    line = "employees create --username lea.simon --full-name Lea --email lea@simon.example --department support"
    result = people("mia.manager").script(line, dry_run=True)
    assert (result.code, "lea.simon" in result.out) == (0, True)
    assert "code" not in result.out + result.err


def test_an_atomic_script_that_fails_shows_nothing_as_done(people: People) -> None:
    result = people("bill.boquet").script(f"{CREATE}\nclients show 9999", atomic=True)
    assert (result.code, result.out) == (1, "")
    assert result.err.endswith("Nothing was done.")


def test_an_atomic_script_shows_its_results_once_they_are_committed(people: People) -> None:
    result = people("bill.boquet").script(CREATE.replace("+351 21 123 4567", "+ 666 12345"), atomic=True)
    assert "Ana Costa" in result.out
    assert "can't be dialled" in result.err


def test_a_refusal_inside_a_transaction_is_in_the_audit(people: People, world: World) -> None:
    assert people("bill.boquet").script("clients delete 101 --yes", dry_run=True).code == 4
    assert people("bill.boquet").script("clients delete 101 --yes", atomic=True).code == 4
    assert refusals(world) == ["clients delete", "clients delete"]


def test_a_refusal_before_the_question_is_in_the_audit(people: People, world: World) -> None:
    assert people("mia.manager")("employees deactivate ada.admin").code == 4
    assert refusals(world) == ["employees deactivate"]


def test_a_question_is_never_asked_inside_a_transaction(people: People) -> None:
    result = people("mia.manager").answers("y").script("employees deactivate eve.martin", atomic=True)
    assert result.code == 2
    assert "--yes" in result.err


def test_an_interrupt_that_comes_after_the_commit_says_that_it_is_done(world: World) -> None:
    database = world.database("bill.boquet")
    commit = database.commit

    def commit_then_interrupt() -> None:
        commit()
        raise InterruptedLate

    database.commit = commit_then_interrupt
    with pytest.raises(Interrupted, match="it is done"), database.work():
        database.execute_sql("UPDATE crm.clients SET company = 'Done' WHERE id = 101")
    assert world.rows("SELECT company FROM crm.clients WHERE id = 101") == [("Done",)]


def test_an_interrupt_just_after_the_commit_finds_out_that_it_is_done(world: World) -> None:
    database = world.database("bill.boquet")
    commit = database.commit

    def commit_then_interrupt() -> None:
        commit()
        raise KeyboardInterrupt

    database.commit = commit_then_interrupt
    with pytest.raises(Interrupted, match="it is done"), database.work():
        database.execute_sql("UPDATE crm.clients SET company = 'Done' WHERE id = 101")


def test_an_interrupt_while_the_result_is_shown_says_that_it_is_done(people: People) -> None:
    bill = people("bill.boquet")

    class Stalled(io.StringIO):
        def write(self, _text: str) -> int:
            raise KeyboardInterrupt

    bill.dispatcher.output = replace(bill.dispatcher.output, out=Stalled())
    with pytest.raises(Interrupted, match="what was asked for is done"):
        bill.dispatcher.run(CREATE)
