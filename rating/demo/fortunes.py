"""How companies fared from round to round: what they are really like, whatever people will answer.

Each company has a band of latent quality, one for each round, a place within it that drifts, and a profile over the
dimensions. Bands are dealt out as they are in the latest published round; STORIES tells who had been elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np

from rating.demo.city import City
from rating.demo.questionnaires import KIN, RESIDENTS
from rating.demo.records import Estate
from rating.demo.timeline import LATEST, plan_rounds


@dataclass(frozen=True)
class Tier:
    """A band of latent quality, in points of 100, for residents and for on-site evaluators.

    `estate_spread` is how far a company's estates lie apart, as a standard deviation.
    """

    name: str
    residents: tuple[float, float]
    on_site: tuple[float, float]
    estate_spread: float


STRONG = Tier("strong", (90.0, 93.5), (92.5, 97.0), 2.0)
NEAR_STRONG = Tier("near_strong", (85.0, 87.5), (92.0, 94.0), 2.5)
GOOD = Tier("good", (75.0, 83.0), (82.0, 92.0), 4.0)
MIDDLING = Tier("middling", (69.0, 77.0), (75.0, 86.0), 4.5)
LOW = Tier("low", (59.0, 63.5), (68.0, 74.0), 4.0)
NEAR_WEAK = Tier("near_weak", (54.5, 57.0), (68.0, 71.0), 3.0)
WEAK = Tier("weak", (37.0, 47.5), (46.0, 56.0), 4.0)
SPARSE = Tier("sparse", (58.0, 74.0), (66.0, 80.0), 2.0)

# How many companies are in each band in the latest published round, from the best down; the rest is MIDDLING.
_BANDS = ((STRONG, 8), (NEAR_STRONG, 3), (GOOD, 15))
_LOWER_BANDS = ((WEAK, 11), (NEAR_WEAK, 3), (LOW, 6))

# Who was, or will be, in another band, by band and place in it then: the bands of rounds 1, 2, 3 and 4.
STORIES: Mapping[tuple[Tier, int], tuple[Tier, Tier, Tier, Tier]] = {
    # risen to the red list, and once off it in between
    (STRONG, 4): (GOOD, STRONG, STRONG, STRONG),
    (STRONG, 5): (GOOD, GOOD, STRONG, STRONG),
    (STRONG, 6): (STRONG, NEAR_STRONG, STRONG, STRONG),
    (STRONG, 7): (MIDDLING, GOOD, STRONG, GOOD),
    # fallen from it
    (GOOD, 0): (STRONG, STRONG, GOOD, GOOD),
    (GOOD, 1): (STRONG, GOOD, GOOD, GOOD),
    (GOOD, 2): (GOOD, STRONG, GOOD, NEAR_STRONG),
    (MIDDLING, 0): (STRONG, GOOD, MIDDLING, LOW),
    # off the black list after what was promised had been done
    (GOOD, 3): (WEAK, MIDDLING, GOOD, GOOD),
    (MIDDLING, 1): (LOW, WEAK, MIDDLING, MIDDLING),
    (MIDDLING, 2): (WEAK, WEAK, MIDDLING, GOOD),
    (MIDDLING, 3): (WEAK, MIDDLING, MIDDLING, MIDDLING),
    (MIDDLING, 4): (MIDDLING, WEAK, MIDDLING, MIDDLING),
    (LOW, 0): (WEAK, WEAK, LOW, LOW),
    (LOW, 1): (MIDDLING, WEAK, LOW, MIDDLING),
    (LOW, 2): (WEAK, LOW, LOW, LOW),
    # on the black list now; those without a story have been there three times
    (WEAK, 2): (MIDDLING, WEAK, WEAK, MIDDLING),
    (WEAK, 3): (LOW, WEAK, WEAK, LOW),
    (WEAK, 4): (MIDDLING, LOW, WEAK, WEAK),
    (WEAK, 5): (LOW, LOW, WEAK, LOW),
    (WEAK, 6): (NEAR_WEAK, LOW, WEAK, MIDDLING),
    (WEAK, 7): (WEAK, LOW, WEAK, WEAK),
    (WEAK, 8): (MIDDLING, MIDDLING, WEAK, WEAK),
    (WEAK, 9): (LOW, WEAK, WEAK, WEAK),
    (WEAK, 10): (GOOD, MIDDLING, WEAK, WEAK),
}


class Chance:
    """A stream of its own for each purpose, subject and round, so that no draw depends on another."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def stream(self, purpose: str, subject: str, round_no: int) -> np.random.Generator:
        """The generator for this purpose; the same one again begins anew."""
        key = crc32(f"{purpose}/{subject}".encode())
        return np.random.default_rng([self._seed, key, round_no])


class Fortunes:
    """What the companies of the city are like in each round, and which estates they are rated for."""

    def __init__(self, city: City, chance: Chance) -> None:
        self.city = city
        self._chance = chance
        self._rosters = {r.number: city.roster(r.rated_from, r.rated_to) for r in plan_rounds(city.today)}
        self._estates = {number: city.by_company(roster) for number, roster in self._rosters.items()}
        self._effects: dict[tuple[str, int], dict[str, float]] = {}

    # who is rated for what

    def company_of(self, estate: str, round_no: int) -> str:
        """The company that an estate is rated under in a round (where nobody served it long enough: today's)."""
        return self._rosters[round_no].get(estate) or self.city.company_of[estate]

    def estates_of(self, company: str, round_no: int) -> tuple[Estate, ...]:
        """The estates that a company is rated for in a round."""
        return self._estates[round_no][company]

    # what they are like

    def tier(self, company: str, round_no: int) -> Tier:
        """A company's band in a round."""
        tier, place = self._places[company]
        story = STORIES.get((tier, place))
        return story[round_no - 1] if story else tier

    def mends(self, company: str, round_no: int) -> bool:
        """Whether a company leaves the lowest band after this round."""
        return self.tier(company, round_no) is WEAK and self.tier(company, round_no + 1) is not WEAK

    def stays_sparse(self, company: str, round_no: int) -> bool:
        """Where too few answer: the tiny companies (one of them in the first round only), and once the quiet one."""
        tier, place = self._places[company]
        if tier is SPARSE:
            return round_no == 1 or place > 0
        return round_no == LATEST - 1 and company == self._quiet

    def level(self, company: str, side: str, round_no: int) -> float:
        """A company's latent quality on one side, drifting a little from round to round."""
        tier = self.tier(company, round_no)
        low, high = tier.residents if side == "residents" else tier.on_site
        share = self._chance.stream("quality", company, 0).random()
        own = self._chance.stream(f"quality {side}", company, 0).random()
        level = low + (high - low) * (0.7 * share + 0.3 * own)
        steps = [self._chance.stream(f"drift {side}", company, no).normal(0, 1.0) for no in range(2, round_no + 1)]
        return float(np.clip(level + sum(steps), low - 1.5, high + 1.5))

    def profile(self, company: str) -> dict[str, float]:
        """What a company is better or worse at than it is on the whole, by any dimension."""
        rng = self._chance.stream("profile", company, 0)
        profile = {asked.dimension: 0.0 for asked in RESIDENTS}
        profile = {dimension: float(rng.normal(0, 3)) for dimension in profile}
        return profile | {own: profile[kin] * 0.7 + float(rng.normal(0, 2)) for own, kin in KIN.items()}

    def estate_effect(self, estate: str, round_no: int) -> float:
        """How much better or worse an estate is than its company's level, which is the mean over households."""
        company = self.company_of(estate, round_no)
        if (company, round_no) not in self._effects:
            self._effects[company, round_no] = self._spread_out(company, round_no)
        return self._effects[company, round_no].get(estate, 0.0)

    def _spread_out(self, company: str, round_no: int) -> dict[str, float]:
        estates = self.estates_of(company, round_no)
        if not estates:
            return {}
        spread = self.tier(company, round_no).estate_spread
        drawn = [self._chance.stream("estate", e.code, 0).standard_normal() for e in estates]
        effects = np.clip(drawn, -1.8, 1.8) * spread
        effects -= np.average(effects, weights=[e.households_lived_in for e in estates])
        return {estate.code: float(effect) for estate, effect in zip(estates, effects, strict=True)}

    # how bands are dealt out

    @cached_property
    def _places(self) -> dict[str, tuple[Tier, int]]:
        """Each company's band in the latest published round and its place there: newer estates help, luck decides."""
        served = self.city.rated_estates_of
        sparse = [c for c in served if count_households(served[c]) < 40]
        ranked = sorted((c for c in served if c not in sparse), key=self._promise, reverse=True)
        largest = sorted(ranked, key=lambda c: -len(served[c]))[:3]
        bands = [(SPARSE, sparse)]
        for tier, size in _LOWER_BANDS:
            chosen = [c for c in reversed(ranked) if c not in largest][:size]
            bands.append((tier, chosen))
            ranked = [c for c in ranked if c not in chosen]
        for tier, size in _BANDS:
            bands.append((tier, ranked[:size]))
            ranked = ranked[size:]
        bands.append((MIDDLING, ranked))
        return {company: (tier, place) for tier, companies in bands for place, company in enumerate(companies)}

    def _promise(self, company: str) -> float:
        served = self.city.rated_estates_of[company]
        built = sum(e.built_year * e.households_lived_in for e in served) / count_households(served)
        return built / 9 + float(self._chance.stream("standing", company, 0).standard_normal())

    @cached_property
    def _quiet(self) -> str:
        """An ordinary company with one estate, where hardly anyone answers for once."""
        served = self.city.rated_estates_of
        ordinary = (c for c, place in self._places.items() if place[0] is MIDDLING and place not in STORIES)
        return min(ordinary, key=lambda c: (len(served[c]), count_households(served[c]), c))


def count_households(estates: tuple[Estate, ...]) -> int:
    """The households that live in some estates."""
    return sum(estate.households_lived_in for estate in estates)
