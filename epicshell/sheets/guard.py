"""What a workbook must not hold, told before anything is made of it: bombs, DOCTYPE, macros, links, far cells.

An .xlsx is a zip of XML parts (ECMA-376, Office Open XML).
"""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from epicshell.errors import Refused
from epicshell.sheets.limits import Limits

_PIECE = 1 << 16
_MOST_PARTS = 2000
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_CELL = f"{_MAIN} c"
_ROW = f"{_MAIN} row"
_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships Relationship"
_TYPES = ("http://schemas.openxmlformats.org/package/2006/content-types Default",
          "http://schemas.openxmlformats.org/package/2006/content-types Override")  # fmt: skip
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384  #: that a spreadsheet has
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_PLAIN = "Save it as a plain .xlsx with values only."
_DAMAGED = "Open it in the program that made it, and save it again as .xlsx."
#: Parts that are more than cells, by how their names begin or end.
_UNWANTED = [
    (("xl/vbaproject", "xl/macrosheets/", "xl/dialogsheets/", "xl/activex/"), "macros or controls"),
    (("xl/externallinks/",), "links to other workbooks"),
    (("xl/embeddings/", "xl/oleobjects"), "embedded objects"),
    (("xl/connections", "xl/querytables/", "xl/model/"), "data connections"),
]
_FOREIGN = [
    ("mimetype", "it is an OpenDocument sheet."),
    ("xl/workbook.bin", "it is a binary workbook (.xlsb)."),
    ("index/document.iwa", "it is a Numbers document."),
    ("index.zip", "it is a Numbers document."),
]


def check(data: bytes, limits: Limits) -> int:
    """Look through a workbook; about how many rows it has. Raises Refused for what it must not hold."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            _check_names(parts)
            budget = len(data) * limits.ratio
            seen = _Seen()
            for part in parts:
                budget -= _look(archive, part, limits.ratio, budget, seen)
            return seen.rows
    except (BadZipFile, EOFError, RuntimeError, OSError, ValueError) as error:  # RuntimeError: also an unknown packing
        if isinstance(error, RuntimeError) and "encrypted" in str(error):
            raise Refused("it has a password.", "Save it without one.") from None
        raise Refused("its content is damaged, or cut off.", _DAMAGED) from None


def _check_names(parts: list[ZipInfo]) -> None:
    names = [part.filename for part in parts]
    low = [name.lower() for name in names]
    for name in names:
        if name.startswith(("/", "\\")) or ":" in name or "\\" in name or ".." in name.split("/"):
            raise Refused("it holds a part whose name leads out of it.", _PLAIN)
    if len(set(low)) < len(low) or len(low) > _MOST_PARTS:
        raise Refused("it holds parts twice, or too many of them.", _PLAIN)
    for foreign, sentence in _FOREIGN:
        if foreign in low:
            raise Refused(sentence, "Save it as .xlsx or CSV UTF-8.")
    for begins, what in _UNWANTED:
        if any(name.startswith(begins) for name in low):
            raise Refused(f"it holds {what}.", _PLAIN)
    if "xl/workbook.xml" not in low and "[content_types].xml" not in low:
        raise Refused("it is an archive, but no workbook.", "Save it as .xlsx or CSV UTF-8.")


def _look(archive: ZipFile, part: ZipInfo, ratio: int, budget: int, seen: "_Seen") -> int:
    """Unpack a part piece by piece, whatever its header says of its length; how long it is."""
    size = 0
    parser: Any = None
    with archive.open(part) as file:
        while piece := file.read(_PIECE):
            if not size and _is_xml(piece):
                parser = seen.parser(part.filename)
            size += len(piece)
            if size > ratio * max(part.compress_size, 1) or size > budget:
                raise Refused(f"it unpacks to more than {ratio} times its size.", _PLAIN)
            if parser:
                _parse(parser, piece, False)
    if parser:
        _parse(parser, b"", True)
    return size


def _is_xml(begins: bytes) -> bool:
    """Whether anyone could take it for XML, whatever its name."""
    visible = begins.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return visible in (b"<", b"") or begins[:2] in (  # what begins with much white space may be XML, too
        b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<",
    )  # fmt: skip


def _parse(parser: Any, piece: bytes, last: bool) -> None:
    try:
        parser.Parse(piece, last)
    except expat.ExpatError:
        raise Refused("its content is damaged.", _DAMAGED) from None


class _Seen:
    """What the XML parts hold. rows: how many rows of sheets."""

    def __init__(self) -> None:
        self.rows = 0
        self._row_before = 0
        self._handlers: dict[str, Callable[[dict[str, str]], None]] = {
            _ROW: self._row,
            _CELL: self._cell,
            _RELATION: self._relation,
            **dict.fromkeys(_TYPES, self._type),
        }

    def parser(self, name: str) -> Any:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._doctype
        handlers = self._handlers
        self._row_before = 0

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag in handlers:
                handlers[tag](attributes)

        parser.StartElementHandler = start
        return parser

    def _doctype(self, *_declared: object) -> None:
        raise Refused("it holds a DOCTYPE, which no workbook needs.", _PLAIN)

    def _row(self, attributes: dict[str, str]) -> None:
        self.rows += 1
        number = attributes.get("r", str(self._row_before + 1))
        if not re.fullmatch("[0-9]{1,7}", number) or int(number) > _LAST_ROW:
            raise Refused(f"it holds a row {number[:20]}, which is too far away.", _PLAIN)
        if int(number) <= self._row_before:  # of which only one would be read
            raise Refused(f"it holds row {number} twice, or after others.", _DAMAGED)
        self._row_before = int(number)

    def _cell(self, attributes: dict[str, str]) -> None:
        """A cell where no spreadsheet has one would take memory for all that lie before it."""
        name = attributes.get("r")
        if name is not None:
            found = _REFERENCE.fullmatch(name)
            if not found or int(found[2]) > _LAST_ROW or _number(found[1]) > _LAST_COLUMN:
                raise Refused(f"it holds a cell {name[:20]}, which is too far away.", _PLAIN)

    def _relation(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "").rsplit("/", 1)[-1]
        if attributes.get("TargetMode") == "External" and kind != "hyperlink":
            raise Refused(f"it links to something outside ({kind[:40]}).", _PLAIN)

    def _type(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("ContentType", "").lower()
        if "macroenabled" in kind or "vbaproject" in kind:
            raise Refused("it is a workbook with macros.", "Save it as a plain .xlsx.")


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
