"""Reading tables that people made: an .xlsx workbook or .csv files become sheets of rows, cells as they are."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from rating.errors import Invalid
from rating.wording import _l
from rating.workbooks.package import MOST_CELLS, counted_package, unreadable
from rating.workbooks.writing import ESCAPED

Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | Decimal | None

MOST_ROWS = 200_000
MOST_SHEETS = 30
NOTES = frozenset({"填写说明", "notes"})  # sheets of the template without data
_STRAY = re.compile(r"[\s\u00a0\u200b\u3000\ufeff\x00-\x1f]+")


def clean(cell: Cell) -> str:
    """A cell as text: surrounding white space removed, whole numbers without '.0'; '' for an empty cell."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return _STRAY.sub(" ", ESCAPED.sub("", str(cell).strip(" "))).strip()


def fold(text: Cell) -> str:
    """A heading, code or key word for comparing: full-width forms normalised, lower case, no spaces."""
    return unicodedata.normalize("NFKC", clean(text)).replace(" ", "").casefold()


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the headings; `number` is the row's number in a spreadsheet."""

    number: int
    cells: tuple[Cell, ...]

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it was found. Rows without any content are left out; numbers still count them."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    heading_row: int = 1

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
    def from_grid(cls, name: str, grid: Iterable[Sequence[Cell]]) -> Sheet:
        """A sheet from all its rows, the first that isn't empty being the headings."""
        filled = list(_filled(name, grid))
        if not filled:
            return cls(name, (), ())
        heading_row, headings = filled[0]
        width = max(len(row) for _, row in filled)
        padded = (*(clean(cell) for cell in headings), *("" for _ in range(width - len(headings))))
        return cls(name, padded, tuple(Row(number, row) for number, row in filled[1:]), heading_row)


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
    """The sheets of an .xlsx workbook, without empty ones and those with notes."""
    from python_calamine import CalamineError, CalamineWorkbook

    counted = counted_package(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(counted))
        names = [name for name in workbook.sheet_names if fold(name) not in NOTES]
        if len(names) > MOST_SHEETS:
            raise Invalid(_l("The workbook has more than %(n)s sheets.", n=MOST_SHEETS), field="files")
        grids = [(name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in names]
    except (CalamineError, OSError, ValueError, UnicodeError) as error:
        raise unreadable() from error
    sheets = [Sheet.from_grid(name, grid) for name, grid in grids]
    return [sheet for sheet in sheets if sheet.headings]


# ---- .csv


def read_csv(name: str, content: bytes) -> Sheet:
    """A .csv file as a sheet: UTF-8 (with or without its mark), UTF-16 with its mark, or GB 18030."""
    text = _decode(name, content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        return Sheet.from_grid(name, reader)
    except csv.Error as error:
        raise Invalid(
            _l("“%(name)s.csv” can't be read as a table: %(why)s.", name=name, why=str(error)), field="files"
        ) from error


def _decode(name: str, content: bytes) -> str:
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(_l("“%(name)s.csv” is not text in UTF-8 or GB 18030.", name=name), field="files")


def _delimiter(text: str) -> str:
    """The delimiter of the first line: a comma, else the tab or semicolon that some spreadsheets write."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return next((mark for mark in (",", "\t", ";") if mark in first), ",")
