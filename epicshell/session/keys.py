"""What proves a password or an enrolment code: SCRAM's keys (RFC 5802), derived by Argon2id (RFC 9106)."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from epicshell.errors import Unavailable
from epicshell.telemetry import Secret

_CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{5}-){5}[0-9A-HJKMNP-TV-Z]{5}")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_FLOOR = (19456, 2, 1)  # OWASP's minimum for Argon2id: a server that asks for less is refused
_CEILING = (1_048_576, 16, 16)


def new_code() -> Secret:
    """A one-time enrolment code of 150 random bits, as XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX."""
    letters = [secrets.choice(_ALPHABET) for _ in range(30)]
    return Secret("-".join("".join(letters[start : start + 5]) for start in range(0, 30, 5)))


def is_code(text: Secret) -> bool:
    """Whether what was typed at the password prompt has the form of an enrolment code."""
    return bool(_CODE.fullmatch(text.reveal().strip().upper()))


def code_hash(code: Secret) -> bytes:
    """What the shell shows the database of a code; the database keeps the SHA-256 of this."""
    return hashlib.sha256(code.reveal().strip().upper().encode()).digest()


@dataclass(frozen=True)
class Challenge:
    """An open login try of one name."""

    username: str
    client_nonce: bytes
    server_nonce: bytes
    salt: bytes
    kdf: str

    @property
    def auth(self) -> bytes:
        nonces = (self.client_nonce.hex(), self.server_nonce.hex())
        return ",".join((self.username, *nonces, self.salt.hex(), self.kdf)).encode()

    @property
    def parameters(self) -> list[tuple[int, int, int]]:
        """The offered (m KiB, t, p), today's first. Raises Unavailable for parameters that are too weak or absurd."""
        found = [
            tuple(int(number) for number in match)
            for match in re.findall(r"m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,4})(?:;|$)", self.kdf)
        ]
        good = all(
            low <= value <= high for offer in found for low, value, high in zip(_FLOOR, offer, _CEILING, strict=True)
        )
        if not found or len(found) > 3 or not good:
            raise Unavailable(
                "The server asks for password parameters that epicshell refuses as weak or absurd.",
                "Nothing was sent. This is not the server you know, or it has been tampered with.",
            )
        return [(m, t, p) for m, t, p in found]


@dataclass(frozen=True)
class Keys:
    """What Argon2id makes of a password (SCRAM's names)."""

    client: bytes
    stored: bytes
    server: bytes

    @classmethod
    def derive(cls, password: Secret, salt: bytes, m: int, t: int, p: int) -> "Keys":
        from argon2.low_level import Type, hash_secret_raw

        salted = hash_secret_raw(
            password.reveal().encode(), salt, time_cost=t, memory_cost=m, parallelism=p, hash_len=32, type=Type.ID
        )
        client = hmac.digest(salted, b"Client Key", "sha256")
        return cls(client, hashlib.sha256(client).digest(), hmac.digest(salted, b"Server Key", "sha256"))

    def proof(self, auth: bytes) -> bytes:
        signature = hmac.digest(self.stored, auth, "sha256")
        return bytes(a ^ b for a, b in zip(self.client, signature, strict=True))
