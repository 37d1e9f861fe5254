"""Reading people, their grants and sessions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, column, func, or_, select, table
from sqlalchemy.orm import joinedload, selectinload

from rating.access import Role, ScopeKind
from rating.accounts.models import (
    AccessChange,
    AccountNotice,
    ChangeDecision,
    ChangeKind,
    Grant,
    Invitation,
    StaffSession,
    User,
)
from rating.audit.models import Event
from rating.errors import NotFound
from rating.extensions import db
from rating.registry.models import Community, Company, Estate, Subdistrict
from rating.storage.searching import containing_words
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
    statement = statement.where(*containing_words(wanted.text, User.name, User.username))
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
    """The people that match a filter, by name."""
    return list(db.session.scalars(people_of(wanted, day)))


def _not_over(day: date) -> ColumnElement[bool]:
    return Grant.ended_at.is_(None) & or_(Grant.ends_on.is_(None), Grant.ends_on >= day)


def _works(day: date) -> ColumnElement[bool]:
    """Whether a grant is in force on a day, as `Grant.in_force` says it of one."""
    confirmed = or_(~AccessChange.waits, AccessChange.decision == ChangeDecision.CONFIRMED)
    changes = select(AccessChange.id).where(confirmed)
    return and_(Grant.starts_on <= day, _not_over(day), Grant.change_id.in_(changes))


def list_grants(user: User) -> list[Grant]:
    """A person's grants as they stand in the database now, in the order in which they were given."""
    statement = select(Grant).where(Grant.user_id == user.id).order_by(Grant.id)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def somebody_else_runs_the_bureau(user: User, day: date) -> bool:
    """Whether anybody but this person is active, has a password, and has the bureau's role on the day."""
    return any(one.id != user.id for one in list_bureau(day))


def list_bureau(day: date) -> list[User]:
    """Who can sign in for the bureau on a day: active, with a password and the role in force; by name."""
    statement = select(User).where(User.id.in_(_bureau_ids(day)), User.active, User.password != "")
    return list(db.session.scalars(statement.order_by(User.name, User.id)))


def list_bureau_ids(day: date) -> list[int]:
    """The ids of active people who have the bureau's role on a day, also those without a password yet."""
    return list(db.session.scalars(select(User.id).where(User.id.in_(_bureau_ids(day)), User.active).order_by(User.id)))


def _bureau_ids(day: date) -> Select[int]:
    return select(Grant.user_id).where(Grant.role == Role.BUREAU, _works(day))


def list_staffed_subdistricts(day: date) -> frozenset[int]:
    """The ids of the sub-districts for which somebody active, with a password, works on the day."""
    statement = (
        select(Grant.subdistrict_id)
        .join(User, User.id == Grant.user_id)
        .where(Grant.role == Role.SUBDISTRICT, _works(day), User.active, User.password != "")
    )
    return frozenset(one for one in db.session.scalars(statement) if one is not None)


def lock_users(ids: Select[int]) -> None:
    """Lock these people until this transaction ends, and read them again."""
    statement = select(User).where(User.id.in_(ids)).order_by(User.id).with_for_update()
    db.session.scalars(statement.execution_options(populate_existing=True)).all()


def find_invitation(token_hash: str, lock: bool) -> Invitation | None:
    """The invitation whose token has this hash; `lock` keeps others from using it until this transaction ends."""
    statement = select(Invitation).where(Invitation.token_hash == token_hash)
    if lock:
        statement = statement.with_for_update(of=Invitation).execution_options(populate_existing=True)
    return db.session.scalar(statement)


# ---- what was given, and notices of it


def _changes() -> Select[AccessChange]:
    people = joinedload(AccessChange.user), joinedload(AccessChange.giver)
    return select(AccessChange).options(*people).order_by(AccessChange.given_at, AccessChange.id)


def list_waiting() -> list[AccessChange]:
    """What is waiting for a second person of the bureau, the oldest first."""
    return list(db.session.scalars(_changes().where(AccessChange.waits, AccessChange.decision.is_(None))))


def count_waiting() -> int:
    """How many changes are waiting for a second person of the bureau."""
    waiting = select(func.count()).where(AccessChange.waits, AccessChange.decision.is_(None))
    return db.session.scalar(waiting) or 0


def on_one_word() -> ColumnElement[bool]:
    """What somebody gave that works although nobody else has confirmed it."""
    return and_(AccessChange.given_by.is_not(None), ~AccessChange.waits, AccessChange.decision.is_(None))


def changes_on_one_word(kinds: Collection[ChangeKind]) -> Select[AccessChange]:
    """A SELECT of what works on one person's word alone, of people whose accounts are active; the latest first."""
    mine = select(User.id).where(User.active)
    statement = _changes().where(on_one_word(), AccessChange.kind.in_(kinds), AccessChange.user_id.in_(mine))
    return statement.order_by(None).order_by(AccessChange.given_at.desc(), AccessChange.id.desc())


def lock_changes(ids: Collection[int]) -> list[AccessChange]:
    """Lock these changes until this transaction ends, and read them again."""
    statement = select(AccessChange).where(AccessChange.id.in_(ids)).order_by(AccessChange.id)
    return list(db.session.scalars(statement.with_for_update().execution_options(populate_existing=True)))


def list_waiting_links(user: User) -> list[AccessChange]:
    """A person's new links that wait for a second person of the bureau."""
    mine = AccessChange.user_id == user.id, AccessChange.kind == ChangeKind.LINKED
    return list(db.session.scalars(_changes().where(*mine, AccessChange.waits, AccessChange.decision.is_(None))))


def list_grants_of_change(change: AccessChange) -> list[Grant]:
    """The roles that came with a change: one, or none."""
    return list(db.session.scalars(select(Grant).where(Grant.change_id == change.id).order_by(Grant.id)))


def find_notice(user_id: int, change: AccessChange) -> AccountNotice | None:
    """Somebody's notice of a change, dismissed or not."""
    mine = AccountNotice.user_id == user_id, AccountNotice.change_id == change.id
    return db.session.scalar(select(AccountNotice).where(*mine))


def list_notices(user_id: int) -> list[AccountNotice]:
    """The notices that somebody hasn't dismissed, the oldest first."""
    statement = select(AccountNotice).where(AccountNotice.user_id == user_id, AccountNotice.dismissed_at.is_(None))
    people = joinedload(AccountNotice.change).joinedload(AccessChange.user)
    return list(db.session.scalars(statement.options(people).order_by(AccountNotice.id)))


# Rounds belong to a later room. All that this one asks is whether a round is in one of these states.
_ROUND = table("round", column("state"))
RUNNING = ("open", "closed", "preview")


def is_a_round_running() -> bool:
    """Whether a round is open, closed or in preview: whether what bodies and companies say can still change a list."""
    running = select(func.count()).select_from(_ROUND).where(_ROUND.c.state.in_(RUNNING))
    return bool(db.session.scalar(running))


IDLE = timedelta(minutes=30)
WATCHED = (Role.BUREAU, Role.AUDITOR)


def is_running(now: datetime) -> ColumnElement[bool]:
    """Whether a session is still valid: neither expired nor, for those who see everything, idle for too long."""
    sees_everything = (
        select(Grant.id)
        .where(Grant.user_id == StaffSession.user_id, Grant.role.in_(WATCHED), Grant.ended_at.is_(None))
        .exists()
    )
    return and_(StaffSession.expires_at > now, or_(StaffSession.seen_at > now - IDLE, ~sees_everything))


def list_sessions(user: User, now: datetime) -> list[StaffSession]:
    """A person's valid sessions, the latest first."""
    statement = select(StaffSession).where(StaffSession.user_id == user.id, is_running(now))
    return list(db.session.scalars(statement.order_by(StaffSession.started_at.desc(), StaffSession.key_hash)))


def list_events_about(user: User, most: int = 50) -> list[Event]:
    """The events about a person, the latest first, without sign-ins and refusals: those would crowd it, see /audit."""
    crowding = or_(Event.kind.startswith("sign_in."), Event.kind.startswith("page."))
    about = select(Event).where(Event.subject == f"user:{user.id}", ~crowding)
    statement = about.order_by(Event.at.desc(), Event.number.desc())
    return list(db.session.scalars(statement.limit(most)))


def list_places(kind: ScopeKind, words: str, most: int) -> Sequence[Place]:
    """Places of a kind: the one with exactly this code, else those of exactly this name, else those with all words."""
    model = PLACES[kind]
    every_word = containing_words(words, model.name, model.code)
    for conditions in ([func.upper(model.code) == words.upper()], [model.name == words], every_word):
        statement = select(model).where(*conditions).order_by(model.code).limit(most)
        found: Sequence[Any] = db.session.scalars(statement).all()
        if found:
            return found
    return []
