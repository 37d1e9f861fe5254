"""What the people of the demonstration city would answer: marks and comments, never scores.

From what companies are like (fortunes) come the marks that a resident, a committee, a community or a company would
give on the default rulebook's questionnaires. How the product scores them is not known here.

Every draw has its own stream, seeded by what it is for, the estate and the round, so answers
do not depend on the order of calls, and the first n residents of an estate answer the same
whether n or more of them are asked. No clock, no database.
"""

from __future__ import annotations

import math
from functools import cache, cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rating.demo.city import City
from rating.demo.comments import comment, mean_mark
from rating.demo.feelings import Floats, draw_marks, spread_around
from rating.demo.fortunes import GOOD, LOW, MIDDLING, SPARSE, STRONG, WEAK, Chance, Fortunes, Tier, count_households
from rating.demo.questionnaires import COOPERATION, NO_COMMON_MATTER, ON_SITE, RESIDENTS
from rating.demo.records import Estate
from rating.demo.timeline import LATEST

Rater = Literal["committee", "community", "company"]
Marks = dict[str, int | None]

UNKNOWN, ABSENT = -1, -2


class Opinions:
    """Everybody's answers, by who gives them; estates by their code."""

    def __init__(self, city: City, seed: int) -> None:
        self.seed = seed
        chance = Chance(seed)
        self.fortunes = Fortunes(city, chance)
        self.turnout = Turnout(self.fortunes, chance)
        self.residents = Residents(self.fortunes, chance)
        self.bodies = Bodies(self.fortunes, chance)


class Turnout:
    """How many residents answer, and when."""

    def __init__(self, fortunes: Fortunes, chance: Chance) -> None:
        self._fortunes = fortunes
        self._stream = chance.stream
        self._own = cache(self._own_share)

    def share(self, estate: str, round_no: int) -> float:
        """The share of the estate's households that will have answered by the close, 0.03 to 0.6.

        A company's estates are lifted together where it would otherwise stay without a score,
        but for the few companies that are meant to.
        """
        company = self._fortunes.company_of(estate, round_no)
        own = self._own(estate, round_no)
        if self._fortunes.stays_sparse(company, round_no):
            return min(own, 0.28 if self._fortunes.tier(company, round_no) is SPARSE else 0.05)
        served = self._fortunes.estates_of(company, round_no)
        least = 1.25 * min(30, max(10, math.ceil(count_households(served) / 2))) + 2
        expected = sum(self._own(e.code, round_no) * e.households_lived_in for e in served)
        return min(0.6, own * max(1.0, least / max(expected, 1.0)))

    def answers(self, estate: str, round_no: int) -> int:
        """How many households will have answered by the close of the round."""
        households = self._fortunes.city.estate_by_code[estate].households_lived_in
        return round(self.share(estate, round_no) * households)

    def days(self, n: int, open_days: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """On which day of the round, from 0, each of n answers comes in.

        Many at once, fewer every day, more after the reminder at two thirds and at the end.
        """
        day = np.arange(open_days)
        weight = 0.25 + np.exp(-day / 5.0)
        weight[int(open_days * 0.66) :][:3] += 0.35
        weight[-2:] += 0.25
        return rng.choice(open_days, size=n, p=weight / weight.sum())

    def _own_share(self, estate: str, round_no: int) -> float:
        """Smaller estates and stronger feelings bring more answers, and so does every round; a few estates sleep."""
        rng = self._stream("turnout", estate, 0)
        if rng.random() < 0.03:
            return float(rng.uniform(0.03, 0.06))
        households = self._fortunes.city.estate_by_code[estate].households_lived_in
        tier = self._fortunes.tier(self._fortunes.company_of(estate, round_no), round_no)
        odds = -1.15 + 0.45 * rng.standard_normal() - 0.12 * math.log(households / 250)
        odds += 0.25 * (tier in (WEAK, STRONG)) - 0.2 * max(0, LATEST - round_no)
        odds += 0.12 * self._stream("turnout", estate, round_no).standard_normal()
        return float(np.clip(1 / (1 + math.exp(-odds)), 0.03, 0.6))


class Residents:
    """What residents mark and write."""

    def __init__(self, fortunes: Fortunes, chance: Chance) -> None:
        self._fortunes = fortunes
        self._stream = chance.stream

    def marks(self, estate: str, round_no: int, n: int) -> NDArray[np.int8]:
        """The marks of n residents, shape (n, 10) in the order of RESIDENTS.

        1 to 5, UNKNOWN where the resident does not know, ABSENT where the estate has no such
        thing. At least six of a row are marks.
        """
        streams = (self._stream(purpose, estate, round_no) for purpose in ("mood", "noise"))
        marks = draw_marks(self._targets(estate, round_no), n, *streams)
        return self._leave_out(marks, estate, round_no)

    def comments(self, estate: str, round_no: int, marks: NDArray[np.int8]) -> list[str | None]:
        """What the residents of `marks` wrote, in their order; mostly None."""
        row = self._fortunes.city.estate_by_code[estate]
        urge = self._stream("urge", estate, round_no).random(len(marks))
        return [
            comment(self._stream(f"words {i}", estate, round_no), line, row)
            if urge[i] < (0.24 if mean_mark(line) < 2.6 else 0.12)
            else None
            for i, line in enumerate(marks)
        ]

    def _targets(self, estate: str, round_no: int) -> Floats:
        """The mean score, 0 to 100, that the estate's residents give to each indicator."""
        company = self._fortunes.company_of(estate, round_no)
        level = self._fortunes.level(company, "residents", round_no)
        level += self._fortunes.estate_effect(estate, round_no)
        profile = self._fortunes.profile(company)
        offsets = np.array([asked.offset + profile[asked.dimension] for asked in RESIDENTS])
        row = self._fortunes.city.estate_by_code[estate]
        worn = row.built_year < 2000 and not row.renovated
        offsets[5] -= 5.0 * worn
        offsets += self._stream("residents' habits", estate, 0).normal(0, 2, len(RESIDENTS))
        return spread_around(level, offsets, np.ones(len(RESIDENTS)))

    def _leave_out(self, marks: NDArray[np.int8], estate: str, round_no: int) -> NDArray[np.int8]:
        """Put in the answers that are not marks, four to a resident at most."""
        chance = np.array([asked.unknown for asked in RESIDENTS])
        unknown = self._stream("unknown", estate, round_no).random(marks.shape) < chance
        if not self._fortunes.city.estate_by_code[estate].has_greenery:
            absent = self._stream("absent", estate, round_no).random(len(marks)) < 0.8
            marks[absent, 1] = ABSENT
            unknown[absent, 1] = False
        marks[unknown & (unknown.cumsum(axis=1) <= 3)] = UNKNOWN
        return marks


class Bodies:
    """What committees, communities and companies hand in."""

    def __init__(self, fortunes: Fortunes, chance: Chance) -> None:
        self._fortunes = fortunes
        self._stream = chance.stream

    def raters(self, estate: str, round_no: int) -> tuple[Rater, ...]:
        """Who rates the estate on site in this round; on a few larger companies' estates nobody."""
        came = self._stream("came", estate, round_no).random(2) < (0.97, 0.93)
        is_known = estate in (self.lenient_on, self.strict_on)
        raters: list[Rater] = []
        if estate in self._fortunes.city.committee_by_estate and (came[0] or is_known):
            raters.append("committee")
        served = self._fortunes.estates_of(self._fortunes.company_of(estate, round_no), round_no)
        if came[1] or (not raters and len(served) <= 5):
            raters.append("community")
        return tuple(raters)

    @cached_property
    def lenient_on(self) -> str:
        """The estate whose committee sees nothing that its residents see."""
        return self._typical_estate(LOW)

    @cached_property
    def strict_on(self) -> str:
        """The estate whose committee is content with nothing."""
        return self._typical_estate(GOOD)

    def _typical_estate(self, tier: Tier) -> str:
        """The first estate with enough answers whose committee rates a company of this band."""
        return next(
            e.code
            for e in self._fortunes.city.estates
            if e.code in self._fortunes.city.committee_by_estate
            and 250 <= e.households_lived_in <= 900
            and self._fortunes.tier(self._fortunes.company_of(e.code, LATEST), LATEST) is tier
        )

    def on_site_marks(self, estate: str, rater: Rater, round_no: int) -> Marks:
        """One rater's 28 marks on site, None where the indicator does not apply.

        The rater "company" fills in the same sheet about itself, and sees itself kindly.
        """
        row = self._fortunes.city.estate_by_code[estate]
        applies = self._applying(row, round_no)
        targets = self._targets(row, rater, round_no, applies)
        most = np.array([indicator.most for indicator in ON_SITE])
        rng = self._stream(f"on site {rater}", estate, round_no)
        drawn = targets / 100 * most + rng.normal(0, 0.15, len(ON_SITE))
        marks = np.floor(drawn + rng.random(len(ON_SITE))).clip(0, most).astype(int)
        return {
            indicator.key: int(mark) if applied else None
            for indicator, mark, applied in zip(ON_SITE, marks, applies, strict=True)
        }

    def cooperation_marks(self, estate: str, round_no: int) -> Marks:
        """The company's marks, 1 to 5, for its committee and community; None: does not apply."""
        company = self._fortunes.company_of(estate, round_no)
        sour = 0.5 if self._fortunes.tier(company, round_no) is WEAK else 0.0
        sour += 1.5 * (estate == self.strict_on)
        together = self._stream("together", estate, 0).normal(4.1 - sour, 0.6)
        rng = self._stream("cooperation", estate, round_no)
        marks = np.rint(together + rng.normal(0, 0.6, len(COOPERATION))).clip(1, 5)
        skipped = rng.random(len(COOPERATION)) < 0.04
        return {key: None if skip else int(mark) for key, mark, skip in zip(COOPERATION, marks, skipped, strict=True)}

    def cooperation_facts(self, estate: str, round_no: int) -> str | None:
        """The facts that the company states where it marks 2 or less; None if it does not."""
        marks = self.cooperation_marks(estate, round_no)
        low = [COOPERATION[key] for key, mark in marks.items() if mark and mark <= 2]
        return "".join(low) or None

    def _targets(self, row: Estate, rater: Rater, round_no: int, applies: NDArray[np.bool_]) -> Floats:
        """The share of full marks, in per cent, that the rater sees in each indicator."""
        company = self._fortunes.company_of(row.code, round_no)
        level = self._fortunes.level(company, "on site", round_no)
        level += self._fortunes.estate_effect(row.code, round_no) + self._rater_effect(row.code, rater)
        profile = self._fortunes.profile(company)
        offsets = np.array([seen.offset + profile[seen.dimension] for seen in ON_SITE])
        offsets += self._stream("on-site habits", row.code, 0).normal(0, 4, len(ON_SITE))
        return spread_around(level, offsets, np.array([i.most for i in ON_SITE]) * applies)

    def _rater_effect(self, estate: str, rater: Rater) -> float:
        """Strict and lenient raters; on a few estates of ordinary companies both raters are rather too kind."""
        own = float(self._stream(f"rater {rater}", estate, 0).normal(0, 1.5))
        if rater == "company":
            return 6.0 + abs(own)
        if estate == self.lenient_on:
            return 27.0 if rater == "committee" else 15.0
        if estate == self.strict_on:
            return -42.0 if rater == "committee" else -26.0
        ordinary = self._fortunes.tier(self._fortunes.company_of(estate, LATEST), LATEST) is MIDDLING
        return own + 9.0 * (ordinary and self._stream("kind", estate, 0).random() < 0.08)

    def _applying(self, row: Estate, round_no: int) -> NDArray[np.bool_]:
        applies = np.array([not seen.needs or bool(getattr(row, seen.needs)) for seen in ON_SITE])
        no_matter = self._stream("matter", row.code, round_no).random() < NO_COMMON_MATTER
        keys = [seen.key for seen in ON_SITE]
        applies[keys.index("three_steps")] = not no_matter
        return applies
