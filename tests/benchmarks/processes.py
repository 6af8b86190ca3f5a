"""Whole processes: one command, the first prompt, a long table, an export."""

import importlib.util
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pexpect
from crowd import Crowd, Psql
from measure import Row, process, s, seconds

ONE_QUERY = """
import psycopg2, peewee
opened = psycopg2.connect(host={host!r}, user="postgres", dbname="epic_demo")
with opened.cursor() as cursor:
    cursor.execute({sql!r})
    print(cursor.fetchall())
"""
UNASSIGNED = "SELECT * FROM crm.events WHERE support_id IS NULL AND deleted_at IS NULL ORDER BY starts_at LIMIT 50"
TIMES, WARM = 15, 3
STARTS = 7
ROWS = 20_000
EVENTS = f"""
    SELECT e.id, e.name, c.full_name, e.contract_id, p.username, e.starts_at, e.ends_at, e.attendees, e.location
    FROM events e JOIN clients c ON c.id = e.client_id LEFT JOIN employees p ON p.id = e.support_id
    WHERE e.deleted_at IS NULL ORDER BY e.starts_at, e.id LIMIT {ROWS}
"""
_WHERE = "\x1b[6n"
EXPORT = "clients list --all --format csv"


def rows(crowd: Crowd) -> Iterator[Row]:
    """The rows of whole processes."""
    yield _command(crowd)
    yield _prompt(crowd)
    with closing(Psql(crowd, "management")) as psql:
        yield _table(crowd, psql)
        yield _export(crowd, psql)


def _command(crowd: Crowd) -> Row:
    """The demo, whose sessions are saved: its first start, which makes the database, is not measured."""
    run = process(
        crowd.epicshell("-c", "events filter --no-support", sized=False), crowd.environment(), TIMES, warm=WARM
    )
    host = crowd.target.embedded.ensure_running()
    bare = process([sys.executable, "-c", ONE_QUERY.format(host=host, sql=UNASSIGNED)], None, TIMES, warm=WARM)
    psql = process([*crowd.psql(database="epic_demo"), "-c", UNASSIGNED], None, TIMES, warm=WARM)
    reference = f"Python, psycopg2, peewee and one query {s(bare.seconds)}; psql {s(psql.seconds)}"
    measured = f"{s(run.seconds)}, {run.megabytes:.0f} MB"
    return Row("`epicshell demo -c 'events filter --no-support'`, whole process", measured, "≤ 0.20 s", reference)


def _prompt(crowd: Crowd) -> Row:
    work = "time to the first prompt; to the answer of a command typed at once"
    if importlib.util.find_spec("epicshell.shell.loop") is None:
        return Row(work, "the shell is not there yet", "≤ 0.15 s", "–")
    painted, answered = zip(*(_shell_start(crowd) for _ in range(STARTS)), strict=True)
    measured = f"{s(sorted(painted)[STARTS // 2])}; {s(sorted(answered)[STARTS // 2])}"
    other = "–"
    if importlib.util.find_spec("pgcli"):
        host = crowd.target.embedded.ensure_running()
        command = [sys.executable, "-m", "pgcli.main", "-h", host, "-U", "postgres", "-d", "epic_demo"]
        other = f"pgcli {s(sorted(_seen(command, crowd, '> ') for _ in range(STARTS))[STARTS // 2])}"
    return Row(work, measured, "≤ 0.15 s", other)


def _shell_start(crowd: Crowd) -> tuple[float, float]:
    begun = time.perf_counter()
    with closing(_spawn(crowd.epicshell(sized=False), crowd)) as shell:
        shell.expect_exact("> ")
        painted = time.perf_counter() - begun
        shell.send("whoami\r")
        while shell.expect_exact([_WHERE, "full name"]) == 0:
            shell.send("\x1b[1;1R")  # as a terminal answers where its cursor is
        return painted, time.perf_counter() - begun


def _seen(command: list[str], crowd: Crowd, text: str) -> float:
    begun = time.perf_counter()
    with closing(_spawn(command, crowd)) as spawned:
        spawned.expect_exact(text)
        return time.perf_counter() - begun


def _spawn(command: list[str], crowd: Crowd) -> "pexpect.spawn[str]":
    environment = {**crowd.environment(), "TERM": "xterm-256color"}
    spawned = pexpect.spawn(command[0], command[1:], env=environment, encoding="utf-8", dimensions=(40, 140))
    spawned.delaybeforesend = None
    return spawned


def _table(crowd: Crowd, psql: Psql) -> Row:
    run = process(crowd.epicshell("-c", f"events list --limit {ROWS}"), crowd.environment(), 5, warm=1)
    other = seconds(lambda: psql.send(f"\\pset format aligned\n{EVENTS};\n\\pset format unaligned"), 5)
    reference = f"psql, its own table, once connected: {s(sorted(other)[2])}"
    measured = f"{s(run.seconds)}, {run.megabytes:.0f} MB, whole process"
    return Row(f"table of {ROWS} events", measured, "≤ 0.6 s, ≤ 80 MB", reference)


def _export(crowd: Crowd, psql: Psql) -> Row:
    run = process(crowd.epicshell("-c", EXPORT), crowd.environment(), 3, warm=1)
    few = process(crowd.epicshell("-c", "clients list --limit 1000 --format csv"), crowd.environment(), 3)
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        copied = sorted(seconds(lambda: psql.send(_copy(Path(file.name))), 3))[1]
    measured = (
        f"{s(run.seconds)} ({run.seconds / copied:.1f} ×), {run.megabytes:.0f} MB; 1000 rows {few.megabytes:.0f} MB"
    )
    reference = f"psql `\\copy` of a query that formats the same: {s(copied)}"
    return Row(f"CSV of {crowd.size} clients", measured, "constant memory, ≤ 2 × psql", reference)


def _copy(file: Path) -> str:
    """What psql makes of a query that writes times in ISO 8601 and defuses formulas."""
    texts = ", ".join(
        rf"CASE WHEN {name} ~ '^''*([=@\t\r]|[+-](?![0-9 ().-]*$))' THEN '''' || {name} ELSE {name} END AS {name}"
        for name in ("full_name", "email", "phone", "company")
    )
    times = ", ".join(
        f"replace(to_char({name}, 'YYYY-MM-DD\"T\"HH24:MI:SS.USTZH:TZM'), '.000000', '') AS {name}"
        for name in ("created_at", "updated_at")
    )
    return (
        "SET TimeZone = 'Europe/Paris';\n"
        f"\\copy (SELECT id, {texts}, (SELECT username FROM employees e WHERE e.id = c.sales_id), first_contact_on,"
        f" {times}, revision FROM clients c WHERE deleted_at IS NULL ORDER BY id DESC) to '{file}' csv header\n"
        "SET TimeZone = 'UTC';"
    )
