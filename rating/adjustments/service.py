"""Commendations, findings and vetoes: one person enters a record with its evidence, another person decides on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.exc import IntegrityError

from rating.access import Actor, Role
from rating.accounts.two_people import require_two_people
from rating.adjustments.models import Adjustment, AdjustmentKind, AdjustmentState, Evidence, Severity
from rating.audit.files import keep_file
from rating.audit.service import record
from rating.calendar import day_of
from rating.errors import Conflict, Invalid, Refused
from rating.extensions import db
from rating.registry.models import Company
from rating.wording import Message, _l

ENTERED = (AdjustmentKind.COMMENDATION, AdjustmentKind.FINDING, AdjustmentKind.VETO)
SIGNS = {AdjustmentKind.COMMENDATION: 1, AdjustmentKind.FINDING: -1, AdjustmentKind.VETO: 0}
MOST_POINTS = Decimal(10)
LONGEST_VALIDITY = 3 * 366  # days


@dataclass(frozen=True, slots=True)
class Proposal:
    """A record as it is entered. `points` are above 0, also of a finding, and 0 of a veto; files are (name, bytes)."""

    company: Company
    kind: AdjustmentKind
    severity: Severity
    points: Decimal
    source: str
    case_number: str
    reason: str
    valid_from: date
    valid_to: date
    files: Sequence[tuple[str, bytes]] = field(default=(), repr=False)


def propose_adjustment(proposal: Proposal, actor: Actor, now: datetime) -> Adjustment:
    """Enter a record; it counts once another person has confirmed it.

    Raises Invalid beside the field that is wrong, Conflict for a case that is entered already.
    """
    actor.require(Role.BUREAU)
    _check(proposal)
    row = Adjustment(
        company_id=proposal.company.id,
        kind=proposal.kind,
        points=proposal.points * SIGNS[proposal.kind],
        severity=proposal.severity,
        source=proposal.source,
        case_number=proposal.case_number,
        reason=proposal.reason,
        valid_from=proposal.valid_from,
        valid_to=proposal.valid_to,
        state=AdjustmentState.PROPOSED,
        recorded_by=actor.user_id,
        recorded_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise Conflict(_l("This case number of this department is entered already."), field="case_number") from error
    digests = _attach(row, proposal.files, now)
    _log(row, "proposed", actor, now, proposal.reason, files=digests)
    return row


def _check(proposal: Proposal) -> None:
    kind, points = proposal.kind, proposal.points
    if kind not in ENTERED:
        raise Invalid(_l("Overdue work is reported by the product itself."), field="kind")
    if kind is AdjustmentKind.VETO and points:
        raise Invalid(_l("A cause for the black list carries no points: leave the points empty."), field="points")
    if kind is not AdjustmentKind.VETO and not 0 < points <= MOST_POINTS:
        raise Invalid(_l("Enter points above 0 and up to %(n)s.", n=MOST_POINTS), field="points")
    if proposal.valid_to < proposal.valid_from:
        raise Invalid(_l("It ends before it begins."), field="valid_to")
    if (proposal.valid_to - proposal.valid_from).days > LONGEST_VALIDITY:
        raise Invalid(_l("A record is valid for at most three years."), field="valid_to")
    if not proposal.files:
        raise Invalid(_l("Add the document that this rests on."), field="files")


def _attach(row: Adjustment, files: Sequence[tuple[str, bytes]], now: datetime) -> list[str]:
    kept: dict[str, str] = {}
    for name, content in files:
        try:
            kept.setdefault(keep_file(content, day_of(now)).digest, name[-120:])
        except Invalid as error:
            raise Invalid(_l("%(name)s: %(why)s", name=name, why=error.message), field="files") from error
    db.session.add_all(Evidence(adjustment_id=row.id, file_digest=digest, name=name) for digest, name in kept.items())
    db.session.flush()
    return sorted(kept)


def confirm_adjustment(row: Adjustment, actor: Actor, now: datetime) -> None:
    """A second person confirms a proposed record: from now on it counts while it is valid."""
    _decide(row, AdjustmentState.CONFIRMED, actor, now, "")


def refuse_adjustment(row: Adjustment, reason: str, actor: Actor, now: datetime) -> None:
    """A second person refuses a proposed record, with a reason. It never counts."""
    _decide(row, AdjustmentState.REFUSED, actor, now, _given(reason))


def _decide(row: Adjustment, state: AdjustmentState, actor: Actor, now: datetime, reason: str) -> None:
    actor.require(Role.BUREAU)
    _require_state(row, AdjustmentState.PROPOSED, _l("This record has been decided on already."))
    require_second(row, actor, day_of(now))
    row.state, row.decided_by, row.decided_at, row.closing_reason = state, actor.user_id, now, reason
    _log(row, state.value, actor, now, reason)


def require_second(row: Adjustment, actor: Actor, day: date) -> None:
    """Raise Refused, with why and who could instead, unless the actor is another person than who entered the record."""
    same = _l("Whoever entered a record doesn't decide on it. Another person of the bureau does.")
    if actor.user_id is None:
        raise Refused(same)
    if row.recorded_by is not None:
        require_two_people(actor.user_id, [row.recorded_by], same, day)


def withdraw_adjustment(row: Adjustment, reason: str, actor: Actor, now: datetime) -> None:
    """Withdraw a confirmed record, with a reason: it counts in no result that is computed from now on."""
    actor.require(Role.BUREAU)
    if row.is_of_the_product:
        raise Refused(_l("Overdue work ends when its commitment is verified."))
    _require_state(row, AdjustmentState.CONFIRMED, _l("Only a confirmed record can be withdrawn."))
    row.state, row.closing_reason = AdjustmentState.WITHDRAWN, _given(reason)
    _log(row, "withdrawn", actor, now, reason)


def _require_state(row: Adjustment, state: AdjustmentState, otherwise: Message) -> None:
    """Lock the row until the transaction ends, and check its state; raises Conflict."""
    db.session.flush()
    db.session.refresh(row, with_for_update=True)
    if row.state is not state:
        raise Conflict(otherwise)


def _given(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_l("Give the reason."), field="reason")
    return reason.strip()


def _log(row: Adjustment, step: str, actor: Actor, now: datetime, reason: str, **data: object) -> None:
    about = {"of": row.kind.value, "points": str(row.points), "source": row.source, "case_number": row.case_number}
    record(actor, f"adjustment.{step}", f"adjustment:{row.id}", now, reason, **about, **data)
