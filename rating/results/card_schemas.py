"""scorecard.json, field by field: cards of the city, its companies and their estates."""

from __future__ import annotations

from marshmallow import Schema, fields

from rating.results.fields import Number, by_key


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
