"""Who lives where and who manages what: the register that a round's roster is frozen from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rating.extensions import Base


class Subdistrict(Base):
    """街道/乡镇."""

    __tablename__ = "subdistrict"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))


class Community(Base):
    """社区: it rates beside the committee and hands out the letters."""

    __tablename__ = "community"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(40), default="")
    subdistrict_id: Mapped[int] = mapped_column(ForeignKey("subdistrict.id"), index=True)
    subdistrict: Mapped[Subdistrict] = relationship()


class Estate(Base):
    """小区. Households are whole numbers; `fee` is yuan per square metre and month."""

    __tablename__ = "estate"
    __table_args__ = (
        CheckConstraint("households_total >= 1", name="households_total_positive"),
        CheckConstraint("households_lived_in BETWEEN 1 AND households_total", name="households_lived_in_within_total"),
        CheckConstraint("fee >= 0", name="fee_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"), index=True)
    grid: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    households_total: Mapped[int]
    households_lived_in: Mapped[int]
    built_year: Mapped[int | None]
    fee: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    renovated: Mapped[bool] = mapped_column(default=False)
    has_lifts: Mapped[bool] = mapped_column(default=True)
    has_cctv_or_entry_doors: Mapped[bool] = mapped_column(default=True)
    has_greenery: Mapped[bool] = mapped_column(default=True)
    company_runs_water_supply: Mapped[bool] = mapped_column(default=True)
    not_rated_reason: Mapped[str] = mapped_column(Text, default="")
    community: Mapped[Community] = relationship()

    @property
    def households(self) -> int:
        """The households that may rate: those lived in."""
        return self.households_lived_in

    @property
    def is_rated(self) -> bool:
        """False for a 不参评 estate; the reason is public."""
        return not self.not_rated_reason


class Company(Base):
    """物业服务企业. `code` is a unified social credit code (GB 32100) or a local code."""

    __tablename__ = "company"
    __table_args__ = (CheckConstraint("parent_id <> id", name="not_its_own_parent"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    phone: Mapped[str] = mapped_column(String(40), default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    parent: Mapped[Company | None] = relationship(remote_side=[id])


class Contract(Base):
    """物业服务合同: a company serves an estate from `starts_on` to `ends_on` (both days included; None: open)."""

    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("estate_id", "company_id", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="days_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    estate_id: Mapped[int] = mapped_column(ForeignKey("estate.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    manager: Mapped[str] = mapped_column(String(60), default="")
    estate: Mapped[Estate] = relationship()
    company: Mapped[Company] = relationship()

    def has_begun(self, today: date) -> bool:
        """Whether its first day has come."""
        return self.starts_on <= today

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.ends_on is not None and self.ends_on < today


class Committee(Base):
    """物管会(业委会) of one estate: its members by name and its term."""

    __tablename__ = "committee"
    __table_args__ = (CheckConstraint("term_ends_on IS NULL OR term_ends_on >= term_starts_on", name="term_in_order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    estate_id: Mapped[int] = mapped_column(ForeignKey("estate.id"), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    members: Mapped[list[str]] = mapped_column(JSON, default=list)
    term_starts_on: Mapped[date]
    term_ends_on: Mapped[date | None]
    estate: Mapped[Estate] = relationship()

    def is_term_over(self, today: date) -> bool:
        """Whether the last day of its term has passed."""
        return self.term_ends_on is not None and self.term_ends_on < today
