"""A cell is a value, truly empty, or something else; something else is never taken for one of the others."""

from __future__ import annotations

import io
import zipfile
from datetime import date, time
from typing import Any

import pytest
import xlsxwriter
from marshmallow import ValidationError

from rating.workbooks.cells import Odd, OddKind, clean, fold, is_empty, is_nothing
from rating.workbooks.columns import Code, CompanyCode, Day, LastDay, Phone, Whole, Words, YesNo, Yuan
from rating.workbooks.reading import Sheet, read_csv, read_workbook

ANY: Any = {}


def fault_of(field: Any, cell: object) -> str:
    with pytest.raises(ValidationError) as refused:
        field.deserialize(cell)
    return str(refused.value.messages[0])


def workbook(write: Any) -> list[Sheet]:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        write(book)
    return read_workbook(out.getvalue())


# ---- what a spreadsheet can have in a cell


def test_an_error_is_no_empty_cell() -> None:
    def write(book: Any) -> None:
        page = book.add_worksheet("合同")
        page.write_row(0, 0, ["小区", "合同结束日"])
        page.write(1, 0, "E1")
        page.write_formula(1, 1, "=VLOOKUP(A2,X:Y,2,0)", value="#N/A")
        page.write_formula(2, 1, "=1/0", value="#DIV/0!")

    (sheet,) = workbook(write)
    assert [row.cells[1] for row in sheet.rows] == [Odd(OddKind.ERROR, "#N/A"), Odd(OddKind.ERROR, "#DIV/0!")]
    assert "#N/A" in fault_of(LastDay(load_default=None, metadata=ANY), sheet.rows[0].cells[1])


def test_a_cell_that_is_merged_with_another_names_that_one() -> None:
    def write(book: Any) -> None:
        page = book.add_worksheet("合同")
        page.write_row(0, 0, ["小区", "合同结束日", "项目负责人"])
        page.write_column(1, 0, ["E1", "E2", "E3"])
        page.merge_range(1, 1, 3, 1, "2027-06-30")
        page.merge_range(1, 2, 2, 2, "王建国")

    (sheet,) = workbook(write)
    assert [[clean(cell) if not isinstance(cell, Odd) else cell for cell in row.cells] for row in sheet.rows] == [
        ["E1", "2027-06-30", "王建国"],
        ["E2", Odd(OddKind.MERGED, "B2"), Odd(OddKind.MERGED, "C2")],
        ["E3", Odd(OddKind.MERGED, "B2"), ""],
    ]
    assert "merged with B2" in fault_of(LastDay(load_default=None, metadata=ANY), sheet.rows[2].cells[1])
    assert "merged with C2" in fault_of(Words(60, load_default="", metadata=ANY), sheet.rows[1].cells[2])


def test_a_formula_without_a_saved_result_is_no_empty_cell_and_one_that_gives_nothing_is() -> None:
    def write(book: Any) -> None:
        page = book.add_worksheet("小区")
        page.write_row(0, 0, ["a", "b"])
        page.write(1, 0, "E1")
        page.write_formula(1, 1, "=A2", value="kept")
        page.write_formula(2, 0, "=A9", value="")
        page.write(2, 1, "x")

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        write(book)
    (kept,) = read_workbook(out.getvalue())
    assert [row.cells for row in kept.rows] == [("E1", "kept"), ("", "x")]
    (lost,) = read_workbook(_without(out.getvalue(), b"<v>kept</v>"))
    assert lost.rows[0].cells == ("E1", Odd(OddKind.NOT_COMPUTED))


def _without(content: bytes, words: bytes) -> bytes:
    """The workbook with these bytes taken out of its first sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert words in part
                part = part.replace(words, b"")
            new.writestr(name, part)
    return out.getvalue()


def test_rows_and_sheets_that_can_not_be_seen_are_known_as_such_and_charts_are_none() -> None:
    def write(book: Any) -> None:
        page = book.add_worksheet("小区")
        page.write_column(0, 0, ["小区编码", "E1", "E2", "E3"])
        page.set_row(2, None, None, {"hidden": True})
        lists = book.add_worksheet("lists")
        lists.write(0, 0, "是")
        lists.hide()
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=小区!$A$2:$A$4"})
        book.add_chartsheet("图").set_chart(chart)

    first, second = workbook(write)
    assert [row.is_hidden for row in first.rows] == [False, True, False]
    assert (first.is_hidden, second.is_hidden) == (False, True)


def test_the_kinds_of_empty_are_told_apart() -> None:
    assert is_empty(None) and is_empty("") and is_empty(" \u3000\u200b")
    assert not is_empty(Odd(OddKind.MERGED, "B2")) and not is_empty(0) and not is_empty(False)
    assert all(is_nothing(sign) for sign in ("无", "/", "-", "——", "N/A", " n / a ", "／"))
    assert not is_nothing("") and not is_nothing(None) and not is_nothing("否") and not is_nothing(0)


# ---- no clean-up makes one value into another


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2027/6/30 0:00:00", date(2027, 6, 30)),
        ("2026/11/30 0:00:00", date(2026, 11, 30)),
        ("2027-06-30T00:00:00", date(2027, 6, 30)),
        ("2027/6/3 00:00", date(2027, 6, 3)),
        ("2027 年 6 月 30 日", date(2027, 6, 30)),
        ("\u200b2027-06-30", date(2027, 6, 30)),
    ],
)
def test_a_day_keeps_its_digits(cell: str, day: date) -> None:
    assert Day(metadata=ANY).deserialize(cell) == day


@pytest.mark.parametrize("cell", ["2027/6/3 0", "2027/6 /30 1", "20 27/6/30", "2027/6/3 0 0:00:00", "2027/6/30 24:0"])
def test_blanks_within_a_number_make_no_day(cell: str) -> None:
    assert "not a day" in fault_of(Day(metadata=ANY), cell)


@pytest.mark.parametrize("cell", ["2025.1", 2025.1, "2025-10", "2025年10月", "2025/1"])
def test_a_month_without_a_day_is_told_as_one(cell: object) -> None:
    assert "month without a day" in fault_of(Day(metadata=ANY), cell)


@pytest.mark.parametrize("cell", ["长期", "无固定期限", "无", "/", "至今"])
def test_what_has_no_end_has_none(cell: str) -> None:
    assert LastDay(load_default=None, metadata=ANY).deserialize(cell) is None


@pytest.mark.parametrize(
    ("cell", "number"),
    [("420户", 420), ("1,200", 1200), ("1 200", 1200), ("４２０", 420), (420.0, 420), ("2012年", 2012)],
)
def test_a_number_may_have_its_unit(cell: object, number: int) -> None:
    assert Whole(1, 100_000, metadata=ANY).deserialize(cell) == number


@pytest.mark.parametrize("cell", ["4 20", "42 0户", "1,20", "4.2.0", "420人户", "四百", True])
def test_what_is_no_number_is_not_made_one(cell: object) -> None:
    assert fault_of(Whole(1, 100_000, metadata=ANY), cell)


@pytest.mark.parametrize("cell", ["1.2元", "1.20 元/平方米", 1.2])
def test_a_fee_may_have_its_unit(cell: object) -> None:
    assert str(Yuan(metadata=ANY).deserialize(cell)) == "1.20"


@pytest.mark.parametrize("cell", [date(2026, 3, 1), time(3, 1), True])
def test_a_text_that_the_spreadsheet_made_something_else_of_is_told(cell: object) -> None:
    """A grid called 3-1 becomes the first of March."""
    assert "something else of this text" in fault_of(Words(40, metadata=ANY), cell)
    assert "something else of this text" in fault_of(Code(metadata=ANY), cell)
    assert "something else of this text" in fault_of(Phone(metadata=ANY), cell)


@pytest.mark.parametrize("cell", [9.135010000e17, 913501000001000, "9.1E+17", "9.1350100M", "913501000001000000"])
def test_a_credit_code_that_became_a_number_is_told_as_that(cell: object) -> None:
    said = fault_of(CompanyCode(metadata=ANY), cell)
    assert ("made a number of this code" in said) is (cell != "9.1350100M")
    assert "check digit" not in said


def test_a_slip_in_a_credit_code_is_still_told_as_a_slip() -> None:
    assert "check digit" in fault_of(CompanyCode(metadata=ANY), "91350100M000100Y44")


@pytest.mark.parametrize("sign", ["\u200b", "\u202e", "\ue000", "\u0007", "\ufdd0", "\u2066"])
def test_a_sign_that_can_not_be_seen_is_refused_in_a_name_and_read_through_in_a_code(sign: str) -> None:
    assert f"U+{ord(sign):04X}" in fault_of(Words(40, metadata=ANY), f"柳荫{sign}花园")
    assert Code(metadata=ANY).deserialize(f"QY{sign}01") == "QY01"
    assert fold(f"柳荫{sign}花园") == fold("柳荫花园")


def test_a_sign_for_none_is_none_where_a_cell_may_be_empty_and_nowhere_else() -> None:
    assert Words(40, load_default="", metadata=ANY).deserialize("/") == ""
    assert Phone(load_default="", metadata=ANY).deserialize("无") == ""
    assert Words(40, required=True, metadata=ANY).deserialize("无") == "无"
    assert "是 or 否" in fault_of(YesNo(load_default=True, metadata=ANY), "/")
    assert YesNo(load_default=True, metadata=ANY).deserialize("无") is False


# ---- tables as files


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_delimiter_is_what_parts_most_rows_alike(mark: str) -> None:
    heads = '"名称, 全称"', "编码", "备注;说明"
    text = "\n".join(
        mark.join(row) for row in (tuple(f'"{head.strip(chr(34))}"' for head in heads), ("甲,乙", "E1", "x"))
    )
    text = text.replace("甲,乙", '"甲,乙"')
    sheet = read_csv("小区", text.encode())
    assert sheet.headings == ("名称, 全称", "编码", "备注;说明")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_table_is_read_in_each_usual_encoding(encoding: str) -> None:
    sheet = read_csv("小区", "小区编码,小区名称\nE1,柳荫花园\n".encode(encoding))
    assert sheet.headings == ("小区编码", "小区名称") and sheet.rows[0].cells == ("E1", "柳荫花园")


def test_a_file_in_two_encodings_is_told_with_the_line() -> None:
    content = "小区编码,小区名称\n".encode("gb18030") + "E1,柳荫花园\n".encode() + "E2,湖畔\n".encode("gb18030")
    with pytest.raises(Exception, match="line 2 is UTF-8"):
        read_csv("小区", content)


def test_headings_are_found_below_a_title_and_totals_are_no_rows() -> None:
    grid = [
        ["2026年小区台账"],
        ["填表人：", "王芳"],
        ["序号", "小区编码*", "小区名称（必填）"],
        ["1", "E1", "柳荫花园"],
        ["", "合计", "1"],
    ]
    sheet = Sheet.from_grid("台账", grid).headed({"小区编码", "小区名称"})
    assert sheet.headings == ("序号", "小区编码*", "小区名称（必填）") and sheet.heading_row == 3
    assert [row.number for row in sheet.rows] == [4]
