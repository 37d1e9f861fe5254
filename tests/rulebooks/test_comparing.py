"""What differs between two versions of a rulebook, and that every setting has its words."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import yaml

from rating.rulebooks.comparing import compare, marked
from rating.rulebooks.content import Gaps, RulebookContent, Windows
from rating.rulebooks.schemas import parse_document
from rating.rulebooks.service import DEFAULT
from rating.rulebooks.wording import SETTINGS, WINDOWS
from rating.scoring import Direction, ScoringRules


def content(**values: Any) -> RulebookContent:
    return parse_document({**yaml.safe_load(DEFAULT.read_text(encoding="utf-8")), **values})


def test_the_same_content_under_another_version_differs_in_nothing() -> None:
    assert not compare(content(), content(version=2))


def test_a_setting_left_out_equals_its_default() -> None:
    scoring = {"direction_weights": {"resident_to_company": 60, "committee_to_company": 40}}
    assert not compare(content(scoring={}), content(scoring=scoring))


def test_a_questionnaire_that_only_one_version_has_is_told() -> None:
    whole = content()
    less = replace(
        whole,
        questionnaires={d: q for d, q in whole.questionnaires.items() if d is not Direction.COMPANY_TO_COMMITTEE},
    )
    (sheet,) = compare(whole, less).sheets
    assert (sheet.direction, sheet.new, len(sheet.removed)) == (Direction.COMPANY_TO_COMMITTEE, None, 6)
    (sheet,) = compare(less, whole).sheets
    assert (sheet.old, len(sheet.added)) == (None, 6)


def test_another_order_of_the_same_indicators_is_told() -> None:
    document = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    document["residents"]["dimensions"][0]["indicators"].reverse()
    (sheet,) = compare(content(), parse_document(document)).sheets
    assert [one.name for one in sheet.head] == ["order"]
    assert not sheet.changed


def test_differing_words_and_signs_are_marked() -> None:
    assert marked("Clean stairs", "Clean yards") == (
        [("Clean ", False), ("stairs", True)],
        [("Clean ", False), ("yards", True)],
    )
    assert marked("卫生保洁", "卫生清洁")[1] == [("卫生", False), ("清", True), ("洁", False)]


def test_when_a_gap_is_wide_is_compared_too() -> None:
    (difference,) = compare(content(), content(gaps={"gap_points": 25})).settings
    assert (difference.name, difference.old, difference.new) == ("gap_points", 20, 25)


def test_every_setting_and_every_window_has_its_words() -> None:
    assert set(SETTINGS) == {field.name for kind in (ScoringRules, Gaps) for field in fields(kind)} - {"questionnaires"}
    assert set(WINDOWS) == {field.name for field in fields(Windows)}
