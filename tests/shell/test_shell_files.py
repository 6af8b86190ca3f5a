"""Files at the prompt: names complete, a file is replaced only when asked, a restore sends everybody to the login."""

from pathlib import Path

from support.demo import Demo

BILL, ADA = "bill.boquet (sales) epic_demo> ", "ada.morel (admin) epic_demo> "


def test_list_goes_to_a_file(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "cars.txt").touch()
    (tmp_path / "cases.csv").write_text("mine")
    shell = demo.open("demo", "--as", "sales", columns=160)
    shell.prompts(BILL)
    shell.type(f"clients list --export {tmp_path}/ca")
    shell.until(lambda: shell.cursor_line.endswith("/ca"), "what was typed")
    shell.type("\t")
    shell.until(lambda: shell.cursor_line.rstrip().endswith("/cases.csv"), "the one file that it may be")
    shell.enter("")
    shell.shows(f"Replace the file {tmp_path}/cases.csv? [y/N]")
    shell.enter("n")
    shell.shows("Nothing was done.")
    assert (tmp_path / "cases.csv").read_text() == "mine"
    shell.prompts(BILL)
    shell.enter(f"clients list --mine --export {tmp_path}/new.xlsx")
    shell.shows(f"clients written to {tmp_path}/new.xlsx.")
    assert (tmp_path / "new.xlsx").stat().st_size > 1000


def test_restore_sends_everybody_to_the_login(demo: Demo, tmp_path: Path) -> None:
    bill, ada = demo.open("demo", "--as", "sales"), demo.open("demo", "--as", "admin", columns=160)
    bill.prompts(BILL)
    bill.run("whoami", BILL)
    ada.prompts(ADA)
    ada.run(f"backup {tmp_path}/b", ADA)
    ada.enter(f"restore {tmp_path}/b")
    ada.shows("Replace everything in epic_demo")
    ada.enter("y")
    ada.shows("Every session has ended: log in again.")
    ada.prompts("epic_demo> ")
    bill.enter("clients list")
    bill.shows("You are not logged in, or your session has ended.")
    bill.prompts("Password of bill.boquet (or enrolment code): ")
