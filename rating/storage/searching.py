"""Searching columns for what somebody typed: the only place that asks the database with LIKE."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute


def holding(text: str, *columns: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    r"""Whether the text stands in one of these columns, in large or small letters; %, _ and \ are signs like others."""
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def holding_words(text: str, *columns: InstrumentedAttribute[str]) -> list[ColumnElement[bool]]:
    """For each word of the text, whether it stands in one of these columns; for `where(*…)`."""
    return [holding(word, *columns) for word in text.split()]
