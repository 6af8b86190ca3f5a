"""The private PostgreSQL server that epicshell runs where no database URL is set."""

from epicshell.embedded.server import Embedded

__all__ = ["Embedded"]
