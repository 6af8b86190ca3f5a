"""Output of quick commands is written together, and none of it waits for the next command."""

import io
import time

from epicshell.shell.gather import Gathered


class Out(io.StringIO):
    """Counts how often it is written to."""

    writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        return super().write(text)


def test_what_comes_quickly_is_written_together_and_whole() -> None:
    out = Out()
    with Gathered(out) as gathered:
        for number in range(5_000):
            gathered.write(f"{number}\n")
    assert out.getvalue() == "".join(f"{number}\n" for number in range(5_000))
    assert out.writes < 5_000


def test_nothing_waits_for_the_next_command() -> None:
    out = Out()
    with Gathered(out) as gathered:
        gathered.write("one\n")
        gathered.write("two\n")
        deadline = time.monotonic() + 20
        while out.getvalue() != "one\ntwo\n":
            assert time.monotonic() < deadline
            time.sleep(0.001)


def test_a_flush_writes_what_there_is() -> None:
    out = Out()
    with Gathered(out) as gathered:
        gathered.write("one\n")
        gathered.write("two\n")
        gathered.flush()
        assert out.getvalue() == "one\ntwo\n"
