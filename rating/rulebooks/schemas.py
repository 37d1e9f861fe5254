"""The form of a rulebook file, validated by marshmallow; every fault of a file is told at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from rating import scoring
from rating.errors import Invalid
from rating.rulebooks.content import (
    Comment,
    Dimension,
    Indicator,
    NoMark,
    Questionnaire,
    RulebookContent,
    Text,
    Windows,
    exact_settings,
)
from rating.rulebooks.faults import BadRulebook, Fault, faults_of
from rating.scoring import Direction, QuestionnaireRule, ScoringRules
from rating.wording import _l

KEY = validate.Regexp(r"[a-z][a-z0-9_]{0,39}\Z")
HIGHEST = 9  # one character a mark is stored


class _Strict(Schema):
    class Meta:
        unknown = RAISE


class _Said(_Strict):
    zh = fields.Str(required=True, validate=validate.Length(min=1))
    en = fields.Str(required=True, validate=validate.Length(min=1))


def _text(data: dict[str, Any], prefix: str = "") -> Text:
    return Text(data.get(f"{prefix}zh", ""), data.get(f"{prefix}en", ""))


class _Indicator(_Said):
    key = fields.Str(required=True, validate=KEY)
    hint_zh = fields.Str()
    hint_en = fields.Str()
    max = fields.Int(required=True, strict=True, validate=validate.Range(1, HIGHEST))
    weight = fields.Int(required=True, strict=True, validate=validate.Range(1, 1000))
    method = fields.Str(validate=validate.OneOf(["look", "records", "test", "ask"]))
    applies_if = fields.Str()

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Indicator:
        return Indicator(
            data["key"],
            _text(data),
            _text(data, "hint_"),
            data["max"],
            data["weight"],
            data.get("method", ""),
            data.get("applies_if", ""),
        )


class _Dimension(_Said):
    key = fields.Str(required=True, validate=KEY)
    max = fields.Int()
    indicators = fields.List(fields.Nested(_Indicator), required=True, validate=validate.Length(min=1))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Dimension:
        total = sum(indicator.highest for indicator in data["indicators"])
        if data.get("max", total) != total:
            raise ValidationError(f"the maxima add up to {total}, not {data['max']}", "max")
        return Dimension(data["key"], _text(data), tuple(data["indicators"]))


class _Label(_Said):
    mark = fields.Int(required=True, strict=True)


class _NoMark(_Said):
    key = fields.Str(required=True, validate=validate.OneOf(["unknown", "absent"]))


class _Scale(_Strict):
    lowest = fields.Int(required=True, strict=True, validate=validate.Range(0, HIGHEST))
    highest = fields.Int(strict=True)
    zero = fields.Int(required=True, strict=True)
    step = fields.Int(validate=validate.Equal(1))
    order = fields.Str(validate=validate.Equal("highest_first"))
    labels = fields.List(fields.Nested(_Label), load_default=list)
    no_mark = fields.List(fields.Nested(_NoMark), load_default=list)


class _Comment(_Said):
    max_length = fields.Int(required=True, validate=validate.Range(1, 2000))
    hint_zh = fields.Str()
    hint_en = fields.Str()


class _Questionnaire(_Said):
    direction = fields.Enum(Direction, by_value=True, required=True)
    scale = fields.Nested(_Scale, required=True)
    preface_zh = fields.Str()
    preface_en = fields.Str()
    comment = fields.Nested(_Comment)
    dimensions = fields.List(fields.Nested(_Dimension), required=True, validate=validate.Length(min=1))

    @validates_schema(skip_on_field_errors=True)
    def marks_fit(self, data: dict[str, Any], **_: Any) -> None:
        scale = data["scale"]
        if scale["zero"] > scale["lowest"]:
            raise ValidationError("zero must not be above the lowest mark", "scale")
        indicators = [i for dimension in data["dimensions"] for i in dimension.indicators]
        keys = [indicator.key for indicator in indicators]
        if doubled := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValidationError(f"indicators named twice: {', '.join(doubled)}", "dimensions")
        if low := [i.key for i in indicators if i.highest <= scale["lowest"]]:
            raise ValidationError(f"the highest mark must be above the lowest: {', '.join(low)}", "dimensions")

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Questionnaire:
        scale, comment = data["scale"], data.get("comment")
        return Questionnaire(
            direction=data["direction"],
            title=_text(data),
            preface=_text(data, "preface_"),
            lowest=scale["lowest"],
            zero=scale["zero"],
            labels={label["mark"]: _text(label) for label in scale["labels"]},
            no_marks=tuple(NoMark(one["key"], _text(one)) for one in scale["no_mark"]),
            comment=Comment(comment["max_length"], _text(comment), _text(comment, "hint_")) if comment else None,
            dimensions=tuple(data["dimensions"]),
        )


class _Windows(_Strict):
    open_days = fields.Int(validate=validate.Range(1, 120))
    preview_working_days = fields.Int(validate=validate.Range(0, 60))
    objection_working_days = fields.Int(validate=validate.Range(1, 60))
    correction_working_days = fields.Int(validate=validate.Range(1, 60))
    display_months = fields.Int(validate=validate.Range(1, 12))
    talk_working_days = fields.Int(validate=validate.Range(1, 60))
    talk_notice_working_days = fields.Int(validate=validate.Range(0, 30))
    urgent_days = fields.Int(validate=validate.Range(1, 7))
    hazardous_days = fields.Int(validate=validate.Range(1, 90))
    ordinary_days = fields.Int(validate=validate.Range(1, 365))
    fund_days = fields.Int(validate=validate.Range(1, 730))
    reinspection_days = fields.Int(validate=validate.Range(0, 90))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Windows:
        return Windows(**data)


class _Document(_Strict):
    key = fields.Str(required=True, validate=KEY)
    version = fields.Int(required=True, strict=True, validate=validate.Range(1, 999_999))
    title = fields.Nested(_Said, required=True)
    scoring = fields.Dict(keys=fields.Str(), required=True)
    windows = fields.Nested(_Windows, load_default=Windows)
    residents = fields.Nested(_Questionnaire)
    committee = fields.Nested(_Questionnaire)
    company_to_committee = fields.Nested(_Questionnaire)

    @validates_schema(skip_on_field_errors=True)
    def whole(self, data: dict[str, Any], **_: Any) -> None:
        for name, direction in PLACES.items():
            if name in data and data[name].direction is not direction:
                raise ValidationError(f"this questionnaire must have the direction {direction}", name)
        if "committee" not in data and "residents" not in data:
            raise ValidationError("a rulebook needs residents' or on-site questions")

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> RulebookContent:
        content = RulebookContent(
            key=data["key"],
            version=data["version"],
            title=_text(data["title"]),
            questionnaires=_by_direction([data[name] for name in PLACES if name in data]),
            scoring=data["scoring"],
            windows=data["windows"],
        )
        try:
            content.rules()
        except NO_RULES as error:
            raise ValidationError(str(error), "scoring") from error
        return content


NO_RULES = (TypeError, ValueError, ArithmeticError, AttributeError)  # what settings of any kind may come to
_ANYTHING = tuple(
    QuestionnaireRule(direction, (scoring.Indicator("anything", 1, 0, 1, 0),))
    for direction in (Direction.RESIDENT_TO_COMPANY, Direction.COMMITTEE_TO_COMPANY)
)


def _setting_faults(document: dict[str, Any]) -> list[Fault]:
    """What is wrong with the settings by themselves, where the questionnaires have faults of their own."""
    try:
        ScoringRules(questionnaires=_ANYTHING, **exact_settings(document["scoring"]))
    except NO_RULES as error:
        return list(faults_of(str(error), "scoring"))
    return []


def _by_direction(questionnaires: list[Questionnaire]) -> dict[Direction, Questionnaire]:
    """Questionnaires by direction. A company rates itself on the committee's sheet, unchanged."""
    found = {one.direction: one for one in questionnaires}
    if (sheet := found.get(Direction.COMMITTEE_TO_COMPANY)) is not None:
        found[Direction.COMPANY_SELF] = replace(sheet, direction=Direction.COMPANY_SELF)
    return found


PLACES = {
    "residents": Direction.RESIDENT_TO_COMPANY,
    "committee": Direction.COMMITTEE_TO_COMPANY,
    "company_to_committee": Direction.COMPANY_TO_COMMITTEE,
}


def parse_document(document: Any) -> RulebookContent:
    """A loaded YAML document as content; raises BadRulebook with every fault."""
    if not isinstance(document, dict):
        raise Invalid(
            _l("A rulebook file must hold a mapping with the keys key, version, title, scoring and questionnaires."),
            field="file",
        )
    try:
        content: RulebookContent = _Document().load(document)
    except ValidationError as error:
        found = list(faults_of(error.messages))
        if isinstance(document.get("scoring"), dict) and not any(one.place.startswith("scoring") for one in found):
            found += _setting_faults(document)
        raise BadRulebook(found) from error
    return content


_parsed: dict[str, RulebookContent] = {}


def find_parsed(digest: str) -> RulebookContent | None:
    """The content of a stored document that this process has met before."""
    return _parsed.get(digest)


def parse_content(digest: str, document: dict[str, Any]) -> RulebookContent:
    """The content of a stored document, parsed once per digest and process."""
    if digest not in _parsed:
        _parsed[digest] = parse_document(document)
    return _parsed[digest]
