"""The pager, watching and preferences in a real terminal: narrow, dumb, with other people at work."""

from support.demo import Demo
from support.terminal import TerminalProgram

MIA = "mia.laurent (management) epic_demo> "


def open_management(demo: Demo, **options: object) -> TerminalProgram:
    shell = demo.open("demo", "--as", "management", **options)
    shell.prompts(MIA)
    return shell


def test_a_long_list_opens_in_the_pager_and_what_was_seen_stays(demo: Demo) -> None:
    shell = open_management(demo, columns=60, lines=14)
    shell.enter("clients list --sort id")
    shell.shows("q leaves", "Kevin Casey")
    assert "updated at" not in shell.text
    shell.type("\x1b[C" * 8)
    shell.shows("updated at")
    shell.type("\x1b[D" * 8)
    shell.type("/nowhere\r")
    shell.shows('"nowhere" is not found below.')
    shell.type("/GIRARD\r")
    shell.shows("Léa Girard")
    assert shell.lines[0].startswith("id  full name")
    shell.type("q")
    shell.prompts(MIA)
    assert "q leaves" not in shell.text
    left = shell.written.rpartition(b"1049l")[2].decode()
    assert all(text in left for text in ("id  full name", "Léa Girard"))


def test_what_fits_is_printed_plainly_and_so_is_all_without_a_pager(demo: Demo) -> None:
    shell = open_management(demo, columns=100, lines=20)
    assert "3 of" in shell.run("clients list --limit 3", MIA)
    assert b"1049h" not in shell.written
    shell.run("set pager off", MIA)
    shell.run("clients list", MIA)
    assert b"1049h" not in shell.written
    shell.run("set pager default", MIA)
    shell.enter("help")
    shell.shows("q leaves")
    shell.type("\x1b")
    shell.prompts(MIA)


def test_in_twenty_columns_one_can_read_too(demo: Demo) -> None:
    shell = open_management(demo, columns=60, lines=10)
    shell.enter("clients list --format json")
    shell.shows("lines 1–9")
    shell.resize(20, 16)
    shell.shows("lines 1–15")
    assert all(len(line) <= 20 for line in shell.lines)
    shell.type("q")
    shell.until(lambda: "epic_demo>" in shell.text.replace("\n", "") and "lines 1" not in shell.text, "the prompt")


def test_a_dumb_terminal_has_no_pager(demo: Demo) -> None:
    shell = open_management(demo, lines=10, environment={"TERM": "dumb"})
    shell.enter("clients list --limit 20")
    shell.shows("20 of")
    shell.prompts(MIA)
    assert b"\x1b" not in shell.written


def test_preferences_hold_at_once_and_in_the_next_shell(demo: Demo) -> None:
    shell = open_management(demo)
    shell.run("set keys vi", MIA)
    shell.type("whoamixx\x1b")
    shell.until(lambda: shell.cursor_line.endswith("whoamix"), "the cursor on the last letter")
    shell.type("xx\r")
    shell.shows("Mia Laurent")
    shell.prompts(MIA)
    again = open_management(demo)
    again.enter("set keys default")
    again.shows("keys is emacs.")
    again.prompts(MIA)
    again.type("x\x01whoami #")
    again.prompts("whoami #")


def test_what_others_change_appears_by_itself(demo: Demo) -> None:
    shell = open_management(demo, columns=60, lines=20)
    shell.enter("watch 0.5 clients list --limit 3 --columns id,company")
    shell.shows("every 0.5 s", "Delmas Fleurs")
    demo.sql("UPDATE crm.clients SET company = 'Seen At Once' WHERE company = 'Delmas Fleurs'")
    shell.shows("Seen At Once")
    shell.type("\x03")
    shell.prompts(MIA)
    shell.shows("Seen At Once")
    demo.sql("UPDATE crm.clients SET company = 'Delmas Fleurs' WHERE company = 'Seen At Once'")


def test_it_ends_with_the_session_and_the_password_is_asked_for(demo: Demo) -> None:
    shell = open_management(demo)
    shell.enter("watch 0.5 clients list --limit 3")
    shell.shows("every 0.5 s", "3 of")
    demo.end_session("mia.laurent")
    shell.shows("or your session", "Password of mia.laurent")
    shell.type("\x03")
    shell.shows("Given up")


def test_a_dumb_terminal_shows_the_whole_again_when_it_changed(demo: Demo) -> None:
    demo.command("whoami", "support")
    shell = demo.open("demo", "--as", "support", environment={"TERM": "dumb"})
    shell.prompts("epic_demo> ")
    shell.enter("watch 0.5 clients list --limit 1 --columns company --sort id")
    shell.shows("Cool Startup LLC")
    demo.sql("UPDATE crm.clients SET company = 'Hot Startup LLC' WHERE id = 1")
    shell.shows("Hot Startup LLC")
    shell.type("\x03")
    shell.prompts("epic_demo> ")
    assert shell.written.count(b"Cool Startup LLC") == shell.written.count(b"Hot Startup LLC") == 1
    assert b"\x1b" not in shell.written
    demo.sql("UPDATE crm.clients SET company = 'Cool Startup LLC' WHERE id = 1")
