"""A company beside its peers: never in place of the raw score.

Of a company only shown estates are compared: what its folded ones scored is nobody's to
see. The classes are those of docs/method.md, formula 19.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from statistics import median

from rating.scoring.answers.estimates import weighted_mean
from rating.scoring.arithmetic import add_up, exact
from rating.scoring.cells.folded import FoldedTallies
from rating.scoring.rules import ScoringRules


class Trait(StrEnum):
    """What puts estates into one class."""

    LIFTS = "lifts"
    AGE = "age"
    FEE = "fee"


# The classes tried: the last trait is dropped first.
CLASSES = (
    (Trait.LIFTS, Trait.AGE, Trait.FEE),
    (Trait.LIFTS, Trait.AGE),
    (Trait.LIFTS,),
    (),
)


@dataclass(frozen=True, slots=True)
class EstateTraits:
    """An estate's building age in years, whether it has lifts, and its fee (yuan per
    square metre and month); None for what isn't known.
    """

    estate: str
    age: int | None
    has_lifts: bool | None
    fee: Decimal | None


@dataclass(frozen=True, slots=True)
class PeerEstate:
    """A shown estate's residents' mean ȳ and its peers' median, in points.

    `peers` estates of other companies share the `traits`; with too few of them even
    without any trait, the median is None.
    """

    estate: str
    households: int
    score: Decimal
    median: Decimal | None
    peers: int
    traits: tuple[Trait, ...]


@dataclass(frozen=True, slots=True)
class PeerComparison:
    """A company's `score` Σ P_e ȳ_e and its peers' `expected` Σ P_e · median ȳ, over its
    shown estates that have peers; `households` are theirs.
    """

    score: Decimal
    expected: Decimal
    households: int
    estates: tuple[PeerEstate, ...]


@dataclass(frozen=True, slots=True)
class _Shown:
    company: str
    estate: str
    households: int
    score: Decimal
    classes: Mapping[Trait, object]


@dataclass(frozen=True, slots=True)
class _Field:
    """All shown estates, and those of each class once they have been asked for."""

    shown: Sequence[_Shown]
    known: dict[tuple[tuple[Trait, object], ...], Sequence[_Shown]]

    def alike(self, own: _Shown, traits: Sequence[Trait]) -> Sequence[_Shown]:
        """The estates with the same value in every one of the traits."""
        key = tuple((trait, own.classes[trait]) for trait in traits)
        if key not in self.known:
            self.known[key] = [e for e in self.shown if all(e.classes.get(t) == value for t, value in key)]
        return self.known[key]


@exact
def compare_with_peers(
    rules: ScoringRules, tallies: FoldedTallies, traits: Iterable[EstateTraits]
) -> dict[str, PeerComparison]:
    """Each company beside other companies' shown estates of the same class, by code.

    Classes: age < 10, 10..20, > 20; lifts; fee above the median of the fees given. With
    under 5 peers the fee is dropped, then the age, then the lifts. A trait that isn't
    known is left out of an estate's class. Companies without any peer have no entry.
    """
    field = _Field(_list_shown(rules, tallies, list(traits)), {})
    own: dict[str, list[_Shown]] = {}
    for each in field.shown:
        own.setdefault(each.company, []).append(each)
    found = {code: _compare(rules, field, estates) for code, estates in own.items()}
    return {code: comparison for code, comparison in found.items() if comparison}


def _list_shown(rules: ScoringRules, tallies: FoldedTallies, traits: Sequence[EstateTraits]) -> list[_Shown]:
    fees = [each.fee for each in traits if each.fee is not None]
    middle = median(fees) if fees else None
    classes = {each.estate: _classes(rules, each, middle) for each in traits}
    return [
        _Shown(
            company.company,
            estate.estate,
            estate.households,
            Decimal(estate.residents.mean),
            classes.get(estate.estate, {}),
        )
        for company in tallies.companies
        for estate in company.estates
        if estate.residents
    ]


def _classes(rules: ScoringRules, traits: EstateTraits, middle: Decimal | None) -> dict[Trait, object]:
    age = None
    if traits.age is not None:
        age = (traits.age >= rules.peer_new_below) + (traits.age > rules.peer_old_above)
    is_dear = traits.fee > middle if traits.fee is not None and middle is not None else None
    found = {Trait.LIFTS: traits.has_lifts, Trait.AGE: age, Trait.FEE: is_dear}
    return {trait: value for trait, value in found.items() if value is not None}


def _compare(rules: ScoringRules, field: _Field, own: Sequence[_Shown]) -> PeerComparison | None:
    estates = tuple(_peer_estate(rules, field, each) for each in own)
    expected = weighted_mean((e.households, e.households * e.median) for e in estates if e.median is not None)
    if expected is None:
        return None
    households, mean = expected
    score = add_up(e.households * e.score for e in estates if e.median is not None) / households
    return PeerComparison(score, mean, households, estates)


def _peer_estate(rules: ScoringRules, field: _Field, own: _Shown) -> PeerEstate:
    peers: list[Decimal] = []
    for traits in CLASSES:
        known = tuple(trait for trait in traits if trait in own.classes)
        peers = [each.score for each in field.alike(own, known) if each.company != own.company]
        if len(peers) >= rules.min_peers:
            return PeerEstate(own.estate, own.households, own.score, median(peers), len(peers), known)
    return PeerEstate(own.estate, own.households, own.score, None, len(peers), ())
