"""Lists of the register as .csv: in the import's own columns, so that a list can be corrected and imported again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from rating.registry.models import Committee, Company, Contract, Estate
from rating.registry.records import KINDS, values_of
from rating.registry.schemas import SHEET
from rating.wording import Label
from rating.workbooks.writing import write_csv


def estates_csv(estates: Iterable[Estate], language: str) -> str:
    """Estates in the columns of the import's sheet."""
    return _sheet_csv("estates", language, estates)


def companies_csv(companies: Iterable[Company], language: str) -> str:
    """Companies in the columns of the import's sheet."""
    return _sheet_csv("companies", language, companies)


def contracts_csv(contracts: Iterable[Contract], language: str) -> str:
    """Contracts in the columns of the import's sheet."""
    return _sheet_csv("contracts", language, contracts)


def committees_csv(committees: Iterable[Committee], language: str) -> str:
    """Committees in the columns of the import's sheet."""
    return _sheet_csv("committees", language, committees)


def _sheet_csv(key: str, language: str, entities: Iterable[object]) -> str:
    names = list(SHEET[key].schema.fields)
    headings = [getattr(SHEET[key].column_label(name), language) for name in names]
    rows = (values_of(KINDS[key], entity) for entity in entities)
    return write_csv(headings, ([_written(row[name], language) for name in names] for row in rows))


def _written(value: object, language: str) -> object:
    if isinstance(value, bool):
        label = Label("是", "yes") if value else Label("否", "no")
        return getattr(label, language)
    if isinstance(value, list):
        return "、".join(value)
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value
