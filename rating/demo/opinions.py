"""What the people of the demonstration city would answer: marks and comments, never scores.

Each company has a latent quality for residents and one for on-site evaluators, a profile over
the dimensions, and a place on each estate; from these come the marks that a resident, a
committee, a community or a company would give on the default rulebook's questionnaires. How
the product scores them is not known here.

Every draw has its own stream, seeded by what it is for, the estate and the round, so answers
do not depend on the order of calls, and the first n residents of an estate answer the same
whether n or more of them are asked. No clock, no database.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rating.demo import names
from rating.demo.city import City, Estate

Rater = Literal["committee", "community", "company"]
Marks = dict[str, int | None]
Floats = NDArray[np.float64]

UNKNOWN, ABSENT = -1, -2


# --- the questionnaires ---------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A residents' indicator: how the whole city sees it, and how often it gets no mark."""

    key: str
    dimension: str
    offset: float
    unknown: float


RESIDENTS = (
    Asked("cleaning", "environment", 6, 0.01),
    Asked("greenery", "environment", 2, 0.02),
    Asked("order_security", "environment", 4, 0.02),
    Asked("parking", "environment", -9, 0.03),
    Asked("repairs", "facilities", 1, 0.10),
    Asked("lifts_facilities", "facilities", 1, 0.02),
    Asked("fire_safety", "facilities", -3, 0.06),
    Asked("fee_transparency", "people_money", -6, 0.13),
    Asked("staff_manner", "people_money", 8, 0.02),
    Asked("complaints", "people_money", -4, 0.36),
)


@dataclass(frozen=True)
class Inspected:
    """An on-site indicator; `needs` names the estate's attribute without which it has no mark."""

    key: str
    dimension: str
    most: int
    offset: float = 0.0
    needs: str = ""


ON_SITE = (
    Inspected("contract_handover", "general_management", 3, 4),
    Inspected("staffing", "general_management", 3, 2),
    Inspected("service_desk", "general_management", 3),
    Inspected("records", "general_management", 2, -3),
    Inspected("gate", "public_order", 4, 2),
    Inspected("patrol", "public_order", 3, -2),
    Inspected("cctv_access", "public_order", 3, 0, "has_cctv_or_entry_doors"),
    Inspected("parking_order", "public_order", 3, -9),
    Inspected("building_cleaning", "cleaning_greenery", 5, 2),
    Inspected("grounds_cleaning", "cleaning_greenery", 4, 5),
    Inspected("waste_points", "cleaning_greenery", 4, -1),
    Inspected("pest_drains", "cleaning_greenery", 2, 2),
    Inspected("greenery", "cleaning_greenery", 4, 1, "has_greenery"),
    Inspected("inspection_upkeep", "facilities", 4, 1),
    Inspected("lifts", "facilities", 5, 3, "has_lifts"),
    Inspected("water_supply", "facilities", 3, 4, "company_runs_water_supply"),
    Inspected("lights_roads", "facilities", 4, -1),
    Inspected("repair_response", "facilities", 5, 1),
    Inspected("fire_lanes", "fire_safety", 5, -5),
    Inspected("fire_equipment", "fire_safety", 4, 1),
    Inspected("e_bikes", "fire_safety", 4, -11),
    Inspected("emergency", "fire_safety", 3, 2),
    Inspected("notice_board", "disclosure_fees", 3, 5),
    Inspected("charging", "disclosure_fees", 4, 6),
    Inspected("shared_income", "disclosure_fees", 3, -12),
    Inspected("meetings", "co_governance", 4, 2),
    Inspected("three_steps", "co_governance", 2, -4),
    Inspected("complaint_handling", "co_governance", 4, 1),
)
# The matter of `three_steps` does not come up on every estate in every round.
_NO_COMMON_MATTER = 0.35

COOPERATION = tuple(names.COOPERATION_FACTS)

# Which residents' dimension an on-site dimension goes with.
_KIN = {
    "general_management": "people_money",
    "public_order": "environment",
    "cleaning_greenery": "environment",
    "facilities": "facilities",
    "fire_safety": "facilities",
    "disclosure_fees": "people_money",
    "co_governance": "people_money",
}


# --- companies ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tier:
    """A band of latent quality, in points of 100, for residents and for on-site evaluators."""

    name: str
    residents: tuple[float, float]
    on_site: tuple[float, float]
    estate_spread: float


STRONG = Tier("strong", (91.0, 95.5), (94.0, 98.0), 0.9)
NEAR_STRONG = Tier("near_strong", (86.0, 88.5), (92.5, 94.5), 1.2)
GOOD = Tier("good", (75.0, 84.0), (82.0, 92.0), 3.0)
MIDDLING = Tier("middling", (69.0, 77.0), (75.0, 86.0), 3.5)
LOW = Tier("low", (59.0, 63.5), (68.0, 74.0), 2.0)
NEAR_WEAK = Tier("near_weak", (54.0, 56.5), (67.5, 70.5), 1.0)
WEAK = Tier("weak", (37.0, 47.5), (51.0, 62.0), 1.5)
SPARSE = Tier("sparse", (58.0, 74.0), (66.0, 80.0), 2.0)

# How many companies fall into each band, from the best down; the rest of the city is MIDDLING.
_BANDS = ((STRONG, 8), (NEAR_STRONG, 3), (GOOD, 15))
_LOWER_BANDS = ((WEAK, 11), (NEAR_WEAK, 3), (LOW, 6))
# From the second round on: who left its band, by place within it (three of the companies that
# were talked with have mended, two others have slipped, one leader has tired).
_MOVES = {
    (WEAK, 0): MIDDLING,
    (WEAK, 4): LOW,
    (WEAK, 8): LOW,
    (NEAR_WEAK, 1): WEAK,
    (LOW, 2): WEAK,
    (STRONG, 5): GOOD,
    (NEAR_STRONG, 1): STRONG,
}


@dataclass(frozen=True)
class _Place:
    """A company's band in the first round and later, and its number within the first."""

    first: Tier
    later: Tier
    number: int


class Opinions:
    """The answers of residents, committees, communities and companies; estates by their code."""

    def __init__(self, city: City, seed: int) -> None:
        self._city = city
        self._seed = seed
        self._places = self._bands()
        self._quiet = self._quiet_company()

    def turnout(self, estate: str, round_no: int) -> float:
        """The share of the estate's households that will have answered by the close, 0.03 to 0.6.

        A company's estates are lifted together where it would otherwise stay without a score,
        but for the few companies that are meant to.
        """
        company = self._city.company_of[estate]
        own = self._own_turnout(estate, round_no)
        if self._stays_sparse(company, round_no):
            return min(own, 0.28 if self._places[company].first is SPARSE else 0.05)
        served = self._city.rated_estates_of[company]
        households = sum(e.households_lived_in for e in served)
        least = 1.25 * min(30, max(10, math.ceil(households / 2))) + 2
        expected = sum(self._own_turnout(e.code, round_no) * e.households_lived_in for e in served)
        return min(0.6, own * max(1.0, least / max(expected, 1.0)))

    def answers(self, estate: str, round_no: int) -> int:
        """How many households will have answered by the close of the round."""
        households = self._city.estate_by_code[estate].households_lived_in
        return round(self.turnout(estate, round_no) * households)

    def resident_marks(self, estate: str, round_no: int, n: int) -> NDArray[np.int8]:
        """The marks of n residents, shape (n, 10) in the order of RESIDENTS.

        1 to 5, UNKNOWN where the resident does not know, ABSENT where the estate has no such
        thing. At least six of a row are marks.
        """
        centres = _centres(self._resident_targets(estate, round_no))
        shape = (n, len(RESIDENTS))
        mood = self._rng("mood", estate, round_no).standard_normal((n, 1))
        noise = self._rng("noise", estate, round_no).standard_normal(shape)
        one_mark_for_all = self._rng("lines", estate, round_no).random((n, 1)) < 0.08
        feeling = np.where(
            one_mark_for_all,
            centres.mean() + _SPREAD * mood,
            centres + _MOOD * mood + _NOISE * noise,
        )
        marks = np.rint(feeling).clip(1, 5).astype(np.int8)
        return self._leave_out(marks, estate, round_no)

    def raters(self, estate: str, round_no: int) -> tuple[Rater, ...]:
        """Who rates the estate on site in this round; on a few larger companies' estates nobody."""
        came = self._rng("came", estate, round_no).random(2) < (0.97, 0.93)
        raters: list[Rater] = []
        if estate in self._city.committee_by_estate and came[0]:
            raters.append("committee")
        served = self._city.rated_estates_of[self._city.company_of[estate]]
        if came[1] or (not raters and len(served) <= 5):
            raters.append("community")
        return tuple(raters)

    def committee_marks(self, estate: str, rater: Rater, round_no: int) -> Marks:
        """One rater's 28 marks on site, None where the indicator does not apply.

        The rater "company" fills in the same sheet about itself, and sees itself kindly.
        """
        row = self._city.estate_by_code[estate]
        applies = self._applying(row, round_no)
        targets = self._on_site_targets(row, rater, round_no, applies)
        most = np.array([indicator.most for indicator in ON_SITE])
        rng = self._rng(f"on site {rater}", estate, round_no)
        drawn = targets / 100 * most + rng.normal(0, 0.15, len(ON_SITE))
        marks = np.floor(drawn + rng.random(len(ON_SITE))).clip(0, most).astype(int)
        return {
            indicator.key: int(mark) if applied else None
            for indicator, mark, applied in zip(ON_SITE, marks, applies, strict=True)
        }

    def company_marks(self, estate: str, round_no: int) -> Marks:
        """The company's marks, 1 to 5, for its committee and community; None: does not apply."""
        place = self._places[self._city.company_of[estate]]
        sour = 0.5 if place.first is WEAK else 0.0
        together = self._rng("together", estate, 0).normal(4.1 - sour, 0.6)
        rng = self._rng("cooperation", estate, round_no)
        marks = np.rint(together + rng.normal(0, 0.6, len(COOPERATION))).clip(1, 5)
        skipped = rng.random(len(COOPERATION)) < 0.04
        return {key: None if skip else int(mark) for key, mark, skip in zip(COOPERATION, marks, skipped, strict=True)}

    def company_facts(self, estate: str, round_no: int) -> str | None:
        """The facts that the company states where it marks 2 or less; None if it does not."""
        marks = self.company_marks(estate, round_no)
        low = [names.COOPERATION_FACTS[key] for key, mark in marks.items() if mark and mark <= 2]
        return "".join(low) or None

    def comments(self, estate: str, round_no: int, n: int) -> list[str | None]:
        """What the n residents of `resident_marks` wrote, in their order; mostly None."""
        marks = self.resident_marks(estate, round_no, n)
        row = self._city.estate_by_code[estate]
        urge = self._rng("urge", estate, round_no).random(n)
        return [
            _comment(self._rng(f"words {i}", estate, round_no), line, row)
            if urge[i] < (0.24 if _mean(line) < 2.6 else 0.12)
            else None
            for i, line in enumerate(marks)
        ]

    def days(self, n: int, open_days: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """On which day of the round, from 0, each of n answers comes in.

        Many at once, fewer every day, more after the reminder at two thirds and at the end.
        """
        day = np.arange(open_days)
        weight = 0.25 + np.exp(-day / 5.0)
        weight[int(open_days * 0.66) :][:3] += 0.35
        weight[-2:] += 0.25
        return rng.choice(open_days, size=n, p=weight / weight.sum())

    # what companies are like

    def _bands(self) -> dict[str, _Place]:
        """Put every company into its band: newer estates help, luck decides."""
        served = self._city.rated_estates_of
        sparse = [c for c in served if _households(served[c]) < 40]
        ranked = sorted((c for c in served if c not in sparse), key=self._standing, reverse=True)
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
        return {
            company: _Place(tier, _MOVES.get((tier, number), tier), number)
            for tier, companies in bands
            for number, company in enumerate(companies)
        }

    def _standing(self, company: str) -> float:
        served = self._city.rated_estates_of[company]
        built = sum(e.built_year * e.households_lived_in for e in served) / _households(served)
        return built / 9 + float(self._rng("standing", company, 0).standard_normal())

    def _quiet_company(self) -> str:
        """An ordinary company with one estate, where hardly anyone answers the second time."""
        served = self._city.rated_estates_of
        return min(
            (c for c, p in self._places.items() if p.first is MIDDLING),
            key=lambda c: (len(served[c]), _households(served[c]), c),
        )

    def _stays_sparse(self, company: str, round_no: int) -> bool:
        """The tiny companies; from the second round the quiet one in place of the first tiny."""
        place = self._places[company]
        if place.first is SPARSE:
            return round_no == 1 or place.number > 0
        return round_no > 1 and company == self._quiet

    def _level(self, company: str, side: str, round_no: int) -> float:
        """A company's latent quality on one side, drifting a little from round to round."""
        place = self._places[company]
        tier = place.first if round_no == 1 else place.later
        low, high = tier.residents if side == "residents" else tier.on_site
        share = self._rng("quality", company, 0).random()
        own = self._rng(f"quality {side}", company, 0).random()
        level = low + (high - low) * (0.7 * share + 0.3 * own)
        steps = [self._rng(f"drift {side}", company, no).normal(0, 0.8) for no in _since(round_no)]
        return float(np.clip(level + sum(steps), low - 2, high + 2))

    def _profile(self, company: str) -> dict[str, float]:
        """What a company is better or worse at than it is on the whole, by any dimension."""
        rng = self._rng("profile", company, 0)
        profile = {asked.dimension: 0.0 for asked in RESIDENTS}
        profile = {dimension: float(rng.normal(0, 3)) for dimension in profile}
        return profile | {own: profile[kin] * 0.7 + float(rng.normal(0, 2)) for own, kin in _KIN.items()}

    # what estates add to it

    def _resident_targets(self, estate: str, round_no: int) -> Floats:
        """The mean score, 0 to 100, that the estate's residents give to each indicator."""
        company = self._city.company_of[estate]
        level = self._level(company, "residents", round_no) + self._estate_effect(estate)
        profile = self._profile(company)
        offsets = np.array([asked.offset + profile[asked.dimension] for asked in RESIDENTS])
        row = self._city.estate_by_code[estate]
        worn = row.built_year < 2000 and not row.renovated
        offsets[5] -= 5.0 * worn
        offsets += self._rng("residents' habits", estate, 0).normal(0, 2, len(RESIDENTS))
        return _spread_around(level, offsets, np.ones(len(RESIDENTS)))

    def _on_site_targets(self, row: Estate, rater: Rater, round_no: int, applies: NDArray[np.bool_]) -> Floats:
        """The share of full marks, in per cent, that the rater sees in each indicator."""
        company = self._city.company_of[row.code]
        level = self._level(company, "on site", round_no) + self._estate_effect(row.code)
        level += self._rater_effect(row.code, rater)
        profile = self._profile(company)
        offsets = np.array([seen.offset + profile[seen.dimension] for seen in ON_SITE])
        offsets += self._rng("on-site habits", row.code, 0).normal(0, 4, len(ON_SITE))
        return _spread_around(level, offsets, np.array([i.most for i in ON_SITE]) * applies)

    def _estate_effect(self, estate: str) -> float:
        tier = self._places[self._city.company_of[estate]].first
        drawn = self._rng("estate", estate, 0).normal(0, tier.estate_spread)
        return float(np.clip(drawn, -2 * tier.estate_spread, 2 * tier.estate_spread))

    def _rater_effect(self, estate: str, rater: Rater) -> float:
        """Strict and lenient raters; on a few estates both raters are much too kind."""
        own = float(self._rng(f"rater {rater}", estate, 0).normal(0, 1.0))
        if rater == "company":
            return 6.0 + abs(own)
        ordinary = self._places[self._city.company_of[estate]].first is MIDDLING
        kind = ordinary and self._rng("kind", estate, 0).random() < 0.08
        return own + 14.0 * kind

    def _applying(self, row: Estate, round_no: int) -> NDArray[np.bool_]:
        applies = np.array([not seen.needs or bool(getattr(row, seen.needs)) for seen in ON_SITE])
        no_matter = self._rng("matter", row.code, round_no).random() < _NO_COMMON_MATTER
        keys = [seen.key for seen in ON_SITE]
        applies[keys.index("three_steps")] = not no_matter
        return applies

    def _leave_out(self, marks: NDArray[np.int8], estate: str, round_no: int) -> NDArray[np.int8]:
        """Put in the answers that are not marks, four to a resident at most."""
        chance = np.array([asked.unknown for asked in RESIDENTS])
        unknown = self._rng("unknown", estate, round_no).random(marks.shape) < chance
        if not self._city.estate_by_code[estate].has_greenery:
            absent = self._rng("absent", estate, round_no).random(len(marks)) < 0.8
            marks[absent, 1] = ABSENT
            unknown[absent, 1] = False
        marks[unknown & (unknown.cumsum(axis=1) <= 3)] = UNKNOWN
        return marks

    def _own_turnout(self, estate: str, round_no: int) -> float:
        """Smaller estates and stronger feelings bring more answers; a few estates sleep."""
        rng = self._rng("turnout", estate, 0)
        if rng.random() < 0.03:
            return float(rng.uniform(0.03, 0.06))
        households = self._city.estate_by_code[estate].households_lived_in
        place = self._places[self._city.company_of[estate]]
        odds = -1.15 + 0.45 * rng.standard_normal() - 0.12 * math.log(households / 250)
        odds += 0.25 * (place.first in (WEAK, STRONG))
        odds += 0.12 * self._rng("turnout", estate, round_no).standard_normal()
        return float(np.clip(1 / (1 + math.exp(-odds)), 0.03, 0.6))

    def _rng(self, purpose: str, subject: str, round_no: int) -> np.random.Generator:
        key = crc32(f"{purpose}/{subject}".encode())
        return np.random.default_rng([self._seed, key, round_no])


# --- arithmetic -----------------------------------------------------------------------------

# Spread of a resident's feeling around the indicator's centre, in marks: what colours all the
# answers of one resident, and what is different with each.
_MOOD, _NOISE = 0.65, 0.75
_SPREAD = math.hypot(_MOOD, _NOISE)


@cache
def _mean_score_curve() -> tuple[Floats, Floats]:
    """Mean score of a rounded, clipped normal mark against its centre, on a fine grid."""
    centre = np.linspace(-2.0, 9.0, 1101)
    above = [[0.5 * math.erfc((edge - c) / (_SPREAD * math.sqrt(2))) for edge in (1.5, 2.5, 3.5, 4.5)] for c in centre]
    score: Floats = 25.0 * np.array(above).sum(axis=1)
    return centre, score


def _centres(targets: Floats) -> Floats:
    """Where feelings must lie for marks to have these mean scores."""
    centre, score = _mean_score_curve()
    centres: Floats = np.interp(targets, score, centre)
    return centres


def _spread_around(level: float, offsets: Floats, weights: Floats) -> Floats:
    """Targets with the weighted mean `level`, differing by the offsets as far as there is room."""
    level = float(np.clip(level, 3, 99))
    room = min(1.0, (100 - level) / 20)
    centred = offsets - np.average(offsets, weights=weights)
    targets = (level + room * centred).clip(1, 99.5)
    recentred: Floats = targets + level - np.average(targets, weights=weights)
    return recentred.clip(1, 99.7)


def _since(round_no: int) -> range:
    return range(2, round_no + 1)


def _households(estates: tuple[Estate, ...]) -> int:
    return sum(estate.households_lived_in for estate in estates)


# --- words ----------------------------------------------------------------------------------


def _mean(line: NDArray[np.int8]) -> float:
    return float(line[line > 0].mean())


def _comment(rng: np.random.Generator, line: NDArray[np.int8], estate: Estate) -> str:
    """A comment in the mood of one resident's marks."""
    mean, choice = _mean(line), rng.random()
    if mean < 2.6:
        if choice > 0.9:
            return _one(rng, names.GENERAL_BAD)
        wish = _one(rng, names.WISHES) if choice > 0.55 else ""
        return _about(rng, line, estate, worst=True) + wish
    if mean < 4:
        if choice < 0.25:
            return _one(rng, names.GENERAL_FAIR)
        return _about(rng, line, estate, worst=choice < 0.8)
    praise = "" if choice < 0.3 else _about(rng, line, estate, worst=False)
    return praise + (_one(rng, names.GENERAL_GOOD) if choice < 0.55 else "")


def _about(rng: np.random.Generator, line: NDArray[np.int8], estate: Estate, *, worst: bool) -> str:
    """A sentence, sometimes two, on the indicators with the lowest or the highest mark."""
    marked = line > 0
    extreme = line[marked].min() if worst else line[marked].max()
    found = rng.permutation(np.flatnonzero(line == extreme))
    keys = [RESIDENTS[i].key for i in found[: 2 if rng.random() < 0.35 else 1]]
    said = names.COMPLAINTS if worst else names.PRAISES
    return "".join(_one(rng, said[_subject(rng, key, estate)]) for key in keys)


def _subject(rng: np.random.Generator, key: str, estate: Estate) -> str:
    """Lifts, where there are any, are what people mostly mean by shared facilities."""
    lifts = key == "lifts_facilities" and estate.has_lifts and rng.random() < 0.6
    return "lifts" if lifts else key


def _one(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(rng.integers(len(choices)))]
