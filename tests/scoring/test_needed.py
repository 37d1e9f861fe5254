"""docs/method.md, formula 22: what every estate and company of an open round needs, with the last round's spreads."""

import random
from decimal import Decimal

from rating.scoring import (
    PlannedEstate,
    Records,
    RoundNeed,
    Scorecard,
    Spreads,
    estate_need,
    fold,
    plan_round,
    score_round,
)

from .builders import rules, spread_scores, tally


def plan(estates: list[PlannedEstate], last: Spreads | None = None) -> RoundNeed:
    return plan_round(rules(), estates, last)


def spread(found: RoundNeed, estate: str) -> Decimal:
    return found.estates[estate].spread


def test_an_estates_own_spread_comes_before_its_companys_and_that_before_the_default() -> None:
    last = Spreads({"E1": Decimal(12)}, {"C": Decimal(18)})
    found = plan([PlannedEstate(e, c, 300, 0) for e, c in (("E1", "C"), ("E2", "C"), ("E3", "D"))], last)
    assert [spread(found, e) for e in ("E1", "E2", "E3")] == [12, 18, 25]


def test_without_a_last_round_twenty_five_is_assumed() -> None:
    assert spread(plan([PlannedEstate("E1", "C", 300, 0)]), "E1") == 25


def test_spreads_are_held_within_ten_and_forty() -> None:
    last = Spreads({"E1": Decimal(3), "E2": Decimal(80)})
    found = plan([PlannedEstate(e, "C", 300, 0) for e in ("E1", "E2")], last)
    assert [spread(found, e) for e in ("E1", "E2")] == [10, 40]


def scored() -> Scorecard:
    rows = [
        tally("E1", spread_scores(40, 70, 20), 100),
        tally("E2", spread_scores(4, 70, 5), 100),
        tally("E3", [], 100),
    ]
    rows += [tally("E4", spread_scores(8, 70, 5), 100)]
    return score_round(rules(), fold(rules(), rows), Records())


def test_a_scorecard_gives_the_spread_of_shown_estates_and_of_companies() -> None:
    card = scored()
    found = Spreads.of(card)
    assert found.estates.keys() == {"E1"} and found.companies.keys() == {"C1"}
    assert found.estates["E1"] == card.company("C1").estates[0].smoothed_spread


def test_every_estate_tells_its_own_need_its_share_and_what_is_lacking() -> None:
    rows = [PlannedEstate("E1", "C", 300, 50), PlannedEstate("E2", "C", 99, 0), PlannedEstate("E3", "C", 1, 0)]
    found = plan([*rows, PlannedEstate("F1", "D", 40, 1)])
    assert [(e.share, e.still_needed) for e in found.estates.values()] == [(23, 0), (8, 8), (1, 1), (20, 19)]
    assert [e.need for e in found.estates.values()] == [estate_need(rules(), Decimal(25), n) for n in (300, 99, 1, 40)]
    assert (found.companies["C"].still_needed, found.companies["D"].still_needed) == (9, 19)
    assert found.still_needed == 28


def test_the_order_of_estates_changes_nothing() -> None:
    rows = [PlannedEstate(f"E{k}", f"C{k % 3}", 100 + k, k) for k in range(12)]
    shuffled = random.Random(1).sample(rows, len(rows))
    assert plan(shuffled) == plan(rows)
    assert list(plan(shuffled).estates) == list(plan(rows).estates)


def test_a_city_without_estates_needs_nothing() -> None:
    assert plan([]).still_needed == 0
