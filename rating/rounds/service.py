"""The life of a round: drafting it, freezing its roster, issuing codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from rating.access import Actor, Role
from rating.audit.service import record
from rating.errors import Conflict, Invalid
from rating.extensions import db
from rating.registry.models import Contract, Estate
from rating.rounds.codes import code_hash, new_code
from rating.rounds.models import LONGEST_TITLE, TRANSITIONS, HouseholdCode, RatedEstate, Round, RoundState
from rating.rounds.queries import (
    CODES_ISSUED,
    find_open_round,
    list_contracts_within,
    list_estates_with_committees,
    next_round_number,
)
from rating.rulebooks.models import Rulebook
from rating.scoring import Assignment, Service, WhyUnrated, rated_company
from rating.wording import Message, _l

ATTRIBUTES = ("has_lifts", "has_cctv_or_entry_doors", "has_greenery", "company_runs_water_supply")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPlan:
    """What a round is drafted from; days are Shanghai days, both ends included."""

    title_zh: str
    title_en: str
    opens_on: date
    closes_on: date
    rated_from: date
    rated_to: date
    trial: bool = False


@dataclass(slots=True)
class Roster:
    """What opening would freeze, and every estate that would be left out, with the reason."""

    rated: list[RatedEstate] = field(default_factory=list)
    left_out: list[tuple[Estate, Message]] = field(default_factory=list)
    without_committee: list[Estate] = field(default_factory=list)


def draft_round(plan: RoundPlan, rulebook: Rulebook, actor: Actor, now: datetime) -> Round:
    """Draft the next round under a rulebook; raises Invalid for days out of order or titles that don't fit."""
    actor.require(Role.BUREAU)
    for name in ("title_zh", "title_en"):
        if not 1 <= len(getattr(plan, name).strip()) <= LONGEST_TITLE:
            raise Invalid(_l("A title has 1 to %(n)s characters.", n=LONGEST_TITLE), field=name)
    if plan.closes_on < plan.opens_on:
        raise Invalid(_l("The last day is before the first."), field="closes_on")
    if plan.rated_to < plan.rated_from:
        raise Invalid(_l("The period's last day is before its first."), field="rated_to")
    round_ = Round(
        number=next_round_number(),
        title_zh=plan.title_zh,
        title_en=plan.title_en,
        rulebook=rulebook,
        opens_on=plan.opens_on,
        closes_on=plan.closes_on,
        rated_from=plan.rated_from,
        rated_to=plan.rated_to,
        trial=plan.trial,
        state=RoundState.DRAFT,
    )
    db.session.add(round_)
    db.session.flush()
    record(actor, "round.drafted", f"round:{round_.number}", now)
    return round_


def move_round(round_: Round, state: RoundState, actor: Actor, now: datetime, reason: str = "") -> None:
    """Move a round to its next state; raises Conflict where that isn't the next one."""
    if state not in TRANSITIONS[round_.state]:
        raise Conflict(_l("Round %(number)s is not at this step; please look at its page again.", number=round_.number))
    round_.state = state
    record(actor, f"round.{state}", f"round:{round_.number}", now, reason)


def plan_roster(round_: Round) -> Roster:
    """Which estates a round would rate, and whom: the company that served most days of the rated period."""
    contracts: dict[int, list[Contract]] = {}
    for contract in list_contracts_within(round_.rated_from, round_.rated_to):
        contracts.setdefault(contract.estate_id, []).append(contract)
    least = round_.rulebook.content.rules().min_days_served
    roster = Roster()
    for estate, committee in list_estates_with_committees():
        served = contracts.get(estate.id, [])
        assigned = _assign(served, round_, least)
        if not estate.is_rated:
            roster.left_out.append((estate, _l("not rated: %(reason)s", reason=estate.not_rated_reason)))
        elif assigned.why_unrated is not None:
            roster.left_out.append((estate, _why_unrated(assigned.why_unrated, assigned.days, least)))
        else:
            chosen = _rated_contract(served, assigned)
            roster.rated.append(_freeze(round_, estate, chosen, committee.id if committee else None))
            if committee is None:
                roster.without_committee.append(estate)
    return roster


def _assign(contracts: list[Contract], round_: Round, least: int) -> Assignment:
    services = [Service(c.company.code, c.starts_on, c.ends_on or round_.rated_to) for c in contracts]
    return rated_company(services, round_.rated_from, round_.rated_to, least)


def _rated_contract(contracts: list[Contract], assigned: Assignment) -> Contract:
    """The contract whose company and manager are rated: the rated company's latest in the period."""
    return max((c for c in contracts if c.company.code == assigned.company), key=lambda c: c.starts_on)


def _why_unrated(why: WhyUnrated, days: int, least: int) -> Message:
    if why is WhyUnrated.NOT_SERVED:
        return _l("no contract in the period")
    return _l("no company served it for %(least)s days; the longest: %(days)s", least=least, days=days)


def _freeze(round_: Round, estate: Estate, contract: Contract, committee_id: int | None) -> RatedEstate:
    return RatedEstate(
        round_id=round_.id,
        estate_id=estate.id,
        company_id=contract.company_id,
        community_id=estate.community_id,
        committee_id=committee_id,
        households=estate.households,
        manager=contract.manager,
        attributes={name: bool(getattr(estate, name)) for name in ATTRIBUTES},
    )


def lock_round(round_: Round) -> None:
    """Read a round again and lock it, so that nobody else moves it until the transaction ends."""
    db.session.refresh(round_, with_for_update=True)


def open_round(round_: Round, actor: Actor, now: datetime) -> Roster:
    """Freeze the roster and open the round (evaluations are taken on its days only).

    Raises Conflict if another round is open or no estate could be rated.
    """
    actor.require(Role.BUREAU)
    lock_round(round_)
    if (other := find_open_round()) is not None and other.id != round_.id:
        raise Conflict(_l("Round %(number)s is still open. Close it first.", number=other.number))
    roster = plan_roster(round_)
    if not roster.rated:
        raise Conflict(_l("No estate can be rated: import the register with contracts that cover the period first."))
    move_round(round_, RoundState.OPEN, actor, now)
    round_.opened_at = now
    db.session.add_all(roster.rated)
    try:
        db.session.flush()
    except IntegrityError as error:  # another round was opened at the same moment
        raise Conflict(_l("Another round is open. Close it first.")) from error
    return roster


def make_codes(rated_estate: RatedEstate) -> list[str]:
    """New codes for every household number of an estate, in order; nothing is stored. Raises Conflict unless open."""
    if rated_estate.round.state is not RoundState.OPEN:
        raise Conflict(_l("Letters are printed while the round is open."))
    return [new_code() for _ in range(rated_estate.households)]


def issue_codes(
    rated_estate: RatedEstate, key: bytes, actor: Actor, now: datetime, codes: list[str] | None = None
) -> list[str]:
    """Make codes (those of make_codes, or new ones) an estate's own, in order; codes issued before stop working.

    The codes are returned for printing and kept nowhere. Each household number gets one, also those that have
    answered, since nobody may learn which those are; a household that has answered can't answer again.
    """
    actor.require(Role.BUREAU)
    lock_round(rated_estate.round)
    codes = make_codes(rated_estate) if codes is None else codes
    if rated_estate.round.state is not RoundState.OPEN or len(codes) != rated_estate.households:
        raise Conflict(_l("Letters are printed while the round is open."))
    db.session.execute(delete(HouseholdCode).where(HouseholdCode.rated_estate_id == rated_estate.id))
    try:
        db.session.execute(insert(HouseholdCode), list(_hashed(rated_estate, key, codes)))
    except IntegrityError as error:  # two of 10^15 codes alike: practically never, and then simply retried
        raise Conflict(_l("The codes could not be made. Please try again.")) from error
    record(
        actor,
        CODES_ISSUED,
        f"round:{rated_estate.round.number}",
        now,
        rated_estate=rated_estate.id,
        count=len(codes),
    )
    return codes


def _hashed(rated_estate: RatedEstate, key: bytes, codes: list[str]) -> Iterator[dict[str, object]]:
    for number, code in enumerate(codes, start=1):
        yield {"rated_estate_id": rated_estate.id, "household_number": number, "code_hash": code_hash(key, code)}
