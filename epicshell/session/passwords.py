"""What a new password must be: long and not guessable (NIST SP 800-63B: length and blocklists, no composition)."""

import unicodedata

from epicshell.errors import Invalid
from epicshell.telemetry import Secret
from epicshell.text import fold, words

SHORTEST, LONGEST = 15, 128
_OURS = ("epicshell", "epic", "events", "epicevents")
_DISGUISES = str.maketrans("013457@$", "oieastas")
_NEW_LETTERS = 8  # that a password needs beside words of one's own
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
    own = [word for field in (*_OURS, *personal) for word in words(field) if len(word) > 2]
    result = zxcvbn(text[:72], user_inputs=[*own, *personal])  # it takes no more, and needs no more
    if int(result["guesses"]) < _GUESSES or _is_built_from(own, text):
        reason = result["feedback"]["warning"] or "It is built from common words or from your own data."
        raise Invalid(f"That password is too easy to guess. {reason}", "A few random words make a better one.")


def _is_built_from(own: list[str], text: str) -> bool:
    """Whether little is left of a text without someone's own words, however they are put together or disguised."""
    for plain in (fold(text), fold(text).translate(_DISGUISES)):
        rest = plain
        for word in sorted(own, key=len, reverse=True):
            rest = rest.replace(word, "")
        if rest != plain and sum(map(str.isalpha, rest)) < _NEW_LETTERS:
            return True
    return False
