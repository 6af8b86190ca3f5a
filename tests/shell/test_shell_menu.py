"""The menu, the marks and the search as people meet them, in a real terminal."""

import pytest
from support.demo import Demo
from support.terminal import TerminalProgram

MIA = "mia.laurent (management) epic_demo> "
DOWN, ESCAPE, CTRL_R = "\x1b[B", "\x1b", "\x12"


def open_shell(demo: Demo, prompt: str = MIA, **options: object) -> TerminalProgram:
    shell = demo.open("demo", **options)
    shell.prompts(prompt)
    shell.type("wh")  # once the menu shows, the shell is ready
    shell.shows("Show who is logged in")
    shell.type("\x15")
    shell.until(lambda: shell.cursor_line.endswith(prompt), "an empty line")
    return shell


def line(shell: TerminalProgram) -> str:
    return shell.cursor_line.removeprefix(MIA)


def colours(shell: TerminalProgram, text: str) -> set[tuple[str, bool]]:
    """(colour, underlined) of the cells that show a text in the cursor's line."""
    row = shell.screen.buffer[shell.screen.cursor.y]
    start = shell.screen.display[shell.screen.cursor.y].index(text)
    return {(row[column].fg, row[column].underscore) for column in range(start, start + len(text))}


def test_two_short_words_become_a_command_and_enter_in_the_menu_runs_nothing(demo: Demo) -> None:
    shell = open_shell(demo)
    shell.type("ev s")
    shell.shows("events show")
    shell.type(DOWN)
    shell.until(lambda: line(shell) == "events show ", "the command in the line")
    shell.type("\r")
    shell.shows("Novák Piano product demo")  # what may follow, not an answer
    shell.type("109\r")
    shell.shows("53 Rue du Château")
    shell.prompts(MIA)
    shell.type("events assign ")
    shell.shows("109    John Ouick Wedding")
    shell.type(DOWN)
    shell.until(lambda: line(shell) == "events assign 109", "the event that was looked at last")
    shell.type(ESCAPE)
    shell.until(lambda: line(shell) == "events assign ", "what had been typed")
    assert "John Ouick Wedding" not in "".join(shell.lines[-9:])


def test_a_space_after_a_completed_word_is_not_doubled(demo: Demo) -> None:
    shell = open_shell(demo)
    shell.type("contr\t list  --uns\t")
    shell.until(lambda: line(shell) == "contracts list --unsigned ", "single spaces")


def test_in_an_answer_enter_accepts_from_the_menu_and_spaces_stay(demo: Demo) -> None:
    shell = open_shell(demo)
    shell.enter("employees create --username new.one --email new@epic.example --department sales")
    shell.prompts("full name: ")
    shell.type("New  One")
    shell.until(lambda: shell.cursor_line.endswith("New  One"), "both spaces")
    shell.type("\x03")
    shell.prompts(MIA)
    shell.enter("events assign 109")
    shell.prompts("to: ")
    shell.type("ali")
    shell.shows("Aliénor Vichum")
    shell.type(DOWN)
    shell.until(lambda: shell.cursor_line.endswith("alienor.vichum"), "the name in the answer")
    shell.type("\r")
    shell.until(lambda: "alienor.vichum · " not in shell.text and "Aliénor Vichum" not in shell.text, "no menu")
    assert shell.cursor_line.endswith("alienor.vichum")
    shell.type("\x03")
    shell.shows("Given up; nothing was done.")


def test_a_mistake_is_marked_and_explained_before_enter_and_goes_with_it(demo: Demo) -> None:
    shell = open_shell(demo)
    shell.type("events filter --no-suport ")
    shell.shows("Did you mean --no-support?")
    assert colours(shell, "--no-suport") == {("red", True)}
    assert colours(shell, "filter") == {("default", False)}
    shell.type("\x7f" * 5 + "pport ")
    shell.shows("--no-support", "[--from DATE]")
    assert colours(shell, "--no-support") == {("magenta", False)}


def test_without_colours_a_mistake_is_still_underlined(demo: Demo) -> None:
    shell = open_shell(demo, environment={"NO_COLOR": "1"})
    shell.type("evnts ")
    shell.shows("Did you mean events?")
    assert colours(shell, "evnts") == {("default", True)}


def test_the_search_puts_a_line_into_the_prompt_and_runs_nothing(demo: Demo) -> None:
    shell = open_shell(demo)
    for typed in ("whoami", "events filter --past --limit 1", "clients list --limit 1"):
        shell.run(typed, MIA)
    shell.type("typed" + CTRL_R)
    shell.shows("search the history:", "clients list --limit 1")
    shell.type("past ev")
    shell.until(lambda: "clients list" not in "".join(shell.lines[-8:]), "what fits only")
    shell.type("\r")
    shell.until(lambda: line(shell) == "events filter --past --limit 1", "the line")
    shell.type(CTRL_R + "who")
    shell.shows("search the history: who")
    shell.type(ESCAPE)
    shell.until(lambda: line(shell) == "events filter --past --limit 1", "the line as it was")
    shell.type("\x15" + CTRL_R + "zzz\r")
    shell.shows("search the history: zzz")
    shell.type("\x07")
    shell.prompts(MIA)
    assert shell.text.count("search the history") == 0


@pytest.mark.parametrize("columns", [60, 20])
def test_a_narrow_terminal_shows_one_line_of_toolbar_and_the_whole_line(demo: Demo, columns: int) -> None:
    shell = demo.open("demo", columns=columns)
    shell.until(lambda: "epic" in shell.text and ">" in shell.text, "a prompt")
    shell.type("events filter --no-suport --upcoming")
    shell.until(lambda: "--upcoming" in shell.text.replace("\n", ""), "the line")
    shell.until(lambda: "events filter has n" in shell.lines[-1], "the mistake in the toolbar")
    assert len(shell.lines[-1]) <= columns
    assert "events filter has n" not in "".join(shell.lines[:-1])
    shell.type("\x03whoami\r")
    shell.shows("mia.laurent")


def test_a_plain_terminal_gets_no_escape_sequences_and_no_search(demo: Demo) -> None:
    shell = demo.open("demo", environment={"TERM": "dumb"})
    shell.prompts(MIA)
    shell.type("evnts \x15whoami\r")
    shell.shows("Mia Laurent")
    assert b"\x1b" not in shell.written
