"""What a new password must be: long and not guessable (NIST SP 800-63B: length and blocklists, no composition)."""

import re
import unicodedata

from epicshell.errors import Invalid
from epicshell.telemetry import Secret

SHORTEST, LONGEST = 15, 128
_GUESSES = 10**10  # beyond what the throttled login lets through in any lifetime; zxcvbn's "safely unguessable"


def normal(text: str) -> Secret:
    """A typed password as it is derived: NFC (RFC 8265), so that every keyboard gives the same bytes."""
    return Secret(unicodedata.normalize("NFC", text))


def check(password: Secret, *personal: str) -> None:
    """Refuse a password that is too short, too long, common, or built from the user's own data. Raises Invalid.

    personal: names, email and other words that an attacker would try first.
    """
    from zxcvbn import zxcvbn

    text = password.reveal()
    if not SHORTEST <= len(text) <= LONGEST:
        raise Invalid(
            f"The password has {len(text)} characters; {SHORTEST} to {LONGEST} are accepted.",
            "A few random words are easy to remember and hard to guess.",
        )
    words = ["epicshell", "epic", "events", "epicevents"]
    words += [word for field in personal for word in re.split(r"[^\w]+", field) if len(word) > 2]
    words += [field for field in personal if field]
    result = zxcvbn(text[:100], user_inputs=words)
    if int(result["guesses"]) < _GUESSES:
        reason = result["feedback"]["warning"] or "It is built from common words or from your own data."
        raise Invalid(f"That password is too easy to guess. {reason}", "A few random words make a better one.")
