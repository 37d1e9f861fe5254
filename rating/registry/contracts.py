"""Contracts of one estate beside each other: one company on a day, and the change from one to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from rating.errors import Invalid
from rating.extensions import db
from rating.registry.models import Contract, Estate
from rating.wording import _l


class Term(Protocol):
    """From a day to a day, both included; without a last day it runs on."""

    @property
    def starts_on(self) -> date: ...

    @property
    def ends_on(self) -> date | None: ...


_T = TypeVar("_T", bound=Term)


@dataclass(frozen=True, slots=True)
class Days:
    """A term by itself."""

    starts_on: date
    ends_on: date | None


def last_day(term: Term) -> date:
    """Its last day; the last of all days where it runs on."""
    return term.ends_on or date.max


def share_a_day(one: Term, other: Term) -> bool:
    """Whether there is a day on which both run: no two contracts of an estate may."""
    return one.starts_on <= last_day(other) and other.starts_on <= last_day(one)


def list_overlaps(terms: Iterable[_T]) -> Iterator[tuple[_T, _T]]:
    """Each term that shares a day with one before it, after that one; terms come by first day."""
    longest: _T | None = None
    for term in terms:
        if longest is not None and share_a_day(longest, term):
            yield longest, term
        if longest is None or last_day(term) > last_day(longest):
            longest = term


def runs_within(first: date, last: date) -> ColumnElement[bool]:
    """share_a_day in SQL: contracts that run on any of these days, both included."""
    return (Contract.starts_on <= last) & or_(Contract.ends_on.is_(None), Contract.ends_on >= first)


def lock_estate(estate_id: int) -> None:
    """Lock this estate's contracts until the transaction ends."""
    db.session.scalar(select(Estate.id).where(Estate.id == estate_id).with_for_update())


def list_contracts_of(estate: Estate) -> list[Contract]:
    """An estate's contracts with their companies, the latest first."""
    statement = select(Contract).where(Contract.estate_id == estate.id).options(joinedload(Contract.company))
    return list(db.session.scalars(statement.order_by(Contract.starts_on.desc(), Contract.id.desc())))


def find_overlap(estate_id: int, starts_on: date, ends_on: date | None, except_id: int | None) -> Contract | None:
    """The first other contract of the estate that runs on one of these days."""
    days = Days(starts_on, ends_on)
    statement = select(Contract).where(Contract.estate_id == estate_id, runs_within(days.starts_on, last_day(days)))
    if except_id is not None:
        statement = statement.where(Contract.id != except_id)
    return db.session.scalar(statement.options(joinedload(Contract.company)).order_by(Contract.starts_on).limit(1))


def check_overlap(estate_id: int, starts_on: date, ends_on: date | None, except_id: int | None) -> None:
    """Raise Invalid, with the other contract in words, where an estate would have two companies on a day."""
    if ends_on is not None and ends_on < starts_on:
        raise Invalid(_l("The last day is before the first."), field="ends_on")
    with db.session.no_autoflush:
        other = find_overlap(estate_id, starts_on, ends_on, except_id)
    if other is None:
        return
    values = {"company": other.company.name, "starts_on": other.starts_on, "ends_on": other.ends_on}
    field = "starts_on" if other.starts_on <= starts_on else "ends_on"
    if other.ends_on is None:
        raise Invalid(
            _l(
                "An estate has one company on a day: the contract with %(company)s runs from %(starts_on)s without an "
                "end. End that one first.",
                **values,
            ),
            field=field,
        )
    raise Invalid(
        _l(
            "An estate has one company on a day: the contract with %(company)s runs from %(starts_on)s to %(ends_on)s.",
            **values,
        ),
        field=field,
    )
