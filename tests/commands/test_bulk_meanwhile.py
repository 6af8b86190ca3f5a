"""A bulk change changes what was looked at: what others did meanwhile is left alone, and told."""

from collections.abc import Callable

from support.bulk import UNASSIGNED, support_of
from support.people import People, Person
from support.world import Ids, World

from epicshell.session.terminal import Terminal


class Meanwhile(Terminal):
    """Says yes, after others have done something."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self.told: list[str] = []

    def confirm(self, question: str) -> bool:
        self._work()
        return True

    def tell(self, sentence: str) -> None:
        self.told.append(sentence)


def changed_meanwhile(person: Person, work: Callable[[], object], line: str) -> object:
    person.dispatcher.terminal = Meanwhile(work)
    return person(line)


def test_what_changed_since_the_look_is_refused(people: People, world: World) -> None:
    mia, max_ = people("mia.manager"), people("max.manager")
    result = changed_meanwhile(mia, lambda: max_("events update 304 --location Nice"), f"{UNASSIGNED} --format json")
    assert (result.code, result.ids) == (1, [305])
    assert result.err.splitlines() == [
        "1 of 2 events was refused; the other one is done.",
        "  Event 304: changed by someone else just now.",
    ]
    assert support_of(world)[304] is None


def test_what_is_gone_since_the_look_is_refused(people: People) -> None:
    mia, max_ = people("mia.manager"), people("max.manager")
    result = changed_meanwhile(mia, lambda: max_("events delete 304 --yes"), f"{UNASSIGNED} --format json")
    assert (result.code, result.ids) == (1, [305])
    assert "Event 304: changed by someone else just now." in result.err


def test_what_joined_since_the_look_is_left_alone(people: People, world: World) -> None:
    mia, max_ = people("mia.manager"), people("max.manager")
    result = changed_meanwhile(mia, lambda: max_("events unassign 303"), f"{UNASSIGNED} --format json")
    assert (result.code, result.ids) == (0, [304, 305])
    assert support_of(world)[303] is None


def test_what_someone_holds_is_refused_and_not_waited_for_again_and_again(people: People, world: World) -> None:
    holder = world.owner()
    holder.autocommit = False
    with holder.cursor() as cursor:
        cursor.execute("SELECT 1 FROM crm.events WHERE id IN (301, 302, 303) FOR UPDATE")
        mia = people("mia.manager")
        mia.account.database.execute_sql("SET lock_timeout = '50ms'")
        result = mia("events update --where 'id <= 305' --location Nice --yes --format json")
        holder.rollback()
    assert (result.code, result.ids) == (1, [304, 305])
    assert "Events 301, 302, 303: Someone else is changing the same records. Try again in a moment." in result.err


def test_session_that_ends_while_it_is_asked_changes_nothing(people: People, world: World) -> None:
    mia = people("mia.manager")
    result = changed_meanwhile(mia, lambda: world.run("SELECT sec.revoke_sessions(%s)", Ids.mia), UNASSIGNED)
    assert result.code == 3
    assert support_of(world)[304] is None
