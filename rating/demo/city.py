"""The register of the demonstration city: estates, companies, contracts, committees.

`build_city` invents a county-level city of the true size and gives it back as plain frozen
records; `City.sheets` turns them into the rows of the register's import. The same day and seed
always give the same city, and another day moves its dates only. No clock, no database.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import TypeVar

import numpy as np
from stdnum.cn import uscc

from rating.demo import names

DEFAULT_SEED = 2027
HOUSEHOLDS = 73_000
NO_COMPANY = "由产权单位自行管理,未聘请物业服务企业"
CLEARANCE = "列入征收范围,住户正在陆续搬离"

T = TypeVar("T")


@dataclass(frozen=True)
class Subdistrict:
    """A sub-district or township (街道/镇)."""

    code: str
    name: str


@dataclass(frozen=True)
class Community:
    """A community (社区); `subdistrict` is a code."""

    code: str
    name: str
    subdistrict: str
    phone: str


@dataclass(frozen=True)
class Estate:
    """An estate (小区), in the columns of the import; `fee` is yuan per square metre and month."""

    code: str
    name: str
    community: str
    grid: str
    address: str
    households_total: int
    households_lived_in: int
    built_year: int
    has_lifts: bool
    fee: Decimal
    renovated: bool
    has_cctv_or_entry_doors: bool
    has_greenery: bool
    company_runs_water_supply: bool
    not_rated_reason: str | None = None


@dataclass(frozen=True)
class Company:
    """A company (物业服务企业) under its credit code or a local code; `parent` is a code."""

    code: str
    name: str
    parent: str | None
    phone: str


@dataclass(frozen=True)
class Contract:
    """Who serves an estate from a day to a day, both included."""

    estate: str
    company: str
    starts_on: date
    ends_on: date
    manager: str

    def covers(self, day: date) -> bool:
        """Whether the contract is in force on this day."""
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True)
class Committee:
    """An estate's committee (物管会 or 业委会) in its present term."""

    estate: str
    name: str
    members: tuple[str, ...]
    term_starts_on: date
    term_ends_on: date


@dataclass(frozen=True)
class City:
    """Everything the register holds about the demonstration city on the day `today`."""

    name: str
    name_en: str
    division: str
    today: date
    subdistricts: tuple[Subdistrict, ...]
    communities: tuple[Community, ...]
    estates: tuple[Estate, ...]
    companies: tuple[Company, ...]
    contracts: tuple[Contract, ...]
    committees: tuple[Committee, ...]

    @cached_property
    def estate_by_code(self) -> Mapping[str, Estate]:
        """Each estate under its code."""
        return {estate.code: estate for estate in self.estates}

    @cached_property
    def company_by_code(self) -> Mapping[str, Company]:
        """Each company under its code."""
        return {company.code: company for company in self.companies}

    @cached_property
    def committee_by_estate(self) -> Mapping[str, Committee]:
        """The committee of each estate that has one."""
        return {committee.estate: committee for committee in self.committees}

    @cached_property
    def company_of(self) -> Mapping[str, str]:
        """The code of the company that serves each estate today."""
        return {c.estate: c.company for c in self.contracts if c.covers(self.today)}

    @cached_property
    def rated_estates_of(self) -> Mapping[str, tuple[Estate, ...]]:
        """The estates that each company serves today and that take part in the rating."""
        served: dict[str, list[Estate]] = {company.code: [] for company in self.companies}
        for estate in self.estates:
            if estate.not_rated_reason is None:
                served[self.company_of[estate.code]].append(estate)
        return {code: tuple(estates) for code, estates in served.items()}

    def sheets(self) -> dict[str, list[dict[str, object]]]:
        """The rows of the register's import, by sheet and column key; None is a blank cell."""
        return {
            "subdistricts": [asdict(row) for row in self.subdistricts],
            "communities": [asdict(row) for row in self.communities],
            "estates": [asdict(row) for row in self.estates],
            "companies": [asdict(row) for row in self.companies],
            "contracts": [asdict(row) for row in self.contracts],
            "committees": [asdict(row) | {"members": "、".join(row.members)} for row in self.committees],
        }


def build_city(today: date, seed: int = DEFAULT_SEED) -> City:
    """Invent the city as it stands on `today`; every date lies around that day."""
    rng = np.random.default_rng(seed)
    communities = tuple(_communities(rng))
    estates = _set_apart(_size(_draft_estates(rng, communities), rng))
    companies = _companies(rng)
    served = _share_out(rng, companies, estates)
    contracts = tuple(_contracts(rng, today, companies, served))
    return City(
        name=names.CITY,
        name_en=names.CITY_EN,
        division=names.DIVISION,
        today=today,
        subdistricts=tuple(Subdistrict(code, name) for code, name, _ in names.SUBDISTRICTS),
        communities=communities,
        estates=estates,
        companies=companies,
        contracts=contracts,
        committees=tuple(_committees(rng, today, estates)),
    )


# --- places ---------------------------------------------------------------------------------


def _communities(rng: np.random.Generator) -> Iterator[Community]:
    numbers = _phones(rng, first=2)
    for code, _, parts in names.SUBDISTRICTS:
        for number, (name, _) in enumerate(parts, start=1):
            yield Community(f"{code}{number:02d}", name, code, next(numbers))


def _phones(rng: np.random.Generator, first: int) -> Iterator[str]:
    """Seven-digit numbers, no two alike, under an area code that nobody has (see names)."""
    for tail in rng.permutation(1_000_000):
        yield f"{names.AREA_CODE}-{first}{tail:06d}"


@dataclass(frozen=True)
class _Kind:
    """A sort of estate: when it was built, how large it is and what it has, as probabilities."""

    key: str
    built: tuple[int, int]
    median: int
    spread: float
    occupied: tuple[float, float]
    fee: tuple[float, float]
    lifts: float
    cctv: float
    greenery: float
    water: float


_KINDS = (
    _Kind(
        "employer",
        (1985, 1999),
        80,
        0.62,
        (0.74, 0.95),
        (0.30, 0.60),
        0.0,
        0.45,
        0.62,
        0.03,
    ),
    _Kind(
        "old",
        (1986, 2003),
        190,
        0.55,
        (0.76, 0.95),
        (0.30, 0.75),
        0.0,
        0.55,
        0.75,
        0.04,
    ),
    _Kind(
        "garden",
        (2000, 2012),
        320,
        0.50,
        (0.78, 0.96),
        (0.55, 1.35),
        0.35,
        0.88,
        0.97,
        0.2,
    ),
    _Kind(
        "village",
        (2008, 2020),
        380,
        0.45,
        (0.70, 0.93),
        (0.30, 0.80),
        0.45,
        0.8,
        0.9,
        0.25,
    ),
    _Kind(
        "modern",
        (2010, 2024),
        430,
        0.52,
        (0.58, 0.92),
        (1.20, 3.20),
        0.93,
        0.98,
        1.0,
        0.6,
    ),
)
# How often each kind of estate is met in each sub-district, in the order of _KINDS.
_MIX = {
    "QY": (0.34, 0.26, 0.24, 0.02, 0.14),
    "WL": (0.28, 0.20, 0.30, 0.05, 0.17),
    "DY": (0.06, 0.06, 0.28, 0.14, 0.46),
    "LP": (0.18, 0.22, 0.28, 0.12, 0.20),
}
_COMMUNITY_STEMS = {name[:-2] for _, _, parts in names.SUBDISTRICTS for name, _ in parts}


def _draft_estates(rng: np.random.Generator, communities: Sequence[Community]) -> list[Estate]:
    """All estates with their names and features, and sizes still to be brought to the total."""
    counts = [count for _, _, parts in names.SUBDISTRICTS for _, count in parts]
    namer = _Namer(rng)
    drafts: list[Estate] = []
    for community, count in zip(communities, counts, strict=True):
        mix = _MIX[community.subdistrict]
        kinds = sorted(int(kind) for kind in rng.choice(len(_KINDS), size=count, p=mix))
        named = namer.name_all([_KINDS[kind] for kind in kinds], community)
        for number, (kind, name) in enumerate(named, start=1):
            drafts.append(_draft_estate(rng, community, number, kind, name))
    return drafts


def _draft_estate(rng: np.random.Generator, community: Community, number: int, kind: _Kind, name: str) -> Estate:
    built = int(rng.integers(kind.built[0], kind.built[1] + 1))
    lived_in = max(14, round(kind.median * math.exp(kind.spread * rng.standard_normal())))
    roads = names.ROADS[community.subdistrict]
    features = rng.random(5)
    renovated = bool(features[4] < (0.62 if built < 2000 else 0.25 if built < 2006 else 0.0))
    return Estate(
        code=f"{community.code}{number:02d}",
        name=name,
        community=community.code,
        grid=f"{community.name[:-2]}{(number + 2) // 3:02d}网格",
        address=f"{_pick(rng, roads)}{int(rng.integers(3, 260))}号",
        households_total=round(lived_in / rng.uniform(*kind.occupied)),
        households_lived_in=lived_in,
        built_year=built,
        has_lifts=bool(features[0] < kind.lifts),
        fee=Decimal(round(20 * rng.uniform(*kind.fee)) * 5) / 100,
        renovated=renovated,
        has_cctv_or_entry_doors=bool(features[1] < kind.cctv or renovated),
        has_greenery=bool(features[2] < kind.greenery),
        company_runs_water_supply=bool(features[3] < kind.water),
    )


class _Namer:
    """Gives estates names of their kind, none twice in the city, no stem twice in a community."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._used: set[tuple[str, str]] = set()
        self._pools = {
            "employer": self._pool(zip(names.EMPLOYERS, _cycle(rng, names.EMPLOYER_ENDINGS), strict=False)),
            "old": self._pool(product(names.OLD_PLACES, names.OLD_ENDINGS)),
            "village": self._pool(product(names.VILLAGES, names.VILLAGE_ENDINGS)),
            "garden": self._pool(product(names.GARDEN_STEMS, names.GARDEN_ENDINGS)),
            "modern": self._pool(product(names.MODERN_STEMS, names.MODERN_ENDINGS)),
        }

    def _pool(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        fitting = [(stem, ending) for stem, ending in pairs if _reads_well(stem, ending)]
        return [fitting[i] for i in self._rng.permutation(len(fitting))]

    def name_all(self, kinds: Sequence[_Kind], community: Community) -> Iterator[tuple[_Kind, str]]:
        """Names for a community's estates; now and then two of a kind are parts of one."""
        waiting = list(kinds)
        while waiting:
            kind = waiting.pop(0)
            name = self._name(kind, community)
            pair = kind.key != "employer" and waiting[:1] == [kind]
            if pair and self._rng.random() < 0.12:
                waiting.pop(0)
                for part in _pick(self._rng, names.PHASES):
                    yield kind, name + part
            else:
                yield kind, name

    def _name(self, kind: _Kind, community: Community) -> str:
        for key in (kind.key, "garden"):
            pool = self._pools[key]
            for position, (stem, ending) in enumerate(pool):
                if self._fits(stem, community):
                    del pool[position]
                    self._used.add((community.code, stem))
                    return stem + ending
        raise LookupError(f"no name left for an estate of the kind {kind.key}")

    def _fits(self, stem: str, community: Community) -> bool:
        """A name taken from another community's, or from its own twice, would mislead."""
        if (community.code, stem) in self._used:
            return False
        return stem not in _COMMUNITY_STEMS or stem == community.name[:-2]


def _reads_well(stem: str, ending: str) -> bool:
    """No character twice in a name, and 里 (lane) only behind a short one."""
    return not set(stem) & set(ending) and (ending != "里" or len(stem) == 2)


def _size(drafts: list[Estate], rng: np.random.Generator) -> list[Estate]:
    """Scale the estates to the city's number of households, with a few very large and small."""
    lived_in = np.array([estate.households_lived_in for estate in drafts], dtype=float)
    fixed = {_smallest_in(drafts, code): int(rng.integers(20, 29)) for code in _TINY_IN}
    largest = np.argsort(lived_in, kind="stable")[-4:]
    fixed |= {int(i): int(n) for i, n in zip(largest, rng.integers(1540, 2200, 4), strict=True)}
    free = np.array([i for i in range(len(drafts)) if i not in fixed])
    for _ in range(5):
        lived_in[free] *= (HOUSEHOLDS - sum(fixed.values())) / lived_in[free].sum()
        lived_in[free] = lived_in[free].clip(14, 1480)
    for position, households in fixed.items():
        lived_in[position] = households
    return [_with_households(e, round(n)) for e, n in zip(drafts, lived_in, strict=True)]


def _with_households(estate: Estate, lived_in: int) -> Estate:
    occupied = estate.households_lived_in / estate.households_total
    total = max(lived_in, round(lived_in / occupied))
    return replace(estate, households_lived_in=lived_in, households_total=total)


def _smallest_in(drafts: Sequence[Estate], community: str) -> int:
    inside = [i for i, estate in enumerate(drafts) if estate.community == community]
    return min(inside, key=lambda i: (drafts[i].households_lived_in, drafts[i].code))


def _set_apart(estates: list[Estate]) -> tuple[Estate, ...]:
    """Two old estates are not rated: one being cleared, one run by its owners' employer."""
    oldest = sorted(
        (
            e
            for e in estates
            if e.community not in _TINY_IN and 40 <= e.households_lived_in <= 120 and e.name.startswith(names.EMPLOYERS)
        ),
        key=lambda e: (e.built_year, e.code),
    )
    clearing, unserved = oldest[0].code, oldest[1].code
    return tuple(
        replace(
            e,
            not_rated_reason=CLEARANCE,
            households_lived_in=e.households_lived_in // 2,
        )
        if e.code == clearing
        else replace(e, not_rated_reason=NO_COMPANY, fee=Decimal("0.3"))
        if e.code == unserved
        else e
        for e in estates
    )


# --- companies ------------------------------------------------------------------------------

# How many estates each company serves: 60 companies, 5 branches, 4 local services; 259 in all.
_STEM_LOADS = (
    *(20, 16, 13, 11, 10, 9, 8, 8, 7, 7, 6, 6, 6, 5, 5, 5, 5),
    *([4] * 7 + [3] * 9 + [2] * 11 + [1] * 16),
)
_BRANCH_LOADS = (4, 3, 3, 2, 2)
_LOCAL_LOADS = (1, 1, 1, 2)
# The two local services that have one tiny estate each, and so too few answers for a score.
_TINY_IN = tuple(community for _, community in names.LOCAL_SERVICES[:2])


# What a credit code is written in: no I, O, S, V, Z.
_CODE_PLACES = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _companies(rng: np.random.Generator) -> tuple[Company, ...]:
    phones = _phones(rng, first=3)
    codes = _credit_codes(rng)
    stems = [names.COMPANY_STEMS[i] for i in rng.permutation(len(names.COMPANY_STEMS))]
    whole = [
        Company(next(codes), names.CITY + stem + ending, None, next(phones))
        for stem, ending in zip(stems, _cycle(rng, names.COMPANY_ENDINGS), strict=False)
    ]
    branches = [
        Company(next(codes), parent.name + branch, parent.code, next(phones))
        for parent, (branch, _) in zip((*whole[:4], whole[0]), names.BRANCHES, strict=True)
    ]
    local = [
        Company(f"LOCAL-{number:03d}", name, None, next(phones))
        for number, (name, _) in enumerate(names.LOCAL_SERVICES, start=1)
    ]
    return (*whole, *branches, *local)


def _credit_codes(rng: np.random.Generator) -> Iterator[str]:
    seen: set[str] = set()
    while True:
        serial = "".join(_pick(rng, _CODE_PLACES) for _ in range(6))
        if serial not in seen:
            seen.add(serial)
            yield credit_code("MA" + serial)


def credit_code(organisation: str) -> str:
    """The credit code (GB 32100) of an enterprise in the city, for an 8-place organisation code.

    The ninth place of the organisation code is its own check digit (GB 11714).
    """
    body = f"91{names.DIVISION}{organisation}{_organisation_check(organisation)}"
    return body + uscc.calc_check_digit(body)


def _organisation_check(organisation: str) -> str:
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(w * int(place, 36) for w, place in zip(weights, organisation, strict=True))
    return "0123456789X0"[11 - total % 11]


def _share_out(
    rng: np.random.Generator, companies: Sequence[Company], estates: Sequence[Estate]
) -> dict[str, list[Estate]]:
    """Which estates each company serves: mostly of one sub-district and one time of building."""
    free = {e.code: e for e in estates if e.not_rated_reason != NO_COMPANY}
    tastes = _tastes(rng, companies)
    served: dict[str, list[Estate]] = {company.code: [] for company in companies}

    def take(company: Company, chosen: Iterable[Estate]) -> None:
        for estate in list(chosen):
            served[company.code].append(free.pop(estate.code))

    loads = list(zip(companies, _STEM_LOADS + _BRANCH_LOADS + _LOCAL_LOADS, strict=True))
    for company, load in loads[-4:]:
        take(company, _smallest(free.values(), load, tastes[company.code].home))
    by_load = sorted(loads[:-4], key=lambda pair: pair[1])
    for company, load in by_load:
        carriers = filter(_carries_a_score, free.values())
        take(
            company,
            _fitting(rng, carriers, load if load < 3 else 1, tastes[company.code]),
        )
    for company, load in reversed(by_load):
        missing = load - len(served[company.code])
        take(company, _fitting(rng, free.values(), missing, tastes[company.code]))
    return served


@dataclass(frozen=True)
class _Taste:
    """Where a company mostly works, and the age of the estates it mostly serves."""

    home: str
    era: float


def _tastes(rng: np.random.Generator, companies: Sequence[Company]) -> dict[str, _Taste]:
    fixed = [home for _, home in (*names.BRANCHES, *names.LOCAL_SERVICES)]
    homes = [_pick(rng, tuple(_MIX)) for _ in companies[: -len(fixed)]] + fixed
    return {company.code: _Taste(home, rng.uniform(1992, 2022)) for company, home in zip(companies, homes, strict=True)}


def _smallest(free: Iterable[Estate], load: int, community: str) -> list[Estate]:
    """The community's smallest estates; a service that should be rated has 60 households."""
    least = 0 if community in _TINY_IN else 60
    inside = [e for e in free if e.community == community and e.households_lived_in >= least and not e.not_rated_reason]
    return sorted(inside, key=lambda e: (e.households_lived_in, e.code))[:load]


def _fitting(rng: np.random.Generator, free: Iterable[Estate], count: int, taste: _Taste) -> list[Estate]:
    """The estates nearest to the company's home and time, with some luck in it."""
    fit = {
        estate: 3.0 * (estate.code[:2] == taste.home) - abs(estate.built_year - taste.era) / 7 + rng.normal(0, 0.7)
        for estate in free
    }
    return sorted(fit, key=lambda estate: -fit[estate])[:count]


def _carries_a_score(estate: Estate) -> bool:
    return 150 <= estate.households_lived_in <= 1000 and not estate.not_rated_reason


# --- contracts and committees ---------------------------------------------------------------

_DAY = timedelta(days=1)


def _contracts(
    rng: np.random.Generator,
    today: date,
    companies: Sequence[Company],
    served: Mapping[str, Sequence[Estate]],
) -> Iterator[Contract]:
    """The present contracts and, on some older estates, those that went before."""
    elsewhere = [c.code for c in companies if not c.code.startswith("LOCAL")]
    people = _people(rng)
    for company, estates in served.items():
        managers = [next(people) for _ in range(math.ceil(len(estates) / 2))]
        for number, estate in enumerate(estates):
            present = _present(rng, today, company, estate, managers[number // 2])
            others = [code for code in elsewhere if code != company]
            yield from reversed(list(_former(rng, present, estate, others, people)))
            yield present


def _present(rng: np.random.Generator, today: date, company: str, estate: Estate, manager: str) -> Contract:
    """In force for the last 18 months at least (so for two rounds), or since it was built."""
    starts = today - timedelta(days=int(rng.integers(560, 2600)))
    starts = max(starts, date(estate.built_year, int(rng.integers(3, 11)), 1))
    starts = min(starts, today - timedelta(days=60))
    term = years = int(_pick(rng, (2, 3, 3, 5)))
    while _years_later(starts, years) < today + timedelta(days=240):
        years += term
    ends = _years_later(starts, years)
    return Contract(estate.code, company, starts, ends - _DAY, manager)


def _former(
    rng: np.random.Generator,
    present: Contract,
    estate: Estate,
    others: Sequence[str],
    people: Iterator[str],
) -> Iterator[Contract]:
    """Earlier contracts of the estate, from the latest back; most estates have none."""
    later = present
    for chance in (0.2, 0.15):
        starts = later.starts_on - timedelta(days=int(rng.integers(700, 1900)))
        if rng.random() > chance or starts.year <= estate.built_year:
            return
        ends = later.starts_on - _DAY
        company = _pick(rng, [code for code in others if code != later.company])
        later = Contract(estate.code, company, starts, ends, next(people))
        yield later


def _committees(rng: np.random.Generator, today: date, estates: Sequence[Estate]) -> Iterator[Committee]:
    """A committee on most estates that are rated and not tiny."""
    for estate in estates:
        if estate.not_rated_reason or rng.random() > 0.9 or estate.households_lived_in < 30:
            continue
        ending = "业主委员会" if rng.random() < 0.2 else "物业管理委员会"
        starts = today - timedelta(days=int(rng.integers(420, 960)))
        size = int(_pick(rng, (5, 5, 7, 7, 9)))
        people = _people(rng)
        members = tuple(next(people) for _ in range(size))
        ends = _years_later(starts, 3 if rng.random() < 0.6 else 5) - _DAY
        yield Committee(estate.code, estate.name + ending, members, starts, ends)


def _years_later(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes 28 February."""
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap_day else day.day)


def _people(rng: np.random.Generator) -> Iterator[str]:
    """Names of invented people, the surnames and given names in no fixed pairing."""
    while True:
        surnames = rng.permutation(len(names.SURNAMES))
        given = rng.permutation(len(names.GIVEN_NAMES))
        for surname, name in zip(surnames, given, strict=False):
            yield names.SURNAMES[surname] + names.GIVEN_NAMES[name]


# --- drawing --------------------------------------------------------------------------------


def _pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    return choices[int(rng.integers(len(choices)))]


def _cycle(rng: np.random.Generator, choices: Sequence[T]) -> Iterator[T]:
    while True:
        yield _pick(rng, choices)
