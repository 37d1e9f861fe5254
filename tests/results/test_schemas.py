"""What is published of a result is listed field by field; nothing else that a card may have leaves the house."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, make_dataclass
from typing import Any, cast

import pytest
from flask import Flask
from marshmallow import Schema, fields as kinds

from rating.adjustments.models import AdjustmentKind
from rating.results.card_schemas import CompanySchema, ListedCompanySchema, ScorecardSchema
from rating.results.schemas import (
    RecordsSchema,
    TalliesSchema,
    listed_fields,
    write_records,
    write_scorecard,
    write_tallies,
)
from rating.scoring import CompanyCard, FoldedTallies, Records, Scorecard
from rating.scoring.plain import PlainDataError, from_plain
from tests.factories import AdjustmentFactory
from tests.results.town import build_town, compute
from tests.support.plain import as_written, plain

INSIDE = "what only the office knows"
PARTS = {
    "scorecard": (Scorecard, ScorecardSchema, write_scorecard),
    "tallies": (FoldedTallies, TalliesSchema, write_tallies),
    "records": (Records, RecordsSchema, write_records),
}


def parts_of(app: Flask) -> dict[str, Any]:
    """A computed round's parts, read back."""
    town = build_town()
    AdjustmentFactory(company=town.companies["fair"])
    AdjustmentFactory(company=town.companies["bad"], kind=AdjustmentKind.VETO, reason="消防重大事故")
    AdjustmentFactory(company=town.companies["good"], kind=AdjustmentKind.OVERDUE_COMMITMENT)
    stored = compute(town)
    return {
        "scorecard": Scorecard.from_json(stored.content.encode()),
        "tallies": FoldedTallies.from_json(json.loads(stored.tallies)),
        "records": Records.from_json(json.loads(stored.records)),
    }


def with_more(value: Any) -> Any:
    """The same, each dataclass in it having one field more than it had."""
    if is_dataclass(value) and not isinstance(value, type):
        more = make_dataclass(f"More{type(value).__name__}", [("memo", str)], bases=(_Bare,))
        made = more(memo=INSIDE)
        for field in fields(value):
            object.__setattr__(made, field.name, with_more(getattr(value, field.name)))
        made.__dataclass_fields__ = {**{one.name: one for one in fields(value)}, **more.__dataclass_fields__}
        return made
    if isinstance(value, dict):
        return {key: with_more(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(with_more(item) for item in value)
    return value


@dataclass
class _Bare:
    """Nothing yet."""


@pytest.mark.parametrize("part", PARTS)
def test_a_field_that_is_not_listed_is_published_nowhere(app: Flask, part: str) -> None:
    value, (_, _, write) = parts_of(app)[part], PARTS[part]
    more = with_more(value)
    assert INSIDE.encode() in as_written(more)  # the control: written field by field it would be
    assert INSIDE not in write(more)
    assert write(more) == write(value)


def test_a_listing_keeps_no_field_that_is_not_listed(app: Flask) -> None:
    for card in parts_of(app)["scorecard"].companies:
        assert listed_fields(with_more(card)) == listed_fields(card)
        assert "estates" not in listed_fields(card)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_says_all_that_a_card_has_now(app: Flask, part: str) -> None:
    """Whoever adds a field to a card chooses here whether it is published."""
    value, (_, _, write) = parts_of(app)[part], PARTS[part]
    assert write(value).encode() == as_written(value)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_published_is_read_back(app: Flask, part: str) -> None:
    value, (kind, _, write) = parts_of(app)[part], PARTS[part]
    assert from_plain(cast("type[Any]", kind), json.loads(write(value))) == value


def schemas_of(schema: Schema) -> Iterator[Schema]:
    """A schema and all within it."""
    yield schema
    for field in schema.fields.values():
        inner = field.inner if isinstance(field, kinds.List) else field
        inner = cast("Any", inner).value_field if isinstance(inner, kinds.Dict) else inner
        if isinstance(inner, kinds.Nested):
            yield from schemas_of(cast("Schema", inner.schema))


def test_no_schema_takes_in_what_it_does_not_name() -> None:
    """No Raw and no Method: each value has a kind of its own."""
    tops: list[type[Schema]] = [schema for _, schema, _ in PARTS.values()]
    found = {type(field) for top in tops for one in schemas_of(top()) for field in one.fields.values()}
    assert not found & {kinds.Raw, kinds.Method, kinds.Function, kinds.Field}


def test_a_listed_company_is_a_company_of_the_scorecard_without_its_estates() -> None:
    assert CompanySchema().fields.keys() - ListedCompanySchema().fields.keys() == {"estates"}


def test_a_part_from_before_a_field_with_a_default_is_still_read(app: Flask) -> None:
    card = next(one for one in parts_of(app)["scorecard"].companies if one.fragility)
    told = plain(card)
    del told["fragility"]["flagged"]
    assert from_plain(CompanyCard, told).fragility.flagged is None  # type: ignore[union-attr]  # it has one
    del told["fragility"]["cases"]
    with pytest.raises(PlainDataError, match="the keys expected are"):
        from_plain(CompanyCard, told)
