"""Lists of the register as .csv: in the import's own columns, so that a list can be mended and imported again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from rating.registry.models import Company, Estate
from rating.registry.schemas import SHEET
from rating.wording import Label

STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> str:
    """A cell as text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(STARTS_FORMULA) else text


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A .csv file with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([safe_cell(heading) for heading in headings])
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def estates_csv(estates: Iterable[Estate], language: str) -> str:
    """Estates in the columns of the import's sheet."""
    return _sheet_csv("estates", language, (_estate_row(estate) for estate in estates))


def companies_csv(companies: Iterable[Company], language: str) -> str:
    """Companies in the columns of the import's sheet."""
    return _sheet_csv("companies", language, (_company_row(company) for company in companies))


def _sheet_csv(key: str, language: str, rows: Iterable[Mapping[str, object]]) -> str:
    names = list(SHEET[key].schema.fields)
    headings = [getattr(SHEET[key].column_label(name), language) for name in names]
    return write_csv(headings, ([_written(row[name], language) for name in names] for row in rows))


def _written(value: object, language: str) -> object:
    if isinstance(value, bool):
        label = Label("是", "yes") if value else Label("否", "no")
        return getattr(label, language)
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value


def _estate_row(estate: Estate) -> dict[str, object]:
    kept = (name for name in SHEET["estates"].schema.fields if name != "community")
    return {"community": estate.community.code, **{name: getattr(estate, name) for name in kept}}


def _company_row(company: Company) -> dict[str, object]:
    return {
        "code": company.code,
        "name": company.name,
        "parent": company.parent.code if company.parent else None,
        "phone": company.phone,
    }
