"""What the database answers after the prompt was."""

from collections.abc import Iterator

import pytest
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from epicshell.shell.completer import Menu


class Counting(Completer):
    def __init__(self) -> None:
        self.asked = 0

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterator[Completion]:
        self.asked += 1
        yield Completion("clients")


@pytest.mark.parametrize("answered", [False, True])
def test_candidates_open_the_menu_of_a_prompt_that_waits_and_no_other(answered: bool) -> None:
    completer = Counting()
    with create_pipe_input() as keys:
        session: PromptSession[str] = PromptSession(completer=completer, input=keys, output=DummyOutput())
        menu = Menu(session.app, session.default_buffer)

        def begin() -> None:
            menu.wait("", tab=True)
            menu.arrived()
            finish = session.app.exit if answered else lambda **_: keys.send_text("\r")
            finish(result="")

        session.prompt(pre_run=begin)
    assert (completer.asked == 0) is answered
