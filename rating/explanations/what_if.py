"""What if weights and thresholds were different? From a round's frozen tallies; nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from rating.errors import Invalid
from rating.results.models import StoredScorecard
from rating.rulebooks.faults import error_in_words
from rating.scoring import Direction, FoldedTallies, Records, ScoringRules, SettingError, WhatIf, what_if
from rating.wording import _l

THRESHOLDS = ("red", "black", "watch", "red_share", "nonresponse_margin", "max_uncovered_red", "adjustments_cap")


def try_settings(
    stored: StoredScorecard, thresholds: Mapping[str, Decimal], resident_weight: int | None = None
) -> WhatIf:
    """Which standings of a scorecard would move under these settings; those left out stay as they are.

    `resident_weight` is of 100, the rest is the committee's. Raises Invalid where settings contradict each other.
    """
    rules = stored.round.rulebook.content.rules()
    tallies = FoldedTallies.from_json(json.loads(stored.tallies))
    try:
        settings: dict[str, Any] = {**thresholds, **_weights(rules, resident_weight)}
        changed = replace(rules, **settings)
        return what_if(rules, changed, tallies, Records.from_json(json.loads(stored.records)))
    except SettingError as error:
        raise Invalid(_l("These settings contradict each other: %(why)s", why=error_in_words(error))) from error


def _weights(rules: ScoringRules, resident_weight: int | None) -> dict[str, Mapping[Direction, int]]:
    if resident_weight is None or len(rules.counting) < 2:
        return {}
    weights = {Direction.RESIDENT_TO_COMPANY: resident_weight, Direction.COMMITTEE_TO_COMPANY: 100 - resident_weight}
    return {"direction_weights": weights}
