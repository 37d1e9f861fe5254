"""docs/method.md, formula 19: a company beside other companies' estates of the same class."""

import statistics
from collections.abc import Mapping
from decimal import Decimal

import pytest

from rating.scoring import EstateTraits, PeerComparison, Trait, compare_with_peers, fold

from .builders import rules, spread_scores, tally

Row = tuple[str, str, int, float]  # company, estate, households, mean
FEE = Decimal("1.20")


def traits(estate: str, age: int | None = 15, lifts: bool | None = True, fee: Decimal | None = FEE) -> EstateTraits:
    return EstateTraits(estate, age, lifts, fee)


def compare(rows: list[Row], known: list[EstateTraits], **settings: object) -> Mapping[str, PeerComparison]:
    chosen = rules(**settings)
    tallies = [tally(e, spread_scores(20, mean), households, c) for c, e, households, mean in rows]
    return compare_with_peers(chosen, fold(chosen, tallies), known)


def others(means: list[float]) -> list[Row]:
    return [(f"P{k}", f"P{k}-E", 100, mean) for k, mean in enumerate(means)]


def test_the_expected_score_is_the_peers_median_weighted_by_own_households() -> None:
    rows = [("C", "E1", 300, 60), ("C", "E2", 100, 80), *others([50, 60, 70, 90, 95])]
    old = {"E2", "P1-E", "P2-E"}
    known = [traits(e, 30 if e in old else 15) for _, e, _, _ in rows]
    found = compare(rows, known, min_peers=2)["C"]
    # E1 beside 50, 90 and 95; E2 beside 60 and 70.
    assert [(e.estate, e.median, e.peers) for e in found.estates] == [("E1", 90, 3), ("E2", 65, 2)]
    assert found.expected == (300 * Decimal(90) + 100 * Decimal(65)) / 400
    assert (found.score, found.households) == (65, 400)


def test_own_estates_are_nobodys_peers() -> None:
    rows = [("C", f"E{k}", 100, 10.0 + k) for k in range(6)] + others([70] * 5)
    found = compare(rows, [traits(e) for _, e, _, _ in rows])
    assert {e.median for e in found["C"].estates} == {70}


@pytest.mark.parametrize(
    ("age", "peer_age", "alike"),
    [(9, 10, False), (10, 20, True), (20, 21, False), (0, 9, True), (21, 60, True)],
)
def test_ages_under_ten_to_twenty_and_over_are_three_classes(age: int, peer_age: int, alike: bool) -> None:
    rows = [("C", "E1", 100, 60), *others([70] * 5)]
    known = [traits("E1", age), *(traits(e, peer_age) for _, e, _, _ in rows[1:])]
    (estate,) = compare(rows, known)["C"].estates
    assert (Trait.AGE in estate.traits) == alike


def test_a_fee_above_the_median_is_a_class_and_the_median_itself_is_not() -> None:
    rows = [("C", "E1", 100, 60), *others([10, 20, 30, 80, 90])]
    fees = [Decimal(2), Decimal(1), Decimal(2), Decimal(2), Decimal(3), Decimal(4)]
    known = [traits(row[1], fee=fee) for row, fee in zip(rows, fees, strict=True)]
    (estate,) = compare(rows, known, min_peers=2)["C"].estates
    assert (estate.median, estate.peers) == (20, 3)


@pytest.mark.parametrize(
    ("alike", "kept"),
    [
        ((Trait.LIFTS, Trait.AGE, Trait.FEE), (Trait.LIFTS, Trait.AGE, Trait.FEE)),
        ((Trait.LIFTS, Trait.AGE), (Trait.LIFTS, Trait.AGE)),
        ((Trait.LIFTS,), (Trait.LIFTS,)),
        ((), ()),
    ],
)
def test_with_under_five_peers_fee_then_age_then_lifts_are_dropped(
    alike: tuple[Trait, ...], kept: tuple[Trait, ...]
) -> None:
    rows = [("C", "E1", 100, 60), *others([40, 50, 60, 70, 80])]
    peer = (
        15 if Trait.AGE in alike else 40,
        Trait.LIFTS in alike,
        FEE if Trait.FEE in alike else Decimal("0.80"),
    )
    known = [traits("E1"), *(traits(e, *peer) for _, e, _, _ in rows[1:])]
    (estate,) = compare(rows, known)["C"].estates
    assert (estate.traits, estate.median) == (kept, 60)


def test_under_five_estates_of_others_are_no_peers_at_all() -> None:
    rows = [("C", "E1", 100, 60), *others([40, 50, 60, 70])]
    assert compare(rows, [traits(e) for _, e, _, _ in rows]) == {}


def test_what_is_not_known_of_an_estate_is_left_out_of_its_class() -> None:
    rows = [("C", "E1", 100, 60), *others([40, 50, 60, 70, 80])]
    known = [traits("E1", None, True, None), *(traits(e, 3 * k) for k, (_, e, _, _) in enumerate(rows[1:]))]
    (estate,) = compare(rows, known)["C"].estates
    assert (estate.traits, estate.peers) == ((Trait.LIFTS,), 5)
    (bare,) = compare(rows, known[1:])["C"].estates
    assert (bare.traits, bare.peers) == ((), 5)


def test_a_peer_of_whom_a_trait_is_not_known_is_not_in_its_class() -> None:
    rows = [("C", "E1", 100, 60), *others([40, 50, 60, 70, 80])]
    known = [traits("E1"), *(traits(e, None) for _, e, _, _ in rows[1:])]
    (estate,) = compare(rows, known)["C"].estates
    assert estate.traits == (Trait.LIFTS,)


def test_folded_estates_neither_are_compared_nor_are_peers() -> None:
    rows = [("C", "E1", 100, 60), *others([40, 50, 60, 70, 80])]
    tallies = [tally(e, spread_scores(20, mean), households, c) for c, e, households, mean in rows]
    tallies += [tally(f"E{k}", [0] * 6, 100, "C") for k in (2, 3)] + [
        tally(f"P0-F{k}", [99] * 6, 100, "P0") for k in (1, 2)
    ]
    found = compare_with_peers(rules(), fold(rules(), tallies), [traits(t.estate) for t in tallies])
    assert [e.estate for e in found["C"].estates] == ["E1"]
    assert found["C"].expected == Decimal(statistics.median([40, 50, 60, 70, 80]))
