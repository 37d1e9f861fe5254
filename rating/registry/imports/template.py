"""Workbooks to fill in: headings with notes on what is allowed, and a sheet that explains them with an example."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rating.registry.schemas import SHEETS, SheetForm
from rating.wording import Label
from rating.workbooks.columns import Day, Whole, YesNo, Yuan

NOTES_SHEET = Label("填写说明", "Notes")
NOTES_HEADS = (
    Label("表", "Sheet"),
    Label("列", "Column"),
    Label("必填", "Required"),
    Label("怎么填", "What to fill in"),
    Label("示例（不导入）", "Example (not imported)"),
)
NOTES_INTRO = Label(
    "在后面各表的标题行下面填写，一行一条。不用的表可以留空或删掉。这一页只是说明，不会导入。",
    "Fill in the sheets after this one, a row for each record. Sheets that aren't needed may be left empty or removed. "
    "This page only explains; it isn't imported.",
)
REQUIRED = Label("必填", "required")
YES_NO = (Label("是", "yes"), Label("否", "no"))
PREPARED_ROWS = 1000  # formats and choices are laid out for this many rows; more can be filled in


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column of a workbook to fill in; `choices` offers a list, `number_format` is the spreadsheet's own notation."""

    heading: str
    note: str
    example: str
    required: bool = False
    choices: tuple[str, ...] = ()
    number_format: str = "@"
    width: int = 0


@dataclass(frozen=True, slots=True)
class TemplateSheet:
    """A sheet to fill in, with rows that are filled in already."""

    name: str
    columns: tuple[TemplateColumn, ...]
    rows: Sequence[Sequence[str]] = ()


def register_workbook(language: str) -> bytes:
    """The register's workbook to fill in, headings in 'zh' or 'en'."""
    return build_workbook([register_sheet(form, language) for form in SHEETS], language)


def register_sheet(form: SheetForm, language: str, rows: Sequence[Sequence[str]] = ()) -> TemplateSheet:
    """One sheet of the register with these rows, headings in 'zh' or 'en'."""
    columns = []
    for name, field in form.schema.fields.items():
        said = field.metadata
        choices = tuple(getattr(word, language) for word in YES_NO) if isinstance(field, YesNo) else ()
        columns.append(
            TemplateColumn(
                heading=getattr(said["label"], language),
                note=getattr(said["note"], language),
                example=said["example"],
                required=form.is_required(name),
                choices=choices,
                number_format=_number_format(field),
            )
        )
    return TemplateSheet(getattr(form.label, language), tuple(columns), rows)


def _number_format(field: Any) -> str:
    """Text for codes and telephone numbers, so that no leading zero is lost."""
    if isinstance(field, Day):
        return "yyyy-mm-dd"
    return "General" if isinstance(field, Whole | Yuan | YesNo) else "@"


def build_workbook(sheets: Sequence[TemplateSheet], language: str) -> bytes:
    """An .xlsx workbook of these sheets behind one that explains every column."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    import xlsxwriter

    with xlsxwriter.Workbook(out, options) as book:
        _write_notes(book, sheets, language)
        for sheet in sheets:
            _write_sheet(book, sheet, language)
    return out.getvalue()


def _write_notes(book: Any, sheets: Sequence[TemplateSheet], language: str) -> None:
    page = book.add_worksheet(getattr(NOTES_SHEET, language))
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "bg_color": "#E8EDF3", "bottom": 1})
    page.merge_range(0, 0, 0, 4, getattr(NOTES_INTRO, language), wrapped)
    page.set_row(0, 36)
    for place, width in enumerate((14, 26, 10, 60, 30)):
        page.set_column(place, place, width, wrapped)
    page.write_row(2, 0, [getattr(head, language) for head in NOTES_HEADS], bold)
    lines = [(sheet, column) for sheet in sheets for column in sheet.columns]
    for row, (sheet, column) in enumerate(lines, start=3):
        required = getattr(REQUIRED, language) if column.required else ""
        page.write_row(row, 0, [sheet.name, column.heading, required, column.note, column.example], wrapped)
    page.freeze_panes(3, 0)


def _write_sheet(book: Any, sheet: TemplateSheet, language: str) -> None:
    page = book.add_worksheet(sheet.name)
    page.freeze_panes(1, 0)
    for place, column in enumerate(sheet.columns):
        heading = {"bold": True, "bottom": 1, "bg_color": "#F7E3C8" if column.required else "#E8EDF3"}
        page.set_column(
            place, place, column.width or _width(column), book.add_format({"num_format": column.number_format})
        )
        page.write_string(0, place, column.heading, book.add_format(heading))
        mark = f"({getattr(REQUIRED, language)})" if column.required else ""
        page.write_comment(0, place, f"{column.note}{mark}", {"x_scale": 1.6})
        if column.choices:
            last = max(PREPARED_ROWS, len(sheet.rows))
            page.data_validation(1, place, last, place, {"validate": "list", "source": list(column.choices)})
    for row, values in enumerate(sheet.rows, start=1):
        for place, value in enumerate(values):
            page.write_string(row, place, value)


def _width(column: TemplateColumn) -> int:
    """Wide enough for heading and example; Chinese characters take two places."""
    return max(10, *(2 + sum(2 if ord(c) > 0x2E7F else 1 for c in text) for text in (column.heading, column.example)))
