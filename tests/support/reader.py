"""Somebody who types a line, as far as a pure function knows them."""

import datetime as dt

from epicshell.command import Command, visible
from epicshell.session import Actor

SETTINGS = {"timezone": "Europe/Paris", "currency": "EUR", "read_mode": "company", "phone_region": "FR"}
DEPARTMENTS = ("sales", "support", "management", "admin")


def actor(department: str) -> Actor:
    expires = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    return Actor(1, f"some.{department}", "Some One", "some@epic.example", department, 1, expires, dict(SETTINGS))


def commands(department: str) -> dict[str, Command]:
    """The commands that a department is told of."""
    return visible(actor(department))
