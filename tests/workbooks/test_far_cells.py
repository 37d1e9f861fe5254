"""A workbook whose one stray value lies in the last corner is refused before it can fill the memory; no database."""

from __future__ import annotations

import io

import pytest
import xlsxwriter

from rating.errors import Invalid
from rating.workbooks.reading import read_workbook


def workbook(*cells: tuple[int, int]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("estates")
        for row, column in ((0, 0), *cells):
            sheet.write(row, column, "x")
    return content.getvalue()


@pytest.mark.parametrize("corner", [(1_048_575, 16_383), (1_048_575, 25)])
def test_a_value_in_the_last_corner_is_refused_in_words(corner: tuple[int, int]) -> None:
    with pytest.raises(Invalid, match="far outside"):
        read_workbook(workbook(corner))


def test_a_wide_or_a_long_sheet_is_read() -> None:
    assert read_workbook(workbook((3, 200)))[0].name == "estates"
    assert read_workbook(workbook((20_000, 3)))[0].name == "estates"
