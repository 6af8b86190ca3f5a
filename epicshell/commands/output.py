"""Where results go."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from epicshell.results import Format


@dataclass
class Output:
    """Where results go. width: of the terminal, asked for each time; None where there is none."""

    out: TextIO
    width: Callable[[], int | None]
    colour: bool = False
    format: Format = Format.TABLE
