"""What residents' pages know of a rated estate: plain values, read by one constant SELECT each.

Every resident asks four times within a few minutes. A row of values costs a tenth of loaded objects; and since it is
hashable, it is also the key under which its page is cached (see page_cache).
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select

from rating.evaluations.models import Evaluation, Participation
from rating.evaluations.tickets import Ticket
from rating.registry.models import Community, Company, Estate
from rating.rounds.models import HouseholdCode, RatedEstate, Round, RoundState, is_taking
from rating.rulebooks.models import Rulebook
from rating.storage.engines import read
from rating.storage.statements import ConstantStatement


class Named(NamedTuple):
    """An estate, company or community as a page names it; an estate has no telephone, a company no code here."""

    name: str
    code: str = ""
    phone: str = ""


class Asking(NamedTuple):
    """The round; `zh` and `en` are its titles."""

    number: int
    state: RoundState
    opens_on: date
    closes_on: date
    zh: str
    en: str
    rulebook_id: int
    digest: str

    def takes_evaluations(self, today: date) -> bool:
        """Open, and today lies within its days."""
        return is_taking(self.state, self.opens_on, self.closes_on, today)


class Rated(NamedTuple):
    """A rated estate."""

    id: int
    round_id: int
    households: int
    round: Asking
    estate: Named
    company: Named
    community: Named


class Household(NamedTuple):
    """The household whose code was shown: its number, and its rated estate."""

    number: int
    rated: Rated


class Standing(NamedTuple):
    """Whether a ticket's evaluation was received, and whether its household has answered, by this ticket or another."""

    received: bool
    answered: bool
    rated: Rated


_COLUMNS: tuple[Any, ...] = (
    RatedEstate.id, RatedEstate.round_id, RatedEstate.households,
    Round.number, Round.state, Round.opens_on, Round.closes_on, Round.title_zh, Round.title_en,
    Rulebook.id, Rulebook.digest,
    Estate.name, Estate.code, Company.name, Company.phone, Community.name, Community.phone,
)  # fmt: skip


def _of_rated(row: tuple[Any, ...]) -> Rated:
    estate, company, community = Named(row[11], row[12]), Named(row[13], phone=row[14]), Named(row[15], phone=row[16])
    return Rated(row[0], row[1], row[2], Asking(*row[3:11]), estate, company, community)


def _select(*more: Any) -> Select[Any]:
    return (
        select(*_COLUMNS, *more)
        .select_from(RatedEstate)
        .join(RatedEstate.round)
        .join(Round.rulebook)
        .join(RatedEstate.estate)
        .join(RatedEstate.company)
        .join(RatedEstate.community)
    )


_OPEN = ConstantStatement(_select().where(Round.state == RoundState.OPEN, Estate.code == bindparam("code")))
_OF_RECEIPT = ConstantStatement(
    _select()
    .join(Evaluation, Evaluation.rated_estate_id == RatedEstate.id)
    .where(Evaluation.receipt_hash == bindparam("receipt_hash"))
)
_OF_CODE = ConstantStatement(
    _select(HouseholdCode.household_number)
    .join(HouseholdCode, HouseholdCode.rated_estate_id == RatedEstate.id)
    .where(HouseholdCode.code_hash == bindparam("code_hash"))
)
_OF_TICKET = ConstantStatement(
    _select(
        select(Evaluation.id).where(Evaluation.receipt_hash == bindparam("receipt_hash")).exists(),
        func.substr(Participation.answered, bindparam("household_number"), 1),
    )
    .outerjoin(Participation, Participation.rated_estate_id == RatedEstate.id)
    .where(RatedEstate.id == bindparam("rated_estate_id"))
)


def find_rated(estate_code: str) -> Rated | None:
    """An estate in the round that is open, if one is and it is in it."""
    row = read(_OPEN, {"code": estate_code.upper()})
    return _of_rated(row) if row else None


def find_rated_of_receipt(receipt_hash: bytes) -> Rated | None:
    """The rated estate in which an evaluation with this receipt was received; never what it says."""
    row = read(_OF_RECEIPT, {"receipt_hash": receipt_hash})
    return _of_rated(row) if row else None


def find_household(code_hash: bytes) -> Household | None:
    """The household whose code has this keyed hash, in whatever round."""
    row = read(_OF_CODE, {"code_hash": code_hash})
    return Household(row[-1], _of_rated(row)) if row else None


def find_standing(ticket: Ticket) -> Standing | None:
    """A ticket's standing, in whatever round; only ever asked for one that was just shown."""
    row = read(
        _OF_TICKET,
        {
            "rated_estate_id": ticket.rated_estate_id,
            "household_number": ticket.household_number,
            "receipt_hash": ticket.receipt_hash,
        },
    )
    return Standing(bool(row[-2]), row[-1] == "1", _of_rated(row)) if row else None
