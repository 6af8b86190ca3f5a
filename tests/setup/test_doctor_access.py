"""epicshell doctor on the way in: pg_hba.conf, who gets in by what, and poolers."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
from support.company import PEERS, CompanyServer, Deployment, eventually
from support.pooler import Pooler

from epicshell.database import Target
from epicshell.setup.findings import Finding

RULES = "pg_hba.conf"


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(str(finding.level), finding.check) for finding in findings]


@pytest.fixture
def rules(company: CompanyServer) -> Iterator[None]:
    """Lets a test write pg_hba.conf, and puts it back."""
    yield
    company.write(RULES, PEERS)
    company.run("SELECT pg_reload_conf()")


def gets_in(target: Target, role: str) -> bool:
    try:
        psycopg2.connect(user=role, **target.parameters).close()
    except psycopg2.OperationalError:
        return False
    return True


@pytest.mark.parametrize(
    ("line", "sentences", "better"),
    [
        ("local all all trust", ["lets in whoever asks (trust)"], "local all all peer map=epicshell"),
        (
            "host all all 127.0.0.1/32 trust",
            ["lets in whoever asks (trust)"],
            "hostssl all all 127.0.0.1/32 cert map=epicshell",
        ),
        (
            "host crm epic_auth_login 10.1.0.0/16 trust",
            ["lets in whoever asks (trust)", "without TLS"],
            "hostssl crm epic_auth_login 10.1.0.0/16 cert map=epicshell",
        ),
        ("host all all samehost password", ["others can read or forge (password)"], "hostssl all all samehost cert"),
        ("host all +epic_sales localhost ident", ["others can read or forge (ident)"], "hostssl all +epic_sales"),
        ("host crm all samenet md5", ["takes passwords by md5", "without TLS"], "hostssl crm all samenet cert"),
        ("host all postgres all scram-sha-256", ["without TLS"], "hostssl all postgres all cert"),
        ("host all postgres ::/0 scram-sha-256", ["without TLS"], "hostssl all postgres ::/0 cert"),
        ("hosst all all", ["can't be read: "], "Correct "),
    ],
)
def test_line_that_lets_in_too_easily_is_found(
    company: CompanyServer, deployment: Deployment, rules: None, line: str, sentences: list[str], better: str
) -> None:
    company.write(RULES, PEERS + line + "\n")
    findings = deployment.examine()
    assert {finding.check for finding in findings} == {"access rules"}
    for finding, words in zip(findings, sentences, strict=True):
        assert finding.sentence.startswith(f"{company.data / RULES} line 2")
        assert words in finding.sentence
        assert better in finding.remedy


@pytest.mark.parametrize(
    "line",
    [
        "host all all all reject",
        "host all all ::1/128 scram-sha-256",
        "host shop shopkeeper 10.0.0.0/8 trust",
        "local all postgres peer",
    ],
)
def test_line_that_asks_for_proof_is_no_finding(
    company: CompanyServer, deployment: Deployment, rules: None, line: str
) -> None:
    company.write(RULES, PEERS + line + "\n")
    assert deployment.examine() == []


def test_line_of_the_remedy_heals(company: CompanyServer, deployment: Deployment, rules: None) -> None:
    company.write(RULES, "local all all trust\n")
    (finding,) = deployment.examine()
    company.write(RULES, finding.remedy.split(": ", 1)[1].split(";")[0] + "\n")
    assert deployment.examine() == []


def test_trust_on_loopback_is_the_only_finding_there(
    company: CompanyServer, deployment: Deployment, rules: None
) -> None:
    company.write(RULES, PEERS + "host all all 127.0.0.1/32 trust\n")
    company.run("SELECT pg_reload_conf()")
    target = company.target(deployment.name, tcp=True)
    eventually(lambda: gets_in(target, "epic_auth_login"))
    assert told(deployment.examine(target)) == [("problem", "access rules")]


def test_login_role_that_does_not_get_in_is_found_and_the_remedy_lets_it(
    company: CompanyServer, deployment: Deployment, rules: None
) -> None:
    refused = "local all epic_support_login reject\n"
    company.write(RULES, refused + PEERS)
    company.run("SELECT pg_reload_conf()")
    eventually(lambda: not gets_in(deployment.target, "epic_support_login"))
    (finding,) = deployment.examine()
    assert finding.check == "authentication"
    assert finding.sentence.startswith("epic_support_login can't connect from here.")

    line = finding.remedy.split("; ")[0].removeprefix("pg_hba.conf: ")
    assert line == f"local {deployment.name} epic_support_login peer map=epicshell"
    company.write(RULES, f"{line}\n{refused}{PEERS}")
    company.run("SELECT pg_reload_conf()")
    eventually(lambda: gets_in(deployment.target, "epic_support_login"))
    assert deployment.examine() == []


def test_login_by_password_is_found(
    company: CompanyServer, deployment: Deployment, rules: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.run("ALTER ROLE epic_sales_login PASSWORD 'shared by all'")
    company.write(RULES, "local all epic_sales_login scram-sha-256\n" + PEERS)
    company.run("SELECT pg_reload_conf()")
    eventually(lambda: not gets_in(deployment.target, "epic_sales_login"))
    monkeypatch.setenv("PGPASSWORD", "shared by all")
    findings = deployment.examine()
    deployment.run("ALTER ROLE epic_sales_login PASSWORD NULL")
    assert told(findings) == [("problem", "passwords"), ("problem", "authentication")]
    assert findings[1].sentence == "epic_sales_login gets in by a password."


@contextmanager
def pooled(deployment: Deployment, backends: int) -> Iterator[Target]:
    """The deployment behind a pooler."""
    folder = Path(tempfile.mkdtemp(prefix="epicshell-pooler-"))
    server = deployment.server
    with closing(Pooler(folder, server.folder, server.port, backends)):
        yield Target(deployment.name, {**deployment.target.parameters, "host": str(folder)})
    shutil.rmtree(folder)


@pytest.mark.parametrize("backends", [1, 2, 3])
def test_pooler_that_shares_backends_is_found(deployment: Deployment, backends: int) -> None:
    with pooled(deployment, backends) as target:
        (finding,) = deployment.examine(target)
    assert (finding.level, finding.check) == ("problem", "pooling")
    assert "pool_mode = session" in finding.remedy
