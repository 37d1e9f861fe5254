"""Reading rounds, rosters and codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from rating.audit.models import Event
from rating.errors import NotFound
from rating.extensions import db
from rating.registry.contracts import runs_within
from rating.registry.models import Committee, Community, Contract, Estate
from rating.rounds.models import HouseholdCode, RatedEstate, Round, RoundState
from rating.wording import _l

CODES_ISSUED = "codes.issued"


def get_round(number: int) -> Round:
    """A round by its number; raises NotFound."""
    if (found := db.session.scalar(select(Round).where(Round.number == number))) is None:
        raise NotFound(_l("There is no round %(number)s.", number=number))
    return found


def list_rounds() -> list[Round]:
    """All rounds, the latest first."""
    return list(db.session.scalars(select(Round).order_by(Round.number.desc())))


def find_open_round() -> Round | None:
    """The round that is open, if one is (only one can be)."""
    return db.session.scalar(select(Round).where(Round.state == RoundState.OPEN))


def next_round_number() -> int:
    """One more than the highest number so far."""
    return (db.session.scalar(select(func.max(Round.number))) or 0) + 1


def rated_estates_of(round_: Round) -> Select[RatedEstate]:
    """A SELECT of a round's rated estates with what pages show of them, by estate code."""
    return (
        select(RatedEstate)
        .join(RatedEstate.estate)
        .where(RatedEstate.round_id == round_.id)
        .options(
            joinedload(RatedEstate.estate),
            joinedload(RatedEstate.company),
            joinedload(RatedEstate.community).joinedload(Community.subdistrict),
        )
        .order_by(Estate.code)
    )


def list_rated_estates(
    round_: Round, *, community_ids: Iterable[int] | None = None, estate_ids: Iterable[int] | None = None
) -> list[RatedEstate]:
    """A round's rated estates by estate code, all or those of some communities or estates."""
    statement = rated_estates_of(round_)
    if community_ids is not None:
        statement = statement.where(RatedEstate.community_id.in_(list(community_ids)))
    if estate_ids is not None:
        statement = statement.where(RatedEstate.estate_id.in_(list(estate_ids)))
    return list(db.session.scalars(statement))


def list_served(round_: Round) -> set[tuple[int, int]]:
    """Which company is rated for which estate in a round: (company id, estate id)."""
    served = select(RatedEstate.company_id, RatedEstate.estate_id).where(RatedEstate.round_id == round_.id)
    return {(company, estate) for company, estate in db.session.execute(served)}


def list_estates_of_community(round_: Round, community_code: str) -> list[RatedEstate]:
    """A community's rated estates in a round, by estate code; raises NotFound where there is none."""
    statement = rated_estates_of(round_).where(RatedEstate.community.has(Community.code == community_code.upper()))
    if not (found := list(db.session.scalars(statement))):
        raise NotFound(_l("No estate of this community is in the round."))
    return found


def get_rated_estate(rated_estate_id: int) -> RatedEstate:
    """A rated estate by its id; raises NotFound."""
    if (found := db.session.get(RatedEstate, rated_estate_id)) is None:
        raise NotFound(_l("This estate is not in the round."))
    return found


def find_rated_estate(round_: Round, estate_code: str) -> RatedEstate | None:
    """An estate in a round by the estate's code."""
    return db.session.scalar(rated_estates_of(round_).where(Estate.code == estate_code.upper()))


def get_estate_in_round(round_: Round, estate_code: str) -> RatedEstate:
    """An estate in a round by the estate's code; raises NotFound."""
    if (found := find_rated_estate(round_, estate_code)) is None:
        raise NotFound(_l("This estate is not in the round."))
    return found


def count_codes(rated_estate_ids: Sequence[int]) -> dict[int, int]:
    """How many codes each of these rated estates has."""
    rows = db.session.execute(
        select(HouseholdCode.rated_estate_id, func.count())
        .where(HouseholdCode.rated_estate_id.in_(rated_estate_ids))
        .group_by(HouseholdCode.rated_estate_id)
    )
    return {row[0]: row[1] for row in rows}


def list_contracts_within(first: date, last: date) -> list[Contract]:
    """Contracts that ran on any day of a period, both ends included, by estate and first day."""
    return list(
        db.session.scalars(
            select(Contract)
            .where(runs_within(first, last))
            .options(joinedload(Contract.company))
            .order_by(Contract.estate_id, Contract.starts_on, Contract.id)
        )
    )


def list_estates_with_committees() -> list[tuple[Estate, Committee | None]]:
    """Every estate with its committee, by code."""
    rows = db.session.execute(
        select(Estate, Committee).outerjoin(Committee, Committee.estate_id == Estate.id).order_by(Estate.code)
    )
    return [(row[0], row[1]) for row in rows]


def list_code_issuers(round_: Round) -> list[int]:
    """The ids of those who printed letters in a round (from the event log): they may not sign its release."""
    mine = Event.kind == CODES_ISSUED, Event.subject == f"round:{round_.number}", Event.actor_id.is_not(None)
    found = db.session.scalars(select(Event.actor_id).where(*mine).distinct().order_by(Event.actor_id))
    return [user_id for user_id in found if user_id is not None]
