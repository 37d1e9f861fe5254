"""What the cells of an import may hold."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from marshmallow import ValidationError

from rating.registry.schemas import SHEETS, SheetForm
from rating.workbooks.columns import Code, CompanyCode, Day, Names, Phone, Whole, YesNo, Yuan, column
from rating.workbooks.headings import headings_of

ANY = column("列", "Column", "", "", "")


def read(field: Any, cell: object) -> Any:
    return field.deserialize(cell)


def fault_of(field: Any, cell: object) -> str:
    with pytest.raises(ValidationError) as caught:
        field.deserialize(cell)
    return str(caught.value.messages[0])


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-05",
        "2026/3/5",
        "2026.3.5",
        "2026年3月5日",
        "\uff12\uff10\uff12\uff16年\uff13月\uff15日",
        "20260305",
        20260305,
        20260305.0,
        datetime(2026, 3, 5, 8, 30),
        date(2026, 3, 5),
        "2026-03-05 00:00:00",
        46086.0,
    ],
)
def test_days_are_read_in_the_usual_forms(cell: object) -> None:
    assert read(Day(metadata=ANY), cell) == date(2026, 3, 5)


@pytest.mark.parametrize("cell", ["2026-02-30", "5/3/2026", "soon", "2026-3/5", 12, True, "1899-01-01"])
def test_what_is_no_day_is_told(cell: object) -> None:
    assert fault_of(Day(metadata=ANY), cell)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1,234", 1234), ("\uff11\uff0c\uff12\uff13\uff14", 1234), (320.0, 320), (" 12 ", 12), ("1 234", 1234)],
)
def test_whole_numbers_may_have_separators_and_full_width_digits(cell: object, number: int) -> None:
    assert read(Whole(1, 5000, metadata=ANY), cell) == number


@pytest.mark.parametrize("cell", ["12.5", 12.5, "1,23", "twelve", "1e3", True, "0", "5001", "-3", "٣٤x", "nan"])
def test_what_is_no_whole_number_within_bounds_is_told(cell: object) -> None:
    assert fault_of(Whole(1, 5000, metadata=ANY), cell)


@pytest.mark.parametrize(
    ("cell", "yuan"), [("0.85", "0.85"), (1.8, "1.80"), (1.8000000000000003, "1.80"), ("2", "2.00")]
)
def test_fees_have_two_decimals(cell: object, yuan: str) -> None:
    assert read(Yuan(metadata=ANY), cell) == Decimal(yuan)


@pytest.mark.parametrize("cell", ["1.855", "free", "-1", "1000"])
def test_what_is_no_fee_is_told(cell: object) -> None:
    assert fault_of(Yuan(metadata=ANY), cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("是", True), ("否", False), ("YES", True), ("n", False), (True, True), (0, False), ("√", True), ("无", False)],
)
def test_yes_and_no_are_read_in_both_languages(cell: object, value: bool) -> None:
    assert read(YesNo(metadata=ANY), cell) is value


def test_what_is_neither_yes_nor_no_is_told() -> None:
    assert "yes or no" in fault_of(YesNo(metadata=ANY), "maybe")


@pytest.mark.parametrize("cell", ["91350100M000100Y43", "91350100m000100y43", "\uff191350100M000100Y4\uff13"])
def test_a_credit_code_with_its_check_digit_is_taken(cell: str) -> None:
    assert read(CompanyCode(metadata=ANY), cell) == "91350100M000100Y43"


def test_a_credit_code_with_a_wrong_check_digit_is_told_as_such() -> None:
    assert "check digit" in fault_of(CompanyCode(metadata=ANY), "91350100M000100Y44")


def test_a_credit_code_with_a_character_missing_is_not_taken_for_a_local_code() -> None:
    assert "has 18 characters; this has 17" in fault_of(CompanyCode(metadata=ANY), "91350100M000100Y4")


@pytest.mark.parametrize("cell", ["LOCAL-001", "local-001", "A1", "GREENWIN-3F2A"])
def test_a_local_code_is_taken(cell: str) -> None:
    assert read(CompanyCode(metadata=ANY), cell) == cell.upper()


@pytest.mark.parametrize("cell", ["A", "-A1", "LOCAL_1", "某某公司", "ABCDEFGHIJKLMNOPQR", "ABCDEFGHIJKLMNOPQRS"])
def test_what_is_neither_kind_of_company_code_is_told(cell: str) -> None:
    assert fault_of(CompanyCode(metadata=ANY), cell)


def test_codes_of_places_are_written_in_capitals_and_keep_numbers_whole() -> None:
    assert read(Code(metadata=ANY), "qy01") == "QY01"
    assert read(Code(metadata=ANY), 101.0) == "101"
    assert fault_of(Code(metadata=ANY), "柳荫")


def test_names_are_parted_and_telephones_checked() -> None:
    assert read(Names(metadata=ANY), "李秀英、张伟\uff0c陈建平 \uff1b") == ["李秀英", "张伟", "陈建平"]
    assert read(Phone(metadata=ANY), 5551234.0) == "5551234"
    assert fault_of(Phone(metadata=ANY), "call us")


@pytest.mark.parametrize("form", SHEETS, ids=lambda form: form.key)
def test_every_column_of_a_sheet_can_be_named_in_three_ways(form: SheetForm) -> None:
    labels = {name: form.column_label(name) for name in form.schema.fields}
    names = headings_of(labels)
    for key, label in labels.items():
        assert {names[key], names[label.zh.casefold()], names[label.en.casefold().replace(" ", "")]} == {key}


@pytest.mark.parametrize("form", SHEETS, ids=lambda form: form.key)
def test_the_examples_of_the_template_are_good_rows(form: SheetForm) -> None:
    example = {name: field.metadata["example"] for name, field in form.schema.fields.items()}
    form.schema.load({name: text for name, text in example.items() if text})
