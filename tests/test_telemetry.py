"""What epicshell tells about itself: a private log of one line per record, and faults without a secret in them."""

import gc
import gzip
import json
import logging
import re
import socket
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from support.program import Program, program_of
from support.world import World

from epicshell import telemetry
from epicshell.telemetry import Secret

PASSWORD = "three odd horses' dance"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "state" / "epicshell.log"
    before = telemetry.log.handlers, telemetry.log.level, telemetry.log.propagate
    telemetry.start(path, "INFO")
    yield path
    for handler in telemetry.log.handlers:
        file = getattr(handler, "_file", None)
        if file:
            file.close()
    telemetry.log.handlers, telemetry.log.level, telemetry.log.propagate = before


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_log_file_is_made_with_the_first_record_and_private(log: Path) -> None:
    assert not log.exists()
    telemetry.log.info("something")
    assert (mode(log), mode(log.parent)) == (0o600, 0o700)


def test_log_file_that_others_could_read_is_closed_to_them(log: Path) -> None:
    log.parent.mkdir()
    log.touch(0o644)
    telemetry.log.info("something")
    assert mode(log) == 0o600


def test_each_record_is_one_line(log: Path) -> None:
    telemetry.log.warning("first\nsecond \x1b[31m\u202e\r")
    telemetry.log.info("third")
    lines = log.read_text("utf-8").splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARNING \d+ first", lines[0])
    assert lines[1] == r"    second \x1b[31m\u202e\x0d"
    assert lines[2].endswith(" third")
    assert len(lines) == 3


@pytest.mark.parametrize(("level", "heard"), [("WARNING", 1), ("debug", 3), ("nonsense", 2)])
def test_level_is_what_is_asked_for_else_info(tmp_path: Path, log: Path, level: str, heard: int) -> None:
    telemetry.start(log, level)
    telemetry.log.debug("one")
    telemetry.log.info("two")
    telemetry.log.warning("three")
    assert len(log.read_text().splitlines()) == heard


def test_full_log_is_put_aside_and_the_next_one_is_private_too(log: Path) -> None:
    for _ in range(1100):
        telemetry.log.info("x" * 1000)
    assert sorted(path.name for path in log.parent.iterdir()) == ["epicshell.log", "epicshell.log.1"]
    assert {mode(path) for path in log.parent.iterdir()} == {0o600}


def test_log_that_can_not_be_written_stops_nothing(log: Path) -> None:
    log.parent.mkdir()
    log.symlink_to("/dev/null")
    telemetry.log.info("something")
    assert re.fullmatch("[0-9a-f]{8}", telemetry.fault(ValueError("x")))


def test_secret_does_not_print() -> None:
    secret = Secret(PASSWORD)
    assert PASSWORD not in f"{secret} {secret!r} {[secret]} {secret.__dir__()}"
    assert secret.reveal() == PASSWORD


def test_live_secrets_are_scrubbed_in_every_form() -> None:
    plain, quoted = Secret(PASSWORD), Secret('it\'s a "tough\\one"\n')
    text = f"{plain.reveal()} {plain.reveal()!r} {quoted.reveal()} {quoted.reveal()!r}"
    assert Secret.scrub(text) == "[secret] \"[secret]\" [secret] '[secret]'"


def test_forgotten_secrets_are_forgotten() -> None:
    Secret("gone for ever and a day")
    gc.collect()
    assert Secret.scrub("gone for ever and a day") == "gone for ever and a day"


def test_short_secret_does_not_shred_the_log() -> None:
    secret = Secret("a")
    assert Secret.scrub("a banana") == "a banana"
    assert secret


def test_fault_is_logged_under_its_id_without_the_secret(log: Path) -> None:
    password = Secret(PASSWORD)
    try:
        raise RuntimeError(f"bad proof of {password.reveal()}") from KeyError(password.reveal())
    except RuntimeError as error:
        reference = telemetry.fault(error)
    text = log.read_text("utf-8")
    assert f"ERROR {logging.os.getpid()} fault {reference}\n    " in text
    assert "RuntimeError: bad proof of [secret]" in text
    assert PASSWORD not in text
    assert all(line.startswith("    ") for line in text.splitlines()[1:])


class Sentry(BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Not on stderr."""


@pytest.fixture
def sentry() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sentry)
    server.received = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


#: The program, with a fault in the middle of a login: the password is alive, in messages, notes and local variables.
FAULTY = """
import sys
from epicshell.session.login import Gate
from epicshell.__main__ import main

def login(self, username, password, origin):
    local_variable = password.reveal()
    sys.argv.append(local_variable)
    try:
        raise KeyError(local_variable)
    except KeyError as error:
        fault = RuntimeError(f"no proof of {local_variable} for {username}", {"password": local_variable})
        fault.add_note(f"tried {local_variable}")
        raise fault from error

Gate.login = login
main()
"""


def faulty(world: World, home: Path, **environment: str) -> Any:
    password = home / "password"
    password.write_text(PASSWORD)
    password.chmod(0o600)
    program = Program(home, world.url, environment, FAULTY)
    return program("--as", "bill.boquet", "--password-file", str(password), "-c", "whoami")


def test_fault_shows_an_id_that_the_log_has(world: World, tmp_path: Path) -> None:
    done = faulty(world, tmp_path)
    found = re.fullmatch("epicshell: an unexpected fault; the log has it as ([0-9a-f]{8}).\n", done.stderr)
    assert (done.returncode, done.stdout) == (70, "")
    assert found
    log = tmp_path / "state" / "epicshell.log"
    assert mode(log) == 0o600
    text = log.read_text("utf-8")
    assert f"fault {found[1]}\n" in text
    assert "no proof of [secret] for bill.boquet" in text
    assert PASSWORD not in text


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def test_fault_arrives_at_sentry_without_secrets(world: World, tmp_path: Path, sentry: ThreadingHTTPServer) -> None:
    done = faulty(world, tmp_path, EPICSHELL_SENTRY_DSN=f"http://key@127.0.0.1:{sentry.server_port}/1")
    assert done.returncode == 70
    (envelope,) = sentry.received
    event = json.loads(envelope.splitlines()[-1])
    reference = re.search("([0-9a-f]{8})", done.stderr)
    assert reference
    assert event["tags"]["reference"] == reference[1]
    assert [one["type"] for one in event["exception"]["values"]] == ["KeyError", "RuntimeError"]
    assert PASSWORD.encode() not in envelope
    words = list(strings(event))
    assert not [word for word in words if "horses" in word]
    assert not [word for word in words if socket.gethostname() in re.split(r"[^\w.-]+", word)]
    assert not {"vars", "argv", "sys.argv", "server_name", "user", "request", "modules", "abs_path"} & set(words)
    assert event["breadcrumbs"]["values"] == []
    assert event["release"].startswith("epicshell@")
    frames = [frame for one in event["exception"]["values"] for frame in one["stacktrace"]["frames"]]
    assert frames
    assert not any("vars" in frame or "context_line" in frame for frame in frames)
    assert "bill.boquet" not in envelope.decode()


def test_sentry_that_can_not_be_reached_changes_nothing(world: World, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        done = faulty(world, tmp_path, EPICSHELL_SENTRY_DSN=f"http://key@127.0.0.1:{unused.getsockname()[1]}/1")
    assert done.returncode == 70
    assert re.fullmatch("epicshell: an unexpected fault; the log has it as [0-9a-f]{8}.\n", done.stderr)


def test_bad_dsn_is_no_second_fault(world: World, tmp_path: Path) -> None:
    done = faulty(world, tmp_path, EPICSHELL_SENTRY_DSN="not a dsn")
    assert done.returncode == 70
    assert "Sentry could not be told" in (tmp_path / "state" / "epicshell.log").read_text()


def test_expected_errors_are_neither_logged_nor_sent(world: World, tmp_path: Path, sentry: ThreadingHTTPServer) -> None:
    program = program_of(world, tmp_path, "bill.boquet")
    program.environment["EPICSHELL_SENTRY_DSN"] = f"http://key@127.0.0.1:{sentry.server_port}/1"
    assert program("-c", "clients show 9999").returncode == 1
    assert sentry.received == []
    assert not (tmp_path / "state" / "epicshell.log").exists()
