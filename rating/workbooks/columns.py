"""What the cells of an import may contain: one marshmallow field per kind of value, with faults in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict

from marshmallow import ValidationError, fields
from marshmallow.exceptions import SCHEMA
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, ValidationError as NotACreditCode

from rating.calendar import read_day
from rating.wording import Label, Message, _l
from rating.workbooks.cells import Odd, clean, fold, is_nothing, is_unseen, seen

ENDLESS = frozenset({"长期", "无固定期限", "不定期", "至今", "open-ended", "indefinite"})
YES = frozenset({"是", "有", "yes", "y", "true", "1", "√", "✓"})
NO = frozenset({"否", "无", "没有", "no", "n", "false", "0", "×", "x"})
FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2150, 12, 31)
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_SERIALS = range(18264, 91_677)  # the same span, as a cell that lost its date format shows it
_CREDIT_CODE_LENGTH = 18
EXACT_DIGITS = 15  # so many a spreadsheet keeps of a number


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
    """A cell. An empty one never gets here: rows are loaded without them.

    Something else than a value is refused in its own words; a sign for 'none' is none, where a cell may be empty.
    """

    said_as_nothing = True

    def __init__(self, *, metadata: Mapping[str, Any], **settings: Any) -> None:
        needed = {"required": [_l("This must be filled in.")]}
        super().__init__(metadata=metadata, error_messages=needed, **settings)  # type: ignore[arg-type]  # as in fault()

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **more: Any) -> Any:
        """The value of a cell. Raises ValidationError."""
        if isinstance(value, Odd):
            raise fault(value.reason)
        if self.said_as_nothing and not self.required and is_nothing(value):
            return self.load_default() if callable(self.load_default) else self.load_default
        return super().deserialize(value, attr, data, **more)


def text_of(value: Any) -> str:
    """A cell that must be a text. Raises ValidationError for what a spreadsheet made of it, and for unseen signs."""
    if isinstance(value, bool | date | time | timedelta):
        raise fault(
            _l("The spreadsheet has made something else of this text. Format the cell as text and type it again.")
        )
    text = clean(value)
    if unseen := next((sign for sign in text if is_unseen(sign)), None):
        raise fault(
            _l("There is a sign in it that can't be seen (U+%(code)s). Type it again.", code=f"{ord(unseen):04X}")
        )
    return text


class Words(_Cell):
    """A short text on one line, `longest` characters at most."""

    def __init__(self, longest: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = text_of(value)
        if len(text) > self.longest:
            raise fault(_l("This is longer than %(n)s characters.", n=self.longest))
        return text


class Phone(Words):
    """A telephone number as people write it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(40, **settings)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = unicodedata.normalize("NFKC", seen(value) if isinstance(value, str) else text_of(value))
        if len(text) > self.longest:
            raise fault(_l("This is longer than %(n)s characters.", n=self.longest))
        if sum(character.isdigit() for character in text) < 3:
            raise fault(_l("This is not a telephone number."))
        return text


class Code(_Cell):
    """A short code of a place: letters, digits and hyphens; lower case becomes upper case."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        code = _code(value)
        if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]{0,19}", code):
            raise fault(_l("A code has 1 to 20 letters, digits or hyphens."))
        return code


def _code(value: Any) -> str:
    """A code as it is seen, with capitals; blanks within it are none of it."""
    if isinstance(value, bool | date | time | timedelta):
        text_of(value)
    return fold(value).upper()


def _was_a_number(value: Any, code: str) -> bool:
    """Whether a spreadsheet kept 15 digits of a longer code: as a number, in powers of ten, or with zeros behind."""
    if isinstance(value, int | float) and len(code) >= EXACT_DIGITS:
        return True
    return bool(re.fullmatch(r"\d([.,]\d+)?E\+?\d+|\d{15}0{3}", code)) and not uscc.is_valid(code)


class CompanyCode(_Cell):
    """A unified social credit code (GB 32100) with its check digit, or a local code that can't be taken for one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        code = _code(value)
        if _was_a_number(value, code):
            raise fault(
                _l(
                    "The spreadsheet has made a number of this code and cut it to 15 digits. Format the column as text "
                    "and type the code again, or use the .xlsx template."
                )
            )
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
    """是 or 否, in the usual ways of writing it; 无 is no, and a dash is neither."""

    said_as_nothing = False

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
        number = _number(value, "户|年|个|栋|幢")
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
        number = _number(value, "元|元/平方米|元/㎡|元/m2|元/月")
        if number is None or number != round(number, 2):
            raise fault(_l("This must be a number with at most two decimals, such as 1.80."))
        if not 0 <= number < 1000:
            raise fault(_l("This must lie between %(lowest)s and %(highest)s.", lowest=0, highest=1000))
        return round(number, 2)


def _number(value: Any, units: str) -> Decimal | None:
    """A number, its thousands in groups or not, maybe with its unit behind; None for anything else."""
    if isinstance(value, bool):
        return None
    found = re.fullmatch(rf"(-?(?:\d+|\d{{1,3}}(?:[, ]\d{{3}})+)(?:\.\d+)?) ?(?:{units})?", seen(value))
    if found is None:
        return None
    try:
        return round(Decimal(found[1].replace(",", "").replace(" ", "")), 9)
    except InvalidOperation:
        return None


class Day(_Cell):
    """A day: a date cell, 2026-03-05, 2026/3/5, 2026.3.5, 2026年3月5日 or 20260305."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> date:
        day = _day(value)
        if day is None and re.fullmatch(r"\d{4} ?[-/.年] ?\d{1,2} ?月?", seen(value)):
            raise fault(_l("This is a month without a day, or a day whose 0 was lost. Write it like 2026-03-05."))
        if day is None:
            raise fault(_l("This is not a day. Write it like 2026-03-05."))
        if not FIRST_DAY <= day <= LAST_DAY:
            raise fault(_l("This must lie between %(lowest)s and %(highest)s.", lowest=FIRST_DAY, highest=LAST_DAY))
        return day


class LastDay(Day):
    """The last day of something that may have none: 长期 and the like are none."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **more: Any) -> Any:
        """The day; None for what has no end."""
        return None if fold(value) in ENDLESS else super().deserialize(value, attr, data, **more)


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = seen(value)
    if isinstance(value, int | float) and text.isdecimal() and int(text) in _EXCEL_SERIALS:
        return _EXCEL_EPOCH + timedelta(days=int(text))
    return read_day(text)


class Names(_Cell):
    """Names of people, joined by 、 or commas."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> list[str]:
        names = [clean(name) for name in re.split(r"[、，,；;/]", text_of(value))]
        if any(len(name) > 60 for name in names):
            raise fault(_l("Separate the names by 、"))
        return [name for name in names if name]
