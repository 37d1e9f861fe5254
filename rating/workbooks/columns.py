"""What the cells of an import may contain: one marshmallow field per kind of value, with faults in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict

from marshmallow import ValidationError, fields
from marshmallow.exceptions import SCHEMA
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, ValidationError as NotACreditCode

from rating.calendar import read_day
from rating.wording import Label, Message, _l
from rating.workbooks.reading import clean, fold

YES = frozenset({"是", "有", "yes", "y", "true", "1", "√", "✓"})
NO = frozenset({"否", "无", "没有", "no", "n", "false", "0", "×", "x"})
FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2150, 12, 31)
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_SERIALS = range(18264, 91_677)  # the same span, as a cell that lost its date format shows it
_MIDNIGHT = re.compile(r"(\d{4}([-/.])\d{1,2}\2\d{1,2})t?00:00(?::00)?")  # how some programs write out a date cell
_CREDIT_CODE_LENGTH = 18


class Column(TypedDict):
    """What a column is called, what it may contain and an example, kept in the field's metadata."""

    label: Label
    note: Label
    example: str


def column(label_zh: str, label_en: str, example: str, note_zh: str, note_en: str) -> Column:
    """The metadata of a field."""
    return Column(label=Label(label_zh, label_en), note=Label(note_zh, note_en), example=example)


def fault(text: Message, field: str = SCHEMA) -> ValidationError:
    """A fault of a cell; of column `field` where the rule is about several. A list keeps the sentence as it is."""
    return ValidationError([text], field)


class _Cell(fields.Field[Any]):
    """A cell. An empty one never gets here: rows are loaded without them."""

    def __init__(self, *, metadata: Mapping[str, Any], **settings: Any) -> None:
        needed = {"required": [_l("This must be filled in.")]}
        super().__init__(metadata=metadata, error_messages=needed, **settings)  # type: ignore[arg-type]  # as in fault()


class Words(_Cell):
    """A short text on one line, `longest` characters at most."""

    def __init__(self, longest: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = clean(value)
        if len(text) > self.longest:
            raise fault(_l("This is longer than %(n)s characters.", n=self.longest))
        return text


class Phone(Words):
    """A telephone number as people write it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(40, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = unicodedata.normalize("NFKC", super()._deserialize(value, attr, data))
        if sum(character.isdigit() for character in text) < 3:
            raise fault(_l("This is not a telephone number."))
        return text


class Code(_Cell):
    """A short code of a place: letters, digits and hyphens; lower case becomes upper case."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        code = fold(value).upper()
        if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]{0,19}", code):
            raise fault(_l("A code has 1 to 20 letters, digits or hyphens."))
        return code


class CompanyCode(_Cell):
    """A unified social credit code (GB 32100) with its check digit, or a local code that can't be taken for one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        code = fold(value).upper()
        if len(code) == _CREDIT_CODE_LENGTH:
            self._check_credit_code(code)
            return code
        if re.fullmatch(r"9[1-3][0-9]{6}[0-9A-Z]*", code) and len(code) > 13:
            raise fault(_l("A unified social credit code has 18 characters; this has %(n)s.", n=len(code)))
        if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]{1,16}", code):
            raise fault(_l("Give the unified social credit code (18 characters), or a local code such as LOCAL-001."))
        return code

    @staticmethod
    def _check_credit_code(code: str) -> None:
        try:
            uscc.validate(code)
        except InvalidChecksum as error:
            raise fault(
                _l("The check digit of this unified social credit code is wrong; a character is mistyped.")
            ) from error
        except NotACreditCode as error:
            raise fault(
                _l("This is not a unified social credit code; a local code has fewer than 18 characters.")
            ) from error


class YesNo(_Cell):
    """是 or 否, in the usual ways of writing it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> bool:
        word = fold(value)
        if word in YES:
            return True
        if word in NO:
            return False
        raise fault(_l("Write 是 or 否 (yes or no)."))


class Whole(_Cell):
    """A whole number within bounds; thousands may be separated by commas, digits may be full-width."""

    def __init__(self, lowest: int, highest: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.lowest, self.highest = lowest, highest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int:
        number = _number(value)
        if number is None or number != number.to_integral_value():
            raise fault(_l("This must be a whole number."))
        if not self.lowest <= number <= self.highest:
            raise fault(
                _l("This must lie between %(lowest)s and %(highest)s.", lowest=self.lowest, highest=self.highest)
            )
        return int(number)


class Yuan(_Cell):
    """An amount of yuan, two decimals at most."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Decimal:
        number = _number(value)
        if number is None or number != round(number, 2):
            raise fault(_l("This must be a number with at most two decimals, such as 1.80."))
        if not 0 <= number < 1000:
            raise fault(_l("This must lie between %(lowest)s and %(highest)s.", lowest=0, highest=1000))
        return round(number, 2)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    text = fold(value)
    if not re.fullmatch(r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?", text):
        return None
    try:
        return round(Decimal(text.replace(",", "")), 9)
    except InvalidOperation:
        return None


class Day(_Cell):
    """A day: a date cell, 2026-03-05, 2026/3/5, 2026.3.5, 2026年3月5日 or 20260305."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> date:
        day = _day(value)
        if day is None:
            raise fault(_l("This is not a day. Write it like 2026-03-05."))
        if not FIRST_DAY <= day <= LAST_DAY:
            raise fault(_l("This must lie between %(lowest)s and %(highest)s.", lowest=FIRST_DAY, highest=LAST_DAY))
        return day


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = fold(value)
    if isinstance(value, int | float) and text.isdecimal() and int(text) in _EXCEL_SERIALS:
        return _EXCEL_EPOCH + timedelta(days=int(text))
    at_midnight = _MIDNIGHT.fullmatch(text)
    return read_day(at_midnight[1] if at_midnight else text)


class Names(_Cell):
    """Names of people, joined by 、 or commas."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> list[str]:
        names = [clean(name) for name in re.split(r"[、，,；;/]", clean(value))]
        if any(len(name) > 60 for name in names):
            raise fault(_l("Separate the names by 、"))
        return [name for name in names if name]
