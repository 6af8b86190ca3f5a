"""Fixtures of the set-up commands.

company     a company's server (support/company.py), one for the run
deployment  a database on it that is set up, with all that doctor wants to see in order, for the tests of a module
nothing     the name of a database that isn't there
"""

from collections.abc import Iterator

import pytest
from support.company import CompanyServer, Deployment, make_deployment


@pytest.fixture(scope="session")
def company() -> Iterator[CompanyServer]:
    server = CompanyServer()
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def deployment(company: CompanyServer, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    return make_deployment(company, tmp_path_factory.mktemp("home"))


@pytest.fixture
def nothing(company: CompanyServer) -> Iterator[str]:
    """The name of a database that isn't there; it isn't after the test, either."""
    name = company.new_name()
    yield name
    company.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
