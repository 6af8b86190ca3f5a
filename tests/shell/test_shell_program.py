"""The shell as people meet it: the real program in a real terminal."""

import stat
from urllib.parse import quote

import pytest
from support.demo import Demo
from support.terminal import TerminalProgram

from epicshell.setup.demo import PASSWORD

BILL = "bill.boquet (sales) epic_demo> "
MIA = "mia.laurent (management) epic_demo> "


def open_sales(demo: Demo, **options: object) -> TerminalProgram:
    shell = demo.open("demo", "--as", "sales", **options)
    shell.prompts(BILL)
    return shell


def test_the_prompt_says_who_works_where_and_a_command_prints_a_table(demo: Demo) -> None:
    shell = open_sales(demo)
    shown = shell.run("clients list --limit 2", BILL)
    assert "full name" in shown
    assert "2 of" in shown
    shell.enter("exit")
    assert shell.leave() == 0
    assert "Bye." in shell.text


def test_the_menu_offers_what_the_role_may_run(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.type("employees ")
    shell.shows("filter", "show")
    assert "create" not in shell.text
    mia = demo.open("demo")
    mia.prompts(MIA)
    mia.type("employees ")
    mia.shows("filter", "create")


def test_tab_completes_words_and_records_by_name(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.type("cl\t")
    shell.until(lambda: shell.cursor_line == f"{BILL}clients ", "clients and a space")
    shell.type("show kev")
    shell.shows("Kevin Casey")
    shell.type("\t")
    shell.until(lambda: shell.cursor_line == f"{BILL}clients show 1", "the client's number")
    shell.type("\r")
    shell.shows("Cool Startup LLC")


def test_the_toolbar_tells_the_syntax_and_what_comes_next(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.type("contracts sign ")
    shell.shows("contracts sign ID|--where EXPRESSION [--on DATE] · ID: contract number")


def test_a_missing_field_is_asked_for_and_checked_as_it_is_typed(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.enter("clients create --full-name Zoé --phone '+33 1 23 45 67 89' --company Nova")
    shell.prompts("email: ")
    shell.type("zoe@")
    shell.shows("not an e-mail address")
    shell.type("nova.example\r")
    shell.prompts(BILL)
    shell.shows("zoe@nova.example")


def test_a_record_that_is_asked_for_is_looked_up_before_the_next_question(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.enter("events create")
    shell.prompts("contract: ")
    shell.type("kev")
    shell.shows("Kevin Casey")
    shell.type("\x7f\x7f\x7f")
    shell.enter("999999")
    shell.shows("There is no contract 999999.")
    shell.prompts("contract: 999999")  # the question stands again, with what was typed
    shell.type("\x03")
    shell.shows("Given up; nothing was done.")
    shell.prompts(BILL)


def test_ctrl_c_drops_the_line_and_ctrl_d_leaves(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.type("clients create")
    shell.type("\x03")
    shell.until(lambda: shell.text.count(BILL.strip()) == 2, "a second prompt")
    shell.prompts(BILL)
    shell.type("\x04")
    assert shell.leave() == 0
    assert "Bye." in shell.text


def test_ctrl_c_cancels_a_running_query_at_once(demo: Demo) -> None:
    shell = open_sales(demo)
    with demo.holding("SELECT 1 FROM crm.clients WHERE id = 1 FOR UPDATE"):
        shell.enter("clients update 1 --company Locked")
        watch = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'epic_sales_login'"
        shell.until(lambda: bool(demo.sql(watch)), "a query that waits")
        shell.type("\x03")
        shell.shows("Interrupted; nothing was done.")
    assert "bill.boquet" in shell.run("whoami", BILL)


def test_an_ended_session_asks_for_the_password_then_runs_the_line(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.run("clients show 1", BILL)
    demo.end_session("bill.boquet")
    shell.enter("clients list --limit 1")
    shell.shows("your session has ended")
    shell.prompts("Password of bill.boquet (or enrolment code): ")
    shell.enter("wrong horse battery")
    shell.shows("don't go together")
    shell.prompts("Password of bill.boquet (or enrolment code): ")
    shell.enter(PASSWORD)
    shell.shows("1 of")
    shell.prompts(BILL)
    assert PASSWORD.encode() not in shell.written
    history = demo.home / "state/history/private-epic_demo/bill.boquet"
    assert "clients list --limit 1" in history.read_text()
    assert PASSWORD not in history.read_text()
    assert stat.S_IMODE(history.stat().st_mode) == 0o600


def test_what_was_read_is_remembered_across_an_ended_session(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.run("clients show 1", BILL)
    demo.end_session("bill.boquet")
    demo.sql("UPDATE crm.clients SET company = 'Changed Meanwhile' WHERE id = 1")
    shell.enter("clients update 1 --company Mine")
    shell.prompts("Password of bill.boquet (or enrolment code): ")
    shell.enter(PASSWORD)
    shell.shows("changed", "since you read it", "Changed Meanwhile")
    shell.prompts(BILL)
    shell.run("clients update 1 --company 'Cool Startup LLC'", BILL)


def test_a_paste_of_several_lines_runs_only_when_that_is_asked_for(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.paste("whoami\nclients list --limit 1\nwhoami\n")
    shell.shows("3 lines were pasted:", "1  whoami", "2  clients list --limit 1")
    shell.prompts("[e]dit or [d]rop: ")
    assert "Bill Boquet" not in shell.text
    shell.enter("d")
    shell.shows("Dropped; nothing was done.")
    shell.prompts(BILL)
    shell.paste("whoami\rnonsense\rwhoami")
    shell.prompts("[e]dit or [d]rop: ")
    shell.enter("run")
    shell.shows("Bill Boquet", "paste:2:")
    shell.prompts(BILL)
    assert shell.text.count("Bill Boquet") == 1


def test_a_pasted_line_waits_for_enter(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.paste("whoami\n")
    shell.until(lambda: shell.cursor_line == f"{BILL}whoami", "the line")
    assert "Bill Boquet" not in shell.text
    shell.enter("")
    shell.shows("Bill Boquet")


def test_after_the_server_was_killed_the_shell_goes_on(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.run("clients list --limit 1", BILL)
    demo.crash()
    assert "1 of" in shell.run("clients list --limit 1", BILL)
    assert "reconnected" in shell.text


def test_without_a_session_it_asks_who_one_is(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.run("logout", "epic_demo> ")
    assert "not logged in" in shell.run("clients list", "epic_demo> ")
    shell.type("cl")
    shell.prompts("epic_demo> cl")
    shell.type("\x03")
    shell.prompts("epic_demo> ")
    shell.enter("login Bill.Boquet")
    shell.prompts("Password of bill.boquet (or enrolment code): ")
    shell.enter(PASSWORD)
    shell.prompts(BILL)
    shell.type("\x1b[A")
    shell.prompts("logout")


def test_who_comes_in_gives_a_name_and_an_unseen_password(demo: Demo) -> None:
    url = f"postgresql:///epic_demo?host={quote(demo.server.ensure_running(), safe='')}"
    shell = demo.open(environment={"EPICSHELL_DATABASE_URL": url})
    shell.prompts("username: ")
    shell.enter("Kate.Hastroff")
    shell.prompts("Password of kate.hastroff (or enrolment code): ")
    shell.enter(PASSWORD)
    shell.prompts("kate.hastroff (support) epic_demo> ")
    assert PASSWORD.encode() not in shell.written
    assert b"*" not in shell.written
    again = demo.open(environment={"EPICSHELL_DATABASE_URL": url})
    again.prompts("kate.hastroff (support) epic_demo> ")


def test_ctrl_c_at_the_password_gives_the_command_up(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.enter("passwd")
    shell.prompts("Current password: ")
    shell.type("secret part")
    shell.type("\x03")
    shell.shows("Given up; nothing was done.")
    shell.prompts(BILL)
    assert b"secret part" not in shell.written


def test_a_dumb_terminal_has_the_same_shell_without_its_dress(demo: Demo) -> None:
    shell = open_sales(demo, environment={"TERM": "dumb"})
    shell.enter("clients create --full-name Zoé --phone '+33 1 23 45 67 89' --company Nova")
    shell.prompts("email: ")
    shell.enter("zoe@")
    shell.shows("not an e-mail address")
    shell.type("\x03")
    shell.prompts(BILL)
    shell.enter("whoami")
    shell.shows("Bill Boquet")
    shell.prompts(BILL)
    assert b"\x1b" not in shell.written
    shell.enter("exit")
    assert shell.leave() == 0


def test_sixty_columns_are_enough(demo: Demo) -> None:
    shell = open_sales(demo, columns=60)
    shell.type("contracts sign ")
    shell.shows("ID: contract number")
    assert len([line for line in shell.lines if "contract number" in line]) == 1


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}])
def test_no_color_is_respected(demo: Demo, variables: dict[str, str]) -> None:
    shell = open_sales(demo, environment=variables)
    shell.enter("nonsense")
    shell.shows("is not a command")
    shell.prompts(BILL)
    assert b"\x1b[31m" not in shell.written
    assert b"38;5" not in shell.written


def test_an_expression_is_typed_with_tab_and_its_list_goes_on_with_more(demo: Demo) -> None:
    shell = open_sales(demo)
    shell.type("clients filter --limit 3 wh\t")
    shell.until(lambda: shell.cursor_line == f"{BILL}clients filter --limit 3 where ", "where and a space")
    shell.type("sal\t")
    shell.until(lambda: shell.cursor_line.endswith("where sales"), "the field")
    shell.type(" = bil")
    shell.shows("Bill Boquet")
    shell.type("\t")
    shell.until(lambda: shell.cursor_line.endswith("where sales = bill.boquet"), "the username")
    shell.type(" and com")
    shell.shows("a text")
    shell.type("\t ~ a\r")
    shell.shows("more shows the next, --all shows all")
    shell.prompts(BILL)
    shown = shell.run("more", BILL)
    assert "clients 4-" in shown
    while "the last" not in shown:
        shown = shell.run("more", BILL)
    assert "That was all." in shell.run("more", BILL)
