"""A script of ten thousand lines, all or nothing."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date

from crowd import Crowd, Psql
from measure import Row, process, s

LINES = 10_000


def rows(crowd: Crowd) -> Iterator[Row]:
    """The same clients, created by epicshell and by psql, and taken back both times."""
    with tempfile.NamedTemporaryFile("w", suffix=".epic", encoding="utf-8") as script:
        script.writelines(f"{line}\n" for line in _commands())
        script.flush()
        run = process(
            crowd.epicshell("--as", "sales", "--dry-run", "-f", script.name), crowd.environment(), times=1, warm=0
        )
    with closing(Psql(crowd, "sales")) as psql:
        taken = psql.time("\n".join(["BEGIN;", *_inserts(), "ROLLBACK;"]))
    measured = f"{s(run.seconds)} ({run.seconds / taken:.1f} ×), {run.megabytes:.0f} MB"
    reference = f"psql, the same inserts as the same employee: {s(taken)}"
    yield Row(f"{LINES} `clients create` as one atomic script", measured, "≤ 2 × psql", reference)


def _people() -> Iterator[tuple[str, str, str, str]]:
    for n in range(LINES):
        yield (
            f"Benchmark Person {n}",
            f"bench{n}@client.example",
            f"+33 1 23 {n // 100:02} {n % 100:02} 45",
            f"Firm {n}",
        )


def _commands() -> Iterator[str]:
    for name, email, phone, company in _people():
        yield f'clients create --full-name "{name}" --email {email} --phone "{phone}" --company "{company}"'


def _inserts() -> Iterator[str]:
    for row in _people():
        values = ", ".join(f"'{value}'" for value in (*row, date.today().isoformat()))
        yield f"INSERT INTO clients (full_name, email, phone, company, first_contact_on) VALUES ({values});"
