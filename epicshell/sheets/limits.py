"""How much of a file is read, and what reading it may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be, and what the process that reads it may use.

    workbook, text: bytes of a file; text is read as a stream, so it may be longer. ratio: how many times longer a part
    of a workbook may become than it is compressed. rows, columns: of a sheet; cell: characters.
    memory: bytes of address space. processor: seconds. silence: seconds until it must have said something more.
    """

    workbook: int = 5_000_000
    text: int = 100_000_000
    ratio: int = 100
    rows: int = 200_000
    columns: int = 256
    cell: int = 40_000
    memory: int = 600_000_000
    processor: int = 120
    silence: float = 30
