"""Which indicators' counts may leave a cell: the counts alone, and together with the cell's mean, reveal no sheet.

Counts are margins: each says how often a mark was given, not with which others. Three things join them to sheets, and
withhold an indicator:

- too few marks: under 10. (In a group they may all be from one estate: that one then has 10, so nothing of a small one
  is told. Withholding the indicator because of it would tell that the small one's households left it open.);
- who stands alone: where one or two gave another answer than all others, the spread of a cell tells on how many
  sheets such answers lie. So three or more must have given another answer than the commonest, or nobody;
- the few who didn't know: an evaluation is weighed by the marks it has, so that the mean and the counts together tell
  what those gave who left something open, within what the rounding of the mean leaves: adj = n·ȳ − Σ_i 100·w_i/W·Σs
  (s = (a − z)/(max − z)) is the sum of 100·w_i/(W·(W − w_i))·Σ_{j≠i} w_j·s_j over them. Where fewer than three steps of
  it are possible, the indicators that somebody left open are withheld.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from rating.scoring.answers.tallies import MarkCounts
from rating.scoring.arithmetic import HUNDRED, ZERO, add_up, exact
from rating.scoring.questionnaires import Indicator, QuestionnaireRule
from rating.scoring.rules import ScoringRules

_HALF_A_TENTH = Decimal("0.05")  # of the mean, which leaves to 0.1 points


@exact
def released_counts(
    rules: ScoringRules, questionnaire: QuestionnaireRule, mean: Decimal, estates: Sequence[Mapping[str, MarkCounts]]
) -> dict[str, MarkCounts]:
    """The counts that leave a cell, added up over its estates; `mean` is its ȳ as it leaves, in points.

    Each of the `estates` has its counts by indicator: all of a questionnaire's, or none.
    """
    asked = [i for i in questionnaire.indicators if all(i.key in counts for counts in estates)]
    summed = {i.key: add_counts([counts[i.key] for counts in estates]) for i in asked}
    kept = {
        key for key, counts in summed.items() if counts.marked >= rules.min_cell and not _stands_alone(rules, counts)
    }
    if len(asked) == len(questionnaire.indicators) and _tells_who_left_open(rules, questionnaire, mean, summed):
        kept -= {key for key in kept if summed[key].no_mark}
    return {i.key: summed[i.key] for i in asked if i.key in kept}


def add_counts(counts: Sequence[MarkCounts]) -> MarkCounts:
    """Counts of several estates, added up."""
    marks: dict[int, int] = {}
    for each in counts:
        for mark, number in each.marks.items():
            marks[mark] = marks.get(mark, 0) + number
    return MarkCounts(dict(sorted(marks.items())), sum(each.no_mark for each in counts))


def _stands_alone(rules: ScoringRules, counts: MarkCounts) -> bool:
    answers = [*counts.marks.values(), counts.no_mark]
    return 0 < sum(answers) - max(answers) < rules.min_outside


def _tells_who_left_open(
    rules: ScoringRules, questionnaire: QuestionnaireRule, mean: Decimal, counts: Mapping[str, MarkCounts]
) -> bool:
    left_open = [i for i in questionnaire.indicators if counts[i.key].no_mark]
    if not left_open:
        return False
    total = questionnaire.total_weight
    count = sum((*counts[left_open[0].key].marks.values(), counts[left_open[0].key].no_mark))
    known = HUNDRED * add_up(_earned(i, counts[i.key]) for i in questionnaire.indicators) / total
    most = HUNDRED * add_up(Decimal(i.weight * counts[i.key].no_mark) for i in left_open) / total
    reach = _HALF_A_TENTH * count
    low, high = max(ZERO, count * mean - known - reach), min(most, count * mean - known + reach)
    return high - low < rules.min_outside * min(_step(questionnaire, i) for i in left_open)


def _earned(indicator: Indicator, counts: MarkCounts) -> Decimal:
    """w·Σs of an indicator."""
    earned = sum(number * (mark - indicator.zero) for mark, number in counts.marks.items())
    return Decimal(indicator.weight * earned) / indicator.span


def _step(questionnaire: QuestionnaireRule, left_open: Indicator) -> Decimal:
    """The least that one mark more on the rest of a sheet, on which one indicator was left open, moves the sum."""
    total = questionnaire.total_weight
    others = [Decimal(i.weight) / i.span for i in questionnaire.indicators if i is not left_open]
    if not others:
        return ZERO
    return HUNDRED * left_open.weight * min(others) / (total * (total - left_open.weight))
