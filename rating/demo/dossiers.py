"""Commendations and findings in the demonstration: entered with their document, confirmed by a second person.

Nobody has given cause for the black list in this city.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from rating.adjustments.models import AdjustmentKind, Severity
from rating.adjustments.service import Proposal, confirm_adjustment, propose_adjustment
from rating.demo.data import read
from rating.demo.fortunes import TIERS, Fortunes, Tier
from rating.demo.papers import one_page
from rating.demo.people import People
from rating.demo.timeline import RoundDays, at
from rating.registry.queries import get_company


@dataclass(frozen=True, slots=True)
class Dossier:
    """A record of a company: the visitor's own, or one of a band; `lasts` is days of validity."""

    tier: Tier | None
    kind: AdjustmentKind
    severity: Severity
    points: str
    source: str
    number: str
    reason: str
    lasts: int
    is_confirmed: bool = True


def _dossier(tier: str | None, kind: str, severity: str, **others: Any) -> Dossier:
    return Dossier(TIERS[tier] if tier else None, AdjustmentKind(kind), Severity(severity), **others)


_DOSSIERS = {number: [_dossier(**one) for one in dossiers] for number, dossiers in read("dossiers").items()}
_UNTIL_CONFIRMED = timedelta(minutes=20)


def keep_dossiers(days: RoundDays, own_company: str, fortunes: Fortunes, people: People, day: date) -> None:
    """Enter the records of a round on a day, and confirm all but those that still wait for the second person."""
    first, second = people.drafter.actor(day), people.signer.actor(day)
    dossiers = _DOSSIERS.get(days.number, ())
    rows = [
        propose_adjustment(_proposal(one, place, days, own_company, fortunes, day), first, at(day))
        for place, one in enumerate(dossiers, start=1)
    ]
    for row, one in zip(rows, dossiers, strict=True):
        if one.is_confirmed:
            confirm_adjustment(row, second, at(day) + _UNTIL_CONFIRMED)


def _proposal(one: Dossier, place: int, days: RoundDays, own_company: str, fortunes: Fortunes, day: date) -> Proposal:
    code = own_company if one.tier is None else _first_of(one.tier, days.number, own_company, fortunes)
    document = one_page(f"Demonstration: document {days.number}-{place}")
    return Proposal(
        company=get_company(code),
        kind=one.kind,
        severity=one.severity,
        points=Decimal(one.points),
        source=one.source,
        case_number=one.number.format(year=day.year),
        reason=one.reason,
        valid_from=day - timedelta(days=7),
        valid_to=day + timedelta(days=one.lasts),
        files=[(f"文书{days.number}-{place}.pdf", document)],
    )


def _first_of(tier: Tier, round_no: int, but: str, fortunes: Fortunes) -> str:
    """The first company, by code, that is in this band in a round and rated for some estate."""
    codes = sorted(company.code for company in fortunes.city.companies)
    return next(
        code
        for code in codes
        if code != but and fortunes.estates_of(code, round_no) and fortunes.tier(code, round_no) is tier
    )
