"""Lists of the register in the import's own columns, so that a list can be corrected and imported again.

In the .xlsx all cells are texts: a spreadsheet that opens a .csv makes numbers of codes and cuts them to 15 digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from rating.registry.imports.template import build_workbook, register_sheet
from rating.registry.records import KINDS, values_of
from rating.registry.schemas import SHEET
from rating.wording import Label
from rating.workbooks.writing import write_csv


def sheet_csv(key: str, entities: Iterable[object], language: str) -> str:
    """Records of one kind (a sheet's key) as a .csv file."""
    names = list(SHEET[key].schema.fields)
    headings = [getattr(SHEET[key].column_label(name), language) for name in names]
    return write_csv(headings, _rows(key, entities, language))


def sheet_xlsx(key: str, entities: Iterable[object], language: str) -> bytes:
    """Records of one kind as a workbook, behind the sheet that explains its columns."""
    rows = [["" if value is None else str(value) for value in row] for row in _rows(key, entities, language)]
    return build_workbook([register_sheet(SHEET[key], language, rows)], language)


def _rows(key: str, entities: Iterable[object], language: str) -> Iterable[list[object]]:
    names = list(SHEET[key].schema.fields)
    for values in (values_of(KINDS[key], entity) for entity in entities):
        yield [_written(values[name], language) for name in names]


def _written(value: object, language: str) -> object:
    if isinstance(value, bool):
        label = Label("是", "yes") if value else Label("否", "no")
        return getattr(label, language)
    if isinstance(value, list):
        return "、".join(value)
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value
