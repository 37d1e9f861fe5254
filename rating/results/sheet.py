"""The scorecard as a table file for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from rating.results.queries import CompanyResult
from rating.results.wording import percent, points
from rating.scoring import Direction

BYTE_ORDER_MARK = "\ufeff"  # spreadsheets take the file for UTF-8 by it
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("score", "lower", "upper", "base", "adjustment")


def write_sheet(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV; a text that a spreadsheet would take for a formula is quoted with an apostrophe."""
    file = io.StringIO(BYTE_ORDER_MARK)
    file.seek(0, io.SEEK_END)
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return file.getvalue()


def _harmless(value: object) -> object:
    if isinstance(value, str) and value[:1] in FORMULA_SIGNS and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    try:
        Decimal(text)
    except InvalidOperation:
        return False
    return True


def sheet_row(result: CompanyResult, standing: str, reasons: str) -> list[object]:
    """One company's row; `standing` and `reasons` are already in the reader's language."""
    card = result.card
    return [
        result.company.code,
        result.company.name,
        standing,
        card["rank"],
        *(points(card[name]) for name in COLUMNS),
        _direction_score(result, Direction.RESIDENT_TO_COMPANY),
        _direction_score(result, Direction.COMMITTEE_TO_COMPANY),
        card["count"],
        card["households"],
        percent(card["turnout"]),
        card["estate_count"],
        reasons,
    ]


def _direction_score(result: CompanyResult, direction: Direction) -> str | None:
    found = result.card["directions"].get(direction)
    return points(found["score"]) if found else None
