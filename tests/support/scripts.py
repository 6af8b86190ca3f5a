"""Script files that people of the world run, and what became of their lines."""

from collections.abc import Sequence
from pathlib import Path

from support.people import Person, Result
from support.world import World

from epicshell.commands.scriptfile import read, run_file
from epicshell.commands.statements import Mode


def create(name: str) -> str:
    """A line that creates a client with this company."""
    return f"clients create --full-name N --email n@c.example --phone +33123456789 --company {name} --format json"


def created(world: World) -> list[str]:
    """The companies that lines of `create` have made, in their order."""
    return [company for (company,) in world.rows("SELECT company FROM crm.clients WHERE id >= 110 ORDER BY id")]


def write(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def as_option(person: Person, path: Path, *, resume: bool = False, after: int | None = None, **mode: bool) -> Result:
    """Run a file as `-f FILE` does."""
    return person.does(
        lambda: run_file(
            person.dispatcher, read(str(path)), Mode(**mode), resume=resume, after=after, advice="Resume it."
        )
    )
