"""A rulebook's settings make sense together, or are refused with codes."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rating.scoring import (
    Adjustment,
    AdjustmentKind,
    DimensionRule,
    IntervalMethod,
    QuestionnaireError,
    QuestionnaireRule,
    RecordError,
    Records,
    RuleCode,
    ScoringRules,
    SettingError,
    Veto,
    rule_fault,
)
from rating.scoring.standings.records import limit_to, sum_adjustments
from tests.support.plain import plain

from .builders import COMMITTEE, RESIDENTS, SELF, questionnaire, rules


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"black": 90}, RuleCode.BLACK_NOT_BELOW_RED),
        ({"watch": 50}, RuleCode.WATCH_NOT_BETWEEN),
        ({"level": 50}, RuleCode.NO_CERTAINTY),
        ({"min_sample": 5}, RuleCode.FLOOR_ABOVE_SAMPLE),
        ({"min_cell": 11}, RuleCode.FLOOR_BELOW_CELL),
        ({"variance_prior": -1}, RuleCode.OUT_OF_RANGE),
        ({"red_share": 101}, RuleCode.OUT_OF_RANGE),
        ({"interval": "wald"}, RuleCode.UNKNOWN_INTERVAL),
        ({"direction_weights": {RESIDENTS: 0, COMMITTEE: 0}}, RuleCode.NO_WEIGHT),
        ({"direction_weights": {RESIDENTS: -1, COMMITTEE: 2}}, RuleCode.NEGATIVE_WEIGHT),
        ({"direction_weights": {RESIDENTS: 50, SELF: 50}}, RuleCode.NEVER_COUNTS),
        ({"questionnaires": (questionnaire(),)}, RuleCode.NO_QUESTIONNAIRE),
        ({"questionnaires": (questionnaire(),) * 2}, RuleCode.TWO_QUESTIONNAIRES),
        ({"default_spread": 50}, RuleCode.SPREAD_NOT_BETWEEN),
        ({"peer_old_above": 5}, RuleCode.OLD_BELOW_NEW),
        ({"contrast_quantile": 0}, RuleCode.NOT_ABOVE_0),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, Any], code: RuleCode) -> None:
    with pytest.raises(SettingError) as caught:
        rules(**settings)
    assert code in [fault.code for fault in caught.value.faults]


def test_one_error_names_everything_that_is_wrong() -> None:
    with pytest.raises(SettingError) as caught:
        rules(black=90, red_share=101)
    assert caught.value.faults == (
        rule_fault(RuleCode.OUT_OF_RANGE, name="red_share", least=0, most=100),
        rule_fault(RuleCode.BLACK_NOT_BELOW_RED),
        rule_fault(RuleCode.WATCH_NOT_BETWEEN),
    )


def test_the_defaults_are_those_of_the_published_method() -> None:
    found = rules()
    assert (found.weight(RESIDENTS), found.weight(COMMITTEE)) == (60, 40)
    assert (found.red, found.black, found.watch, found.red_share) == (85, 60, 70, 12)
    assert (found.variance_prior, found.level) == (10, Decimal("97.5"))
    assert found.interval is IntervalMethod.LOGIT
    assert (found.min_marked_share, found.min_cell, found.min_days_served) == (60, 10, 60)


def test_a_rulebook_reads_back_as_it_was_written() -> None:
    found = rules(interval="linear", level=99, red=Decimal("86.5"))
    assert ScoringRules.from_json(plain(found)) == found


def test_dimensions_hold_known_indicators_once() -> None:
    indicators = questionnaire().indicators
    for dimensions in (
        (DimensionRule("a", ("i9",)),),
        (DimensionRule("a", ("i0",)), DimensionRule("b", ("i0",))),
        (DimensionRule("a", ("i0",)), DimensionRule("a", ("i1",))),
    ):
        with pytest.raises(QuestionnaireError):
            QuestionnaireRule(RESIDENTS, indicators, dimensions)
    with pytest.raises(QuestionnaireError, match=RuleCode.INDICATOR_TWICE):
        QuestionnaireRule(RESIDENTS, indicators + indicators[:1])
    with pytest.raises(QuestionnaireError, match=RuleCode.NO_INDICATOR):
        QuestionnaireRule(RESIDENTS, ())


# Records


def adjustment(points: str, company: str = "C1", **changes: Any) -> Adjustment:
    value = Decimal(points)
    kind = AdjustmentKind.COMMENDATION if value > 0 else AdjustmentKind.FINDING
    values: dict[str, Any] = {
        "kind": kind,
        "severity": "minor",
        "source": "case 7",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
    }
    return Adjustment(company, value, **(values | changes))


def test_adjustments_are_summed_and_held_within_ten() -> None:
    given = [adjustment("8"), adjustment("7"), adjustment("-1"), adjustment("4", "C2")]
    assert sum_adjustments(given, "C1") == 14
    assert limit_to(Decimal(14), Decimal(10)) == 10
    assert limit_to(Decimal(-14), Decimal(10)) == -10
    assert limit_to(Decimal("-9.5"), Decimal(10)) == Decimal("-9.5")


def test_a_commendation_adds_and_a_finding_takes_away() -> None:
    with pytest.raises(RecordError):
        adjustment("3", kind=AdjustmentKind.FINDING)
    with pytest.raises(RecordError):
        adjustment("0", kind=AdjustmentKind.COMMENDATION)
    with pytest.raises(RecordError, match="ends before"):
        adjustment("3", valid_to=date(2025, 1, 1))


def test_records_read_back_as_they_were_written() -> None:
    records = Records(
        adjustments=(adjustment("2.5"), adjustment("-1", valid_to=None)),
        vetoes=(Veto("C2", "严重事故"),),
        overdue_commitments=frozenset({"C3", "C1"}),
    )
    assert plain(records)["overdue_commitments"] == ["C1", "C3"]
    assert Records.from_json(plain(records)) == records
