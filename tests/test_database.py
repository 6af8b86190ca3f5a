"""Where a database URL leads, and what it may say."""

import pytest

from epicshell.database import Target
from epicshell.errors import NotUnderstood


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("url", ["postgresql:///epic", "postgresql://localhost:5433/epic", "postgresql:///e?host=/run"])
def test_this_machine_needs_no_certificate(url: str) -> None:
    assert "sslmode" not in Target.from_url(url).parameters


@pytest.mark.parametrize(
    "url",
    ["postgresql://db.example/epic", "postgresql:///epic?hostaddr=192.0.2.1", "postgresql://db.example/epic?sslmode="],
)
def test_another_machine_proves_itself(url: str) -> None:
    assert Target.from_url(url).parameters["sslmode"] == "verify-full"


@pytest.mark.parametrize("name", ["PGHOST", "PGHOSTADDR"])
def test_host_of_the_environment_proves_itself_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "192.0.2.1")
    parameters = Target.from_url("postgresql:///epic").parameters
    assert (parameters[name[2:].lower()], parameters["sslmode"]) == ("192.0.2.1", "verify-full")


def test_address_of_the_environment_counts_beside_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    assert Target.from_url("postgresql://localhost/epic").parameters["sslmode"] == "verify-full"


def test_url_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "192.0.2.1")
    monkeypatch.setenv("PGPORT", "1")
    parameters = Target.from_url("postgresql://localhost:5433/epic").parameters
    assert parameters == {"host": "localhost", "port": "5433", "dbname": "epic"}


def test_service_of_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSERVICE", "evil")
    with pytest.raises(NotUnderstood, match="PGSERVICE is set"):
        Target.from_url("postgresql://localhost/epic")


@pytest.mark.parametrize("key", ["service", "password", "user", "options", "dbname", "sslpassword", "frob"])
@pytest.mark.parametrize("value", ["x", ""])
def test_query_says_only_where_and_how(key: str, value: str) -> None:
    with pytest.raises(NotUnderstood, match=f'must not say "{key}"'):
        Target.from_url(f"postgresql:///epic?{key}={value}", owner=True)


@pytest.mark.parametrize("place", ["h:abc", "a:1,b:2", "[::1", "h:70000"])
def test_url_that_is_none_is_told(place: str) -> None:
    with pytest.raises(NotUnderstood, match="not of the form"):
        Target.from_url(f"postgresql://{place}/db")
