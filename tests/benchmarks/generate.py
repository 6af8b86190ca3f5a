"""Make the database that run.py measures: `python tests/benchmarks/generate.py --clients 1000000 --home DIR`.

Two contracts and two events for each client, 500 employees. It is the training database of that size, so that
`EPICSHELL_HOME=DIR epicshell demo --size 1000000` opens it, too. Some minutes and 3 GB for a million.
"""

import argparse
import time
from pathlib import Path

from crowd import HOME, Crowd

from epicshell.models import DEPARTMENTS


def main() -> None:
    """Make the database, unless it is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--home", type=Path, default=HOME, metavar="DIR", help=f"default: {HOME}")
    parser.add_argument("--reset", action="store_true", help="make it again, for instance after a change of the schema")
    chosen = parser.parse_args()
    crowd = Crowd(chosen.home, chosen.clients)
    begun = time.perf_counter()
    crowd.open("management", reset=chosen.reset)
    for who in DEPARTMENTS:
        crowd.open(who)  # saves a session, which is good for 12 hours
    made = time.perf_counter()
    crowd.tidy()
    print(f"{chosen.home}: filled in {made - begun:.1f} s, vacuumed in {time.perf_counter() - made:.1f} s")
    for table, rows in crowd.counts().items():
        print(f"{rows:>10} {table}")


if __name__ == "__main__":
    main()
