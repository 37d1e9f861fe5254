"""What the register contains, as plain frozen records: the rows of its import, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


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
