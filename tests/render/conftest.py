import io
from zoneinfo import ZoneInfo

import pytest

from epicshell.render import Screen, render


@pytest.fixture
def written():
    """Renders a result to a string."""

    def write(result, format, width=None, colour=False, zone="Europe/Paris", encoding=None):
        out = io.StringIO() if encoding is None else io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
        render(result, format=format, out=out, screen=Screen(width, colour, ZoneInfo(zone)))
        out.seek(0)
        return out.read()

    return write
