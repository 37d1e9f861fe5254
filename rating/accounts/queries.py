"""Reading people, their grants and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from rating.access import Role, ScopeKind
from rating.accounts.models import Grant, Invitation, StaffSession, User
from rating.audit.models import Event
from rating.errors import NotFound
from rating.extensions import db
from rating.registry.models import Community, Company, Estate, Subdistrict
from rating.wording import _l

PLACES: dict[ScopeKind, type[Subdistrict] | type[Community] | type[Estate] | type[Company]] = {
    ScopeKind.SUBDISTRICT: Subdistrict,
    ScopeKind.COMMUNITY: Community,
    ScopeKind.ESTATE: Estate,
    ScopeKind.COMPANY: Company,
}
Place = Subdistrict | Community | Estate | Company


def get_user(user_id: int) -> User:
    """A person by their number; raises NotFound."""
    if (found := db.session.scalar(_people().where(User.id == user_id))) is None:
        raise NotFound(_l("There is no such person."))
    return found


def get_grant(user: User, grant_id: int) -> Grant:
    """One of a person's grants; raises NotFound."""
    found = next((grant for grant in user.grants if grant.id == grant_id), None)
    if found is None:
        raise NotFound(_l("This person has no such role."))
    return found


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """What the list of people is narrowed to: words in a name, a role, a community's code."""

    text: str = ""
    role: str = ""
    community: str = ""


def _people() -> Select[User]:
    grants = selectinload(User.grants)
    return select(User).options(
        grants.joinedload(Grant.subdistrict),
        grants.joinedload(Grant.community),
        grants.joinedload(Grant.estate),
        grants.joinedload(Grant.company),
        joinedload(User.invitation),
    )


def people_of(wanted: PeopleFilter, day: date) -> Select[User]:
    """A SELECT of people by name; role and community ask for a grant that isn't over on the day."""
    statement = _people().order_by(User.name, User.username)
    for word in wanted.text.split():
        statement = statement.where(
            or_(User.name.icontains(word, autoescape=True), User.username.icontains(word, autoescape=True))
        )
    conditions: list[ColumnElement[bool]] = []
    if wanted.role:
        conditions.append(Grant.role == Role(wanted.role))
    if wanted.community:
        there = select(Community.id).where(Community.code == wanted.community)
        estates = select(Estate.id).where(Estate.community_id.in_(there))
        conditions.append(or_(Grant.community_id.in_(there), Grant.estate_id.in_(estates)))
    if conditions:
        statement = statement.where(User.id.in_(select(Grant.user_id).where(_not_over(day), *conditions)))
    return statement


def list_people(wanted: PeopleFilter, day: date) -> list[User]:
    """The people that a filter keeps, by name."""
    return list(db.session.scalars(people_of(wanted, day)))


def _not_over(day: date) -> ColumnElement[bool]:
    return Grant.ended_at.is_(None) & or_(Grant.ends_on.is_(None), Grant.ends_on >= day)


def list_grants(user: User) -> list[Grant]:
    """A person's grants as they stand in the database now, in the order in which they were given."""
    statement = select(Grant).where(Grant.user_id == user.id).order_by(Grant.id)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def somebody_else_runs_the_bureau(user: User, day: date) -> bool:
    """Whether anybody but this person is active, has a password, and holds the bureau's role on the day."""
    grant = Grant.user_id == User.id, Grant.role == Role.BUREAU, Grant.starts_on <= day, _not_over(day)
    statement = select(User.id).where(User.id != user.id, User.active, User.password != "")
    return db.session.scalar(statement.where(select(Grant.id).where(*grant).exists()).limit(1)) is not None


def list_staffed_subdistricts(day: date) -> frozenset[int]:
    """The ids of the sub-districts for which somebody active, with a password, works on the day."""
    statement = (
        select(Grant.subdistrict_id)
        .join(User, User.id == Grant.user_id)
        .where(Grant.role == Role.SUBDISTRICT, Grant.starts_on <= day, _not_over(day), User.active, User.password != "")
    )
    return frozenset(one for one in db.session.scalars(statement) if one is not None)


def lock_users(ids: Select[int]) -> None:
    """Let nobody else change these people before this transaction ends, and read them anew."""
    statement = select(User).where(User.id.in_(ids)).order_by(User.id).with_for_update()
    db.session.scalars(statement.execution_options(populate_existing=True)).all()


def find_invitation(token_hash: str, lock: bool) -> Invitation | None:
    """Whose invitation has a token with this hash; `lock` keeps others from using it until this transaction ends."""
    statement = select(Invitation).where(Invitation.token_hash == token_hash)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(statement)


def list_sessions(user: User, now: datetime) -> list[StaffSession]:
    """A person's sessions that have not run out, the latest first."""
    statement = select(StaffSession).where(StaffSession.user_id == user.id, StaffSession.expires_at > now)
    return list(db.session.scalars(statement.order_by(StaffSession.started_at.desc(), StaffSession.key_hash)))


def list_events_about(user: User, most: int = 50) -> list[Event]:
    """What was recorded about a person, the latest first."""
    statement = select(Event).where(Event.subject == f"user:{user.id}").order_by(Event.at.desc(), Event.id.desc())
    return list(db.session.scalars(statement.limit(most)))


def list_places(kind: ScopeKind, words: str, most: int) -> Sequence[Place]:
    """Places of a kind: the one with exactly this code, else those of exactly this name, else those with all words."""
    model = PLACES[kind]
    every_word = [
        or_(model.name.icontains(word, autoescape=True), model.code.icontains(word, autoescape=True))
        for word in words.split()
    ]
    for conditions in ([func.upper(model.code) == words.upper()], [model.name == words], every_word):
        statement = select(model).where(*conditions).order_by(model.code).limit(most)
        found: Sequence[Any] = db.session.scalars(statement).all()
        if found:
            return found
    return []
