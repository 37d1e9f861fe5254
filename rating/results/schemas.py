"""What leaves the house of a round's result, field by field: what isn't named here is published nowhere.

The audience is the public: these are the parts of a release's data, kept with the scorecard as the bytes whose SHA-256
the release gives. A part is canonical JSON (scoring/canonical.py); its numbers are strings, but for counts.
"""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields

from rating.scoring import CompanyCard, FoldedTallies, Records, Scorecard, canonical_json
from rating.scoring.canonical import decimal_text


class Number(fields.Field[Decimal]):
    """A number that isn't whole, as canonical decimal text."""

    def _serialize(self, value: Decimal | None, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else decimal_text(value)


class Codes(fields.Field[AbstractSet[str]]):
    """A set of codes, in order."""

    def _serialize(self, value: AbstractSet[str] | None, attr: str | None, obj: Any, **_: Any) -> list[str]:
        return sorted(str(code) for code in value or ())


def by_key(values: fields.Field[Any]) -> fields.Dict:
    """One value each of a direction, a standing, an indicator or a mark."""
    return fields.Dict(keys=fields.String(), values=values)


# ---- the scorecard


class ReasonSchema(Schema):
    """A condition that decided."""

    code = fields.String()
    value = Number()
    limit = Number()
    direction = fields.String()
    text = fields.String()


class TippingSchema(Schema):
    """By how much silent households would have to differ."""

    listing = fields.String()
    points = Number()


class CostSchema(Schema):
    """What an indicator costs a company."""

    indicator = fields.String()
    points = Number()


class ChangeSchema(Schema):
    """The change since the last round."""

    reason = fields.String()
    estates = fields.Integer()
    covered = Number()
    before = Number()
    after = Number()
    points = Number()
    lower = Number()
    upper = Number()


class FragileCaseSchema(Schema):
    """A case in which the listing fails."""

    kind = fields.String()
    condition = fields.String()
    value = Number()
    estate = fields.String()
    group = fields.Integer()
    weights = by_key(Number())


class FlaggedSchema(Schema):
    """Whether a listing stands with all flagged evaluations, and with none."""

    counted = fields.Boolean()
    left_out = fields.Boolean()


class FragilitySchema(Schema):
    """How easily a listing would turn."""

    cases = fields.Integer()
    failing = fields.List(fields.Nested(FragileCaseSchema))
    flagged = fields.Nested(FlaggedSchema)


class DirectionSchema(Schema):
    """What one direction says."""

    count = fields.Integer()
    score = Number()
    uncovered = Number()
    is_missing = fields.Boolean()
    lower = Number()
    upper = Number()
    standard_error = Number()
    degrees = fields.Integer()
    largest_difference = Number()
    indicators = by_key(Number())
    dimensions = by_key(Number())


class EstateSchema(Schema):
    """A shown estate."""

    estate = fields.String()
    standing = fields.String()
    is_rated = fields.Boolean()
    reasons = fields.List(fields.Nested(ReasonSchema))
    held_back = fields.List(fields.Nested(ReasonSchema))
    households = fields.Integer()
    count = fields.Integer()
    turnout = Number()
    score = Number()
    lower = Number()
    upper = Number()
    tipping = fields.Nested(TippingSchema)
    gap = Number()
    gap_lower = Number()
    gap_upper = Number()
    smoothed_spread = Number()
    directions = by_key(fields.Nested(DirectionSchema))


class ListedCompanySchema(Schema):
    """A company as its listing keeps it, without its estates."""

    company = fields.String()
    standing = fields.String()
    is_rated = fields.Boolean()
    is_all_group = fields.Boolean()
    as_shown = fields.Boolean()
    reasons = fields.List(fields.Nested(ReasonSchema))
    held_back = fields.List(fields.Nested(ReasonSchema))
    households = fields.Integer()
    estate_count = fields.Integer()
    count = fields.Integer()
    turnout = Number()
    base = Number()
    adjustment_sum = Number()
    adjustment = Number()
    score = Number()
    lower = Number()
    upper = Number()
    variance = Number()
    pooled_spread = Number()
    tipping = fields.Nested(TippingSchema)
    wrong_probability = Number()
    rank = fields.Integer()
    rank_best = fields.Integer()
    rank_worst = fields.Integer()
    costliest = fields.List(fields.Nested(CostSchema))
    change = fields.Nested(ChangeSchema)
    fragility = fields.Nested(FragilitySchema)
    directions = by_key(fields.Nested(DirectionSchema))


class CompanySchema(ListedCompanySchema):
    """A company with its shown estates."""

    estates = fields.List(fields.Nested(EstateSchema))


class TotalsSchema(Schema):
    """A direction's evaluations in the whole city."""

    received = fields.Integer()
    counted = fields.Integer()
    set_aside = fields.Integer()
    rejected = fields.Integer()


class CitySchema(Schema):
    """The city's totals."""

    households = fields.Integer()
    estate_count = fields.Integer()
    company_count = fields.Integer()
    turnout = Number()
    rated_companies = fields.Integer()
    rated_estates = fields.Integer()
    red_places = fields.Integer()
    red_estate_places = fields.Integer()
    mean_score = Number()
    between_variance = Number()
    standings = by_key(fields.Integer())
    estate_standings = by_key(fields.Integer())
    expected_wrong = by_key(Number())
    totals = by_key(fields.Nested(TotalsSchema))


class ScorecardSchema(Schema):
    """scorecard.json."""

    city = fields.Nested(CitySchema)
    companies = fields.List(fields.Nested(CompanySchema))


# ---- the folded tallies


class MarksSchema(Schema):
    """How often each mark was given."""

    marks = by_key(fields.Integer())
    no_mark = fields.Integer()


class CellSchema(Schema):
    """The residents' counted evaluations of an estate or a group."""

    count = fields.Integer()
    mean = Number()
    squares = Number()
    indicators = by_key(fields.Nested(MarksSchema))


class SheetsSchema(Schema):
    """The sheets of bodies on an estate."""

    count = fields.Integer()
    total = fields.Integer()
    lowest = fields.Integer()
    highest = fields.Integer()
    indicators = by_key(fields.Nested(MarksSchema))


class ShownEstateSchema(Schema):
    """An estate that is shown."""

    estate = fields.String()
    households = fields.Integer()
    residents = fields.Nested(CellSchema)
    sheets = by_key(fields.Nested(SheetsSchema))


class GroupSchema(Schema):
    """Folded estates."""

    estates = fields.Integer()
    households = fields.Integer()
    residents = fields.Nested(CellSchema)


class SheetGroupSchema(Schema):
    """A leg's sheets on folded estates."""

    estates = fields.Integer()
    households = fields.Integer()
    count = fields.Integer()
    total = fields.Integer()
    indicators = by_key(fields.Nested(MarksSchema))


class FoldedCompanySchema(Schema):
    """A company's folded tallies."""

    company = fields.String()
    count = fields.Integer()
    households = fields.Integer()
    estate_count = fields.Integer()
    estates = fields.List(fields.Nested(ShownEstateSchema))
    groups = fields.List(fields.Nested(GroupSchema))
    sheet_groups = by_key(fields.Nested(SheetGroupSchema))
    as_shown = fields.Boolean()


class TalliesSchema(Schema):
    """tallies.json."""

    companies = fields.List(fields.Nested(FoldedCompanySchema))
    totals = by_key(fields.Nested(TotalsSchema))
    households = fields.Integer()
    estate_count = fields.Integer()


# ---- the records


class AdjustmentSchema(Schema):
    """An addition or a deduction."""

    company = fields.String()
    points = Number()
    kind = fields.String()
    severity = fields.String()
    source = fields.String()
    valid_from = fields.Date()
    valid_to = fields.Date()


class VetoSchema(Schema):
    """A cause for the black list."""

    company = fields.String()
    reason = fields.String()


class RecordsSchema(Schema):
    """records.json."""

    adjustments = fields.List(fields.Nested(AdjustmentSchema))
    vetoes = fields.List(fields.Nested(VetoSchema))
    overdue_commitments = Codes()
    overdue_estates = Codes()


_SCORECARD, _TALLIES, _RECORDS = ScorecardSchema(), TalliesSchema(), RecordsSchema()
_COMPANY, _LISTED = CompanySchema(), ListedCompanySchema()


def write_scorecard(card: Scorecard) -> str:
    """scorecard.json: canonical JSON, the same bytes on every platform."""
    return canonical_json(_SCORECARD.dump(card)).decode()


def write_tallies(tallies: FoldedTallies) -> str:
    """tallies.json: a cell's mean has one decimal, other numbers that aren't whole have six."""
    return canonical_json(_TALLIES.dump(tallies)).decode()


def write_records(records: Records) -> str:
    """records.json."""
    return canonical_json(_RECORDS.dump(records)).decode()


def company_fields(card: CompanyCard) -> dict[str, Any]:
    """A company of the scorecard as plain data, its estates too."""
    fields_: dict[str, Any] = _COMPANY.dump(card)
    return fields_


def listed_fields(card: CompanyCard) -> dict[str, Any]:
    """A company as its listing keeps it, without its estates; names in order as in canonical JSON."""
    read: dict[str, Any] = json.loads(canonical_json(_LISTED.dump(card)))
    return read
