"""The form of a rulebook file, validated by marshmallow; every fault of a file is reported at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from rating import scoring
from rating.errors import Invalid
from rating.rulebooks.checks import (
    Dict,
    Int,
    List,
    Nested,
    Str,
    Strict,
    between,
    equal,
    filled,
    is_key,
    one_of,
    refused,
)
from rating.rulebooks.content import (
    Comment,
    Dimension,
    Gaps,
    Indicator,
    NoMark,
    Questionnaire,
    RulebookContent,
    Text,
    Windows,
    exact_settings,
)
from rating.rulebooks.faults import BadRulebook, Fault, FileCode, faults_of
from rating.scoring import Direction, QuestionnaireRule, RuleCode, RuleError, ScoringRules, named_twice
from rating.storage.digests import ByDigest
from rating.wording import _l

HIGHEST = 9  # one character a mark is stored


class _Said(Strict):
    zh = Str(required=True, validate=filled)
    en = Str(required=True, validate=filled)


def _text(data: dict[str, Any], prefix: str = "") -> Text:
    return Text(data.get(f"{prefix}zh", ""), data.get(f"{prefix}en", ""))


class _Indicator(_Said):
    key = Str(required=True, validate=is_key)
    hint_zh = Str()
    hint_en = Str()
    max = Int(required=True, strict=True, validate=between(1, HIGHEST))
    weight = Int(required=True, strict=True, validate=between(1, 1000))
    method = Str(validate=one_of("look", "records", "test", "ask"))
    applies_if = Str()

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
    key = Str(required=True, validate=is_key)
    max = Int()
    indicators = List(Nested(_Indicator), required=True, validate=filled)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Dimension:
        total = sum(indicator.highest for indicator in data["indicators"])
        if data.get("max", total) != total:
            raise refused(FileCode.OTHER_TOTAL, "max", total=total, named=data["max"])
        return Dimension(data["key"], _text(data), tuple(data["indicators"]))


class _Label(_Said):
    mark = Int(required=True, strict=True)


class _NoMark(_Said):
    key = Str(required=True, validate=one_of("unknown", "absent"))


class _Scale(Strict):
    lowest = Int(required=True, strict=True, validate=between(0, HIGHEST))
    highest = Int(strict=True)
    zero = Int(required=True, strict=True)
    step = Int(validate=equal(1))
    order = Str(validate=equal("highest_first"))
    labels = List(Nested(_Label), load_default=list)
    no_mark = List(Nested(_NoMark), load_default=list)


class _Comment(_Said):
    max_length = Int(required=True, validate=between(1, 2000))
    hint_zh = Str()
    hint_en = Str()


class _Questionnaire(_Said):
    direction = Str(required=True, validate=one_of(*Direction))
    scale = Nested(_Scale, required=True)
    preface_zh = Str()
    preface_en = Str()
    comment = Nested(_Comment)
    dimensions = List(Nested(_Dimension), required=True, validate=filled)

    @validates_schema(skip_on_field_errors=True)
    def marks_fit(self, data: dict[str, Any], **_: Any) -> None:
        scale = data["scale"]
        if scale["zero"] > scale["lowest"]:
            raise refused(RuleCode.ZERO_ABOVE_LOWEST, "scale")
        indicators = [i for dimension in data["dimensions"] for i in dimension.indicators]
        keys = [indicator.key for indicator in indicators]
        if doubled := named_twice(keys):
            raise refused(RuleCode.INDICATOR_TWICE, "dimensions", names=", ".join(doubled))
        if low := [i.key for i in indicators if i.highest <= scale["lowest"]]:
            raise refused(RuleCode.HIGHEST_NOT_ABOVE_LOWEST, "dimensions", names=", ".join(low))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Questionnaire:
        scale, comment = data["scale"], data.get("comment")
        return Questionnaire(
            direction=Direction(data["direction"]),
            title=_text(data),
            preface=_text(data, "preface_"),
            lowest=scale["lowest"],
            zero=scale["zero"],
            labels={label["mark"]: _text(label) for label in scale["labels"]},
            no_marks=tuple(NoMark(one["key"], _text(one)) for one in scale["no_mark"]),
            comment=Comment(comment["max_length"], _text(comment), _text(comment, "hint_")) if comment else None,
            dimensions=tuple(data["dimensions"]),
        )


class _Windows(Strict):
    open_days = Int(validate=between(1, 120))
    preview_working_days = Int(validate=between(0, 60))
    objection_working_days = Int(validate=between(1, 60))
    correction_working_days = Int(validate=between(1, 60))
    display_months = Int(validate=between(1, 12))
    talk_working_days = Int(validate=between(1, 60))
    talk_notice_working_days = Int(validate=between(0, 30))
    urgent_days = Int(validate=between(1, 7))
    hazardous_days = Int(validate=between(1, 90))
    ordinary_days = Int(validate=between(1, 365))
    fund_days = Int(validate=between(1, 730))
    reinspection_days = Int(validate=between(0, 90))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Windows:
        return Windows(**data)


class _Gaps(Strict):
    gap_points = Int(strict=True, validate=between(1, 100))
    gap_evaluations = Int(strict=True, validate=between(1, 100_000))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Gaps:
        return Gaps(**data)


class _Document(Strict):
    key = Str(required=True, validate=is_key)
    version = Int(required=True, strict=True, validate=between(1, 999_999))
    title = Nested(_Said, required=True)
    scoring = Dict(keys=Str(), required=True)
    windows = Nested(_Windows, load_default=Windows)
    gaps = Nested(_Gaps, load_default=Gaps)
    residents = Nested(_Questionnaire)
    committee = Nested(_Questionnaire)
    company_to_committee = Nested(_Questionnaire)

    @validates_schema(skip_on_field_errors=True)
    def whole(self, data: dict[str, Any], **_: Any) -> None:
        for name, direction in PLACES.items():
            if name in data and data[name].direction is not direction:
                raise refused(FileCode.OTHER_DIRECTION, name, direction=direction)
        if "committee" not in data and "residents" not in data:
            raise refused(FileCode.NO_QUESTIONS)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> RulebookContent:
        content = RulebookContent(
            key=data["key"],
            version=data["version"],
            title=_text(data["title"]),
            questionnaires=_by_direction([data[name] for name in PLACES if name in data]),
            scoring=data["scoring"],
            windows=data["windows"],
            gaps=data["gaps"],
        )
        try:
            content.rules()
        except RuleError as error:
            raise ValidationError(list(error.faults), "scoring") from error
        return content


_ANYTHING = tuple(
    QuestionnaireRule(direction, (scoring.Indicator("anything", 1, 0, 1, 0),))
    for direction in (Direction.RESIDENT_TO_COMPANY, Direction.COMMITTEE_TO_COMPANY)
)


def _setting_faults(document: dict[str, Any]) -> list[Fault]:
    """What is wrong with the settings by themselves, where the questionnaires have faults of their own."""
    try:
        ScoringRules(questionnaires=_ANYTHING, **exact_settings(document["scoring"]))
    except RuleError as error:
        return list(faults_of(list(error.faults), "scoring"))
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
            _l("A rulebook file must contain a mapping with the keys key, version, title, scoring and questionnaires."),
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


_parsed: ByDigest[RulebookContent] = ByDigest(64)  # more versions than an installation has


def find_parsed(digest: str) -> RulebookContent | None:
    """The content of a stored document that this process has parsed before."""
    return _parsed.find(digest)


def parse_content(digest: str, document: dict[str, Any]) -> RulebookContent:
    """The content of a stored document, parsed once per digest and process."""
    return _parsed.get(digest, lambda: parse_document(document))
