"""The check of pg_hba.conf: by what proof the server lets people in (PostgreSQL's manual, chapter 20)."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple

from epicshell.setup.findings import Finding, problem, warning
from epicshell.setup.owner import rows
from epicshell.setup.site import LOGIN_ROLES, Site


class _Rule(NamedTuple):
    """One line, as the view pg_hba_file_rules has it."""

    file: str
    line: int
    kind: str  #: local, host, hostssl, …
    databases: list[str]
    users: list[str]
    address: str | None
    netmask: str | None
    method: str
    error: str | None

    @property
    def where(self) -> str:
        return f"{self.file} line {self.line}"

    @property
    def from_network(self) -> bool:
        """Whether it lets connections in that may come from another machine."""
        if self.kind == "local" or self.address in ("localhost", "samehost"):
            return False
        try:
            return not ip_address(self.address or "").is_loopback
        except ValueError:  # a name, or samenet, or all
            return True

    @property
    def better(self) -> str:
        """The same line with a proof that can't be shared or guessed."""
        who = f"{','.join(self.databases)} {','.join(self.users)}"
        if self.kind == "local":
            return f"local {who} peer map=epicshell"
        return f"hostssl {who} {self._network} cert map=epicshell"

    @property
    def _network(self) -> str:
        """The address in the file's own words: pg_hba_file_rules gives IPv6 masks in full."""
        bits = f"/{int(ip_address(self.netmask)).bit_count()}" if self.netmask else ""
        return f"{self.address}{bits}"


def access_rules(site: Site) -> Iterator[Finding]:
    """No line lets the login roles or a superuser in without proof, by a shared secret, or over an open line.

    The private server trusts inside its folder, which only its owner can enter.
    """
    if site.target.embedded:
        return
    superusers = [name for (name,) in rows(site.owner, "SELECT rolname FROM pg_roles WHERE rolsuper")]
    ours = {*LOGIN_ROLES, *superusers}
    sql = (
        "SELECT file_name, line_number, type, database, user_name, address, netmask, auth_method, error"
        " FROM pg_hba_file_rules ORDER BY file_name, line_number"
    )
    for rule in (_Rule(*row) for row in rows(site.owner, sql)):
        if rule.error:
            remedy = f"Correct {rule.where}; then: SELECT pg_reload_conf();"
            yield problem(f"{rule.where} can't be read: {rule.error}.", remedy)
        elif any(user in ours or user == "all" or user.startswith(("+", "/")) for user in rule.users):
            yield from _judge(rule)


def _judge(rule: _Rule) -> Iterator[Finding]:
    remedy = f"{rule.where}: {rule.better}; then: SELECT pg_reload_conf();"
    if rule.method == "reject":
        return
    if rule.method == "trust":
        yield problem(f"{rule.where} lets in whoever asks (trust).", remedy)
    elif rule.method in ("password", "ident"):
        yield problem(f"{rule.where} takes a proof that others can read or forge ({rule.method}).", remedy)
    elif rule.method == "md5":
        yield warning(f"{rule.where} takes passwords by md5, which is broken.", remedy)
    if rule.from_network and rule.kind in ("host", "hostnossl"):
        yield problem(f"{rule.where} lets connections in without TLS.", remedy)
