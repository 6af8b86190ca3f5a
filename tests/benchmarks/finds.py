"""find: rare words and common ones, beginnings, ids, addresses, phone numbers; per department and read mode."""

import statistics
from collections.abc import Iterator

from crowd import Crowd
from measure import Row, ms, seconds
from pages import DEPARTMENTS, MODES

SOUGHT = (
    *("client77123", "client1234@client.example", "123456", "+33 1 00 12 34", "109", "zzz"),
    *("martin", "robotics", "event", "mar", "rob", "cli", "a"),
    *("hugo petrov", "lea martin", "lea mar", "event 77", "martin cloud 77", "hugo petrov zoe"),
)


def rows(crowd: Crowd) -> Iterator[Row]:
    """A row per read mode and department."""
    for mode in MODES:
        crowd.read_mode(mode)
        for who in DEPARTMENTS:
            reader = crowd.reader(who)
            taken = {
                words: seconds(lambda words=words, reader=reader: reader.run(f"find {words}"), 5) for words in SOUGHT
            }
            medians = {words: statistics.median(times) for words, times in taken.items()}
            slowest = sorted(medians, key=lambda words: -medians[words])[:3]
            measured = f"median {ms(statistics.median(medians.values()))}, slowest " + ", ".join(
                f"{ms(medians[words])} (`{words}`)" for words in slowest
            )
            yield Row(f"find, {len(SOUGHT)} searches, {who}, {mode}", measured, "≤ 50 ms", "–")
    crowd.read_mode("company")
