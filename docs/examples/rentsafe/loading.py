"""Evaluations of Toronto's rental buildings: real data, with the dirt of real life.

A building is an estate, its units are households, its management company is the company, its ward the community, and
each of the city's cycles is a round of on-site evaluations that is closed, scored and published.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from docs.examples.rentsafe.rows import LAST_CYCLE, Building, Example, Visit, read_example, read_settlements, settle
from docs.examples.rentsafe.spellings import words_of
from rating.access import SYSTEM, Actor, Role
from rating.accounts.granting import grant_role
from rating.accounts.service import add_user
from rating.calendar import day_of
from rating.errors import BadRow, Conflict, Faults
from rating.extensions import db
from rating.registry.imports.known import bare_name
from rating.registry.imports.service import import_register, refusal
from rating.registry.models import Estate
from rating.releases.models import Release
from rating.releases.service import draft_release, publish_release, start_preview
from rating.results.service import compute_scorecard
from rating.reviews.service import close_round
from rating.rounds.models import Round
from rating.rounds.service import RoundPlan, draft_round, open_round
from rating.rulebooks.models import Rulebook
from rating.rulebooks.service import load_rulebook
from rating.sheets.importing import import_on_site
from rating.wording import _l
from rating.workbooks.reading import Sheet

FIRST_DAY = date(2017, 1, 1)
NOT_RATED = "没有登记物业企业 / no management company is registered"
NOTE = (
    "用多伦多市公开数据做的演示，各年都按现在登记的企业计算，不代表对这些企业的评价。 / An example on open data of the "
    "City of Toronto; every year counts for the company that is registered today. It says nothing of these companies."
)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the example became."""

    rated: int
    not_rated: int
    companies: int
    releases: tuple[Release, ...]
    imported: Mapping[int, int]
    without_company: int


def read_settled(folder: Path, settlements: Path | None) -> Example:
    """The example's rows, settled; raises BadRows with every bad row that no settlement deals with."""
    example = read_example(folder)
    decided, faults = read_settlements(settlements) if settlements else ([], list[BadRow]())
    settled, still_bad = settle(example, decided)
    if found := [*faults, *still_bad]:
        raise refusal(Faults(found, most=len(found), singly=len(found)))  # each has to be settled by itself
    return settled


def load_rentsafe(example: Example, rulebook_text: str, at: datetime, say: Say) -> Loaded:
    """Register the buildings, then take, close, score and publish each cycle's evaluations. Commits nothing.

    Raises Conflict on a database that holds a register already.
    """
    if db.session.scalar(select(Estate.id).limit(1)) is not None:
        raise Conflict(_l("The example needs an empty database: this one already has a register."))
    rulebook = load_rulebook(rulebook_text, SYSTEM, at)
    say(f"registering {len(example.buildings)} buildings")
    import_register(register_sheets(example), SYSTEM, at)
    rated = {building.rsn for building in example.buildings if building.company}
    cycles: dict[int, list[Visit]] = defaultdict(list)
    for visit in example.visits:
        if visit.rsn in rated:
            cycles[visit.cycle].append(visit)
    drafter, signer = _add_person("drafter", at), _add_person("signer", at)
    releases = []
    for cycle, visits in sorted(cycles.items()):
        say(f"{cycle}: {len(visits)} evaluations")
        releases.append(_publish(_take_round(cycle, visits, rulebook, at - timedelta(days=1)), drafter, signer, at))
    return Loaded(
        rated=len(rated),
        not_rated=len(example.buildings) - len(rated),
        companies=len({building.company for building in example.buildings} - {None}),
        releases=tuple(releases),
        imported={cycle: len(visits) for cycle, visits in sorted(cycles.items())},
        without_company=len(example.visits) - sum(map(len, cycles.values())),
    )


# ---- the register


def register_sheets(example: Example) -> list[Sheet]:
    """The example as the sheets of the register's import."""
    names = {visit.ward: visit.ward_name for visit in example.visits}
    wards = sorted({building.ward for building in example.buildings})
    companies = sorted({building.company for building in example.buildings if building.company})
    addresses = Counter((building.ward, bare_name(building.address)) for building in example.buildings)
    return [
        Sheet.from_dicts("subdistricts", [{"code": "TO", "name": "Toronto"}]),
        Sheet.from_dicts("communities", [_community(ward, names) for ward in wards]),
        Sheet.from_dicts("estates", [_estate(building, addresses) for building in example.buildings]),
        Sheet.from_dicts("companies", [{"code": company_code(name), "name": name} for name in companies]),
        Sheet.from_dicts("contracts", [_contract(building) for building in example.buildings if building.company]),
    ]


def estate_code(rsn: str) -> str:
    """A building's code: T and the number of its registration."""
    return f"T{rsn}"


def company_code(name: str) -> str:
    """A local code from a company's name: its first letters and four digits of the name's SHA-256."""
    letters = re.sub(r"[^A-Z0-9]", "", "".join(words_of(name)))[:11]
    return f"{letters}-{hashlib.sha256(name.encode()).hexdigest()[:4].upper()}"


def _community(ward: str, names: Mapping[str, str]) -> dict[str, object]:
    return {"code": f"W{ward}", "name": f"Ward {ward} {names.get(ward, '')}", "subdistrict": "TO"}


def _estate(building: Building, addresses: Mapping[tuple[str, str], int]) -> dict[str, object]:
    """Buildings that share an address are told apart by the numbers of their registrations."""
    shared = addresses[building.ward, bare_name(building.address)] > 1
    return {
        "code": estate_code(building.rsn),
        "name": f"{building.address} ({building.rsn})" if shared else building.address,
        "community": f"W{building.ward}",
        "address": building.address,
        "households_total": building.units,
        "households_lived_in": building.units,
        "built_year": building.year_built,
        "has_lifts": building.elevators not in {"", "0"},
        "not_rated_reason": "" if building.company else NOT_RATED,
    }


def _contract(building: Building) -> dict[str, object]:
    code = company_code(building.company or "")
    return {"estate": estate_code(building.rsn), "company": code, "starts_on": FIRST_DAY, "ends_on": None}


# ---- rounds


def _take_round(cycle: int, visits: Sequence[Visit], rulebook: Rulebook, at: datetime) -> Round:
    days = [visit.day for visit in visits]
    title = f"{cycle}–{max(days).year}" if cycle == LAST_CYCLE else str(cycle)
    plan = RoundPlan(
        title_zh=f"{title}年",
        title_en=title,
        opens_on=min(days),
        closes_on=max(days),
        rated_from=date(cycle, 1, 1),
        rated_to=max(date(cycle, 12, 31), max(days)),
    )
    round_ = draft_round(plan, rulebook, SYSTEM, at)
    open_round(round_, SYSTEM, at)
    import_on_site([evaluation_sheet(visits)], round_, SYSTEM, at)
    close_round(round_, SYSTEM, at, today_is_past=max(days) < day_of(at))
    compute_scorecard(round_, SYSTEM, at)
    start_preview(round_, SYSTEM, at)
    return round_


def evaluation_sheet(visits: Sequence[Visit]) -> Sheet:
    """Evaluations as the sheet of the import; the city's inspector stands where the community's does."""
    return Sheet.from_dicts(
        "evaluations",
        [
            {"estate": estate_code(visit.rsn), "rater": "community", "evaluated_on": visit.day, **visit.marks}
            for visit in visits
        ],
    )


def _publish(round_: Round, drafter: Actor, signer: Actor, at: datetime) -> Release:
    draft = draft_release(round_, NOTE, drafter, at)
    return publish_release(draft, draft.digest, signer, at)


def _add_person(username: str, at: datetime) -> Actor:
    """One of the two people that a release needs. Nobody knows the password, so nobody can sign in as them."""
    user = add_user(f"rentsafe-{username}", f"RentSafeTO {username}", secrets.token_urlsafe(32), SYSTEM, at)
    grant_role(user, Role.BUREAU, None, day_of(at), day_of(at), SYSTEM, at)
    return user.actor(day_of(at))
