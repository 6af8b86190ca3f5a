"""What the tests rely on: one that hangs is ended, also where it hangs again while it cleans up."""

import subprocess
import threading

import pytest
from support.deadline import Overdue, deadline
from support.server import Server


def _hang_twice():
    try:
        threading.Event().wait()
    finally:
        threading.Event().wait()


@pytest.mark.parametrize(
    "hang", [threading.Event().wait, lambda: subprocess.run(["sleep", "60"], check=True)], ids=["a thread", "a process"]
)
def test_a_block_that_waits_for_ever_is_ended(hang):
    with pytest.raises(Overdue, match=r"0\.01 s"), deadline(0.01):
        hang()


def test_a_block_that_hangs_in_its_clean_up_is_ended_again():
    with pytest.raises(Overdue), deadline(0.01, 0.3):
        _hang_twice()


def test_a_query_of_the_owner_is_ended(server: Server):
    owner = server.owner()
    with pytest.raises(Overdue), deadline(0.05), owner.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")
    assert owner.closed


def test_the_owner_waits_for_no_lock_for_ever(server: Server):
    owner = server.owner()
    with owner.cursor() as cursor:
        for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() != ("0",), name
    owner.close()
