"""Reading workbooks and .csv files as people make them."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from rating.errors import Invalid
from rating.workbooks.cells import clean, fold
from rating.workbooks.reading import Sheet, read_files, read_path


def workbook(**sheets: list[list[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return out.getvalue()


def the_sheet(name: str, content: bytes) -> Sheet:
    (sheet,) = read_files([(name, content)])
    return sheet


@pytest.mark.parametrize(
    ("cell", "text"), [(None, ""), (12.0, "12"), (" 柳 荫\u3000花园 \n", "柳 荫 花园"), ("'=1+1", "=1+1")]
)
def test_stray_spaces_and_escapes_are_taken_off(cell: object, text: str) -> None:
    assert clean(cell) == text


def test_headings_compare_without_width_case_and_spaces() -> None:
    assert fold(" \uff23ode") == fold("c o d e") == "code"


def test_rows_keep_the_number_they_have_in_a_spreadsheet() -> None:
    sheet = the_sheet("r.xlsx", workbook(estates=[["", ""], ["code", "name"], ["A", "甲"], ["", ""], ["B", "乙"]]))
    assert sheet.headings == ("code", "name")
    assert sheet.heading_row == 2
    assert [row.number for row in sheet.rows] == [3, 5]


def test_a_workbook_keeps_dates_and_numbers() -> None:
    sheet = the_sheet("r.xlsx", workbook(x=[["a", "b"], [datetime(2026, 3, 5), 1.5]]))
    assert sheet.rows[0].cells == (date(2026, 3, 5), 1.5)


def test_empty_sheets_and_the_notes_of_the_template_are_passed_over() -> None:
    content = workbook(填写说明=[["anything"]], Sheet1=[], 小区=[["code"], ["A"]])
    assert [sheet.name for sheet in read_files([("r.xlsx", content)])] == ["小区"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_file_is_read_in_the_usual_encodings(encoding: str) -> None:
    sheet = the_sheet("estates.csv", "小区编码,小区名称\r\nA,柳荫花园\r\n".encode(encoding))
    assert sheet.name == "estates"
    assert sheet.headings == ("小区编码", "小区名称")
    assert sheet.rows[0].cells == ("A", "柳荫花园")


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_csv_file_may_be_divided_by_what_spreadsheets_write(mark: str) -> None:
    assert the_sheet("x.csv", f"a{mark}b\n1{mark}2\n".encode()).rows[0].cells == ("1", "2")


def test_a_quoted_line_break_does_not_shift_the_row_numbers() -> None:
    sheet = the_sheet("x.csv", b'a,b\n"one\ntwo",x\n\n3,y\n')
    assert [row.number for row in sheet.rows] == [2, 4]


def test_a_folder_gives_a_sheet_for_each_csv_file(tmp_path: Path) -> None:
    (tmp_path / "estates.csv").write_text("code\nA\n")
    (tmp_path / "companies.csv").write_text("code\nB\n")
    (tmp_path / "readme.txt").write_text("not a table")
    assert [sheet.name for sheet in read_path(tmp_path)] == ["companies", "estates"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.xlsx", b"not a zip"),
        ("r.xlsx", b""),
        ("r.xls", b"\xd0\xcf\x11\xe0"),
        ("r.csv", b"\x81\xff\x00\xff"),
        ("r.pdf", b"%PDF"),
    ],
)
def test_what_is_no_table_is_refused_in_words(name: str, content: bytes) -> None:
    with pytest.raises(Invalid):
        read_files([(name, content)])


def test_a_zip_that_is_no_workbook_is_refused_in_words() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("anything.txt", "x")
    with pytest.raises(Invalid, match="can't be read as an .xlsx workbook"):
        read_files([("r.xlsx", out.getvalue())])


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="There is no file or folder"):
        read_path(tmp_path / "none.xlsx")
    with pytest.raises(Invalid, match="There is no .csv file"):
        read_path(tmp_path)


def test_dict_rows_become_a_sheet_that_counts_from_two() -> None:
    sheet = Sheet.from_dicts("estates", [{"code": "A", "has_lifts": True}, {"code": "B", "fee": None}])
    assert sheet.headings == ("code", "has_lifts", "fee")
    assert [(row.number, row.cells) for row in sheet.rows] == [(2, ("A", True, None)), (3, ("B", None, None))]
