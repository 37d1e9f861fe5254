"""Small builders of rules, marks and tallies, and random rounds of raw answers."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from rating.scoring import (
    DimensionRule,
    Direction,
    EstateTally,
    Indicator,
    Moments,
    QuestionnaireRule,
    ReviewState,
    ScoringRules,
)
from tests.scoring.tallying import tally_evaluations

RESIDENTS = Direction.RESIDENT_TO_COMPANY
COMMITTEE = Direction.COMMITTEE_TO_COMPANY
COOPERATION = Direction.COMPANY_TO_COMMITTEE
SELF = Direction.COMPANY_SELF

Marks = tuple[int | None, ...]


def questionnaire(direction: Direction = RESIDENTS, weights: Sequence[int] = (10, 10, 5)) -> QuestionnaireRule:
    """Marks 1..5 for residents and committees' rating, 0..weight on site."""
    on_site = direction in (COMMITTEE, SELF)
    indicators = tuple(
        Indicator(f"i{k}", w, 0, w, 0) if on_site else Indicator(f"i{k}", w, 1, 5, 1) for k, w in enumerate(weights)
    )
    keys = [indicator.key for indicator in indicators]
    dimensions = (DimensionRule("first", tuple(keys[:2])),)
    if keys[2:]:
        dimensions += (DimensionRule("rest", tuple(keys[2:])),)
    return QuestionnaireRule(direction, indicators, dimensions)


def rules(**settings: object) -> ScoringRules:
    """The default rulebook with small questionnaires in all four directions."""
    settings.setdefault("questionnaires", tuple(questionnaire(d) for d in Direction))
    return ScoringRules(**settings)  # type: ignore[arg-type]  # any setting by name


def committee_only(**settings: object) -> ScoringRules:
    """A rulebook that gives residents no weight."""
    return rules(direction_weights={RESIDENTS: 0, COMMITTEE: 100}, **settings)


def tally(
    estate: str,
    scores: Iterable[float],
    households: int = 100,
    company: str = "C1",
    direction: Direction = RESIDENTS,
    **more: object,
) -> EstateTally:
    """A tally of scores in points, without indicators."""
    units = [round(score * 10_000) for score in scores]
    return EstateTally(
        direction=direction,
        company=company,
        estate=estate,
        households=households,
        never_flagged=Moments.of(units),
        lowest=min(units, default=None),
        highest=max(units, default=None),
        **more,  # type: ignore[arg-type]  # any field by name
    )


def committee(estate: str, scores: Iterable[float], households: int = 100, company: str = "C1") -> EstateTally:
    """A committee's tally of scores in points."""
    return tally(estate, scores, households, company, COMMITTEE)


def spread_scores(count: int, mean: float, reach: float = 10) -> list[float]:
    """`count` scores that alternate round `mean`, whose mean is exactly that."""
    middle = [mean] * (count % 2)
    return [mean - reach, mean + reach] * (count // 2) + middle


@dataclass
class RawEstate:
    """An estate as it was answered: one list of (marks, state) per direction."""

    company: str
    estate: str
    households: int
    answers: dict[Direction, list[tuple[Marks, ReviewState]]]


@dataclass
class RawRound:
    """A random round before any counting."""

    rules: ScoringRules
    estates: list[RawEstate]
    adjustments: Mapping[str, Decimal] = field(default_factory=dict)
    vetoes: Mapping[str, str] = field(default_factory=dict)
    overdue: frozenset[str] = frozenset()

    def tallies(self) -> list[EstateTally]:
        """Every direction's tally of every estate."""
        return [
            tally_evaluations(
                q,
                company=raw.company,
                estate=raw.estate,
                households=raw.households,
                evaluations=raw.answers[q.direction],
            )
            for raw in self.estates
            for q in self.rules.questionnaires
        ]


def random_rules(rng: random.Random) -> ScoringRules:
    """Settings that differ from the defaults now and then."""
    weights = [(60, 40), (60, 40), (70, 30), (100, 0), (2, 1), (0, 100)]
    residents, committees = rng.choice(weights)
    return rules(
        direction_weights={RESIDENTS: residents, COMMITTEE: committees},
        variance_prior=rng.choice([10, 10, 10, 0, 3]),
        interval=rng.choice(["logit", "logit", "linear"]),
        level=rng.choice([Decimal("97.5"), Decimal("97.5"), Decimal(99)]),
        nonresponse_margin=rng.choice([5, 5, 0, 1]),
        red_share=rng.choice([12, 12, 40]),
        max_half_width=rng.choice([10, 10, 20]),
        questionnaires=tuple(questionnaire(d) for d in Direction),
    )


def random_round(seed: int, companies: int | None = None) -> RawRound:
    """A round with every kind of estate: empty, tiny, small, full, all alike."""
    rng = random.Random(seed)
    chosen = random_rules(rng)
    codes = [f"C{k:03d}" for k in range(companies or rng.choice([2, 4, 6, 11]))]
    rng.shuffle(codes)
    estates = [raw for code in codes for raw in _random_company(rng, chosen, code)]
    return RawRound(
        rules=chosen,
        estates=estates,
        adjustments={c: Decimal(rng.randint(-15, 15)) for c in codes[::4]},
        vetoes={codes[0]: "accident"} if rng.random() < 0.3 else {},
        overdue=frozenset(codes[1:2]) if rng.random() < 0.3 else frozenset(),
    )


def random_next(raw: RawRound, seed: int) -> RawRound:
    """The round after: mostly the same estates, answered anew, some of them served by another company, some gone,
    some with other households; now and then by other weights.
    """
    rng = random.Random(seed + 1_000_000)
    codes = sorted({each.company for each in raw.estates})
    estates = []
    for each in raw.estates:
        if rng.random() < 0.1:
            continue
        company = rng.choice(codes) if rng.random() < 0.1 else each.company
        again = _random_estate(rng, raw.rules, company, each.estate, rng.choice([0.3, 0.6, 0.8, 0.95]))
        again.households = max(again.households, each.households) if rng.random() < 0.6 else again.households
        estates.append(again)
    weights = {RESIDENTS: 50, COMMITTEE: 50} if rng.random() < 0.1 else raw.rules.direction_weights
    return RawRound(rules=replace(raw.rules, direction_weights=weights), estates=estates)


def _random_company(rng: random.Random, chosen: ScoringRules, code: str) -> list[RawEstate]:
    quality = rng.choice([0.05, 0.3, 0.5, 0.65, 0.8, 0.88, 0.95, 1.0])
    return [_random_estate(rng, chosen, code, f"{code}-E{k}", quality) for k in range(rng.choice([1, 1, 2, 3, 5]))]


def _random_estate(rng: random.Random, chosen: ScoringRules, company: str, estate: str, quality: float) -> RawEstate:
    count = rng.choice([0, 1, 1, 4, 9, 10, 12, 25, 40, 60])
    slack = rng.choice([0, 1, 20, 150, 400])
    households = max(1, count + slack)
    answers = {
        q.direction: [
            (_random_marks(rng, q, quality), _random_state(rng, k))
            for k in range(count if q.direction is RESIDENTS else rng.randint(0, 4))
        ]
        for q in chosen.questionnaires
    }
    return RawEstate(company, estate, households, answers)


def _random_state(rng: random.Random, k: int) -> ReviewState:
    return rng.choice(list(ReviewState)) if k % 7 == 3 else ReviewState.NEVER_FLAGGED


def _random_marks(rng: random.Random, q: QuestionnaireRule, quality: float) -> Marks:
    marks = [None if rng.random() < 0.08 and k else _random_mark(rng, i, quality) for k, i in enumerate(q.indicators)]
    return tuple(marks)


def _random_mark(rng: random.Random, indicator: Indicator, quality: float) -> int:
    wanted = rng.gauss(quality, 0.15) if quality < 1 else 1
    mark = round(indicator.lowest + wanted * (indicator.highest - indicator.lowest))
    return max(indicator.lowest, min(indicator.highest, mark))
