"""The register of the demonstration city: estates, companies, contracts, committees.

`build_city` invents a county-level city of the true size and returns it as plain frozen
records; `City.sheets` turns them into the rows of the register's import. The same day and seed
always give the same city, and another day moves its dates only. No clock, no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property

import numpy as np

from rating.demo import names
from rating.demo.companies import build_companies, share_out
from rating.demo.contracts import build_committees, build_contracts
from rating.demo.estates import build_communities, build_estates
from rating.demo.records import Committee, Community, Company, Contract, Estate, Subdistrict
from rating.scoring import Service, rated_company

DEFAULT_SEED = 2027
DAYS_SERVED = 60  # of the default rulebook: who served fewer days of a period isn't rated


@dataclass(frozen=True)
class City:
    """Everything the register has about the demonstration city on the day `today`."""

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
        return self.by_company(self.company_of)

    def by_company(self, company_of: Mapping[str, str]) -> Mapping[str, tuple[Estate, ...]]:
        """The rated estates among some, under the company that each belongs to; companies without any have none."""
        served: dict[str, list[Estate]] = {company.code: [] for company in self.companies}
        for estate in self.estates:
            if estate.not_rated_reason is None and estate.code in company_of:
                served[company_of[estate.code]].append(estate)
        return {code: tuple(estates) for code, estates in served.items()}

    def roster(self, first: date, last: date) -> Mapping[str, str]:
        """The company that each estate is rated under for a period: the one that served most days of it."""
        services: dict[str, list[Service]] = {}
        for one in self.contracts:
            services.setdefault(one.estate, []).append(Service(one.company, one.starts_on, one.ends_on))
        chosen = {estate: rated_company(known, first, last, DAYS_SERVED).company for estate, known in services.items()}
        rated = {estate.code for estate in self.estates if estate.not_rated_reason is None}
        return {estate: company for estate, company in chosen.items() if company and estate in rated}

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
    communities = tuple(build_communities(rng))
    estates = build_estates(rng, communities)
    companies = build_companies(rng)
    served = share_out(rng, companies, estates)
    contracts = tuple(build_contracts(rng, today, companies, served))
    return City(
        name=names.CITY,
        name_en=names.CITY_EN,
        division=names.DIVISION,
        today=today,
        subdistricts=tuple(Subdistrict(place.code, place.name) for place in names.PLACES),
        communities=communities,
        estates=estates,
        companies=companies,
        contracts=contracts,
        committees=tuple(build_committees(rng, today, estates)),
    )
