"""Every command with every flag, for each department: works where it may, refused with a good sentence where not."""

import re

import pytest
from support.examples import ALONE, EXAMPLES
from support.matrix import DEPARTMENTS
from support.people import People
from support.world import ONE_OF

from epicshell import policy
from epicshell.command import Command, load
from epicshell.commands.line import bind, resolve
from epicshell.commands.words import split

COMMANDS = load()
#: The contract: each command with its arguments as its usage line shows them.
CONTRACT = """
login [USERNAME]
logout [--all]
whoami
passwd
sessions list
sessions revoke ID [--user WHO]
exit
employees list [--department DEPARTMENT] [--inactive]
employees filter [--department DEPARTMENT] [--inactive]
employees show WHO
employees create --username USERNAME --full-name NAME --email EMAIL --department DEPARTMENT
employees update WHO [--full-name NAME] [--email EMAIL] [--department DEPARTMENT]
employees deactivate WHO [--hand-over-to WHO]
employees reactivate WHO
employees reset-password WHO
employees unlock WHO
employees import FILE [--map HEADER=FIELD] [--sheet SHEET] [--source NAME] [--apply] [--skip-errors]
clients list [--mine] [--prospects] [--sales WHO] [--trash]
clients filter [--mine] [--prospects] [--sales WHO] [--trash]
clients show ID
clients create --full-name NAME --email EMAIL --phone PHONE --company NAME [--first-contact-on DATE]
clients update ID [--full-name NAME] [--email EMAIL] [--phone PHONE] [--company NAME] [--first-contact-on DATE]
clients reassign ID WHO
clients delete ID
clients restore ID
clients import FILE [--map HEADER=FIELD] [--sheet SHEET] [--source NAME] [--apply] [--skip-errors]
contracts list [--unsigned] [--signed] [--unpaid] [--paid] [--mine] [--no-event] [--client ID] [--sales WHO] [--trash]
contracts filter [--unsigned] [--signed] [--unpaid] [--paid] [--mine] [--no-event] [--client ID] [--sales WHO] [--trash]
contracts show ID
contracts create --client ID --total AMOUNT [--due AMOUNT] [--signed]
contracts update ID [--total AMOUNT]
contracts sign ID [--on DATE]
contracts unsign ID
contracts delete ID
contracts restore ID
contracts import FILE [--map HEADER=FIELD] [--sheet SHEET] [--source NAME] [--apply] [--skip-errors]
contracts pay ID AMOUNT [--on DATE]
contracts payments ID
contracts void-payment PAYMENT-ID
events list [--no-support] [--mine] [--support WHO] [--upcoming] [--past] [--from DATE] [--to DATE] [--client ID] [--contract ID] [--trash]
events filter [--no-support] [--mine] [--support WHO] [--upcoming] [--past] [--from DATE] [--to DATE] [--client ID] [--contract ID] [--trash]
events show ID
events create --contract ID --name NAME --starts-at TIME --ends-at TIME --location PLACE [--attendees N] [--notes TEXT]
events update ID [--name NAME] [--starts-at TIME] [--ends-at TIME] [--location PLACE] [--attendees N] [--notes TEXT]
events assign ID WHO
events unassign ID
events delete ID
events restore ID
calendar export FILE [--mine] [--support WHO] [--from DATE] [--to DATE]
find WORDS [--limit N] [--all]
views list
views save NAME -- COMMAND
views run NAME [VALUE …]
views share NAME [--off]
views delete NAME
events import FILE [--map HEADER=FIELD] [--sheet SHEET] [--source NAME] [--apply] [--skip-errors] [--legacy] [--map-contract OLD=ID]
inbox [--read-too]
inbox read [ID] [--all]
history NOUN ID
report revenue [--period PERIOD] [--sales WHO] [--support WHO]
report ageing [--period PERIOD] [--sales WHO] [--support WHO] [--limit N]
report calendar [--period PERIOD] [--support WHO] [--sales WHO]
report workload [--period PERIOD] [--support WHO]
report unassigned [--period PERIOD] [--sales WHO] [--limit N]
report sales [--period PERIOD] [--sales WHO]
report clients [--period PERIOD] [--sales WHO] [--support WHO]
report activity [--period PERIOD] [--department DEPARTMENT] [--employee WHO]
audit [--employee WHO] [--from DATE] [--to DATE] [--batch BATCH] [--noun TEXT] [--changes]
settings list
settings set NAME VALUE
backup FILE
restore FILE [--trust]
run FILE [--atomic] [--dry-run] [--keep-going] [--resume] [--after N]
let NAME = COMMAND
policy [COMMAND]
help [COMMAND]
set [NAME] [VALUE]
last [--sort FIELDS] [--columns FIELDS]
more
watch SECONDS COMMAND
"""  # noqa: E501
SHARED = {"--sort", "--limit", "--columns", "--group-by", "--all", "--format"}


def argument_usages(line: str) -> list[str]:
    return re.findall(r"\[[^\]]+\]|-- COMMAND|--\S+ \S+|(?<= )[A-Z-]+(?: = [A-Z]+)?", line)


@pytest.mark.parametrize("line", CONTRACT.strip().splitlines(), ids=lambda line: re.split(r" [\[A-Z-]", line)[0])
def test_command_takes_what_the_contract_says(line: str) -> None:
    command, _ = resolve(split(line))
    usages, wanted = [parameter.usage for parameter in command.parameters], argument_usages(line)
    assert [usage for usage in usages if usage in wanted] == sorted(wanted, key=usages.index)
    positionals = [usage for usage in wanted if not re.match(r"\[?--\S", usage)]
    assert [parameter.usage for parameter in command.positionals] == positionals


def test_no_command_is_missing_or_added() -> None:
    named = {resolve(split(line))[0].name for line in CONTRACT.strip().splitlines()}
    assert named == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.name)
def test_lists_share_their_flags(command: Command) -> None:
    if command.model:
        assert {parameter.flag for parameter in command.parameters} >= SHARED


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.name)
def test_examples_use_every_argument(command: Command) -> None:
    if command.name in ALONE:
        return
    used: set[str] = set()
    for _, line in EXAMPLES:
        found, words = resolve(split(line))
        if found.handler is command.handler:
            used |= set(bind(found, words).values)
    assert {parameter.name for parameter in command.parameters} - used - to_files(command) == set()


def to_files(command: Command) -> set[str]:
    """What writes a file, which can't be taken back: test_export_files.py tries it."""
    return {"export"} if command.confirm else {"export", "yes"}


def test_examples_name_every_command() -> None:
    assert {resolve(split(line))[0].name for _, line in EXAMPLES} == set(COMMANDS) - ALONE


@pytest.mark.parametrize(("who", "line"), EXAMPLES, ids=[line for _, line in EXAMPLES])
def test_example_works(everyone: People, who: str, line: str) -> None:
    everyone["bill.boquet"]  # whose session has the number 1
    result = everyone[who].attempt(line)
    assert result.code == 0, result.err
    assert result.out or line.startswith(("sessions revoke", "inbox read --all"))
    assert "\x1b" not in result.out


@pytest.mark.parametrize("department", DEPARTMENTS)
@pytest.mark.parametrize("command", [one for one in COMMANDS.values() if one.needs], ids=lambda command: command.name)
def test_who_has_not_the_right_is_told_who_has(everyone: People, command: Command, department: str) -> None:
    actor = everyone[ONE_OF[department]]
    if department in policy.MATRIX[command.needs]:
        return
    line = next((line for _, line in EXAMPLES if resolve(split(line))[0].handler is command.handler), command.name)
    result = actor.attempt(line)
    holders = ", ".join(policy.MATRIX[command.needs])
    assert (result.code, result.out, result.err) == (
        4,
        "",
        f"You are logged in as {department}, which has no right {command.needs}. Who has it: {holders}.",
    )


@pytest.mark.parametrize("line", sorted({line for _, line in EXAMPLES if not line.startswith("help")}))
def test_without_a_session_one_is_told_to_log_in(everyone: People, line: str) -> None:
    stranger = everyone[""]
    result = stranger(line)
    assert (result.code, result.out) == (3, "")
    assert "login USERNAME" in result.err


@pytest.mark.parametrize("command", [one for one in COMMANDS.values() if one.confirm], ids=lambda command: command.name)
def test_what_destroys_asks_first(everyone: People, command: Command) -> None:
    who, line = next((who, line) for who, line in EXAMPLES if line.startswith(command.name + " "))
    unsure = everyone[who]
    plain = re.sub(" --yes| --if-revision \\d+", "", line)
    result = unsure.attempt(plain)
    assert (result.code, result.out) == (2, "")
    assert "Repeat the command with --yes." in result.err
    refused = unsure.answers("no").attempt(plain)
    assert (refused.code, refused.err) == (1, "Nothing was done.")
    assert unsure.answers("yes").attempt(plain).code == 0
