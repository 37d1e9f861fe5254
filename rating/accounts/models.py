"""Staff and company users, what they are granted, and their sessions."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from flask_security import UserMixin
from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
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


SCOPE_COLUMN = {
    Role.SUBDISTRICT: "subdistrict_id",
    Role.COMMUNITY: "community_id",
    Role.REVIEWER: "community_id",
    Role.COMMITTEE: "estate_id",
    Role.HELPER: "estate_id",
    Role.COMPANY: "company_id",
}


def _scope_rule() -> str:
    """SQL that holds each role to its own kind of scope, and to exactly that one."""
    clauses = []
    for column in dict.fromkeys(SCOPE_COLUMN.values()):
        names = ", ".join(f"'{role.value}'" for role, name in SCOPE_COLUMN.items() if name == column)
        clauses.append(f"((role IN ({names})) = ({column} IS NOT NULL))")
    return " AND ".join(clauses)


class Grant(Base):
    """A role on a scope, from a day to a day (None: until it is ended); `ended_at` took it away before its time.

    A trigger refuses an auditor's grant beside any other that runs at the same time, and any other beside it.
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
    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])
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
        """Whether the grant holds on this day."""
        return self.starts_on <= today and not self.is_over(today)

    def is_over(self, today: date) -> bool:
        """Whether the grant has ended, by its last day or before its time."""
        return self.ended_at is not None or (self.ends_on is not None and self.ends_on < today)


class StaffSession(Base):
    """A signed-in browser. Staff can be listed and thrown out; `key_hash` is SHA-256 of what the cookie holds."""

    __tablename__ = "staff_session"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Invitation(Base):
    """A link by which a person sets a password, once; a new one replaces the one before.

    `token_hash` is SHA-256 of what the link holds; the link itself is shown once and kept nowhere.
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
    user: Mapped[User] = relationship(back_populates="invitation")

    def is_open(self, now: datetime) -> bool:
        """Whether the link can still be used."""
        return self.used_at is None and now < self.expires_at
