"""What if the rulebook were another? Which standings would move; nothing is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rating.scoring.arithmetic import exact
from rating.scoring.cells.folded import FoldedTallies
from rating.scoring.faults import RuleCode, rule_fault
from rating.scoring.rules import ScoringRules, SettingError
from rating.scoring.standings.assessment import Assessment
from rating.scoring.standings.cards import count_standings
from rating.scoring.standings.rated import RatedRound
from rating.scoring.standings.records import Records
from rating.scoring.standings.standing import Reason, Standing, Verdict

# Folded tallies were made with these: with others they would have to be folded again.
FOLDED_WITH = ("questionnaires", "min_cell", "min_outside", "min_committee_raters", "residents_count")


@dataclass(frozen=True, slots=True)
class Move:
    """A company or shown estate whose standing would move, with C before and after."""

    code: str
    before: Standing
    after: Standing
    score_before: Decimal | None
    score_after: Decimal | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would move, by code, and the number of companies in each standing."""

    companies: tuple[Move, ...]
    estates: tuple[Move, ...]
    standings_before: Mapping[Standing, int]
    standings_after: Mapping[Standing, int]


@exact
def what_if(rules: ScoringRules, changed: ScoringRules, tallies: FoldedTallies, records: Records) -> WhatIf:
    """The standings that would move under other weights and thresholds.

    Raises SettingError where a changed setting is one that the tallies were folded with.
    """
    if differing := [name for name in FOLDED_WITH if getattr(rules, name) != getattr(changed, name)]:
        raise SettingError(rule_fault(RuleCode.FOLDED_OTHERWISE, name=differing[0]))
    before, after = (RatedRound.of(each, tallies, records) for each in (rules, changed))
    return WhatIf(
        companies=_moves(before.verdicts, after.verdicts, before.assessments, after.assessments),
        estates=_moves(
            before.estate_verdicts, after.estate_verdicts, before.estate_assessments, after.estate_assessments
        ),
        standings_before=count_standings(before.verdicts),
        standings_after=count_standings(after.verdicts),
    )


def _moves(
    before: Mapping[str, Verdict],
    after: Mapping[str, Verdict],
    old: Mapping[str, Assessment],
    new: Mapping[str, Assessment],
) -> tuple[Move, ...]:
    return tuple(
        Move(code, before[code].standing, verdict.standing, _score(old[code]), _score(new[code]), verdict.reasons)
        for code, verdict in after.items()
        if verdict.standing is not before[code].standing
    )


def _score(assessment: Assessment) -> Decimal | None:
    return assessment.composite.score if assessment.composite else None
