"""The workbooks to fill in."""

import io

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from rating.access import SYSTEM
from rating.errors import Invalid
from rating.registry.imports.service import import_register
from rating.registry.imports.template import NOTES_SHEET, register_workbook
from rating.registry.schemas import SHEETS
from rating.sheets.importing import import_on_site
from rating.sheets.template import on_site_workbook
from rating.workbooks.reading import read_workbook
from tests.factories import RatedEstateFactory
from tests.support.clock import START


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_untouched_workbook_is_understood_and_holds_nothing(app: Flask, language: str) -> None:
    sheets = read_workbook(register_workbook(language))
    assert [sheet.name for sheet in sheets] == [getattr(form.label, language) for form in SHEETS]
    with pytest.raises(Invalid, match="nothing to import"):
        import_register(sheets, SYSTEM, START)


def test_the_notes_explain_every_column_with_an_example() -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(register_workbook("zh")))
    rows = book.get_sheet_by_name(NOTES_SHEET.zh).to_python()
    told = {(row[0], row[1]): row for row in rows}
    assert told["小区", "总户数"][2:] == ["必填", "整数，1以上", "420"]
    assert len(told) >= sum(len(form.schema.fields) for form in SHEETS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workbook_of_a_round_has_a_row_for_each_estate_and_nothing_to_import_yet(app: Flask, language: str) -> None:
    rated = RatedEstateFactory()
    RatedEstateFactory(round=rated.round)
    (sheet,) = read_workbook(on_site_workbook(rated.round, language))
    assert len(sheet.rows) == 2
    assert sheet.rows[0].cells[:2] == (rated.estate.code, rated.estate.name)
    with pytest.raises(Invalid, match="no row is filled in"):
        import_on_site([sheet], rated.round, SYSTEM, START)
