"""Staff and company users, their grants and their sessions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from flask_security import UserMixin
from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.access import SCOPE_OF_ROLE, Actor, Granted, Role
from rating.extensions import Base, UtcDateTime, enum_type
from rating.registry.models import Community, Company, Estate, Subdistrict

if TYPE_CHECKING:

    class _UserMixin:
        """What Flask-Security's mixin adds, without its own column annotations."""

        @property
        def is_authenticated(self) -> bool: ...

        def get_id(self) -> str: ...

else:
    _UserMixin = UserMixin


class User(Base, _UserMixin):
    """A person who signs in. Residents never do. `password` is an argon2 hash."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    grants: Mapped[list[Grant]] = relationship(back_populates="user", order_by="Grant.id", foreign_keys="Grant.user_id")
    invitation: Mapped[Invitation | None] = relationship(back_populates="user")

    @property
    def roles(self) -> list[Any]:
        """Flask-Security's roles, which are not used: see grants."""
        return []

    def actor(self, today: date) -> Actor:
        """This user as the Actor of services, with the grants in force on `today`."""
        granted = tuple(Granted(g.role, g.scope_id) for g in self.grants if g.in_force(today))
        return Actor(self.id, self.name, granted)


class ChangeKind(StrEnum):
    """What was done to an account. The first four give something to whoever has it; the others take away or give back.

    `added` is an account with its password and first role, `invited` one with its first role and a link.
    """

    ADDED = "added"
    INVITED = "invited"
    GRANTED = "granted"
    LINKED = "linked"
    ROLE_ENDED = "role_ended"
    DEACTIVATED = "deactivated"
    REACTIVATED = "reactivated"


class ChangeDecision(StrEnum):
    """What a second person of the bureau decided about something that was given."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


class AccessChange(Base):
    """Something done to an account: who did it, and who else of the bureau confirmed it.

    `given_by` is empty for what the server's command line did. What `waits` has no effect until it is confirmed. Rows
    are never deleted, and are decided on once; nothing else in them changes (triggers refuse it).
    """

    __tablename__ = "access_change"
    __table_args__ = (
        CheckConstraint("kind = 'role_ended' OR given_by <> user_id", name="giver_is_another"),
        CheckConstraint(
            "decision <> 'confirmed' OR (decided_by <> given_by AND decided_by <> user_id)",
            name="confirmed_by_a_third",
        ),
        CheckConstraint(
            "(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)",
            name="decision_whole",
        ),
        CheckConstraint("decided_at >= given_at", name="decided_after_given"),
        CheckConstraint("given_by IS NOT NULL OR (NOT waits AND decision IS NULL)", name="waits_for_a_giver"),
        CheckConstraint("decision <> 'refused' OR waits", name="only_what_waits_is_refused"),
        CheckConstraint(
            "kind IN ('added', 'invited', 'granted', 'linked') OR (NOT waits AND decision IS NULL)",
            name="only_what_is_given_waits",
        ),
        CheckConstraint("kind NOT IN ('granted', 'role_ended') OR role IS NOT NULL", name="role_is_told"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[ChangeKind] = mapped_column(enum_type(ChangeKind, "kind_known"))
    role: Mapped[Role | None] = mapped_column(enum_type(Role, "role_known"))
    place: Mapped[str] = mapped_column(String(160), default="")
    given_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    waits: Mapped[bool] = mapped_column(default=False)
    decision: Mapped[ChangeDecision | None] = mapped_column(enum_type(ChangeDecision, "decision_known"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    giver: Mapped[User | None] = relationship(foreign_keys=[given_by])

    @property
    def takes_effect(self) -> bool:
        """Whether what was given works."""
        return not self.waits or self.decision is ChangeDecision.CONFIRMED

    @property
    def is_waiting(self) -> bool:
        """Whether a second person still has to decide on it."""
        return self.waits and self.decision is None


class AccountNotice(Base):
    """A notice of a change, shown to somebody from their next sign-in until they dismiss it."""

    __tablename__ = "account_notice"
    __table_args__ = (UniqueConstraint("user_id", "change_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    change_id: Mapped[int] = mapped_column(ForeignKey("access_change.id"), index=True)
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    change: Mapped[AccessChange] = relationship()


SCOPE_COLUMN = {
    Role.SUBDISTRICT: "subdistrict_id",
    Role.COMMUNITY: "community_id",
    Role.REVIEWER: "community_id",
    Role.COMMITTEE: "estate_id",
    Role.HELPER: "estate_id",
    Role.COMPANY: "company_id",
}


def _scope_rule() -> str:
    """SQL that limits each role to exactly its own kind of scope."""
    clauses = []
    for column in dict.fromkeys(SCOPE_COLUMN.values()):
        names = ", ".join(f"'{role.value}'" for role, name in SCOPE_COLUMN.items() if name == column)
        clauses.append(f"((role IN ({names})) = ({column} IS NOT NULL))")
    return " AND ".join(clauses)


class Grant(Base):
    """A role on a scope, from a day to a day (None: until it is ended); `ended_at` took it away before its time.

    `change` says who gave it, and whether it works yet. A trigger refuses an auditor's grant beside any other that runs
    at the same time, and any other beside it.
    """

    __tablename__ = "user_grant"
    __table_args__ = (
        CheckConstraint(_scope_rule(), name="scope_fits_role"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="days_in_order"),
        CheckConstraint("role <> 'helper' OR ends_on IS NOT NULL", name="helper_has_last_day"),
        UniqueConstraint("user_id", "role", "subdistrict_id", "community_id", "estate_id", "company_id", "starts_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    role: Mapped[Role] = mapped_column(enum_type(Role, "role_known"))
    subdistrict_id: Mapped[int | None] = mapped_column(ForeignKey("subdistrict.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    estate_id: Mapped[int | None] = mapped_column(ForeignKey("estate.id"))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    change_id: Mapped[int] = mapped_column(ForeignKey("access_change.id"), index=True)
    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])
    change: Mapped[AccessChange] = relationship(lazy="joined", innerjoin=True)
    subdistrict: Mapped[Subdistrict | None] = relationship()
    community: Mapped[Community | None] = relationship()
    estate: Mapped[Estate | None] = relationship()
    company: Mapped[Company | None] = relationship()

    @property
    def scope_id(self) -> int | None:
        """The id of whatever this grant reaches to; None for the city."""
        if SCOPE_OF_ROLE[self.role] == "city":
            return None
        return self.subdistrict_id or self.community_id or self.estate_id or self.company_id

    @property
    def scope(self) -> Subdistrict | Community | Estate | Company | None:
        """Whatever this grant reaches to; None for the city."""
        return self.subdistrict or self.community or self.estate or self.company

    def in_force(self, today: date) -> bool:
        """Whether the grant is in force on this day."""
        return self.change.takes_effect and self.has_begun(today) and not self.is_over(today)

    @property
    def is_waiting(self) -> bool:
        """Whether it was given and doesn't work until a second person of the bureau has confirmed it."""
        return self.change.is_waiting

    def has_begun(self, today: date) -> bool:
        """Whether its first day has come."""
        return self.starts_on <= today

    def is_over(self, today: date) -> bool:
        """Whether the grant has ended, by its last day or before its time."""
        return self.ended_at is not None or (self.ends_on is not None and self.ends_on < today)


class StaffSession(Base):
    """A signed-in browser. Staff can be listed and signed out; `key_hash` is SHA-256 of the key in the cookie.

    `seen_at` is when it was last used, to a minute: an idle session of the bureau or an auditor ends early.
    """

    __tablename__ = "staff_session"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


VALID = timedelta(days=7)  # how long a link works, from when it can first be used


class Invitation(Base):
    """A link by which a person sets a password, once; a new one replaces the one before.

    `token_hash` is SHA-256 of the token in the link; the link itself is shown once and stored nowhere.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("expires_at > issued_at", name="days_in_order"),
        CheckConstraint("used_at >= issued_at AND used_at < expires_at", name="used_in_time"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    change_id: Mapped[int] = mapped_column(ForeignKey("access_change.id"), index=True)
    user: Mapped[User] = relationship(back_populates="invitation")
    change: Mapped[AccessChange] = relationship(lazy="joined", innerjoin=True)

    def is_open(self, now: datetime) -> bool:
        """Whether the link can be used."""
        return self.change.takes_effect and self.used_at is None and now < self.expires_at
