"""Which column of a sheet is which, told from its headings: a key, or a label in either language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from rating.errors import BadRow
from rating.wording import Label, _l
from rating.workbooks.cells import Cell, clean, fold, is_empty
from rating.workbooks.reading import HIDDEN_ROW, Row, Sheet, heading_key, letters_of

NO_COLUMN = Label("", "")
# Columns that people add for themselves and that say nothing to us.
BESIDE = frozenset(map(fold, ("序号", "备注", "说明", "No.", "No", "Remarks", "Notes", "#")))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one sheet: key → place."""

    places: Mapping[str, int]

    def cells(self, row: Row) -> dict[str, Cell]:
        """The cells of a row that aren't truly empty, by column key."""
        return {
            key: row.cells[place]
            for key, place in self.places.items()
            if place < len(row.cells) and not is_empty(row.cells[place])
        }

    def typed(self, row: Row, key: str) -> str:
        """What somebody typed into a cell, to quote it to them."""
        place = self.places.get(key)
        return clean(row.cells[place]) if place is not None and place < len(row.cells) else ""


def headings_of(labels: Mapping[str, Label]) -> dict[str, str]:
    """Every heading that names a column, folded → key. Two columns of one label keep only their keys."""
    names: dict[str, str] = {}
    doubled: set[str] = set()
    for key, label in labels.items():
        for text in {heading_key(label.zh), heading_key(label.en)}:
            doubled |= {text} & names.keys()
            names[text] = key
    return {text: key for text, key in names.items() if text not in doubled} | {fold(key): key for key in labels}


def find_columns(
    sheet: Sheet, name: Label, labels: Mapping[str, Label], required: Collection[str]
) -> tuple[Columns, list[BadRow]]:
    """The columns of a sheet, and a fault for every heading that is unknown, duplicate or missing."""
    known = headings_of(labels)
    places: dict[str, int] = {}
    faults: list[BadRow] = []
    for place, heading in enumerate(sheet.headings):
        key = known.get(heading_key(heading))
        if key is None and heading_key(heading) in BESIDE:
            continue
        if key is None:
            if heading or _has_cells(sheet.rows, place):
                faults.append(_unknown(sheet, name, heading, place, labels))
        elif key in places:
            faults.append(BadRow(name, sheet.heading_row, labels[key], _l("This column appears twice.")))
        else:
            places[key] = place
    faults += [
        BadRow(name, sheet.heading_row, labels[key], _l("This column is missing."))
        for key in required
        if key not in places
    ]
    return Columns(places), faults


def hidden_rows(sheet: Sheet, name: Label) -> list[BadRow]:
    """A fault for each row that can't be seen in the spreadsheet."""
    return [BadRow(name, row.number, NO_COLUMN, HIDDEN_ROW) for row in sheet.rows if row.is_hidden]


def _unknown(sheet: Sheet, name: Label, heading: str, place: int, labels: Mapping[str, Label]) -> BadRow:
    if not heading:
        return BadRow(name, sheet.heading_row, letters_of(place), _l("There are cells below, but no heading."))
    return BadRow(
        name,
        sheet.heading_row,
        heading,
        _l("There is no such column. Known are: %(names)s.", names=listed(labels.values())),
    )


def _has_cells(rows: Iterable[Row], place: int) -> bool:
    return any(place < len(row.cells) and clean(row.cells[place]) for row in rows)


def listed(labels: Iterable[Label]) -> Label:
    """Several names as one."""
    kept = list(labels)
    return Label("、".join(label.zh for label in kept), ", ".join(label.en for label in kept))
