"""Notifications in a real terminal: a line above the prompt, which stays as it is; and what is told when."""

import pytest
from support.demo import Demo
from support.terminal import TerminalProgram

KATE = "kate.hastroff (support) epic_demo> "
HERS = "SELECT id FROM crm.employees WHERE username = 'kate.hastroff'"
CHANNELS = (
    "SELECT a.channel FROM sec.attachments a JOIN pg_stat_activity p USING (pid) JOIN sec.sessions s"
    f" ON s.id = a.session_id WHERE s.employee_id = ({HERS}) AND a.channel IS NOT NULL AND datname = 'epic_demo'"
)


@pytest.fixture
def clean(demo: Demo) -> Demo:
    """The demo, with nothing in any inbox."""
    demo.sql("DELETE FROM crm.notifications")
    return demo


def tell(demo: Demo, *events: int, kind: str = "changed") -> None:
    """What triggers do when the first of management does something to events of kate's."""
    told = ", ".join(f"sec.tell(({HERS}), 'support', '{kind}', 'events', {event}, 3)" for event in events)
    demo.sql(f"SELECT {told}")


def open_support(demo: Demo, **options: object) -> TerminalProgram:
    shell = demo.open("demo", "--as", "support", **options)
    shell.prompts(KATE)
    if options.get("environment", {}).get("TERM") != "dumb":
        shell.shows("Ctrl-D leaves")  # the toolbar: the desk is there
    return shell


def test_what_a_colleague_does_is_told_above_the_line_that_is_being_typed(clean: Demo) -> None:
    shell = open_support(clean)
    shell.type("clients sh")
    shell.shows("Show a client.")
    shell.type("\x1b[D\x1b[D")
    shell.until(lambda: shell.cursor_line == f"{KATE}clients ", "the cursor inside the line")
    clean.command("events assign 1023 kate.hastroff", "management")
    shell.shows("» Event 1023 (Lou Bouzin General Assembly): assigned to you, by mia.laurent", "1 unread · inbox")
    assert shell.cursor_line == f"{KATE}clients "
    assert shell.lines[0].startswith("» Event 1023")
    assert shell.lines[1] == f"{KATE}clients sh"
    shell.type("\x05ow 1\r")
    shell.shows("Cool Startup LLC")


def test_an_open_menu_stays_open(clean: Demo) -> None:
    shell = open_support(clean)
    shell.type("ev\t ")
    shell.shows("filter", "Show an event.")
    tell(clean, 109)
    shell.shows("» Event 109")
    shell.shows("filter", "Show an event.")
    assert shell.cursor_line == f"{KATE}events "


def test_of_many_at_once_the_newest_are_told_and_the_rest_counted(clean: Demo) -> None:
    shell = open_support(clean)
    kinds = ("assigned", "unassigned", "changed", "deleted", "restored")
    told = ", ".join(f"sec.tell(({HERS}), 'support', '{kind}', 'events', 1023, 3)" for kind in kinds)
    clean.sql(f"SELECT {told}")
    shell.shows("» Event 1023", "» … and 2 more: inbox", "5 unread · inbox")


def test_what_one_command_did_to_many_records_is_told_as_one(clean: Demo) -> None:
    shell = open_support(clean)
    many = clean.sql("SELECT count(*) FROM crm.events WHERE support_id IS NULL AND deleted_at IS NULL")[0][0]
    clean.command("events assign --where 'support is empty' kate.hastroff --yes", "management")
    shell.shows(f"» {many} events: assigned to you, by mia.laurent", f"{many} unread · inbox")
    assert "more: inbox" not in "".join(shell.lines)


def test_missed_ones_are_counted_at_the_start_and_what_is_read_is_read_in_every_shell(clean: Demo) -> None:
    tell(clean, 109, 1023)
    first = open_support(clean)
    first.shows("» 2 unread notifications: inbox", "2 unread · inbox")
    second = open_support(clean)
    second.shows("2 unread · inbox")
    assert "John Ouick" in first.run("inbox", KATE)
    first.run("inbox read --all", KATE)
    for shell in (first, second):
        shell.until(lambda shell=shell: "unread · inbox" not in shell.text, "a toolbar without a count")
    third = open_support(clean)
    assert "unread" not in third.text


def test_what_comes_while_a_command_runs_is_told_after_it(clean: Demo) -> None:
    shell = open_support(clean)
    shell.enter("clients show")
    shell.prompts("client: ")
    tell(clean, 109)
    shell.type("1\r")
    shell.shows("Cool Startup LLC", "» Event 109")
    assert shell.text.index("Cool Startup LLC") < shell.text.index("» Event 109")
    shell.prompts(KATE)


def test_a_connection_that_is_lost_at_the_prompt_is_not_told_and_the_next_command_listens_again(clean: Demo) -> None:
    shell = open_support(clean)
    shell.run("whoami", KATE)
    ended = clean.sql(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'epic_support_login'"
    )
    assert (True,) in ended
    tell(clean, 1023)
    shell.type("whoa")
    shell.until(lambda: shell.cursor_line == f"{KATE}whoa", "the keys")
    assert "lost" not in shell.text
    shell.type("mi\r")
    shell.shows("reconnected", "» Event 1023")  # missed, and told now
    shell.prompts(KATE)
    tell(clean, 109)
    shell.shows("» Event 109")


def test_neither_a_flood_nor_a_database_that_hangs_holds_a_key_up(clean: Demo) -> None:
    shell = open_support(clean)
    clean.sql(
        "INSERT INTO crm.notifications (recipient_id, kind, noun, row_id, actor_id)"
        f" VALUES (({HERS}), 'changed', 'events', 109, 3)"
    )
    with clean.holding("LOCK TABLE crm.notifications IN ACCESS EXCLUSIVE MODE"):
        ((channel,),) = clean.sql(CHANNELS)
        clean.sql("SELECT pg_notify(%s, n::text) FROM generate_series(1, 20000) n", channel)
        shell.type("whoami")
        shell.until(lambda: shell.cursor_line == f"{KATE}whoami", "the keys")
        shell.type("\r")
        shell.shows("Kate Hastroff")  # no command of hers waits for it either

    def told() -> bool:
        shell.type("\r")  # a look that failed is made up for at the next prompt
        return "» Event 109".encode() in shell.written

    shell.until(told, "the notification")


def test_what_is_stored_can_not_speak_to_the_terminal_and_is_cut_to_its_width(clean: Demo) -> None:
    shell = open_support(clean, columns=60)
    before = clean.sql("SELECT name FROM crm.events WHERE id = 109")[0][0]
    clean.sql("UPDATE crm.events SET name = E'\x1b[31m\x07' || repeat('long ', 30) WHERE id = 109")
    tell(clean, 109)
    shell.shows("» Event 109")
    clean.sql("UPDATE crm.events SET name = %s WHERE id = 109", before)
    assert b"\x1b[31m\x07" not in shell.written
    line = next(line for line in shell.lines if "» Event 109" in line)
    assert line.endswith("…")
    assert len(line) <= 60


def test_a_dumb_terminal_is_told_before_its_next_prompt(clean: Demo) -> None:
    tell(clean, 109)
    shell = open_support(clean, environment={"TERM": "dumb"})
    shell.shows("» 1 unread notification: inbox")
    tell(clean, 1023)
    shell.enter("whoami")
    shell.shows("Kate Hastroff", "» Event 1023")
    shell.prompts(KATE)
    assert b"\x1b" not in shell.written
