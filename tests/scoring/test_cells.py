"""docs/method.md, formulas 4 and 6: how groups are cut, and that what was shown once can't be subtracted."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings, strategies as st

from rating.scoring import EstateTally, Folding, ReviewState, SetApart, Shown, cut_groups, fold_round
from tests.scoring.tallying import tally_evaluations

from .builders import RESIDENTS, Marks, questionnaire, rules


def cut(counts: Mapping[str, int], households: Mapping[str, int] | None = None) -> set[str]:
    """The groups as words of their estates' one-letter codes; equal households unless given."""
    sizes = {code: (n, (households or {}).get(code, 100)) for code, n in counts.items()}
    return {"".join(group) for group in cut_groups(rules(), sizes)}


@pytest.mark.parametrize(
    ("counts", "groups"),
    [
        ({"a": 10, "b": 12}, set()),  # nothing small: no group
        ({"a": 0, "b": 12}, set()),  # nobody answered: nothing to hide
        ({"a": 4, "b": 6, "c": 30}, {"ab"}),  # two estates, ten evaluations, four outside: whole
        ({"a": 3, "b": 7, "c": 30}, {"ab"}),  # three outside is enough
        ({"a": 2, "b": 8, "c": 30}, {"abc"}),  # two outside isn't: takes in the next
        ({"a": 4, "b": 6, "c": 5, "d": 9}, {"abcd"}),  # d is left, and joins
        ({"a": 5, "b": 6, "c": 7, "d": 8}, {"ab", "cd"}),  # two groups
        ({"a": 5, "b": 6, "c": 7, "d": 8, "e": 9}, {"ab", "cde"}),  # a rest joins the last
        ({"a": 4, "b": 5, "c": 30, "d": 20}, {"abd"}),  # nine: takes in the shown one next in n
        ({"a": 9, "b": 12, "c": 11}, {"ac"}),  # one estate
        ({"b": 12, "a": 12, "c": 9}, {"ac"}),  # of two as small, the lower code
        ({"a": 1, "b": 12, "c": 14, "d": 15}, {"abc"}),  # 12 + 1 leaves one outside; 12 + 14 + 1 leaves 13
        ({"a": 9, "b": 0, "c": 30}, {"ac"}),  # an unrated estate is no company
        ({"a": 3, "b": 2, "c": 0}, {"ab"}),  # or it has them all
    ],
)
def test_groups_end_as_soon_as_they_are_whole(counts: dict[str, int], groups: set[str]) -> None:
    assert cut(counts) == groups


def test_small_estates_are_taken_in_order_of_turnout() -> None:
    """So that a group is of estates in which about as many answered: its mean is then less askew."""
    counts = {"a": 6, "b": 6, "c": 6, "d": 6}
    assert cut(counts, {"a": 20, "b": 100, "c": 21, "d": 90}) == {"bd", "ac"}


@given(st.dictionaries(st.sampled_from("abcdefghijkl"), st.integers(0, 25), min_size=1))
def test_every_group_is_whole_or_has_them_all(counts: dict[str, int]) -> None:
    groups = cut(counts)
    grouped = Counter(code for group in groups for code in group)
    assert set(grouped.values()) <= {1}
    assert {code for code, n in counts.items() if 0 < n < 10} <= set(grouped)
    for group in groups:
        own = [counts[code] for code in group]
        is_whole = len(own) >= 2 and sum(own) >= 10 and sum(own) - max(own) >= 3
        assert is_whole or set(group) == {code for code, n in counts.items() if n}


# ---- what was shown once


@dataclass
class House:
    """A round's evaluations as the house has them: by estate, each one's marks, and those that don't count."""

    companies: dict[str, str]
    answers: dict[str, dict[uuid.UUID, Marks]]
    uncounted: set[uuid.UUID] = field(default_factory=set)
    households: dict[str, int] = field(default_factory=dict)
    shown: list[Shown] = field(default_factory=list)

    def tallies(self) -> list[EstateTally]:
        return [
            tally_evaluations(
                questionnaire(),
                company=company,
                estate=estate,
                households=self.households.get(estate, 200),
                evaluations=[
                    (marks, ReviewState.NOT_ACCEPTED if one in self.uncounted else ReviewState.NEVER_FLAGGED)
                    for one, marks in self.answers[estate].items()
                ],
            )
            for estate, company in self.companies.items()
        ]

    def named(self) -> dict[str, dict[uuid.UUID, SetApart]]:
        return {
            estate: {one: SetApart(ReviewState.NOT_ACCEPTED, own[one]) for one in own if one in self.uncounted}
            for estate, own in self.answers.items()
        }

    def fold(self, *, struck: Iterable[str] = (), compared: bool = True) -> Folding:
        shown = self.shown if compared else []
        return fold_round(rules(), self.tallies(), uncounted=self.named(), shown=shown, struck=set(struck))

    def show(self, *, struck: Iterable[str] = (), compared: bool = True) -> Folding:
        """Fold, and keep what was shown as the house does: of a held company what wasn't counted then."""
        folding = self.fold(struck=struck, compared=compared)
        named = self.named()
        for estate, company in self.companies.items():
            if company in folding.frozen:
                named[estate] = dict(self.shown[-1].uncounted[estate])
        received = {estate: len(own) for estate, own in self.answers.items()}
        self.shown.append(Shown(folding.tallies, folding.cells, received, named, folding.left_out))
        return folding


def house(seed: int = 1, **counts: int) -> House:
    """A house with so many evaluations of each estate; a1, a2 … belong to company A."""
    rng = random.Random(seed)
    answers = {
        estate: {uuid.UUID(int=rng.getrandbits(128)): tuple(rng.choices([1, 2, 3, 4, 5], k=3)) for _ in range(n)}
        for estate, n in counts.items()
    }
    return House({estate: estate[0].upper() for estate in counts}, answers)


def smallest_difference(shown: Sequence[Shown], answers: Mapping[str, Mapping[uuid.UUID, Marks]]) -> int | None:
    """The fewest evaluations that stand in the same cells throughout, of those that stand in one."""
    stood: Counter[tuple[object, ...]] = Counter()
    for estate, own in answers.items():
        for one in own:
            cells = tuple(
                None
                if (cell := each.cells.get(estate)) is None or one in each.uncounted.get(estate, {})
                else (cell.company, cell.group or estate)
                for each in shown
            )
            stood[cells] += 1
    sizes = [count for cells, count in stood.items() if any(cells)]
    return min(sizes, default=None)


def some(own: Mapping[uuid.UUID, Marks], count: int) -> set[uuid.UUID]:
    return set(list(own)[:count])


@pytest.mark.parametrize(("more", "held"), [(1, {"A"}), (9, {"A"}), (10, set())])
def test_a_correction_by_fewer_than_ten_evaluations_stays_as_it_was_shown(more: int, held: set[str]) -> None:
    city = house(a1=40, a2=20, b1=30)
    city.uncounted = some(city.answers["a1"], more)
    before = city.show()
    city.uncounted = set()
    after = city.fold()
    assert after.frozen == held
    company = {c.company: c for c in after.tallies.companies}["A"]
    assert company.count == (60 - more if held else 60)
    assert company.as_shown is bool(held)
    assert after.tallies.totals[RESIDENTS].counted == sum(c.count for c in after.tallies.companies)
    if held:
        assert company.estates == {c.company: c for c in before.tallies.companies}["A"].estates


def test_one_evaluation_exchanged_for_another_is_found_though_the_numbers_are_the_same() -> None:
    city = house(a1=40, a2=20)
    first, second = list(city.answers["a1"])[:2]
    city.uncounted = {first}
    city.show()
    city.uncounted = {second}
    assert city.fold().frozen == {"A"}


def test_what_was_shown_twice_is_compared_with_both() -> None:
    """Five more, and five more again: each step is too small, both together are not."""
    city = house(a1=40)
    ten = list(city.answers["a1"])[:10]
    city.uncounted = set(ten)
    city.show()
    city.uncounted = set(ten[:5])
    assert city.show().frozen == {"A"}
    city.uncounted = set()
    assert city.fold().frozen == frozenset()


def test_without_comparing_single_answers_could_be_subtracted() -> None:
    """The negative control: the same correction, folded as if nothing had been shown."""
    city = house(a1=40, a2=20)
    (one,) = city.uncounted = some(city.answers["a1"], 1)
    city.show()
    city.uncounted = set()
    city.show(compared=False)
    assert smallest_difference(city.shown, city.answers) == 1
    counts = [shown.tallies.companies[0].estates[0].counts(RESIDENTS)["i0"].marks for shown in city.shown]
    mark = {m for m in range(1, 6) if counts[1].get(m, 0) != counts[0].get(m, 0)}
    assert mark == {city.answers["a1"][one][0]}


def test_households_and_sheets_of_a_company_that_is_held_are_corrected_freely() -> None:
    city = house(a1=40, a2=5, a3=8)
    city.uncounted = some(city.answers["a1"], 3)
    before = city.show()
    city.uncounted, city.households = set(), {"a1": 50, "a2": 70}
    (old,), (new,) = before.tallies.companies, city.fold().tallies.companies
    assert new.as_shown
    assert (new.households, new.estates[0].households, new.groups[0].households) == (320, 50, 270)
    assert new.groups[0].residents == old.groups[0].residents


@pytest.mark.parametrize("to", [None, "B"])
def test_the_cell_of_an_estate_that_left_is_left_out_whole_and_for_good(to: str | None) -> None:
    city = house(a1=4, a2=8, a3=30, b1=25)
    city.show()
    if to is None:
        del city.companies["a1"], city.answers["a1"]
    else:
        city.companies["a1"] = to
    found = city.show()
    assert found.left_out == {"a1", "a2"}
    companies = {c.company: c for c in found.tallies.companies}
    assert (companies["A"].count, companies["A"].groups) == (30, ())
    assert companies["A"].households == 400  # a2's are uncovered now
    assert companies["B"].count == 25
    city.companies["a1"] = "A"
    city.answers.setdefault("a1", {})
    assert city.fold().left_out == {"a1", "a2"}


def test_forged_answers_leave_with_their_whole_cell() -> None:
    city = house(a1=4, a2=8, a3=30)
    city.show()
    found = city.fold(struck=["a3"])
    assert found.left_out == {"a3"}
    assert found.tallies.companies[0].count == 12
    totals = found.tallies.totals[RESIDENTS]
    assert (totals.received, totals.counted, totals.rejected) == (42, 12, 30)


def test_a_company_whose_group_was_left_out_can_be_held_too() -> None:
    city = house(a1=5, a2=6, a3=7, a4=8, a5=40)
    city.uncounted = some(city.answers["a5"], 2)
    first = city.show()
    assert {first.cells[e].group for e in ("a1", "a2")} == {1}
    city.uncounted = set()
    city.households = {"a3": 300, "a4": 300}  # the order of turnout is another now
    found = city.show(struck=["a1"])
    (company,) = found.tallies.companies
    assert found.frozen == {"A"} and found.left_out == {"a1", "a2"}
    assert company.groups[0].residents == first.tallies.companies[0].groups[1].residents
    assert company.count == 15 + 38
    assert found.cells["a3"].group == 1
    assert city.fold().tallies.companies[0].groups == company.groups


def test_a_trial_of_nothing_new_holds_nothing() -> None:
    city = house(a1=40, a2=5, a3=6, b1=3)
    before = city.show()
    after = city.fold()
    assert after.frozen == frozenset() and after.tallies == before.tallies


STEPS = st.lists(st.tuples(st.sampled_from(["a1", "a2", "a3", "b1", "b2"]), st.integers(0, 14)), min_size=1, max_size=4)


@given(
    st.integers(0, 100_000),
    st.lists(st.sampled_from([0, 1, 4, 9, 10, 13, 30]), min_size=5, max_size=5),
    STEPS,
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_no_set_of_evaluations_between_publications_is_smaller_than_a_cell(
    seed: int, counts: list[int], steps: list[tuple[str, int]], strikes: bool
) -> None:
    rng = random.Random(seed)
    city = house(seed, **dict(zip(["a1", "a2", "a3", "b1", "b2"], counts, strict=True)))
    everything = {estate: dict(own) for estate, own in city.answers.items()}
    for estate, number in steps:
        own = list(city.answers[estate])
        city.uncounted ^= set(rng.sample(own, min(number, len(own))))
        city.show(struck=["a1"] if strikes and rng.random() < 0.3 else [])
        smallest = smallest_difference(city.shown, everything)
        assert smallest is None or smallest >= 10


@pytest.mark.parametrize(("more", "held"), [(3, {"A"}), (12, set())])
def test_what_came_in_since_it_was_shown_stood_in_no_cell_then(more: int, held: set[str]) -> None:
    city = house(a1=40, a2=20)
    city.show()
    city.answers["a1"] |= {uuid.uuid4(): (3, 3, 3) for _ in range(more)}
    assert city.fold().frozen == held


def test_of_what_has_changed_in_a_cell_an_indicator_needs_ten_marks_too() -> None:
    """Ten more evaluations, of which one alone marked i1: its mark would be the difference."""
    city = house(a1=40)
    ten = list(city.answers["a1"])[:10]
    for place, one in enumerate(ten):
        city.answers["a1"][one] = (3, 2 if place == 0 else None, 3)
    city.uncounted = set(ten)
    before = city.show()
    city.uncounted = set()
    after = city.fold()
    first, second = (folding.tallies.companies[0].estates[0].counts(RESIDENTS) for folding in (before, after))
    assert after.frozen == frozenset()
    assert (set(first), set(second)) == ({"i0", "i1", "i2"}, {"i0", "i2"})


def test_what_has_changed_in_groups_alone_is_not_one_estates() -> None:
    city = house(a1=9, a2=9)
    city.uncounted = some(city.answers["a1"], 9)
    city.answers["a3"], city.companies["a3"] = {uuid.uuid4(): (3, 3, 3) for _ in range(4)}, "A"
    city.show()
    city.uncounted = set(list(city.answers["a1"])[:0])
    assert city.fold().frozen == {"A"}
