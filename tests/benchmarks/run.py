"""What epicshell reaches, as a Markdown table: `python tests/benchmarks/run.py [--clients N] [--home DIR] [PART ...]`.

Makes the database first if generate.py has not. Nothing here fails on a time; the machine had better be idle.
"""

import argparse
import os
import platform
from pathlib import Path

import creates
import finds
import keys
import notices
import pages
import paste
import processes
from crowd import HOME, Crowd
from measure import HEADER

PARTS = {
    "processes": processes.rows,
    "pages": pages.rows,
    "finds": finds.rows,
    "creates": creates.rows,
    "keys": keys.rows,
    "notices": notices.rows,
    "paste": paste.rows,
}


def main() -> None:
    """Print the table, row by row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--home", type=Path, default=HOME, metavar="DIR", help=f"default: {HOME}")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"default: {' '.join(PARTS)}")
    chosen = parser.parse_args()
    crowd = Crowd(chosen.home, chosen.clients)
    crowd.open("management")
    print(f"{crowd.size} clients; {os.cpu_count()} processors, Python {platform.python_version()}\n\n{HEADER}")
    for part in chosen.parts or PARTS:
        for row in PARTS[part](crowd):
            print(row, flush=True)


if __name__ == "__main__":
    main()
