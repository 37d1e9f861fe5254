"""A refused file as a workbook again, each fault in its own cell: coloured, with what is wrong as a note."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rating.errors import BadRow
from rating.wording import Label, Message
from rating.workbooks.cells import clean
from rating.workbooks.reading import Sheet, heading_key

LONGEST_NAME = 31  # characters of a sheet's name
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))


def mark_faults(
    sheets: Iterable[tuple[Label, Sheet]], faults: Sequence[BadRow], tell: Callable[[Message], str]
) -> bytes:
    """An .xlsx of these sheets (by the label that faults name them by), rows where they were. `tell` translates."""
    import xlsxwriter

    by_sheet: dict[str, list[BadRow]] = defaultdict(list)
    for fault in faults:
        by_sheet[str(fault.sheet)].append(fault)
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        wrong = book.add_format({"bg_color": "#F8D7DA", "font_color": "#7A1C1C", "bold": True})
        for number, (label, sheet) in enumerate(sheets, start=1):
            page = book.add_worksheet(f"{number} {sheet.name.translate(FORBIDDEN)}"[:LONGEST_NAME])
            page.freeze_panes(sheet.heading_row, 0)
            _write(page, sheet, _notes(sheet, by_sheet[str(label)], tell), wrong)
    return out.getvalue()


def _notes(sheet: Sheet, faults: Iterable[BadRow], tell: Callable[[Message], str]) -> dict[tuple[int, int], list[str]]:
    """What is wrong by row and column, from 0; a fault of a whole row or sheet stands in its first cell."""
    places = {heading_key(heading): place for place, heading in reversed(list(enumerate(sheet.headings)))}
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for fault in faults:
        names = [fault.column.zh, fault.column.en] if isinstance(fault.column, Label) else [fault.column]
        column = next((places[key] for key in map(heading_key, names) if key in places), 0)
        found[max((fault.row or sheet.heading_row) - 1, 0), column].append(tell(fault.reason))
    return found


def _write(page: Any, sheet: Sheet, notes: Mapping[tuple[int, int], list[str]], wrong: Any) -> None:
    lines = [(sheet.heading_row, sheet.headings), *((row.number, row.cells) for row in sheet.rows)]
    for number, cells in lines:
        for column, cell in enumerate(cells):
            page.write_string(number - 1, column, clean(cell), *([wrong] if (number - 1, column) in notes else []))
    for (row, column), reasons in notes.items():
        page.write_comment(row, column, "\n".join(reasons), {"x_scale": 2, "y_scale": 1.5})
