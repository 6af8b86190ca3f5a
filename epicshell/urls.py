"""Database URLs: what they may say, and where libpq goes by them and by its environment."""

import os
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from epicshell.errors import NotUnderstood
from epicshell.text import quote

#: What a URL's query may say; the rest of libpq's parameters is ours, or would lead around the TLS policy.
_QUERY = {
    *("host", "hostaddr", "port", "target_session_attrs", "load_balance_hosts", "connect_timeout", "tcp_user_timeout"),
    *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "passfile", "require_auth"),
    *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslcrldir", "sslsni", "sslnegotiation"),
    *("ssl_min_protocol_version", "ssl_max_protocol_version", "channel_binding"),
}
_LOOPBACK = ("", "localhost", "127.0.0.1", "::1")


def parameters(url: str, *, owner: bool) -> dict[str, str]:
    """libpq's parameters by a URL, and by the environment where it names no place; TLS verified beyond this machine.

    owner: the URL may name a user. Raises NotUnderstood.
    """
    parts, port = _split(url)
    if parts.password or (parts.username and not owner):
        raise NotUnderstood(
            "The database URL must hold no password." if owner else "The database URL must hold no user or password.",
            "Use peer authentication, a client certificate or ~/.pgpass; epicshell chooses the login role.",
        )
    found = _query(parts.query)
    found["dbname"] = unquote(parts.path.strip("/"))
    if parts.hostname:
        found["host"] = unquote(parts.hostname)
    if port:
        found["port"] = str(port)
    if owner and parts.username:
        found["user"] = unquote(parts.username)
    found = _surroundings() | found
    if not is_local(found):
        found.setdefault("sslmode", "verify-full")
    return found


def is_local(parameters: dict[str, str]) -> bool:
    """Whether every address that libpq may try is this machine's: a socket or loopback."""
    addresses = f"{parameters.get('host', '')},{parameters.get('hostaddr', '')}".split(",")
    return all(address in _LOOPBACK or address.startswith("/") for address in addresses)


def _split(url: str) -> tuple[SplitResult, int | None]:
    """A URL's parts and its port. Raises NotUnderstood."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise NotUnderstood(
            "The database URL is not of the form postgresql://HOST[:PORT]/DATABASE[?sslmode=verify-full]."
        )
    return parts, port


def _query(query: str) -> dict[str, str]:
    """The parameters of a URL's query. Raises NotUnderstood for one that isn't accepted there."""
    named = parse_qsl(query, keep_blank_values=True)
    if strange := sorted({key for key, _ in named} - _QUERY):
        raise NotUnderstood(
            f"The database URL must not say {', '.join(map(quote, strange))}.",
            f"Accepted after the question mark: {', '.join(sorted(_QUERY))}.",
        )
    return {key: value for key, value in named if value}


def _surroundings() -> dict[str, str]:
    """Where libpq would go by its environment where the URL says nothing. Raises NotUnderstood for PGSERVICE."""
    if os.environ.get("PGSERVICE"):
        raise NotUnderstood("PGSERVICE is set, and could lead elsewhere than the database URL says.", "Unset it.")
    names = ("host", "hostaddr", "port")
    return {name: value for name in names if (value := os.environ.get(f"PG{name.upper()}"))}
