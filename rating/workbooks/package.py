"""The parts of an .xlsx file, counted while they are unpacked: a small file that expands to a huge one is never built.

Whatever reads the workbook afterwards gets exactly the parts that were counted here, and nothing else of the file.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import fromstring
from xml.parsers import expat

from rating.errors import Invalid
from rating.wording import Message, _l
from rating.workbooks.cells import Odd, OddKind

MOST_PARTS = 1_000
MOST_UNPACKED = 100 * 1024 * 1024  # a small zip can unpack to more than the machine's memory
MOST_CELLS = 2_000_000  # the area that all sheets span: one stray value in the last corner would fill the memory
MOST_ELEMENTS = 5 * MOST_CELLS
MOST_TEXT = 50_000_000  # characters: one long text can be named by every cell
DEEPEST = 50
PIECE = 1 << 16
LONGEST_ERROR = 20  # "#GETTING_DATA" has 13
UTF_16_MARKS = {b"\xff\xfe", b"\xfe\xff"}
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
# Parts without tables; calcChain names every cell with a formula once more.
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_NO_TABLES = ("docprops/", "customxml/", "xl/drawings/", "xl/charts/", "xl/theme/", "xl/comments", "xl/calcchain")
_FAR = _l("A sheet has a value far outside its table. Delete the empty columns and rows around it.")
_MUCH = _l("The workbook contains too much; split it, and delete what does not belong to the tables.")
_UNREADABLE = _l(
    "This file can't be read as an .xlsx workbook. Open it in Excel or WPS, remove any password, and save it as .xlsx."
)


Place = tuple[int, int]  # row and column, from 1


@dataclass(frozen=True, slots=True)
class Marks:
    """What is to be seen in a sheet beside its values: cells that have none of their own, and rows that are hidden."""

    odd: Mapping[Place, Odd]
    hidden_rows: frozenset[int]


@dataclass(frozen=True, slots=True)
class Package:
    """A workbook's counted parts as a file again, and the marks of each sheet by its name."""

    content: bytes
    marks: Mapping[str, Marks]


def counted_package(content: bytes) -> Package:
    """The workbook's XML parts, not compressed, if they contain no more than a register does. Raises Invalid."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = dict(_unpack(package))
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError, NotImplementedError) as error:
        raise unreadable() from error
    counter = Counter()
    in_order = sorted(parts, key=lambda name: _is_not_of_texts(parts[name]))  # cells name texts by their number
    marks = {name: counter.count(parts[name]) for name in in_order}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as package:
        for name, part in parts.items():
            package.writestr(name, part)
    sheets = _sheets_of(parts)
    return Package(written.getvalue(), {name: marks[part] for name, part in sheets.items() if part in marks})


def _sheets_of(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The part of each sheet by the sheet's name."""
    if not {_BOOK, _RELATIONS} <= parts.keys():
        return {}
    book, relations = (fromstring(parts[name]) for name in (_BOOK, _RELATIONS))  # noqa: S314  # counted before, no DTD
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    found = {}
    for element in book.iter():
        if element.tag.rpartition("}")[2] == "sheet":
            target = next((targets.get(value) for key, value in element.items() if key.endswith("}id")), None)
            if target:
                found[element.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def unreadable() -> Invalid:
    """The refusal of a file that is no workbook."""
    return Invalid(_UNREADABLE, field="files")


def _too_much(message: Message = _MUCH) -> Invalid:
    return Invalid(message, field="files")


def _unpack(package: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """The XML parts, each name once, stopping where they become too large; pictures and the like stay packed."""
    named = [(part.filename.casefold(), part) for part in package.infolist()]
    wanted = [part for name, part in named if name.endswith((".xml", ".rels")) and not name.startswith(_NO_TABLES)]
    if len({part.filename for part in wanted}) < len(wanted) or len(wanted) > MOST_PARTS:
        raise unreadable()
    left = MOST_UNPACKED
    for part in wanted:
        with package.open(part) as file:
            found = file.read(left + 1)
        left -= len(found)
        if left < 0:
            raise _too_much()
        yield part.filename, found


def _is_not_of_texts(part: bytes) -> bool:
    return b"sst" not in part[:1000]


class Counter:
    """Counts what all parts of a workbook expand to; raises Invalid as soon as that is too much."""

    def __init__(self) -> None:
        self.elements = self.area = self.text = 0
        self.shared: list[int] = []  # the length of each shared text

    def count(self, part: bytes) -> Marks:
        """Read one part. XML that isn't plain UTF-8, or that defines names of its own, is no workbook's."""
        if part[:2] in UTF_16_MARKS:
            raise unreadable()
        reader = _Part(self)
        try:
            for start in range(0, len(part), PIECE):
                reader.parser.Parse(part[start : start + PIECE])
            reader.parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise unreadable() from error
        reader.tell()
        self.area += reader.area
        self._check()
        return Marks(reader.odd, frozenset(reader.hidden_rows))

    def add(self, elements: int, cells: int, text: int) -> None:
        """Count on, within a part."""
        self.elements += elements
        self.text += text
        self._check(cells)

    def _check(self, cells: int = 0) -> None:
        if self.area + cells > MOST_CELLS:
            raise _too_much(_FAR)
        if self.elements > MOST_ELEMENTS or self.text > MOST_TEXT:
            raise _too_much()


class _Part:
    """One part as it is read: how far its cells reach, and what they contain."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.width = self.height = self.row = self.column = self.depth = self.cells = self.elements = self.text = 0
        self.shared_cell = self.in_value = self.in_texts = False
        self.value = self.kind = ""
        self.place: Place = (0, 0)
        self.is_formula = self.has_value = False
        self.odd: dict[Place, Odd] = {}
        self.hidden_rows: set[int] = set()
        # Local names only, as readers of workbooks take them: a prefix hides nothing.
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.buffer_size = PIECE
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.XmlDeclHandler = self._declared

    @staticmethod
    def _refuse(*_found: object) -> None:
        raise unreadable()

    @staticmethod
    def _declared(_version: str, encoding: str | None, _alone: int) -> None:
        if (encoding or "utf-8").casefold() not in {"utf-8", "us-ascii", "ascii"}:
            raise unreadable()

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > DEEPEST:
            raise unreadable()
        local = name.rpartition(":")[2]
        if local == "c":
            self._begin_cell(attributes)
        elif local == "row":
            self.row, self.column = _number(attributes.get("r"), self.row + 1), 0
            if attributes.get("hidden") in {"1", "true"}:
                self.hidden_rows.add(self.row)
        elif local == "f":
            self.is_formula = True
        elif local == "si":
            self.counter.shared.append(0)
            self.in_texts = True
        elif local == "v":
            self.has_value = True
            self.in_value, self.value = self.shared_cell or self.kind == "e", ""
        if self.elements >= 1000:
            self.tell()

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self.cells += 1
        reference = attributes.get("r")
        self.column, row = _place(reference) if reference else (self.column + 1, self.row)
        self.width, self.height = max(self.width, self.column), max(self.height, row, 1)
        self.kind, self.place = attributes.get("t", ""), (row, self.column)
        self.shared_cell, self.is_formula, self.has_value = self.kind == "s", False, False

    def _end(self, name: str) -> None:
        self.depth -= 1
        local = name.rpartition(":")[2]
        if self.in_value and local == "v":
            self.in_value = False
            if self.shared_cell:
                self.text += _length_of(self.counter.shared, self.value)
        elif local == "c" and self.kind == "e":
            self.odd[self.place] = Odd(OddKind.ERROR, self.value[:LONGEST_ERROR])
        elif local == "c" and self.is_formula and not self.has_value:
            self.odd[self.place] = Odd(OddKind.NOT_COMPUTED)

    def _text(self, text: str) -> None:
        if self.in_value:
            self.value += text
            if len(self.value) > PIECE:
                raise unreadable()
        elif self.in_texts:
            self.counter.shared[-1] += len(text)

    @property
    def area(self) -> int:
        """How many cells a table of this part has."""
        return max(self.cells, self.width * self.height)

    def tell(self) -> None:
        """Count what was read since the last call."""
        self.counter.add(self.elements, self.area, self.text)
        self.elements = self.text = 0


def _length_of(shared: Sequence[int], number: str) -> int:
    """How long the shared text of this number is; readers refuse what isn't there."""
    number = number.strip()
    place = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else -1
    return shared[place] if 0 <= place < len(shared) else 0


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else otherwise


def _place(reference: str) -> tuple[int, int]:
    """The column and row of 'AB12'; anything else is no cell of a workbook."""
    found = _REFERENCE.fullmatch(reference.upper())
    if found is None:
        raise unreadable()
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return column, int(found[2])
