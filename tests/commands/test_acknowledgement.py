"""What is told as done has been committed."""

from support.people import People
from support.world import World

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
