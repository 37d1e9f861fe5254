"""Reading the register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from rating.errors import NotFound
from rating.extensions import db
from rating.registry.contracts import runs_within
from rating.registry.models import Committee, Community, Company, Contract, Estate, Subdistrict
from rating.storage.searching import containing_words
from rating.wording import _l


class NoSuchEstate(NotFound):
    """No estate has this code."""


def get_estate(code: str) -> Estate:
    """An estate by its code; raises NotFound."""
    if (found := db.session.scalar(select(Estate).where(Estate.code == code.upper()))) is None:
        raise NoSuchEstate(_l("There is no estate with the code %(code)s.", code=code))
    return found


def get_company(code: str) -> Company:
    """A company by its code; raises NotFound."""
    if (found := db.session.scalar(select(Company).where(Company.code == code.upper()))) is None:
        raise NotFound(_l("There is no company with the code %(code)s.", code=code))
    return found


def list_names(codes: Iterable[str]) -> dict[str, str]:
    """The names of companies and estates by their codes; a code that nobody has is left out."""
    wanted = list(codes)
    rows = (db.session.execute(select(kind.code, kind.name).where(kind.code.in_(wanted))) for kind in (Company, Estate))
    return {code: name for found in rows for code, name in found}


def list_subdistricts() -> list[Subdistrict]:
    """All sub-districts by code."""
    return list(db.session.scalars(select(Subdistrict).order_by(Subdistrict.code)))


def list_communities() -> list[Community]:
    """All communities by code."""
    return list(db.session.scalars(select(Community).order_by(Community.code)))


@dataclass(frozen=True, slots=True)
class RegisterCounts:
    """How much the register contains on a day."""

    subdistricts: int
    communities: int
    estates: int
    not_rated: int
    households: int
    companies: int
    contracts: int
    committees: int
    unserved: int


def count_register(day: date) -> RegisterCounts:
    """How many of each there are; `contracts` are in force on the day, `unserved` the rated estates without one."""
    rated = Estate.not_rated_reason == ""
    served = select(Contract.estate_id).where(runs_within(day, day))
    return RegisterCounts(
        subdistricts=_count(Subdistrict),
        communities=_count(Community),
        estates=_count(Estate),
        not_rated=_count(Estate, ~rated),
        households=db.session.scalar(select(func.sum(Estate.households_lived_in)).where(rated)) or 0,
        companies=_count(Company),
        contracts=_count(Contract, runs_within(day, day)),
        committees=_count(Committee),
        unserved=_count(Estate, rated & Estate.id.not_in(served)),
    )


def _count(model: type[object], *conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """The filter of a list of the register; codes of a sub-district and a community, words in names."""

    text: str = ""
    subdistrict: str = ""
    community: str = ""


def estates_of(wanted: RegisterFilter) -> Select[Estate]:
    """A SELECT of estates with community and sub-district, by code; words may be in name, code or address."""
    statement = (
        select(Estate)
        .join(Estate.community)
        .join(Community.subdistrict)
        .options(contains_eager(Estate.community).contains_eager(Community.subdistrict))
        .order_by(Estate.code)
    )
    statement = statement.where(*containing_words(wanted.text, Estate.name, Estate.code, Estate.address))
    if wanted.subdistrict:
        statement = statement.where(Subdistrict.code == wanted.subdistrict)
    if wanted.community:
        statement = statement.where(Community.code == wanted.community)
    return statement


def companies_of(wanted: RegisterFilter, day: date) -> Select[Company]:
    """A SELECT of companies with their parents, by name; a place keeps those that serve an estate there on the day."""
    statement = select(Company).options(joinedload(Company.parent)).order_by(Company.name, Company.code)
    statement = statement.where(*containing_words(wanted.text, Company.name, Company.code))
    if wanted.subdistrict or wanted.community:
        there = estates_of(RegisterFilter("", wanted.subdistrict, wanted.community)).with_only_columns(Estate.id)
        served = select(Contract.company_id).where(runs_within(day, day), Contract.estate_id.in_(there.order_by(None)))
        statement = statement.where(Company.id.in_(served))
    return statement


def list_estates(wanted: RegisterFilter) -> list[Estate]:
    """The estates that match a filter, by code."""
    return list(db.session.scalars(estates_of(wanted)))


def list_companies(wanted: RegisterFilter, day: date) -> list[Company]:
    """The companies that match a filter, by name."""
    return list(db.session.scalars(companies_of(wanted, day)))


def current_companies(estates: Iterable[Estate], day: date) -> dict[int, Company]:
    """Who serves these estates on the day, by estate id."""
    ids = [estate.id for estate in estates]
    statement = (
        select(Contract).where(Contract.estate_id.in_(ids), runs_within(day, day)).options(joinedload(Contract.company))
    )
    return {contract.estate_id: contract.company for contract in db.session.scalars(statement)}


def count_estates_served(companies: Iterable[Company], day: date) -> dict[int, int]:
    """How many estates each of these companies serves on the day, by company id; none is not in it."""
    ids = [company.id for company in companies]
    statement = (
        select(Contract.company_id, func.count(Contract.estate_id.distinct()))
        .where(Contract.company_id.in_(ids), runs_within(day, day))
        .group_by(Contract.company_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}
