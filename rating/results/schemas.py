"""What leaves the house of a round's result, field by field: what isn't named here is published nowhere.

The audience is the public: these are the parts of a release's data, kept with the scorecard as the bytes whose SHA-256
the release gives. A part is canonical JSON (scoring/canonical.py); its numbers are strings, but for counts.
scorecard.json's cards are in card_schemas.py; here are tallies.json and records.json, and how all three are written.
"""

from __future__ import annotations

import json
from typing import Any

from marshmallow import Schema, fields

from rating.results.card_schemas import CompanySchema, ListedCompanySchema, ScorecardSchema, TotalsSchema
from rating.results.fields import Codes, Number, by_key
from rating.scoring import CompanyCard, FoldedTallies, Records, Scorecard, canonical_json

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
