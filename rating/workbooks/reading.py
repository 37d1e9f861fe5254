"""Reading tables that people made: an .xlsx workbook or .csv files become sheets of rows, cells as they are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import cast

from rating.errors import Invalid
from rating.wording import Message, _l
from rating.workbooks.cells import Cell, Odd, OddKind, clean, fold
from rating.workbooks.package import MOST_CELLS, Marks, Place, counted_package, unreadable

MOST_ROWS = 200_000
MOST_SHEETS = 30
NOTES = frozenset({"填写说明", "notes"})  # sheets of the template without data
TOTALS = frozenset({"合计", "总计", "小计", "共计", "总数", "total", "totals", "sum"})
LOOKED_THROUGH = 10  # filled rows at a sheet's head among which its headings are sought
HIDDEN_ROW = _l("This row is hidden, by hand or by a filter. Show all rows, and delete those that are not meant.")
# What people add to a heading to say how it is filled in.
_ADDED = re.compile(r"[*:]|[(\[](必填|选填|必填项|选填项|required|optional)[)\]]")


def heading_key(text: Cell) -> str:
    """A heading for comparing, without the marks that say whether it must be filled in."""
    return _ADDED.sub("", fold(text))


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the headings; `number` is the row's number in a spreadsheet."""

    number: int
    cells: tuple[Cell, ...]
    is_hidden: bool = False

    @property
    def is_total(self) -> bool:
        """Whether it adds up the rows above it: it begins with 合计 or the like, in whichever column."""
        return next((fold(cell) in TOTALS for cell in self.cells if clean(cell)), False)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it was found. Rows without any content are left out; numbers still count them."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    heading_row: int = 1
    is_hidden: bool = False

    def headed(self, known: Collection[str]) -> Sheet:
        """The sheet with its headings in the row that has most of the known ones (as `heading_key` gives them).

        Titles and notes above them are left out, and so are rows that add others up.
        """
        heads = [(self.heading_row, self.headings), *((row.number, row.cells) for row in self.rows[:LOOKED_THROUGH])]
        counts = [sum(heading_key(cell) in known for cell in cells) for _, cells in heads]
        best = counts.index(max(counts))  # the first of equals
        number, cells = heads[best]
        rows = tuple(row for row in self.rows if row.number > number and not row.is_total)
        width = max(len(cells), *(len(row.cells) for row in rows), 0)
        headings = (*(clean(cell) for cell in cells), *("" for _ in range(width - len(cells))))
        return replace(self, headings=headings, rows=rows, heading_row=number)

    @classmethod
    def from_dicts(cls, name: str, rows: Sequence[Mapping[str, object]]) -> Sheet:
        """A sheet from rows by column; what isn't a cell's type is taken as its text. Rows count from 2."""
        headings = tuple(dict.fromkeys(key for row in rows for key in row))
        return cls(
            name,
            headings,
            tuple(
                Row(number, tuple(_as_cell(row.get(key)) for key in headings))
                for number, row in enumerate(rows, start=2)
            ),
        )

    @classmethod
    def from_grid(cls, name: str, grid: Iterable[Sequence[Cell]], hidden_rows: Collection[int] = ()) -> Sheet:
        """A sheet from all its rows, the first that isn't empty being the headings until others are found."""
        filled = list(_filled(name, grid))
        if not filled:
            return cls(name, (), ())
        heading_row, headings = filled[0]
        width = max(len(row) for _, row in filled)
        padded = (*(clean(cell) for cell in headings), *("" for _ in range(width - len(headings))))
        rows = tuple(Row(number, row, number in hidden_rows) for number, row in filled[1:])
        return cls(name, padded, rows, heading_row)


def _filled(name: str, grid: Iterable[Sequence[Cell]]) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """The rows that aren't empty, with their numbers, counted while they are read."""
    rows = cells = 0
    for number, row in enumerate(grid, start=1):
        cells += len(row)
        if cells > MOST_CELLS:
            raise Invalid(_l("Sheet “%(name)s” has more than %(n)s cells.", name=name, n=MOST_CELLS), field="files")
        if any(clean(cell) for cell in row):
            rows += 1
            if rows > MOST_ROWS:
                raise Invalid(_l("Sheet “%(name)s” has more than %(n)s rows.", name=name, n=MOST_ROWS), field="files")
            yield number, tuple(row)


def _as_cell(value: object) -> Cell:
    if value is None or isinstance(value, str | bool | int | float | Decimal | date | datetime):
        return value
    return str(value)


def read_path(path: Path) -> list[Sheet]:
    """The sheets of an .xlsx workbook, of a folder's .csv files, or of one .csv file. Raises Invalid."""
    if path.is_dir():
        files = sorted(path.glob("*.csv"))
        if not files:
            raise Invalid(_l("There is no .csv file in the folder %(name)s.", name=path.name))
        return [read_file(file.name, file.read_bytes()) for file in files]
    if not path.is_file():
        raise Invalid(_l("There is no file or folder %(name)s.", name=str(path)))
    return read_files([(path.name, path.read_bytes())])


def read_files(files: Sequence[tuple[str, bytes]]) -> list[Sheet]:
    """The sheets of files by name and content: one .xlsx workbook, or .csv files. Raises Invalid."""
    if len(files) == 1 and files[0][0].casefold().endswith(".xlsx"):
        return read_workbook(files[0][1])
    return [read_file(name, content) for name, content in files]


def read_file(name: str, content: bytes) -> Sheet:
    """One .csv file as a sheet, named as the file is."""
    if not name.casefold().endswith(".csv"):
        raise Invalid(_l("Choose one .xlsx workbook, or .csv files; “%(name)s” is neither.", name=name), field="files")
    return read_csv(Path(name).stem, content)


# ---- .xlsx


def read_workbook(content: bytes) -> list[Sheet]:
    """The sheets of an .xlsx workbook that have tables, without empty ones and those with notes."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    package = counted_package(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(package.content))
        wanted = [
            one
            for one in workbook.sheets_metadata
            if one.typ == SheetTypeEnum.WorkSheet and fold(one.name) not in NOTES
        ]
        if len(wanted) > MOST_SHEETS:
            raise Invalid(_l("The workbook has more than %(n)s sheets.", n=MOST_SHEETS), field="files")
        found = []
        for one in wanted:
            table = workbook.get_sheet_by_name(one.name)
            if (marks := package.marks.get(one.name)) is None:
                raise unreadable()
            grid = _marked(
                cast("list[list[Cell]]", table.to_python(skip_empty_area=False)), marks, table.merged_cell_ranges or ()
            )
            sheet = Sheet.from_grid(one.name, grid, marks.hidden_rows)
            found.append(replace(sheet, is_hidden=one.visible != SheetVisibleEnum.Visible))
    except (CalamineError, OSError, ValueError, UnicodeError) as error:
        raise unreadable() from error
    return [sheet for sheet in found if sheet.headings]


def _marked(grid: Sequence[list[Cell]], marks: Marks, merged: Iterable[tuple[Place, Place]]) -> Sequence[list[Cell]]:
    """The cells, with something else in place of each that has no value of its own. Merged places count from 0."""
    for (row, column), odd in marks.odd.items():
        _put(grid, row - 1, column - 1, odd)
    for (top, left), (bottom, right) in merged:
        covering = Odd(OddKind.MERGED, f"{letters_of(left)}{top + 1}")
        for row in range(top, min(bottom, len(grid) - 1) + 1):
            for column in range(left, min(right, len(grid[row]) - 1) + 1):
                if (row, column) != (top, left):
                    _put(grid, row, column, covering)
    return grid


def _put(grid: Sequence[list[Cell]], row: int, column: int, cell: Cell) -> None:
    if row < len(grid) and column < len(grid[row]):
        grid[row][column] = cell


def letters_of(place: int) -> str:
    """The letters that a spreadsheet gives a column: 0 → A, 26 → AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


# ---- .csv


def read_csv(name: str, content: bytes) -> Sheet:
    """A .csv file as a sheet: UTF-8 (with or without its mark), UTF-16, or GB 18030."""
    text = _decode(name, content)
    try:
        return Sheet.from_grid(name, csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise Invalid(
            _l("“%(name)s.csv” can't be read as a table: %(why)s.", name=name, why=str(error)), field="files"
        ) from error


def _decode(name: str, content: bytes) -> str:
    encodings = _utf_16(content) or ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding.startswith("utf-16-") and not re.search("[,;\t\n]", text):
            continue
        if encoding == "gb18030" and (line := _line_of_utf_8(content)):
            raise _refused(
                _l(
                    "“%(name)s.csv” mixes two encodings: line %(line)s is UTF-8, others are GB 18030. Open it in Excel "
                    "or WPS, look for garbled text, and save it as .xlsx.",
                    name=name,
                    line=line,
                )
            )
        return text
    raise _refused(_l("“%(name)s.csv” is not text in UTF-8 or GB 18030.", name=name))


def _refused(message: Message) -> Invalid:
    return Invalid(message, field="files")


def _utf_16(content: bytes) -> tuple[str, ...]:
    """UTF-16, by its mark, or by the empty halves of its signs below U+0100."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    even, odd = content[:2000:2].count(0), content[1:2000:2].count(0)
    if even == odd == 0:
        return ()
    return ("utf-16-le",) if odd > even else ("utf-16-be",)


def _line_of_utf_8(content: bytes) -> int | None:
    """The first line of a file in GB 18030 that is Chinese in UTF-8; by chance hardly any is."""
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            if re.search("[\u4e00-\u9fff]", line.decode()):
                return number
        except UnicodeDecodeError:
            continue
    return None


def _delimiter(text: str) -> str:
    """The sign that parts the first rows into the most columns, the same number in each: comma, tab or semicolon."""
    head = "\n".join(text.splitlines()[: 2 * LOOKED_THROUGH])

    def judge(mark: str) -> tuple[bool, int]:
        widths = [len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=mark) if any(row)]
        most = max(widths, default=0)
        return most > 1 and widths.count(most) * 2 > len(widths), most

    return max((",", "\t", ";"), key=judge)
