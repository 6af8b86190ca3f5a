"""Pasting into the real program: shown, asked about, never run by itself."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from support.demo import Demo
from support.terminal import TerminalProgram

BILL = "bill.boquet (sales) epic_demo> "
QUESTION = "[e]dit or [d]rop: "


def open_sales(demo: Demo, **options: object) -> TerminalProgram:
    shell = demo.open("demo", "--as", "sales", **options)
    shell.prompts(BILL)
    shell.run("help exit", BILL)
    return shell


@contextmanager
def waiting(demo: Demo, shell: TerminalProgram, line: str = "clients show 1") -> Iterator[None]:
    """A command that the database does not answer as long as the block takes."""
    with demo.holding(f"LOCK TABLE crm.{line.split(maxsplit=1)[0]} IN ACCESS EXCLUSIVE MODE"):
        shell.enter(line)
        waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename ~ '^epic_.*_login$'"
        shell.until(lambda: bool(demo.sql(waits)), "a query that waits")
        yield


def test_a_paste_can_be_tried_run_or_done_as_a_whole(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.paste("clients show 1\nwhoami\n")
    shell.prompts(QUESTION)
    shell.enter("x")
    shell.shows("Answer r, a, y, e or d.")
    shell.type("\x7fy\r")
    shell.shows("every line would be done")
    shell.prompts(QUESTION)
    assert shell.text.count("Cool Startup LLC") == 1
    shell.enter("all or nothing")
    shell.until(lambda: shell.text.count("Cool Startup LLC") == 2, "the run")
    shell.prompts(BILL)


def test_a_pasted_line_is_shown_without_what_hides_or_turns_it_round(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.paste("clients show 1 \u202eevil\u200b\x9b31m é 日本")
    shell.until(lambda: "é" in shell.cursor_line, "the line")
    assert not [text for text in ("\u202e", "\u200b", "\x9b") if text.encode() in shell.written]


def test_a_paste_that_holds_the_end_mark_presses_no_key(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.paste("x\x1b[201~\x15" + " " * 9000 + "whoami\r")
    shell.enter("")
    shell.shows("is not a command")
    shell.prompts(BILL)
    assert b"bill.boquet@epicevents.example" not in shell.written


def test_several_lines_that_are_pasted_into_a_question_wait_for_the_next_prompt(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.enter("clients create")
    shell.prompts("full name: ")
    shell.paste("whoami\nhelp exit\n")
    assert shell.cursor_line.endswith("full name: ")
    shell.type("\x03")
    shell.shows("2 lines were pasted")
    shell.prompts(QUESTION)
    shell.enter("d")
    shell.prompts(BILL)


def test_a_paste_is_dropped_with_enter_ctrl_c_and_ctrl_d(demo: Demo) -> None:
    shell = open_sales(demo)
    for keys in ("\r", "\x03", "\x04", "d\r"):
        shell.type("\x0c")  # clears the screen
        shell.until(lambda: shell.lines[0] == BILL.rstrip(), "a clear screen")
        shell.paste("whoami\nexit\n")
        shell.prompts(QUESTION)
        shell.type(keys)
        shell.shows("Dropped; nothing was done.")
        shell.prompts(BILL)
    assert "Bill Boquet" not in shell.text


def test_a_paste_into_a_half_typed_line_keeps_what_was_around_it(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.type("clients show 2\x1b[D")
    shell.shows("ID: client number")
    shell.until(lambda: shell.cursor_line == f"{BILL}clients show ", "the cursor in the line")
    shell.paste("1\r\nclients show ")
    shell.shows("2 lines were pasted: 2 clients.", "1  clients show 1", "2  clients show 2")
    shell.prompts(QUESTION)


def test_a_paste_is_edited_from_its_first_line_that_can_not_run(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.paste("whoami\nclients shw 1\n")
    shell.shows("Line 2 can't run and will stop it:", "Did you mean clients show?")
    shell.prompts(QUESTION)
    shell.enter("e")
    shell.shows("F2 or Esc Enter: done")
    shell.prompts("   2  ")
    shell.type("\x0bclients show 1\x1bOQ")
    shell.until(lambda: shell.text.count("lines were pasted") == 2, "the second preview")
    assert "will stop it" not in shell.text.rpartition("were pasted")[2]
    shell.prompts(QUESTION)
    shell.enter("r")
    shell.shows("Cool Startup LLC")
    shell.prompts(BILL)
    shell.type("\x1b[A")
    shell.prompts("#⏎ whoami⏎clients show 1")


def test_a_paste_comes_back_from_the_history_and_asks_again(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.paste("whoami\n\nexit")
    shell.prompts(QUESTION)
    shell.enter("d")
    shell.prompts(BILL)
    shell.type("\x1b[A")
    shell.prompts(f"{BILL}#⏎ whoami⏎⏎exit")
    shell.type("\r")
    shell.until(lambda: shell.text.count("3 lines were pasted") == 2, "the second preview")
    shell.shows("3 lines were pasted: 1 whoami, 1 exit.")
    shell.prompts(QUESTION)


def test_without_bracketed_paste_several_lines_are_asked_about_too(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.type("whoami\rclients list --limit 1\rexit\r")
    shell.shows("3 lines were pasted: 1 whoami, 1 client, 1 exit.")
    shell.prompts(QUESTION)
    assert "Bill Boquet" not in shell.text
    shell.enter("d")
    shell.prompts(BILL)


def test_a_paste_while_a_command_runs_waits_unseen_and_whole(demo: Demo) -> None:
    shell = open_sales(demo)
    with waiting(demo, shell):
        shell.paste("clients show 2\r" * 20_000)  # more than a terminal holds: it would block here if nobody read
    shell.prompts(QUESTION)
    shell.shows("20 000 lines were pasted: 20 000 clients.")
    assert shell.written.count(b"clients show 2") == 4  # the preview's; nothing was echoed
    shell.enter("d")
    shell.prompts(BILL)


def test_lines_that_are_typed_while_a_command_runs_are_run_after_it(demo: Demo) -> None:
    shell = open_sales(demo)
    with waiting(demo, shell):
        for key in "whoami\rclients show 2":
            shell.type(key)
            demo.sql("SELECT pg_sleep(0.02)")
        assert "whoami" not in shell.text  # not even when it has all arrived
    shell.shows("Bill Boquet")
    shell.prompts(f"{BILL}clients show 2")


def test_what_is_typed_while_a_command_runs_confirms_nothing(demo: Demo) -> None:
    mia = demo.open("demo", "--as", "management")
    mia.prompts("epic_demo> ")
    mia.run("help exit", "epic_demo> ")
    with waiting(demo, mia, "events delete 109"):
        mia.type("y\r")
        demo.sql("SELECT pg_sleep(0.05)")
    mia.prompts("[y/N] ")
    mia.type("\r")
    mia.shows("Nothing was done.", '"y" is not a command.')
    assert demo.sql("SELECT deleted_at IS NULL FROM crm.events WHERE id = 109") == [(True,)]


def test_ctrl_c_interrupts_a_command_behind_a_large_paste(demo: Demo) -> None:
    shell = open_sales(demo)
    with waiting(demo, shell):
        shell.type("x")
        shell.paste("clients show 2\r" * 10_000)
        shell.type("\x03")
        shell.shows("Interrupted; nothing was done.")
        shell.shows("10 000 lines were pasted: 10 000 clients.")
    shell.prompts(QUESTION)


def test_ctrl_z_while_a_command_runs_gives_the_terminal_back_and_takes_it_again(demo: Demo) -> None:
    """Here nobody could wake it again, so that it is not really stopped."""
    shell = open_sales(demo)
    with waiting(demo, shell):
        written = len(shell.written)
        shell.type("\x1a")
        shell.until(lambda: b"\x1b[?2004l\x1b[?2004h" in shell.written[written:], "both")
    shell.shows("Kevin Casey")
    shell.prompts(BILL)


def test_a_killed_shell_gives_the_terminal_back(demo: Demo) -> None:
    shell = open_sales(demo)
    os.kill(shell.pid, signal.SIGTERM)
    assert shell.leave() == -signal.SIGTERM
    assert shell.written.endswith(b"\x1b[?2004l")
