"""How companies fared from round to round: what they are really like, whatever people will answer.

Each company has a band of latent quality, one for each round, a place within it that drifts, and a profile over the
dimensions. Bands are dealt out as they are in the latest published round; STORIES tells who had been elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from zlib import crc32

import numpy as np

from rating.demo.city import City
from rating.demo.data import read
from rating.demo.questionnaires import KIN, RESIDENTS
from rating.demo.records import Estate
from rating.demo.timeline import LATEST, plan_rounds


@dataclass(frozen=True, eq=False)
class Tier:
    """A band of latent quality, in points of 100, for residents and for on-site evaluators.

    `estate_spread` is how far a company's estates lie apart, as a standard deviation.
    """

    name: str
    residents: Sequence[float]
    on_site: Sequence[float]
    estate_spread: float


_BANDS = read("fortunes")
TIERS = {name: Tier(name, **tier) for name, tier in _BANDS["tiers"].items()}
STRONG, GOOD, MIDDLING, LOW, WEAK, SPARSE = (
    TIERS[name] for name in ("strong", "good", "middling", "low", "weak", "sparse")
)
# Who was, or will be, in another band, by band and place in it in the latest published round: the bands of all rounds.
STORIES = {
    (TIERS[one["tier"]], one["place"]): tuple(TIERS[name] for name in one["rounds"]) for one in _BANDS["stories"]
}


class Chance:
    """A stream of its own for each purpose, subject and round, so that no draw depends on another."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def stream(self, purpose: str, subject: str, round_no: int) -> np.random.Generator:
        """The generator for this purpose; asking for the same one again restarts it."""
        key = crc32(f"{purpose}/{subject}".encode())
        return np.random.default_rng([self._seed, key, round_no])


class Fortunes:
    """What the companies of the city are like in each round, and which estates they are rated for."""

    def __init__(self, city: City, chance: Chance) -> None:
        self.city = city
        self._chance = chance
        self._rosters = {r.number: city.roster(r.rated_from, r.rated_to) for r in plan_rounds(city.today)}
        self._estates = {number: city.by_company(roster) for number, roster in self._rosters.items()}
        self._effects = cache(self._spread_out)
        self.level = cache(self._level)
        self.profile = cache(self._profile)

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

    def _level(self, company: str, side: str, round_no: int) -> float:
        """A company's latent quality on one side, drifting a little from round to round."""
        tier = self.tier(company, round_no)
        low, high = tier.residents if side == "residents" else tier.on_site
        share = self._chance.stream("quality", company, 0).random()
        own = self._chance.stream(f"quality {side}", company, 0).random()
        level = low + (high - low) * (0.7 * share + 0.3 * own)
        steps = [self._chance.stream(f"drift {side}", company, no).normal(0, 1.0) for no in range(2, round_no + 1)]
        return float(np.clip(level + sum(steps), low - 1.5, high + 1.5))

    def _profile(self, company: str) -> dict[str, float]:
        """What a company is better or worse at than it is on the whole, by any dimension."""
        rng = self._chance.stream("profile", company, 0)
        profile = {asked.dimension: 0.0 for asked in RESIDENTS}
        profile = {dimension: float(rng.normal(0, 3)) for dimension in profile}
        return profile | {own: profile[kin] * 0.7 + float(rng.normal(0, 2)) for own, kin in KIN.items()}

    def estate_effect(self, estate: str, round_no: int) -> float:
        """How much better or worse an estate is than its company's level, which is the mean over households."""
        return self._effects(self.company_of(estate, round_no), round_no).get(estate, 0.0)

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
        for name, size in _BANDS["worst"].items():
            chosen = [c for c in reversed(ranked) if c not in largest][:size]
            bands.append((TIERS[name], chosen))
            ranked = [c for c in ranked if c not in chosen]
        for name, size in _BANDS["best"].items():
            bands.append((TIERS[name], ranked[:size]))
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
