"""The key that signs backups: half of it lies beside the private server, half in the database.

Whoever gets hold of a backup has the database's half, too: with that alone, nobody signs another.
"""

import hashlib
import hmac
import secrets
from pathlib import Path

from epicshell.config import read_private
from epicshell.errors import Refused, Unavailable
from epicshell.newfile import NewFile

FILE = "backup.key"
_BYTES = 32


def made(home: Path) -> bytes:
    """The half that the home of a private server keeps, made if need be. Raises Unavailable."""
    refusal = ""
    try:
        with NewFile(home / FILE, replace=False) as file:
            file.write(secrets.token_hex(_BYTES).encode())
    except Refused as error:  # it is there, made by another backup or just now; or it can't be made
        refusal = error.sentence
    ours = kept(home)
    if ours is None:  # an empty half would be anyone's
        raise Unavailable(f"There is no key to sign a backup with: {refusal}")
    return ours


def kept(home: Path) -> bytes | None:
    """The half that the home of a private server keeps; None if it has never made a backup. Raises Unavailable."""
    try:
        ours = bytes.fromhex(read_private(home / FILE))
        if len(ours) != _BYTES:
            raise ValueError("it is cut off, or no key")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Unavailable(f"The key of your backups, {home / FILE}, can't be used: {error}.") from None
    return ours


def key(ours: bytes, installation: bytes) -> bytes:
    """The key of both halves. installation: the secret of the database."""
    return hmac.new(ours, b"epicshell backup" + installation, hashlib.sha256).digest()
