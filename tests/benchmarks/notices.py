"""From a colleague's change to the line above the prompt."""

import statistics
import time
from collections.abc import Iterator

import pexpect
from crowd import WIDTH, Crowd
from measure import Row, ms

from epicshell.database import Database

CHANGES = 30
EVENT = 109  # kate's, whom the demo opens as support
BETWEEN = 0.5  #: seconds: longer than a shell waits between two looks


def rows(crowd: Crowd) -> Iterator[Row]:
    """An open shell in which half a line is typed, and management that changes an event of its employee."""
    colleague = crowd.open("management")
    program, *arguments = crowd.epicshell("--as", "support")
    environment = crowd.environment() | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
    shell = pexpect.spawn(program, arguments, env=environment, dimensions=(24, WIDTH))
    try:
        shell.send("clients sh")
        shell.expect("Show a client")
        taken = [_change(colleague.database, shell, attendees) for attendees in range(1, CHANGES + 1)]
    finally:
        shell.close(force=True)
        colleague.close()
    first, *others = taken
    yield Row(
        f"a colleague's change to the line above the prompt, {CHANGES} times",
        f"median {ms(statistics.median(others))}, longest {ms(max(others))}; the first, which connects, {ms(first)}",
        "≤ 100 ms",
        "–",
    )


def _change(database: Database, shell: "pexpect.spawn[bytes]", attendees: int) -> float:
    """Seconds from sending the statement to having the line and the prompt under it."""
    time.sleep(BETWEEN)
    begun = time.perf_counter()
    database.execute_sql("UPDATE events SET attendees = attendees + %s WHERE id = %s", (attendees, EVENT))
    shell.expect(rf"Event {EVENT} \(.*\): changed \(attendees\)")
    shell.expect("clients")
    return time.perf_counter() - begun
