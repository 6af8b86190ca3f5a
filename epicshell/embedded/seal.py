"""The key that signs backups: half of it lies beside the private server, half in the database.

Whoever gets hold of a backup has the database's half, too: with that alone, nobody signs another.
"""

import hashlib
import hmac
import secrets
from contextlib import suppress
from pathlib import Path

from epicshell.config import read_private
from epicshell.errors import Refused, Unavailable
from epicshell.newfile import NewFile

FILE = "backup.key"


def made(home: Path) -> bytes:
    """The half that the home of a private server keeps, made if need be. Raises Unavailable."""
    with (
        suppress(Refused),
        NewFile(home / FILE, replace=False) as file,
    ):  # refused: it is there, or can't be read either
        file.write(secrets.token_hex(32).encode())
    return kept(home) or b""


def kept(home: Path) -> bytes | None:
    """The half that the home of a private server keeps; None if it has never made a backup. Raises Unavailable."""
    try:
        return bytes.fromhex(read_private(home / FILE))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Unavailable(f"The key of your backups, {home / FILE}, can't be used: {error}.") from None


def key(ours: bytes, installation: bytes) -> bytes:
    """The key of both halves. installation: the secret of the database."""
    return hmac.new(ours, b"epicshell backup" + installation, hashlib.sha256).digest()
