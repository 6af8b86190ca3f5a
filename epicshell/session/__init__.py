"""Sessions: logging in by proof of the password, saving it, and binding it to each connection."""

from epicshell.session.attachment import ENDED, Actor, Session, attach
from epicshell.session.saved import Saved

__all__ = ["ENDED", "Actor", "Saved", "Session", "attach"]
