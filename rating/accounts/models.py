"""Staff and company users, what they are granted, and their sessions."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from flask_security import UserMixin
from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.access import SCOPE_OF_ROLE, Actor, Granted, Role
from rating.extensions import Base, UtcDateTime, enum_type

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

    @property
    def roles(self) -> list[Any]:
        """Flask-Security's roles, which are not used: see grants."""
        return []

    def actor(self, today: date) -> Actor:
        """This user as the Actor of services, with the grants in force on `today`."""
        granted = tuple(Granted(g.role, g.scope_id) for g in self.grants if g.in_force(today))
        return Actor(self.id, self.name, granted)


_SCOPED = {
    "subdistrict_id": (Role.SUBDISTRICT,),
    "community_id": (Role.COMMUNITY, Role.REVIEWER),
    "estate_id": (Role.COMMITTEE, Role.HELPER),
    "company_id": (Role.COMPANY,),
}


def _scope_rule() -> str:
    """SQL that holds each role to its own kind of scope, and to exactly that one."""
    clauses = []
    for column, roles in _SCOPED.items():
        names = ", ".join(f"'{role.value}'" for role in roles)
        clauses.append(f"((role IN ({names})) = ({column} IS NOT NULL))")
    return " AND ".join(clauses)


class Grant(Base):
    """A role on a scope, from a day to a day (None: until it is ended)."""

    __tablename__ = "user_grant"
    __table_args__ = (
        CheckConstraint(_scope_rule(), name="scope_fits_role"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="days_in_order"),
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
    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])

    @property
    def scope_id(self) -> int | None:
        """The id of whatever this grant reaches to; None for the city."""
        if SCOPE_OF_ROLE[self.role] == "city":
            return None
        return self.subdistrict_id or self.community_id or self.estate_id or self.company_id

    def in_force(self, today: date) -> bool:
        """Whether the grant holds on this day."""
        return self.starts_on <= today and (self.ends_on is None or today <= self.ends_on)


class StaffSession(Base):
    """A signed-in browser. Staff can be listed and thrown out; `key_hash` is SHA-256 of what the cookie holds."""

    __tablename__ = "staff_session"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
