"""The whole program, from its command line to its exit code."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from support.examples import EXAMPLES
from support.people import People
from support.program import Program, program_of
from support.world import CHEAPEST_KDF, PASSWORD, World

from epicshell import policy
from epicshell.commands.line import resolve
from epicshell.commands.words import split
from epicshell.embedded import Embedded

WHO = ("bill.boquet", "kate.hastroff", "mia.manager", "ada.admin")
CREATE = 'clients create --full-name N --email n@c.example --phone +33123456789 --company "{}"'


def commands(lines: list[str]) -> list[str]:
    return [word for line in lines for word in ("-c", line)]


@pytest.fixture
def bill(world: World, tmp_path: Path) -> Program:
    return program_of(world, tmp_path, "bill.boquet")


@pytest.mark.parametrize("who", WHO)
def test_every_command_works_as_an_option(world: World, tmp_path: Path, who: str) -> None:
    """Each with all its flags, in a dry run."""
    lines = [line for name, line in EXAMPLES if name == who]
    done = program_of(world, tmp_path, *WHO)("--as", who, "--dry-run", *commands(lines))
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith("Dry run: every line would be done; nothing was.\n")
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("who", WHO)
def test_every_missing_right_is_told_on_stderr_with_code_4(world: World, tmp_path: Path, who: str) -> None:
    department = world.login(who).department
    needs = {line: resolve(split(line))[0].needs for _, line in EXAMPLES}
    lines = [line for line, right in needs.items() if right and department not in policy.MATRIX[right]]
    done = program_of(world, tmp_path, who)("--keep-going", *commands(lines))
    assert (done.returncode, done.stdout) == (4, "")
    told = done.stderr.splitlines()
    assert told[-1] == f"epicshell: {len(lines)} lines failed. The other lines were done."
    for number, (line, sentence) in enumerate(zip(lines, told, strict=False), 1):
        assert sentence.startswith(f"-c:{number}: You are logged in as {department}, which has no right {needs[line]}.")


def test_commands_run_in_their_order_until_one_fails(bill: Program, world: World) -> None:
    done = bill("-c", CREATE.format("A"), "-c", "clients show 9999", "-c", CREATE.format("B"))
    assert done.returncode == 1
    assert "company           A\n" in done.stdout
    assert done.stderr == "epicshell: There is no client 9999. It may have been deleted, or be none of yours to see.\n"
    assert world.ask("SELECT count(*) FROM crm.clients WHERE company IN ('A', 'B')") == (1,)


def test_data_goes_to_stdout_and_all_else_to_stderr(bill: Program) -> None:
    done = bill("--format", "json", "-c", CREATE.format("A").replace("+33123456789", "123"))
    assert done.stdout.startswith("{\n")
    assert done.stderr == '"123" can\'t be dialled as it is.\n'


@pytest.mark.parametrize(
    ("text", "code", "sentence"),
    [
        (b"whoami\nclients show 9999\nclients dance\n", 1, ":2: There is no client 9999."),
        (b"whoami\n\n# so\nclients dance\n", 2, ':4: "clients dance" is not a command.'),
        (b"contracts create --client 101 --total 1\n", 4, ":1: You are logged in as sales"),
        (b'whoami\nclients show "1\n', 2, ":2: The quotation that begins in column 14 does not end."),
        (b"whoami\nclients show caf\xe9\n", 2, ":2: not UTF-8. Save the script as UTF-8."),
        (b"\xef\xbb\xbfwhoami\r\nclients list \\\r\n  --mine\r\n", 0, ""),
        ("clients create --full-name N --email n@c.example --phone 1234 --company L'Oréal\n".encode(), 0, "dialled"),
        (b"", 0, ""),
    ],
)
def test_script_as_a_file_and_on_stdin(bill: Program, tmp_path: Path, text: bytes, code: int, sentence: str) -> None:
    script = tmp_path / "script.txt"
    script.write_bytes(text)
    by_name, on_stdin = bill("-f", str(script)), bill(input=text)
    assert (by_name.returncode, on_stdin.returncode) == (code, code)
    if code:
        assert by_name.stderr.startswith(f"epicshell: {script}{sentence}")
        assert on_stdin.stderr.startswith(f"epicshell: stdin{sentence}")
    else:
        assert sentence in by_name.stderr
        assert sentence in on_stdin.stderr


def test_unicode_line_ends_do_not_smuggle_a_second_command_in(bill: Program, world: World) -> None:
    text = f"{CREATE.format('A')}\u2028{CREATE.format('B')}\n"
    assert bill(input=text).returncode == 2
    assert world.ask("SELECT count(*) FROM crm.clients WHERE company IN ('A', 'B')") == (0,)


def test_modes_of_a_script_are_options(bill: Program, tmp_path: Path, world: World) -> None:
    script = tmp_path / "script.txt"
    script.write_text(f"{CREATE.format('A')}\nclients dance\n{CREATE.format('B')}\n")
    count = "SELECT count(*) FROM crm.clients WHERE company IN ('A', 'B')"
    assert bill("-f", str(script), "--atomic").returncode == 2
    assert world.ask(count) == (0,)
    assert bill("-f", str(script), "--dry-run", "--keep-going").returncode == 2
    assert world.ask(count) == (0,)
    assert bill("-f", str(script), "--keep-going").returncode == 2
    assert world.ask(count) == (2,)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["-c", "clients list"], 3, "You are not logged in, or your session has ended. Log in first: login USERNAME"),
        (["-c", "login bill.boquet"], 2, "Password of bill.boquet (or enrolment code) can't be asked for without"),
        (["-c", "login"], 2, "username is missing."),
        (["-f", "/no/such/script"], 2, "/no/such/script can't be read: No such file or directory."),
        (["-c", "whoami", "--resume"], 2, "--resume goes with -f FILE."),
        (["-f", "-", "--resume"], 2, "--resume goes with -f FILE."),
        (["--frobnicate"], 2, "Unrecognized arguments: --frobnicate."),
        (["--format", "xml", "-c", "whoami"], 2, "Argument --format: invalid choice: 'xml'"),
        (["--database", "mysql://x/y", "-c", "whoami"], 2, "The database URL is not of the form"),
        (["--database", "postgresql:///x?host=/nowhere", "-c", "whoami"], 3, "You are not logged in"),
    ],
)  # fmt: skip
def test_without_a_session(world: World, tmp_path: Path, arguments: list[str], code: int, sentence: str) -> None:
    done = Program(tmp_path, world.url)(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(f"epicshell: {sentence}")
    assert "Traceback" not in done.stderr


def test_database_that_is_gone_is_code_5(world: World, tmp_path: Path) -> None:
    program = program_of(world, tmp_path, "bill.boquet")
    with closing(world.server.owner()) as owner, owner.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {world.target.name} ALLOW_CONNECTIONS false")
    done = program("-c", "whoami")
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith(f"epicshell: The database {world.target.name} can't be reached: ")


def test_schema_out_of_date_is_code_5(world: World, tmp_path: Path) -> None:
    program = program_of(world, tmp_path, "bill.boquet")
    world.run("DELETE FROM sec.migrations WHERE version = (SELECT max(version) FROM sec.migrations)")
    done = program("-c", "whoami")
    assert done.returncode == 5
    assert "epicshell migrate" in done.stderr


def test_ended_session_is_code_3(bill: Program, world: World) -> None:
    world.run("UPDATE sec.sessions SET idle_until = now()")
    done = bill("-c", "whoami")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("epicshell: You are not logged in, or your session has ended.")


class TestPasswordFile:
    @pytest.fixture
    def file(self, world: World, tmp_path: Path) -> Path:
        world.set_password("bill.boquet")
        file = tmp_path / "password"
        file.write_text(PASSWORD + "\n")
        file.chmod(0o600)
        return file

    @pytest.fixture
    def program(self, world: World, tmp_path: Path) -> Program:
        return Program(tmp_path, world.url)

    def test_private_file_logs_in(self, program: Program, file: Path) -> None:
        done = program("--as", "bill.boquet", "--password-file", str(file), "-c", "whoami")
        assert (done.returncode, done.stderr) == (0, "")
        assert "bill.boquet" in done.stdout
        assert program("-c", "whoami").returncode == 0  # the session is saved
        assert program("--password-file", str(file), "-c", "logout", "-c", "login bill.boquet").returncode == 0

    def test_ended_session_is_renewed_by_the_file(self, program: Program, file: Path, world: World) -> None:
        arguments = ("--as", "bill.boquet", "--password-file", str(file), "-c", "whoami")
        assert program(*arguments).returncode == 0
        world.run("UPDATE sec.sessions SET idle_until = now()")
        assert program("-c", "whoami").returncode == 3
        assert program(*arguments).returncode == 0

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
    def test_file_that_others_can_read_is_refused(self, program: Program, file: Path, mode: int) -> None:
        file.chmod(mode)
        done = program("--as", "bill.boquet", "--password-file", str(file), "-c", "whoami")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"epicshell: The password file {file} can be read by others. Run: chmod 600 {file}\n"

    def test_missing_file_and_wrong_password_are_told_apart(self, program: Program, file: Path) -> None:
        missing = program("--as", "bill.boquet", "--password-file", "/no/file", "-c", "whoami")
        assert (missing.returncode, "can't be read" in missing.stderr) == (2, True)
        file.write_text("not the password, is it")
        wrong = program("--as", "bill.boquet", "--password-file", str(file), "-c", "whoami")
        assert (wrong.returncode, "don't go together" in wrong.stderr) == (3, True)

    def test_file_is_never_a_new_password(self, program: Program, file: Path, people: People, world: World) -> None:
        assert program("--as", "bill.boquet", "--password-file", str(file), "-c", "whoami").returncode == 0
        passwd = program("--password-file", str(file), "-c", "passwd")
        assert (passwd.returncode, "chosen on a terminal" in passwd.stderr) == (2, True)
        world.run("UPDATE sec.kdf_policy SET (m, t, p) = ROW (%s, %s, %s)", *CHEAPEST_KDF)
        file.write_text(people("mia.manager").json("employees reset-password bill.boquet")["enrolment_code"])
        enrol = program("--password-file", str(file), "-c", "login bill.boquet")
        assert (enrol.returncode, "chosen on a terminal" in enrol.stderr) == (2, True)


def test_yes_answers_all_questions(world: World, tmp_path: Path) -> None:
    mia = program_of(world, tmp_path, "mia.manager")
    unsure = mia("-c", "clients delete 104")
    assert unsure.returncode == 2
    assert unsure.stderr == (
        "epicshell: Move client 104 (Sam O'Neil) to the trash? There is nobody to ask. Repeat the command with --yes.\n"
    )
    assert mia("--yes", "-c", "clients delete 104").returncode == 0


def test_output_that_nobody_reads_any_more_is_no_fault(world: World, tmp_path: Path) -> None:
    program = program_of(world, tmp_path, "bill.boquet")
    world.fill_clients(5000)
    done = program.piped("-c", "clients list", into="head -n 1")
    assert done.stdout.split() == ["id", "full", "name", "company", "email", "phone", "sales", "updated", "at"]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "redirection", "code", "sentence"),
    [
        ("-c whoami", "> /dev/full", 1, "epicshell: Writing failed: No space left on device.\n"),
        ("--version", "> /dev/full", 1, "epicshell: Writing failed: No space left on device.\n"),
        ("-c whoami", ">&-", 1, "epicshell: The output is closed; nothing was done.\n"),
        ("", "<&-", 2, "epicshell: The input is closed. Give commands with -c, or a script with -f FILE.\n"),
        ("-c whoami", "<&-", 0, ""),
        ("-c whoami", "2>&-", 0, ""),
        ("-c dance", "2>&-", 2, ""),
        ("-c whoami", "<&- >&- 2>&-", 1, ""),
    ],
)
def test_streams_that_are_full_or_closed(
    bill: Program, arguments: str, redirection: str, code: int, sentence: str
) -> None:
    bill.environment["PYTHONUNBUFFERED"] = ""  # else argparse swallows what --version can't write
    done = bill.redirected(*arguments.split(), to=redirection)
    assert (done.returncode, done.stderr) == (code, sentence)
    assert ("bill.boquet" in done.stdout) == (code == 0)


def test_text_of_a_server_does_not_drive_the_terminal(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("long enough a password")
    password.chmod(0o600)
    told = b"SFATAL\0C28000\0M\x1b]0;pwned\x07no\0\0"
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as threads:
        threads.submit(answer_once, listener, b"E" + (len(told) + 4).to_bytes(4, "big") + told)
        url = f"postgresql://127.0.0.1:{listener.getsockname()[1]}/epic?sslmode=disable"
        done = Program(tmp_path, url)("--as", "x.y", "--password-file", str(password), "-c", "whoami")
    assert done.returncode == 5
    assert "\\x1b]0;pwned\\x07no" in done.stderr
    assert "\x1b" not in done.stderr


def answer_once(listener: socket.socket, answer: bytes) -> None:
    with listener.accept()[0] as caller:
        caller.recv(4096)
        caller.sendall(answer)


@pytest.fixture
def demo(tmp_path: Path) -> Program:
    yield Program(tmp_path)
    Embedded(tmp_path / "data").stop()


def sales_script() -> str:
    lines = ["# A day in sales", "whoami", ""]
    for number in range(40, 80):
        lines += [
            f"clients create --full-name 'Client {number}' --email c{number}@client.example \\",
            f'  --phone "+33 1 23 45 67 {number}" --company "L\'Atelier {number}"',
        ]
    lines += [f"clients update {number} --company 'New {number}' --if-revision 1" for number in range(40, 70)]
    lines += [f"clients filter --mine --sort -id --limit {number} --format csv" for number in range(1, 21)]
    lines += ["contracts filter --mine --unsigned --format json", "events list --mine --upcoming --format tsv", "exit"]
    return "\n".join(lines)


def management_script() -> str:
    lines = ["policy --format json", "contracts list --unpaid", 'employees filter --department "support"']
    lines += [
        f"contracts create --client {number} --total {number}00,50 --due {number} --signed" for number in range(40, 60)
    ]
    lines += [f"contracts pay {number} 5 --on yesterday" for number in range(653, 673)]
    lines += [f"contracts payments {number} --format markdown" for number in range(653, 673)]
    lines += [f"contracts update {number} --total 50k" for number in range(653, 673)]
    lines += [f"history contracts {number} --format csv" for number in range(653, 673)]
    lines += [f"contracts unsign {number}\ncontracts delete {number} --yes" for number in range(653, 663)]
    lines += [f"contracts restore {number}" for number in range(653, 663)]
    return "\r\n".join(lines)


def test_long_mixed_scripts_run_on_the_demo(demo: Program, tmp_path: Path) -> None:
    for who, text in (("sales", sales_script()), ("management", management_script())):
        script = tmp_path / f"{who}.txt"
        script.write_text(text, newline="")
        done = demo("demo", "--as", who, "-f", str(script))
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
    rows = demo(
        "demo", "--as", "mia.laurent", "--format", "csv", "-c", "contracts list --client 40 --columns total,due,signed"
    )
    assert rows.stdout.splitlines()[1] == "50000.00,46034.50,false"


def test_version_and_help_name_the_options() -> None:
    version, help_ = Program(Path("/nonexistent"))("--version"), Program(Path("/nonexistent"))("--help")
    assert re.fullmatch(r"epicshell \d+\.\d+(\.\d+)?\n", version.stdout)
    for option in (
        "-c",
        "-f",
        "--as",
        "--database",
        "--password-file",
        "--atomic",
        "--keep-going",
        "--dry-run",
        "--yes",
    ):
        assert option in help_.stdout
