"""Reading records of companies and their evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from rating.adjustments.models import Adjustment, AdjustmentKind, AdjustmentState, Evidence
from rating.errors import NotFound
from rating.extensions import db
from rating.registry.models import Company
from rating.storage.searching import containing
from rating.wording import _l


@dataclass(frozen=True, slots=True)
class AdjustmentFilter:
    """The filter of a list of records; `day` keeps those that are valid on it."""

    text: str = ""
    kind: AdjustmentKind | None = None
    state: AdjustmentState | None = None
    day: date | None = None


def select_adjustments(wanted: AdjustmentFilter) -> Select[Adjustment]:
    """The records that match a filter, the latest valid first."""
    statement = select(Adjustment).join(Adjustment.company).options(joinedload(Adjustment.company))
    if wanted.text:
        columns = (Company.name, Company.code, Adjustment.case_number, Adjustment.source)
        statement = statement.where(containing(wanted.text, *columns))
    if wanted.kind is not None:
        statement = statement.where(Adjustment.kind == wanted.kind)
    if wanted.state is not None:
        statement = statement.where(Adjustment.state == wanted.state)
    if wanted.day is not None:
        statement = statement.where(Adjustment.valid_from <= wanted.day, Adjustment.valid_to >= wanted.day)
    return statement.order_by(Adjustment.valid_from.desc(), Adjustment.id.desc())


def get_adjustment(adjustment_id: int) -> Adjustment:
    """A record; raises NotFound."""
    if (found := db.session.get(Adjustment, adjustment_id)) is None:
        raise NotFound(_l("There is no such record."))
    return found


def list_evidence(row: Adjustment) -> list[Evidence]:
    """The files that back a record, by name."""
    return list(
        db.session.scalars(
            select(Evidence)
            .where(Evidence.adjustment_id == row.id)
            .options(joinedload(Evidence.file))
            .order_by(Evidence.name, Evidence.file_digest)
        )
    )


def get_evidence(row: Adjustment, digest: str) -> Evidence:
    """One of a record's files; raises NotFound."""
    if (found := db.session.get(Evidence, (row.id, digest))) is None:
        raise NotFound(_l("There is no such file."))
    return found


def list_counted_records(company: Company, day: date) -> list[tuple[Adjustment, list[Evidence]]]:
    """A company's records that count in a round which ends on this day, each with its files."""
    return [(row, list_evidence(row)) for row in list_valid_adjustments(day) if row.company_id == company.id]


def count_proposed() -> int:
    """How many records are waiting for a second person."""
    waiting = select(Adjustment.id).where(Adjustment.state == AdjustmentState.PROPOSED)
    return len(db.session.scalars(waiting).all())


def list_valid_adjustments(day: date) -> list[Adjustment]:
    """The confirmed adjustments and vetoes and the overdue commitments that count on a day, by company and case."""
    return list(
        db.session.scalars(
            select(Adjustment)
            .join(Adjustment.company)
            .where(
                Adjustment.state == AdjustmentState.CONFIRMED,
                Adjustment.valid_from <= day,
                Adjustment.valid_to >= day,
            )
            .options(joinedload(Adjustment.company), joinedload(Adjustment.estate))
            .order_by(Company.code, Adjustment.kind, Adjustment.source, Adjustment.case_number)
        )
    )
