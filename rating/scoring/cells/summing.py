"""What leaves the house of several estates' evaluations: residents' cells rounded, sheets added up."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from rating.scoring.answers.estimates import Stratum
from rating.scoring.answers.tallies import EstateTally, Moments
from rating.scoring.arithmetic import EXACT, exact
from rating.scoring.canonical import Mean
from rating.scoring.cells.folded import CellTally, SheetGroup, SheetTally
from rating.scoring.cells.releasing import add_counts, released_counts
from rating.scoring.questionnaires import RESIDENTS, Direction
from rating.scoring.rules import ScoringRules

_TENTH, _HUNDREDS = Decimal("0.1"), Decimal("1E+2")


@exact
def cell_tally(rules: ScoringRules, tallies: Sequence[EstateTally]) -> CellTally:
    """What leaves the house of the residents' evaluations of one estate, or of a group's."""
    counted = sum((t.counted for t in tallies), Moments())
    stratum = Stratum.of(sum(t.households for t in tallies), counted)
    mean = Mean(stratum.mean.quantize(_TENTH, ROUND_HALF_EVEN, EXACT))
    questionnaire = rules.questionnaire(RESIDENTS)
    counts = [t.indicators for t in tallies]
    return CellTally(
        count=counted.count,
        mean=mean,
        squares=_hundreds(stratum.squares),
        indicators=released_counts(rules, questionnaire, mean, counts) if questionnaire else {},
    )


def _hundreds(squares: Decimal) -> Decimal:
    # Written out: a Decimal of 1E+2 has the value, but not the digits, of 100.
    return Decimal(int(squares.quantize(_HUNDREDS, ROUND_HALF_EVEN, EXACT)))


def show_sheets(tally: EstateTally) -> SheetTally:
    """An estate's sheets in one direction, as they are shown."""
    return SheetTally(tally.count, tally.counted.total, tally.lowest, tally.highest, tally.indicators)


def sheet_group(rules: ScoringRules, direction: Direction, tallies: Sequence[EstateTally]) -> SheetGroup:
    """Several estates' sheets in one direction, added up as one."""
    questionnaire = rules.questionnaire(direction)
    asked = [indicator.key for indicator in questionnaire.indicators] if questionnaire else []
    given = {key: [t.indicators[key] for t in tallies if key in t.indicators] for key in asked}
    return SheetGroup(
        estates=len(tallies),
        households=sum(t.households for t in tallies),
        count=sum(t.count for t in tallies),
        total=sum(t.counted.total for t in tallies),
        indicators={key: add_counts(counts) for key, counts in given.items() if counts},
    )
