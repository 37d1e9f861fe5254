"""Which sheet of a file is which table: by its name, or by its headings where it has another name."""

from __future__ import annotations

from collections.abc import Sequence

from rating.errors import BadRow, Faults
from rating.registry.schemas import SHEET, SHEETS, SheetForm
from rating.wording import Label, _l
from rating.workbooks.cells import fold
from rating.workbooks.headings import NO_COLUMN, headings_of, listed
from rating.workbooks.reading import Sheet, heading_key

_FORM_OF_NAME = {fold(name): form for form in SHEETS for name in (form.key, form.label.zh, form.label.en)}


def match_forms(sheets: Sequence[Sheet]) -> tuple[dict[str, Sheet], Faults]:
    """The sheets by the key of the table that each is, below their headings; and a fault for each that is none."""
    faults = Faults()
    found: dict[str, Sheet] = {}
    for sheet in sheets:
        form = _FORM_OF_NAME.get(fold(sheet.name)) or _form_by_headings(sheet)
        if form is None and sheet.is_hidden:
            continue  # lists that a workbook's cells choose from
        if form is None:
            names = listed(form.label for form in SHEETS)
            faults.append(
                BadRow(sheet.name, 0, NO_COLUMN, _l("There is no such sheet. Known are: %(names)s.", names=names))
            )
        elif form.key in found:
            faults.append(BadRow(sheet.name, 0, NO_COLUMN, _l("This sheet appears twice.")))
        elif sheet.is_hidden:
            faults.append(BadRow(sheet.name, 0, NO_COLUMN, _l("This sheet is hidden. Show it, or delete it.")))
        else:
            found[form.key] = sheet.headed(headings_of(form.labels))
    return found, faults


def _form_by_headings(sheet: Sheet) -> SheetForm | None:
    """The table that a sheet of another name is, told by its headings: all that must be there are."""

    def known_in(form: SheetForm) -> int:
        known = headings_of(form.labels)
        keys = {known.get(heading_key(heading)) for heading in sheet.headed(known).headings} - {None}
        required = {name for name in form.labels if form.needs_column(name)}
        return len(keys) if required <= keys else 0

    counts = {form.key: known_in(form) for form in SHEETS}
    best = max(counts.values())
    fitting = [key for key, count in counts.items() if count == best > 0]
    return SHEET[fitting[0]] if len(fitting) == 1 else None


def list_tables(sheets: Sequence[Sheet]) -> list[tuple[Label, Sheet]]:
    """The sheets that are known tables, each with the label that its faults name it by."""
    return [(SHEET[key].label, sheet) for key, sheet in match_forms(sheets)[0].items()]
