"""No two companies on a day: one rule for imports, single records, the checklist and what SQL asks."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

import pytest
from flask import Flask
from hypothesis import given, strategies as st
from sqlalchemy import select

from rating.errors import Invalid
from rating.extensions import db
from rating.registry.contracts import Days, check_overlap, last_day, list_overlaps, runs_within, share_a_day
from rating.registry.models import Contract
from tests.factories import ContractFactory

FIRST = date(2026, 1, 1)


def term(first: int, length: int | None) -> Days:
    starts_on = FIRST + timedelta(days=first)
    return Days(starts_on, None if length is None else starts_on + timedelta(days=length))


TERMS = st.builds(term, st.integers(0, 12), st.none() | st.integers(0, 6))


def days_of(one: Days) -> set[int]:
    return {n for n in range(40) if one.starts_on <= FIRST + timedelta(days=n) <= last_day(one)}


@given(TERMS, TERMS)
def test_two_share_a_day_where_one_day_lies_in_both(one: Days, other: Days) -> None:
    assert share_a_day(one, other) is share_a_day(other, one) is bool(days_of(one) & days_of(other))


@given(st.lists(TERMS, max_size=6))
def test_every_term_that_shares_a_day_with_an_earlier_one_is_found(terms: list[Days]) -> None:
    ordered = sorted(terms, key=lambda one: one.starts_on)
    late = {id(later) for earlier, later in combinations(ordered, 2) if days_of(earlier) & days_of(later)}
    found = list(list_overlaps(ordered))
    assert {id(later) for _earlier, later in found} == late
    assert all(days_of(earlier) & days_of(later) for earlier, later in found)


@pytest.mark.parametrize("first", range(0, 16, 3))
@pytest.mark.parametrize("length", [0, 4, None])
def test_sql_and_a_single_record_are_judged_by_the_same_rule(app: Flask, first: int, length: int | None) -> None:
    new = term(first, length)
    contract = ContractFactory(starts_on=FIRST + timedelta(days=6), ends_on=FIRST + timedelta(days=9))
    shares = share_a_day(contract, new)
    assert bool(db.session.scalars(select(Contract).where(runs_within(new.starts_on, last_day(new)))).all()) is shares
    if shares:
        with pytest.raises(Invalid, match="one company on a day"):
            check_overlap(contract.estate_id, new.starts_on, new.ends_on, None)
    else:
        check_overlap(contract.estate_id, new.starts_on, new.ends_on, None)
    check_overlap(contract.estate_id, new.starts_on, new.ends_on, contract.id)
