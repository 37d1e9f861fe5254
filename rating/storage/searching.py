"""Searching columns for what somebody typed: the only place that asks the database with LIKE."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute


def containing(text: str, *columns: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    r"""Whether one of these columns contains the text, in upper or lower case; %, _ and \ are characters like
    others.
    """
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def containing_words(text: str, *columns: InstrumentedAttribute[str]) -> list[ColumnElement[bool]]:
    """For each word of the text, whether one of these columns contains it; for `where(*…)`."""
    return [containing(word, *columns) for word in text.split()]
