"""What the register contains before an import, and names for comparing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from rating.extensions import db
from rating.registry.models import Community, Company, Contract, Estate, Subdistrict
from rating.workbooks.cells import fold

ADDED_SIGNS = re.compile(r"[()\[\]{}《》「」“”\"'·.\-]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A record by its names: its code, its name, and the code of the place that it is in ('' for the city)."""

    code: str
    name: str
    within: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Codes, names and contracts of the register, by the sheet's key."""

    entries: Mapping[str, Mapping[str, Entry]]
    parents: Mapping[str, str | None]
    contracts: Mapping[tuple[str, str, date], date | None]


def load_known() -> Known:
    """What the register contains, in a few small queries, however long the file is."""
    communities = select(Community.code, Community.name, Subdistrict.code).join(Community.subdistrict)
    estates = select(Estate.code, Estate.name, Community.code).join(Estate.community)
    named = {
        "subdistricts": select(Subdistrict.code, Subdistrict.name),
        "communities": communities,
        "estates": estates,
        "companies": select(Company.code, Company.name),
    }
    companies = {row.id: row for row in db.session.execute(select(Company.id, Company.code, Company.parent_id))}
    contracts = select(Estate.code, Company.code, Contract.starts_on, Contract.ends_on).select_from(Contract)
    return Known(
        entries={
            key: {row[0]: Entry(*row) for row in db.session.execute(statement)} for key, statement in named.items()
        },
        parents={row.code: companies[row.parent_id].code if row.parent_id else None for row in companies.values()},
        contracts={
            (estate, company, starts_on): ends_on
            for estate, company, starts_on, ends_on in db.session.execute(
                contracts.join(Contract.estate).join(Contract.company)
            )
        },
    )


def bare_name(name: str) -> str:
    """A name for comparing: as it is seen, without brackets and blanks, widths and case aside."""
    return ADDED_SIGNS.sub("", fold(name))
