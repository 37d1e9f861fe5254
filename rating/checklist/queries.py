"""What the checklist looks at: a round's roster, planned or frozen, with its rulebook and who has an account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeAlias

from sqlalchemy import select

from rating.access import Role
from rating.accounts.models import Grant, User
from rating.extensions import db
from rating.registry.models import Community, Company, Contract, Estate
from rating.registry.queries import RegisterFilter, list_companies, list_estates
from rating.rounds.models import Round
from rating.rounds.queries import list_contracts_within, list_rated_estates
from rating.rounds.service import Roster, plan_roster
from rating.scoring import ScoringRules
from rating.wording import Label, Message

Said: TypeAlias = Message | Label | str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a point concerns. `estate` is its code where marking it 不参评 is a solution."""

    name: Said
    detail: Said = ""
    address: str = ""
    estate: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One point of the checklist; without items it is in order. `must`: to be fixed before opening."""

    key: str
    must: bool
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Seat:
    """An estate in the round, planned or frozen."""

    id: int  # of the rated estate; 0 for a plan
    estate: Estate
    company: Company
    community: Community
    households: int
    has_committee: bool


@dataclass
class Scene:
    """What the checks look at."""

    round: Round
    today: date
    seats: list[Seat]
    left_out: list[tuple[Estate, Message]] = field(default_factory=list)
    contracts: Mapping[int, list[Contract]] = field(default_factory=dict)

    @cached_property
    def rules(self) -> ScoringRules:
        """The rulebook as the arithmetic takes it."""
        return self.round.rulebook.content.rules()

    @cached_property
    def grants(self) -> dict[Role, set[int]]:
        """Who may do what on the first day: scope ids by role; people's own ids for the city's roles."""
        day = max(self.round.opens_on, self.today)
        found: dict[Role, set[int]] = defaultdict(set)
        for grant in db.session.scalars(select(Grant).join(Grant.user).where(User.active, User.password != "")):
            if grant.in_force(day):
                found[grant.role].add(grant.scope_id or grant.user_id)
        return found


def draft_scene(round_: Round, today: date) -> Scene:
    """A draft as opening would freeze it now, with the estates that would be left out silently."""
    roster = plan_roster(round_)
    contracts: dict[int, list[Contract]] = defaultdict(list)
    for contract in list_contracts_within(round_.rated_from, round_.rated_to):
        contracts[contract.estate_id].append(contract)
    left_out = [(estate, why) for estate, why in roster.left_out if estate.is_rated]
    return Scene(round_, today, _planned(roster, today), left_out, contracts)


def _planned(roster: Roster, today: date) -> list[Seat]:
    estates = {one.id: one for one in list_estates(RegisterFilter())}
    companies = {one.id: one for one in list_companies(RegisterFilter(), today)}
    return [
        Seat(
            0,
            estates[one.estate_id],
            companies[one.company_id],
            estates[one.estate_id].community,
            one.households,
            one.committee_id is not None,
        )
        for one in roster.rated
    ]


def seats_of(round_: Round) -> list[Seat]:
    """A round's frozen roster."""
    return [
        Seat(one.id, one.estate, one.company, one.community, one.households, one.committee_id is not None)
        for one in list_rated_estates(round_)
    ]
