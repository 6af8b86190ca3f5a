"""Fixtures of the shell.

demo   a home with the demo in it, shared by the tests of a module; the programs that a test opens end with it
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.demo import Demo


@pytest.fixture(scope="module")
def demo_home() -> Iterator[Demo]:
    demo = Demo(Path(tempfile.mkdtemp(prefix="epicshell-shell-")))
    try:
        demo.command("whoami", "sales")
        yield demo
    finally:
        demo.remove()


@pytest.fixture
def demo(demo_home: Demo) -> Iterator[Demo]:
    yield demo_home
    demo_home.close_programs()
