"""Standings: the first line that applies, with reasons a page can turn into sentences.

Everything is decided on unrounded values. The lines are those of docs/method.md, formula 12.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from rating.scoring.arithmetic import HUNDRED, ONE, exact
from rating.scoring.questionnaires import Direction
from rating.scoring.rules import ScoringRules
from rating.scoring.standings.composite import Composite
from rating.scoring.standings.ranks import rank_by_score


class Standing(StrEnum):
    """What a round concludes about a company or an estate."""

    RED = "red"
    BLACK = "black"
    WATCH = "watch"
    ORDINARY = "ordinary"
    INSUFFICIENT = "insufficient"


class ReasonCode(StrEnum):
    """Why a standing is what it is; `value` and `limit` stand beside each."""

    VETO = "veto"  # text
    TOO_FEW_TO_RELEASE = "too_few_to_release"  # n, the least n that is released
    TOO_FEW_EVALUATIONS = "too_few_evaluations"  # n, the least n
    NO_INTERVAL = "no_interval"
    INTERVAL_TOO_WIDE = "interval_too_wide"  # half width, its limit (points of Ŷ)
    DIRECTION_MISSING = "direction_missing"  # covered %, the least %
    UPPER_BOUND_BELOW_BLACK = "upper_bound_below_black"  # U_C, black
    LOWER_BOUND_REACHES_RED = "lower_bound_reaches_red"  # L_C, red
    SCORE_BELOW_WATCH = "score_below_watch"  # C, watch
    # What keeps a company off a list that its score alone would put it on
    UPPER_BOUND_REACHES_BLACK = "upper_bound_reaches_black"  # U_C, black
    LOWER_BOUND_BELOW_RED = "lower_bound_below_red"  # L_C, red
    SILENT_HOUSEHOLDS = "silent_households"  # tipping, the margin it must exceed
    OVERDUE_COMMITMENT = "overdue_commitment"
    UNCOVERED_HOUSEHOLDS = "uncovered_households"  # uncovered %, the most %
    BEYOND_RED_CAP = "beyond_red_cap"  # place among the eligible, places there are


@dataclass(frozen=True, slots=True)
class Reason:
    """A condition that decided, with its number and the limit it met."""

    code: ReasonCode
    value: Decimal | None = None
    limit: Decimal | None = None
    direction: Direction | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Tipping:
    """By how many points silent households would have to differ from those that
    answered for the bound to just reach the threshold; None is unlimited.
    """

    listing: Standing
    points: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """What a standing is decided from: a company, or an estate alone.

    `uncovered` (0..1) has the directions that count; `half_width` is of the residents'
    Ŷ in points, None without an interval; `composite` is None where a direction is
    missing; `is_alone` says that n is all there is to see.
    """

    code: str
    count: int
    households: int | None
    half_width: Decimal | None
    uncovered: Mapping[Direction, Decimal]
    composite: Composite | None
    tipping: Tipping | None
    is_alone: bool = False
    is_overdue: bool = False
    vetoes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A standing and its reasons.

    `held_back` tells why a score beyond a threshold didn't lead to the list (red with
    C ≥ 85, black with C < 60). `is_rated` says that line 2 was passed, vetoed or not.
    """

    standing: Standing
    reasons: tuple[Reason, ...]
    held_back: tuple[Reason, ...]
    is_rated: bool


@exact
def find_tipping(rules: ScoringRules, composite: Composite | None, turnout: Decimal) -> Tipping | None:
    """Tipping for the list whose threshold a bound has crossed; None if for neither.

    a = (1 − turnout) · W_R/ΣW; black (60 − U_C)/a, red (L_C − 85)/a; unlimited if a = 0.
    """
    if composite is None or composite.lower is None or composite.upper is None:
        return None
    a = (1 - turnout) * rules.resident_share
    if composite.upper < rules.black:
        margin = rules.black - composite.upper
        return Tipping(Standing.BLACK, margin / a if a else None)
    if composite.lower >= rules.red:
        margin = composite.lower - rules.red
        return Tipping(Standing.RED, margin / a if a else None)
    return None


@exact
def is_missing(rules: ScoringRules, uncovered: Decimal) -> bool:
    """Whether a direction covers too few of the households to count, or none."""
    return uncovered == 1 or HUNDRED * (ONE - uncovered) < rules.min_coverage


@exact
def count_red_places(rules: ScoringRules, rated: int) -> int:
    """max(1, ⌊12 % of the rated⌋)."""
    return max(1, int(rules.red_share * rated // HUNDRED))


@exact
def decide_standings(rules: ScoringRules, parties: Sequence[Party]) -> dict[str, Verdict]:
    """The standing of every party, by code; the red cap is counted among them."""
    lacks = {p.code: tuple(_insufficiencies(rules, p)) for p in parties}
    rated = [p for p in parties if not lacks[p.code]]
    places = _red_places(rules, rated)
    cap = count_red_places(rules, len(rated))
    return {p.code: _decide(rules, p, lacks[p.code], places, cap) for p in parties}


def _decide(
    rules: ScoringRules,
    party: Party,
    lacks: tuple[Reason, ...],
    places: Mapping[str, int],
    cap: int,
) -> Verdict:
    if party.vetoes:
        vetoes = tuple(Reason(ReasonCode.VETO, text=text) for text in party.vetoes)
        return Verdict(Standing.BLACK, vetoes + lacks, (), not lacks)
    if lacks or party.composite is None:
        return Verdict(Standing.INSUFFICIENT, lacks, (), False)
    standing, reasons = _by_score(rules, party, party.composite, places, cap)
    held_back = tuple(_obstacles(rules, party, standing, places, cap))
    return Verdict(standing, reasons, held_back, True)


def _by_score(
    rules: ScoringRules,
    party: Party,
    composite: Composite,
    places: Mapping[str, int],
    cap: int,
) -> tuple[Standing, tuple[Reason, ...]]:
    if not any(_black_obstacles(rules, party)):
        code, bound = ReasonCode.UPPER_BOUND_BELOW_BLACK, composite.upper
        return Standing.BLACK, (Reason(code, bound, rules.black),)
    if places.get(party.code, cap + 1) <= cap:
        code, bound = ReasonCode.LOWER_BOUND_REACHES_RED, composite.lower
        return Standing.RED, (Reason(code, bound, rules.red),)
    if composite.score < rules.watch:
        code = ReasonCode.SCORE_BELOW_WATCH
        return Standing.WATCH, (Reason(code, composite.score, rules.watch),)
    return Standing.ORDINARY, ()


def _obstacles(
    rules: ScoringRules,
    party: Party,
    standing: Standing,
    places: Mapping[str, int],
    cap: int,
) -> Iterator[Reason]:
    score = party.composite.score if party.composite else None
    if score is None or standing in (Standing.RED, Standing.BLACK):
        return
    if score < rules.black:
        yield from _black_obstacles(rules, party)
    if score >= rules.red:
        yield from _red_obstacles(rules, party)
        if party.code in places:
            place = Decimal(places[party.code])
            yield Reason(ReasonCode.BEYOND_RED_CAP, place, Decimal(cap))


def _insufficiencies(rules: ScoringRules, party: Party) -> Iterator[Reason]:
    """Line 2: everything that is lacking, so that a page can name it all."""
    if party.is_alone:
        n, least = Decimal(party.count), Decimal(rules.min_cell)
        yield Reason(ReasonCode.TOO_FEW_TO_RELEASE, n, least)
        return
    if rules.residents_count:
        yield from _sample_problems(rules, party)
    for direction, uncovered in party.uncovered.items():
        if is_missing(rules, uncovered):
            covered = HUNDRED * (ONE - uncovered)
            code, least = ReasonCode.DIRECTION_MISSING, rules.min_coverage
            yield Reason(code, covered, least, direction)


def _sample_problems(rules: ScoringRules, party: Party) -> Iterator[Reason]:
    required = rules.required_sample(party.households or 0)
    if party.count < required:
        n, least = Decimal(party.count), Decimal(required)
        yield Reason(ReasonCode.TOO_FEW_EVALUATIONS, n, least)
    if party.half_width is None:
        if party.count:
            yield Reason(ReasonCode.NO_INTERVAL)
    elif party.half_width > rules.max_half_width:
        code, most = ReasonCode.INTERVAL_TOO_WIDE, rules.max_half_width
        yield Reason(code, party.half_width, most)


def _black_obstacles(rules: ScoringRules, party: Party) -> Iterator[Reason]:
    upper = party.composite.upper if party.composite else None
    if upper is None or upper >= rules.black:
        yield Reason(ReasonCode.UPPER_BOUND_REACHES_BLACK, upper, rules.black)
        return
    yield from _silence(rules, party)


def _red_obstacles(rules: ScoringRules, party: Party) -> Iterator[Reason]:
    """Line 4 but for the cap."""
    lower = party.composite.lower if party.composite else None
    if lower is None or lower < rules.red:
        yield Reason(ReasonCode.LOWER_BOUND_BELOW_RED, lower, rules.red)
    else:
        yield from _silence(rules, party)
    if party.is_overdue:
        yield Reason(ReasonCode.OVERDUE_COMMITMENT)
    for direction, uncovered in party.uncovered.items():
        share, most = HUNDRED * uncovered, rules.max_uncovered_red
        if share > most:
            yield Reason(ReasonCode.UNCOVERED_HOUSEHOLDS, share, most, direction)


def _silence(rules: ScoringRules, party: Party) -> Iterator[Reason]:
    tipping = party.tipping
    margin = rules.nonresponse_margin
    if margin == 0 or tipping is None or tipping.points is None:
        return
    if tipping.points <= margin:
        yield Reason(ReasonCode.SILENT_HOUSEHOLDS, tipping.points, margin)


def _red_places(rules: ScoringRules, rated: Sequence[Party]) -> dict[str, int]:
    """The place of each that fulfils line 4 but for the cap; ties share the place of
    the first of them, so that those level with the last place are all in.
    """
    scores = {
        p.code: p.composite.score for p in rated if p.composite and not p.vetoes and not any(_red_obstacles(rules, p))
    }
    return rank_by_score(scores)
