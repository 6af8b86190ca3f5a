"""epicshell doctor over a network: TLS with a verified server, client certificates.

The server that epicshell brings has no TLS, so these tests want one of the system's, of any version.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from support.company import PEERS, CompanyServer

from epicshell.config import Config, Folders
from epicshell.database import Target
from epicshell.errors import Unavailable
from epicshell.setup.doctor import examine
from epicshell.setup.findings import Finding
from epicshell.setup.site import LOGIN_ROLES

ADDRESS = "127.0.0.2"  # this machine, by a name that is not local to epicshell
RULES = f"{PEERS}hostssl all all 127.0.0.0/8 cert map=epicshell\nhostnossl all all 127.0.0.0/8 trust\n"
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def programs_with_tls() -> Path | None:
    """The programs of a PostgreSQL server of this machine that was built with TLS."""
    places = [Path(found).resolve().parent for found in [shutil.which("postgres")] if found]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    whole = [place for place in places if (place / "initdb").exists() and (place / "pg_config").exists()]
    return next((place for place in whole if b"openssl" in configuration(place)), None)


def configuration(programs: Path) -> bytes:
    """How they were built."""
    return subprocess.check_output([programs / "pg_config", "--configure"])


class Authority:
    """Certificates of a company's own, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._openssl("req", "-x509", *KEY, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=ca", "-days", "2")

    def issue(self, name: str, subject: str) -> None:
        """Write NAME.key and NAME.crt for a host (by its address) or a client."""
        (self._folder / "extensions").write_text(f"subjectAltName = IP:{ADDRESS}\n")
        self._openssl("req", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={subject}")
        signing = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.crt", *signing)

    def file(self, name: str) -> Path:
        return self._folder / name

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self._folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if not shutil.which("openssl"):
        pytest.skip("no openssl here to make certificates")
    authority = Authority(tmp_path_factory.mktemp("authority"))
    authority.issue("server", ADDRESS)
    authority.issue("client", "laptop")
    return authority


@pytest.fixture(scope="module")
def network(authority: Authority) -> Iterator[CompanyServer]:
    """A server with TLS; laptop's certificate lets in as each login role, and as the owner."""
    programs = programs_with_tls()
    if not programs:
        pytest.skip("no PostgreSQL server with TLS here: install the distribution's postgresql")
    server = CompanyServer(programs, ADDRESS)
    try:
        server.make(ssl="on", ssl_ca_file="ca.crt")
        for name in ("ca.crt", "server.crt", "server.key"):
            server.write(name, authority.file(name).read_text())
        server.write("pg_hba.conf", RULES)
        roles = (*LOGIN_ROLES, "postgres")
        server.write("pg_ident.conf", server.peers + "".join(f"epicshell laptop {role}\n" for role in roles))
        server.start()
        server.run(*(f"CREATE ROLE {role} LOGIN" for role in LOGIN_ROLES))
        yield server
    finally:
        server.stop()


def url_of(network: CompanyServer, client: Authority, root: Authority) -> str:
    """The server's URL for a client that trusts `root`."""
    files = {
        "sslrootcert": root.file("ca.crt"),
        "sslcert": client.file("client.crt"),
        "sslkey": client.file("client.key"),
    }
    return f"postgresql://{ADDRESS}:{network.port}/postgres?{urlencode(files)}"


@pytest.fixture
def url(network: CompanyServer, authority: Authority) -> str:
    return url_of(network, authority, authority)


def look(url: str, folder: Path, owner: str | None = None) -> dict[str, list[Finding]]:
    """What doctor says about the way in, by check."""
    config = Config(Folders(folder / "data", folder / "state", folder / "config"))
    owner_target = Target.from_url(owner, owner=True) if owner else None
    findings = examine(config, Target.from_url(url), owner_target, lambda _said: None)
    ways = ("encryption", "authentication")
    return {check: [finding for finding in findings if finding.check == check] for check in ways}


def test_verified_server_and_a_clients_certificate_are_no_finding(url: str, tmp_path: Path) -> None:
    found = look(url, tmp_path)
    assert [finding.level for findings in found.values() for finding in findings] == ["ok", "ok"]


def test_server_that_is_not_verified_is_found(url: str, tmp_path: Path) -> None:
    (finding,) = look(f"{url}&sslmode=require", tmp_path)["encryption"]
    assert finding.level == "problem"
    assert "EPICSHELL_DATABASE_URL is encrypted, but with sslmode=require" in finding.sentence
    assert "sslmode=verify-full" in finding.remedy


def test_open_line_is_found(url: str, tmp_path: Path) -> None:
    (finding,) = look(f"{url}&sslmode=disable", tmp_path)["encryption"]
    assert finding.level == "problem"
    assert "is not encrypted" in finding.sentence


def test_address_behind_a_local_name_is_verified_like_any_other(url: str, tmp_path: Path) -> None:
    disguised = url.replace(f"//{ADDRESS}", "//localhost") + f"&hostaddr={ADDRESS}"
    with pytest.raises(Unavailable, match="does not match host name"):
        look(disguised, tmp_path)


def test_owners_line_is_looked_at_too(url: str, tmp_path: Path) -> None:
    owner = url.replace("//", "//postgres@") + "&sslmode=require"
    (finding,) = look(url, tmp_path, owner)["encryption"]
    assert "EPICSHELL_OWNER_URL is encrypted, but" in finding.sentence


def test_server_of_another_authority_is_not_talked_to(
    network: CompanyServer, authority: Authority, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable, match="certificate verify failed"):
        look(url_of(network, authority, Authority(tmp_path)), tmp_path)
