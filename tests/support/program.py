"""The program itself, as a process of its own without a terminal."""

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from support.world import World


@dataclass
class Program:
    """epicshell with a home of its own; url: the database that it is told of.

    code: what Python runs in its place, to put a fault into it; it ends in `main()`.
    """

    home: Path
    url: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    code: str = ""

    def __call__(self, *arguments: str, input: str | bytes = b"") -> subprocess.CompletedProcess[str]:
        """Run it to its end; stdin is a pipe with `input`."""
        start = ["-c", self.code] if self.code else ["-m", "epicshell"]
        done = subprocess.run(
            [sys.executable, *start, *arguments],
            env=self.environment_now(),
            input=input.encode() if isinstance(input, str) else input,
            capture_output=True,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    def piped(self, *arguments: str, into: str) -> subprocess.CompletedProcess[str]:
        """Run it in a shell's pipe; into: the command that reads what it writes."""
        line = f"{shlex.join([sys.executable, '-m', 'epicshell', *arguments])} | {into}"
        return subprocess.run(
            ["bash", "-c", line], env=self.environment_now(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    def redirected(self, *arguments: str, to: str) -> subprocess.CompletedProcess[str]:
        """Run it with streams that a shell has redirected or closed; to: how the shell writes that."""
        line = f"{shlex.join([sys.executable, '-m', 'epicshell', *arguments])} {to}"
        return subprocess.run(
            ["bash", "-c", line], env=self.environment_now(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    def environment_now(self) -> dict[str, str]:
        """The variables that it runs with."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("EPICSHELL_")}
        url = {"EPICSHELL_DATABASE_URL": self.url} if self.url else {}
        return {**clean, "EPICSHELL_HOME": str(self.home), "PYTHONUTF8": "1", **url, **self.environment}


def program_of(world: World, home: Path, *usernames: str) -> Program:
    """The program on a world, with saved sessions of these employees; the last is the one that it resumes."""
    for username in usernames:
        world.save_session(username, home)
    return Program(home, world.url)
