"""Watching: only what reads, never keeping the session alive, ending with it."""

from collections.abc import Callable
from typing import Any

import pytest
from support.examples import EXAMPLES
from support.people import People, Person, Script
from support.world import World

from epicshell.command import load
from epicshell.commands.line import resolve
from epicshell.commands.words import split
from epicshell.errors import EpicError, NotFound, Refused, SessionEnded
from epicshell.session.terminal import Watched

COMMANDS = load()
READING = [(who, line) for who, line in EXAMPLES if resolve(split(line))[0].reads]


class Watcher(Script):
    """Somebody who watches: looks as often as there is something to do in between."""

    def __init__(self, *between: Callable[[], Any]) -> None:
        super().__init__()
        self.between = between
        self.seen: list[str | EpicError] = []
        self.watched: Watched | None = None

    def watch(self, watched: Watched) -> None:
        self.watched = watched
        try:
            for meanwhile in (lambda: None, *self.between):
                meanwhile()
                try:
                    self.seen.append(watched.look())
                except EpicError as error:
                    self.seen.append(error)
        finally:
            watched.close()


def watching(person: Person, *between: Callable[[], Any]) -> Watcher:
    watcher = person.terminal = person.dispatcher.terminal = Watcher(*between)
    return watcher


def test_what_reads_changes_nothing_and_what_changes_is_not_watched() -> None:
    for command in COMMANDS.values():
        if command.reads:
            assert (command.changes, command.confirm, command.alone) == (False, "", False), command.name
    assert {name for name, command in COMMANDS.items() if command.reads} == {
        *(f"{noun} {verb}" for noun in ("clients", "contracts", "events", "employees") for verb in ("list", "filter")),
        *(f"{noun} show" for noun in ("clients", "contracts", "events", "employees")),
        *(name for name in COMMANDS if name.startswith("report ")),
        *("contracts payments", "history", "audit", "settings list", "sessions list", "inbox", "find", "views list"),
        "calendar export",  # into a file, so that it isn't watched either
    }


def test_every_command_that_may_be_watched_leaves_the_database_as_it_is(people: People, world: World) -> None:
    everyone = {who: people[who] for who, _ in READING}
    for person in everyone.values():
        person("whoami")
    before = world.state("sec.attachments")
    for who, line in READING:
        watcher = watching(everyone[who])
        result = everyone[who](f"watch 5 {line}")
        assert (result.code, len(watcher.seen)) == (0, 1), line
        assert isinstance(watcher.seen[0], str), (line, watcher.seen)
    assert world.state("sec.attachments") == before


@pytest.mark.parametrize(
    "line", ["clients create", "contracts sign 204", "logout", "set", "watch 1 clients list", "whoami"]
)
def test_other_commands_are_not_watched(people: People, line: str) -> None:
    mia = people("mia.manager")
    watcher = watching(mia)
    result = mia(f"watch 5 {line}")
    assert (result.code, watcher.watched) == (2, None)
    assert "watch runs commands that read records" in result.err


@pytest.mark.parametrize("seconds", ["0", "0.4", "3601", "nan", "inf", "-1", "soon", "1e400"])
def test_the_interval_has_bounds(people: People, seconds: str) -> None:
    result = people("mia.manager")(f"watch {seconds} clients list")
    assert (result.code, "Accepted: 0.5 to 3600 seconds." in result.err) == (1, True)


def test_it_needs_a_terminal(people: People) -> None:
    result = people("mia.manager")("watch 5 clients list")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("watch needs a terminal")


def test_flags_belong_to_what_is_watched(people: People) -> None:
    mia = people("mia.manager")
    watcher = watching(mia)
    mia('watch 0,5 clients list --columns id,company --sort "id" --limit 1 --format csv')
    assert watcher.seen == ["id,company\n101,Cool Startup LLC\n"]
    assert watcher.watched.seconds == 0.5


def test_it_sees_what_others_change(people: People, world: World) -> None:
    mia = people("mia.manager")
    watcher = watching(mia, lambda: world.run("UPDATE crm.clients SET company = 'New' WHERE id = 101"))
    mia("watch 5 clients show 101")
    assert "Cool Startup LLC" in watcher.seen[0]
    assert "New" in watcher.seen[1]


def test_looking_does_not_extend_the_idle_time(people: People, world: World) -> None:
    mia = people("mia.manager")
    number = mia.account.session.id
    ends = "SELECT last_seen_at, idle_until FROM sec.sessions WHERE id = %s"
    seen = []

    def later() -> None:
        world.run("UPDATE sec.sessions SET idle_until = idle_until - interval '1 hour' WHERE id = %s", number)
        seen.append(world.ask(ends, number))

    watcher = watching(mia, later, lambda: None, lambda: None)
    mia("watch 5 clients list")
    assert len(watcher.seen) == 4
    assert world.ask(ends, number) == seen[0]


def test_it_ends_with_the_session(people: People, world: World) -> None:
    mia = people("mia.manager")
    idle = "UPDATE sec.sessions SET idle_until = clock_timestamp() - interval '1 second'"
    watcher = watching(mia, lambda: world.run(idle))
    mia("watch 5 clients list")
    assert isinstance(watcher.seen[1], SessionEnded)


def test_after_a_lost_connection_it_goes_on(people: People, world: World) -> None:
    mia = people("mia.manager")
    end = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = 'epic_management_login' AND datname = current_database()"
    )
    watcher = watching(mia, lambda: world.run(end))
    result = mia("watch 5 clients list")
    assert (result.code, watcher.seen[1]) == (0, watcher.seen[0])


def test_what_the_line_is_refused_with_is_told(people: People) -> None:
    mia = people("mia.manager")
    watcher = watching(mia)
    mia("watch 5 clients show 999")
    assert isinstance(watcher.seen[0], NotFound)


def test_more_than_can_be_looked_at_is_refused(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epicshell.commands.beside.MOST", 100)
    mia = people("mia.manager")
    watcher = watching(mia)
    mia("watch 5 clients list --all")
    assert isinstance(watcher.seen[0], Refused)


def test_a_refusal_is_recorded_once_as_that_of_what_was_watched(people: People, world: World) -> None:
    mia = people("mia.manager")

    class Raising(Watcher):
        def watch(self, watched: Watched) -> None:
            super().watch(watched)
            raise self.seen[0]

    mia.dispatcher.terminal = mia.terminal = Raising()
    assert mia("watch 5 settings list").code == 4
    recorded = world.rows("SELECT row_to_json(a)::text FROM sec.audit a WHERE action = 'refused'")
    assert len(recorded) == 1
    assert "settings list" in recorded[0][0]
