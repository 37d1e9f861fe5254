"""The register's lists of contracts and committees, its places as a tree, and what belongs to one record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from rating.extensions import db
from rating.registry.contracts import runs_within
from rating.registry.models import Committee, Community, Company, Contract, Estate, Subdistrict
from rating.registry.queries import RegisterFilter, list_communities, list_companies, list_subdistricts
from rating.storage.searching import containing_words

Row = TypeVar("Row")


def contracts_of(wanted: RegisterFilter, day: date, state: str = "") -> Select[Contract]:
    """A SELECT of contracts by estate, the latest first; `state` is '', running, over or coming on the day."""
    statement = (
        select(Contract)
        .join(Contract.estate)
        .join(Estate.community)
        .join(Community.subdistrict)
        .join(Contract.company)
        .options(contains_eager(Contract.estate), contains_eager(Contract.company))
        .order_by(Estate.code, Contract.starts_on.desc(), Contract.id)
    )
    columns = (Estate.name, Estate.code, Company.name, Company.code, Contract.manager)
    statement = statement.where(*containing_words(wanted.text, *columns))
    statement = _there(statement, wanted)
    if state == "running":
        return statement.where(runs_within(day, day))
    if state == "over":
        return statement.where(Contract.ends_on < day)
    return statement.where(Contract.starts_on > day) if state == "coming" else statement


def committees_of(wanted: RegisterFilter) -> Select[Committee]:
    """A SELECT of committees with their estates, by estate; words may be in the estate's name or code, too."""
    statement = (
        select(Committee)
        .join(Committee.estate)
        .join(Estate.community)
        .join(Community.subdistrict)
        .options(contains_eager(Committee.estate))
        .order_by(Estate.code)
    )
    statement = statement.where(*containing_words(wanted.text, Committee.name, Estate.name, Estate.code))
    return _there(statement, wanted)


def _there(statement: Select[Row], wanted: RegisterFilter) -> Select[Row]:
    if wanted.subdistrict:
        statement = statement.where(Subdistrict.code == wanted.subdistrict)
    if wanted.community:
        statement = statement.where(Community.code == wanted.community)
    return statement


@dataclass(frozen=True, slots=True)
class Place:
    """A sub-district with its communities, and how many estates each of those has."""

    subdistrict: Subdistrict
    communities: list[tuple[Community, int]]


def list_places() -> list[Place]:
    """All sub-districts by code, each with its communities by code."""
    counts = {
        row[0]: row[1]
        for row in db.session.execute(select(Estate.community_id, func.count()).group_by(Estate.community_id))
    }
    communities = list_communities()
    return [
        Place(one, [(c, counts.get(c.id, 0)) for c in communities if c.subdistrict_id == one.id])
        for one in list_subdistricts()
    ]


def list_choices(day: date) -> dict[str, list[tuple[str, str]]]:
    """What a form may refer to, as (code, name) by the key of its sheet."""
    return {
        "subdistricts": [(one.code, f"{one.name} · {one.code}") for one in list_subdistricts()],
        "communities": [(one.code, f"{one.name} · {one.code}") for one in list_communities()],
        "companies": [(one.code, f"{one.name} · {one.code}") for one in list_companies(RegisterFilter(), day)],
    }


def find_committee(estate: Estate) -> Committee | None:
    """An estate's committee, if it has one."""
    return db.session.scalar(select(Committee).where(Committee.estate_id == estate.id))


def list_contracts_of_company(company: Company) -> list[Contract]:
    """A company's contracts with their estates, those that began last first."""
    statement = select(Contract).where(Contract.company_id == company.id).options(joinedload(Contract.estate))
    return list(db.session.scalars(statement.order_by(Contract.starts_on.desc(), Contract.id)))


def list_branches(company: Company) -> list[Company]:
    """The companies whose parent this one is, by name."""
    return list(db.session.scalars(select(Company).where(Company.parent_id == company.id).order_by(Company.name)))


def list_estates_of(community: Community) -> list[Estate]:
    """A community's estates, by code."""
    return list(db.session.scalars(select(Estate).where(Estate.community_id == community.id).order_by(Estate.code)))


def list_communities_of(subdistrict: Subdistrict) -> list[Community]:
    """A sub-district's communities, by code."""
    statement = select(Community).where(Community.subdistrict_id == subdistrict.id).order_by(Community.code)
    return list(db.session.scalars(statement))
