"""What every test may ask for: a PostgreSQL server, and databases on it that are the test's own.

server        the server of the whole run, shared by all workers (support/server.py)
world         a database with a small company in it, for this test alone (support/world.py); 20 ms
shared_world  the same for all tests of a module: for those that only look, or roll back
empty         a database with the schema and nothing in it, as a Target
people        employees of `world` who type command lines (support/people.py)
everyone      the same of `shared_world`, each logged in once
"""

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings
from support.deadline import deadline
from support.people import People
from support.server import EMPTY, Server, make_home
from support.world import World, opened

from epicshell import waiting
from epicshell.database import Target

_HOME = pytest.StashKey[Path]()

settings.register_profile("steady", derandomize=True)  # what passed once passes until the code is another one
settings.load_profile("steady")  # --hypothesis-profile=default tries other cases each time


def pytest_configure(config: pytest.Config) -> None:
    """The process that started the run makes the server's home; its workers are told where."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background ignores it, its programs too
    waiting.CONNECT_SECONDS = 30  # databases are made and dropped all the time, which keeps newcomers waiting
    given = getattr(config, "workerinput", {}).get("home")
    config.stash[_HOME] = Path(given) if given else make_home()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    node.workerinput["home"] = str(node.config.stash[_HOME])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        Server(config.stash[_HOME]).remove()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup() -> Iterator[None]:
    with deadline():
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call() -> Iterator[None]:
    with deadline():
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Iterator[None]:
    with deadline():
        yield


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Server:
    server = Server(pytestconfig.stash[_HOME])
    server.start()
    return server


@pytest.fixture
def empty(server: Server) -> Iterator[Target]:
    with server.copy(EMPTY) as target:
        yield target


@pytest.fixture
def world(server: Server) -> Iterator[World]:
    with opened(server) as world:
        yield world


@pytest.fixture(scope="module")
def world_of_the_module(server: Server) -> Iterator[World]:
    with opened(server) as world:
        yield world


@pytest.fixture
def shared_world(world_of_the_module: World) -> Iterator[World]:
    yield world_of_the_module
    world_of_the_module.release()


@pytest.fixture
def people(world: World, tmp_path: Path) -> Iterator[People]:
    with closing(People(world, tmp_path)) as people:
        yield people


@pytest.fixture(scope="module")
def everyone(world_of_the_module: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with closing(People(world_of_the_module, tmp_path_factory.mktemp("people"))) as people:
        yield people
