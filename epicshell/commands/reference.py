"""The reference of commands as Markdown, from the same declarations as everything else."""

import sys

from epicshell.command import load
from epicshell.commands.guide import page
from epicshell.policy import MATRIX


def reference() -> str:
    """Every command's help, grouped by its first word."""
    parts = ["# Commands", "Written from the declarations; `help COMMAND` shows the same."]
    noun = ""
    for command in load().values():
        if command.noun != noun:
            noun = command.noun
            parts.append(f"## {noun}")
        parts.append(f"### {command.name}\n\n```\n{page(command)}\n```")
    return "\n\n".join(parts) + "\n"


def rights() -> str:
    """The matrix of rights as a Markdown table."""
    departments = ("admin", "management", "sales", "support")
    lines = ["| right | " + " | ".join(departments) + " |", "|---" * 5 + "|"]
    for right, cells in MATRIX.items():
        words = [cells[department].wide if department in cells else "–" for department in departments]
        lines.append(f"| {right} | {' | '.join(words)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(reference())
