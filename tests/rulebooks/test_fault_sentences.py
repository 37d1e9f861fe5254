"""Every code of a rulebook's fault has one sentence in both languages, and every sentence a fault that says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import pytest
import yaml
from flask import Flask
from marshmallow import Schema, fields

from rating.rulebooks import schemas
from rating.rulebooks.faults import SENTENCES, BadRulebook, FileCode, error_in_words, faults_of, in_words
from rating.rulebooks.schemas import parse_document
from rating.rulebooks.service import DEFAULT
from rating.scoring import (
    DimensionRule,
    Direction,
    Indicator,
    QuestionnaireRule,
    Records,
    RuleCode,
    RuleError,
    fold,
    rule_fault,
    what_if,
)
from rating.web.language import told
from tests.scoring.builders import questionnaire, rules

CODES: list[StrEnum] = [*FileCode, *RuleCode]
RESIDENTS = Direction.RESIDENT_TO_COMPANY
PLACE = re.compile(r"%\((\w+)\)s")


# What makes a file say each code: a change of the product's own rulebook, by the place of what is changed.
DELETED = object()
INDICATOR = ("residents", "dimensions", 0, "indicators", 0)
IN_FILES: dict[StrEnum, tuple[tuple[str | int, ...], Any]] = {
    FileCode.MISSING: (("title", "en"), DELETED),
    FileCode.UNKNOWN: (("colour",), "red"),
    FileCode.EMPTY: (("title", "en"), ""),
    FileCode.NO_TEXT: (("title", "en"), 5),
    FileCode.NO_WHOLE_NUMBER: (("version",), "one"),
    FileCode.NOT_NAMED: (("scoring",), 5),
    FileCode.NO_LIST: (("residents", "dimensions"), 5),
    FileCode.NOT_BETWEEN: (("version",), 0),
    FileCode.NOT_ONE_OF: (("residents", "direction"), "sideways"),
    FileCode.OTHER_VALUE: (("residents", "scale", "step"), 2),
    FileCode.NO_KEY: (("key",), "No Key"),
    FileCode.OTHER_TOTAL: (("committee", "dimensions", 0, "max"), 999),
    FileCode.OTHER_DIRECTION: (("residents", "direction"), "company_to_committee"),
    RuleCode.UNKNOWN_SETTING: (("scoring", "questionnaires"), 1),
    RuleCode.NO_NUMBER: (("scoring", "red"), "many"),
    RuleCode.NO_WEIGHTS: (("scoring", "direction_weights"), [60, 40]),
    RuleCode.OUT_OF_RANGE: (("scoring", "red_share"), 101),
    RuleCode.NO_CERTAINTY: (("scoring", "level"), 20),
    RuleCode.NOT_ABOVE_0: (("scoring", "contrast_quantile"), 0),
    RuleCode.UNKNOWN_INTERVAL: (("scoring", "interval"), "wald"),
    RuleCode.UNKNOWN_DIRECTION: (("scoring", "direction_weights"), {"neighbours": 1}),
    RuleCode.NEGATIVE_WEIGHT: (("scoring", "direction_weights"), {RESIDENTS.value: -1}),
    RuleCode.NEVER_COUNTS: (("scoring", "direction_weights"), {"company_self": 1}),
    RuleCode.NO_WEIGHT: (("scoring", "direction_weights"), {}),
    RuleCode.BLACK_NOT_BELOW_RED: (("scoring", "black"), 90),
    RuleCode.WATCH_NOT_BETWEEN: (("scoring", "watch"), 10),
    RuleCode.FLOOR_ABOVE_SAMPLE: (("scoring", "min_sample_floor"), 31),
    RuleCode.FLOOR_BELOW_CELL: (("scoring", "min_cell"), 11),
    RuleCode.SPREAD_NOT_BETWEEN: (("scoring", "default_spread"), 50),
    RuleCode.OLD_BELOW_NEW: (("scoring", "peer_old_above"), 5),
    RuleCode.NO_QUESTIONNAIRE: (("residents",), DELETED),
    RuleCode.HIGHEST_NOT_ABOVE_LOWEST: (("residents", "scale", "lowest"), 9),
    RuleCode.ZERO_ABOVE_LOWEST: (("residents", "scale", "zero"), 5),
    RuleCode.INDICATOR_TWICE: ((*INDICATOR, "key"), "repairs"),
    RuleCode.DIMENSION_TWICE: (("committee", "dimensions", 1, "key"), "same"),
}


def asked(*dimensions: DimensionRule) -> QuestionnaireRule:
    return QuestionnaireRule(RESIDENTS, questionnaire().indicators, dimensions)


def tried() -> object:
    return what_if(rules(), rules(min_outside=1), fold(rules(), []), Records())


# The form of a file leaves no room for these: only whoever calls the arithmetic can meet them.
IN_CODE: dict[StrEnum, Callable[[], object]] = {
    RuleCode.TWO_QUESTIONNAIRES: lambda: rules(questionnaires=(questionnaire(),) * 2),
    RuleCode.FOLDED_OTHERWISE: tried,
    RuleCode.WEIGHT_NOT_ABOVE_0: lambda: Indicator("a", 0, 1, 5, 1),
    RuleCode.NO_INDICATOR: lambda: QuestionnaireRule(RESIDENTS, ()),
    RuleCode.IN_TWO_DIMENSIONS: lambda: asked(DimensionRule("a", ("i0",)), DimensionRule("b", ("i0",))),
    RuleCode.UNKNOWN_INDICATOR: lambda: asked(DimensionRule("a", ("i9",))),
}
BOTH_SIDES = {FileCode.NO_QUESTIONS: ("residents", "committee")}


def changed(place: tuple[str | int, ...], value: Any) -> Any:
    document = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    inner = document
    for step in place[:-1]:
        inner = inner[step]
    if value is DELETED:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return document


def sentences_of(code: StrEnum) -> list[Any]:
    """What is said of the fault that this code stands for."""
    if code in IN_CODE:
        with pytest.raises(RuleError) as caught:
            IN_CODE[code]()
        return [in_words(fault) for fault in caught.value.faults]
    if code in BOTH_SIDES:
        document = {name: part for name, part in changed(("key",), "default").items() if name not in BOTH_SIDES[code]}
    else:
        document = changed(*IN_FILES[code])
    if code is RuleCode.DIMENSION_TWICE:
        document["committee"]["dimensions"][0]["key"] = "same"
    with pytest.raises(BadRulebook) as refused:
        parse_document(document)
    return [fault.message for fault in refused.value.faults]


def test_the_table_holds_every_code_and_no_other() -> None:
    assert set(SENTENCES) == set(CODES)
    assert len(SENTENCES) == len(FileCode) + len(RuleCode), "no two codes are the same word"


def test_no_sentence_stands_twice() -> None:
    texts = [message.text for message in SENTENCES.values()]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("code", CODES)
def test_each_code_is_said_in_this_language_with_nothing_left_open(app: Flask, code: StrEnum, lang: str) -> None:
    fault = next(one for one in sentences_of(code) if one.text == SENTENCES[code].text)
    with app.test_request_context(f"/?lang={lang}"):
        said = told(fault)
    assert bool(re.search("[\u4e00-\u9fff]", said)) is (lang == "zh")
    assert "%(" not in said and fault.values.keys() == set(PLACE.findall(fault.text))


def test_a_code_that_the_table_lacks_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(SENTENCES, RuleCode.OLD_BELOW_NEW)  # type: ignore[arg-type]  # a Mapping to its readers
    with pytest.raises(KeyError):
        sentences_of(RuleCode.OLD_BELOW_NEW)


def all_fields(schema: type[Schema]) -> Iterator[fields.Field[Any]]:
    for field in schema().fields.values():
        yield field
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            yield from all_fields(type(inner.schema))


def test_the_library_has_no_sentence_of_its_own_left_to_say() -> None:
    found = list(all_fields(schemas._Document))
    assert len(found) > 60
    said = {text for field in found for text in field.error_messages.values()}
    assert said <= set(FileCode) | {"Invalid value."}  # for checks that answer with False, of which there are none


def test_several_faults_of_settings_are_told_in_one_sentence(app: Flask) -> None:
    error = RuleError(rule_fault(RuleCode.BLACK_NOT_BELOW_RED), rule_fault(RuleCode.NO_CERTAINTY, name="level"))
    with app.test_request_context("/?lang=zh"):
        assert told(error_in_words(error)) == "black没有低于red；level须在50到100之间。"


def test_faults_keep_their_places() -> None:
    messages = {"title": {"en": [FileCode.MISSING]}, "_schema": [rule_fault(FileCode.NO_QUESTIONS)]}
    assert [(fault.place, str(fault.message)) for fault in faults_of(messages)] == [
        ("title.en", "This is missing."),
        ("", "A rulebook needs questions for residents or for committees."),
    ]
