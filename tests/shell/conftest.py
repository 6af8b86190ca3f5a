"""Fixtures of the shell.

demo   a home with the demo in it, shared by the tests of a module; the programs that a test opens end with it
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.demo import Demo
from support.server import Server


@pytest.fixture(scope="module")
def demo_home(server: Server) -> Iterator[Demo]:
    with tempfile.TemporaryDirectory(prefix="epicshell-shell-") as folder:
        demo = Demo.copied(server.home / "demo", Path(folder) / "home")
        try:
            yield demo
        finally:
            demo.remove()


@pytest.fixture
def demo(demo_home: Demo) -> Iterator[Demo]:
    yield demo_home
    demo_home.close_programs()
