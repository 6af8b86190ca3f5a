"""The first prompt is the one that the same invocation ended with."""

import stat
from pathlib import Path

from epicshell.shell.paint import FirstPaint


def test_a_prompt_is_remembered_with_its_history_per_invocation(tmp_path: Path) -> None:
    history = tmp_path / "history/bill.boquet"
    FirstPaint(tmp_path, "demo sales", "").remember("bill.boquet (sales) epic_demo> ", history)
    again = FirstPaint(tmp_path, "demo sales", "")
    assert again.prompt == "bill.boquet (sales) epic_demo> "
    assert again.history == history
    other = FirstPaint(tmp_path, "demo", "epic_demo> ")
    assert other.prompt == "epic_demo> "
    assert other.history is None


def test_an_empty_prompt_forgets(tmp_path: Path) -> None:
    paint = FirstPaint(tmp_path, "x", "")
    paint.remember("bill> ", None)
    paint.remember("", None)
    assert FirstPaint(tmp_path, "x", "").prompt == ""


def test_a_file_that_would_speak_to_the_terminal_is_not_painted(tmp_path: Path) -> None:
    FirstPaint(tmp_path, "x", "").remember("bill\x1b[2J> ", None)
    assert FirstPaint(tmp_path, "x", "").prompt == ""


def test_its_folder_is_its_owners_alone(tmp_path: Path) -> None:
    state = tmp_path / "state"
    FirstPaint(state, "x", "").remember("bill> ", None)
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE((state / "prompts").stat().st_mode) == 0o700


def test_a_folder_that_can_not_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_text("a file")
    FirstPaint(state, "x", "").remember("bill> ", None)
