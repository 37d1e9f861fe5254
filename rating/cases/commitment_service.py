"""Commitments: agreed, reported done, re-inspected, overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from rating.access import Actor
from rating.adjustments.models import WITHOUT_END, Adjustment, AdjustmentKind
from rating.audit.service import record
from rating.calendar import day_of
from rating.cases.commitment_rules import (
    Finding,
    Promise,
    check_finding,
    check_promise,
    require_estate_scope,
    require_uninvolved,
    require_unverified,
)
from rating.cases.models import Commitment, Party, Reinspection, Talk
from rating.cases.queries import list_overdue_commitments
from rating.errors import Invalid
from rating.extensions import db
from rating.wording import _l


@dataclass(frozen=True, slots=True)
class Overdue:
    """What report_overdue_commitments changed: commitment ids that became overdue, and that ceased to be."""

    begun: tuple[int, ...]
    ended: tuple[int, ...]


def add_commitment(talk: Talk, promise: Promise, actor: Actor, now: datetime) -> Commitment:
    """Record what was promised at a talk. A shorter deadline than the kind's may be agreed, a longer one not."""
    require_estate_scope(talk.listing, promise.estate, actor)
    made_on, due_on = check_promise(talk, promise, day_of(now))
    commitment = Commitment(
        talk=talk,
        estate=promise.estate,
        indicator=promise.indicator,
        party=promise.party,
        owner_post=promise.owner_post,
        handed_over_to=promise.handed_over_to if promise.party is Party.HANDED_OVER else "",
        handed_over_number=promise.handed_over_number if promise.party is Party.HANDED_OVER else "",
        kind=promise.kind,
        problem=promise.problem,
        measure=promise.measure,
        interim=promise.interim,
        made_on=made_on,
        due_on=due_on,
        recorded_by=actor.user_id,
    )
    db.session.add(commitment)
    db.session.flush()
    record(actor, "commitment.made", f"commitment:{commitment.id}", now, talk=talk.id, due_on=due_on.isoformat())
    return commitment


def report_commitment_done(commitment: Commitment, done_on: date, evidence: str, actor: Actor, now: datetime) -> None:
    """Record that the party says it is done, with what it shows for it; a re-inspection comes after that."""
    require_estate_scope(commitment.talk.listing, commitment.estate, actor)
    require_unverified(commitment)
    if not commitment.made_on <= done_on <= day_of(now):
        raise Invalid(_l("This day lies before the commitment was made, or in the future."), field="done_on")
    if not evidence:
        raise Invalid(_l("Say what shows that it is done."), field="evidence")
    if any(one.inspected_on > done_on for one in commitment.reinspections):
        raise Invalid(_l("It was looked at after this day and was not done."), field="done_on")
    commitment.done_on, commitment.evidence, commitment.reported_by = done_on, evidence, actor.user_id
    record(actor, "commitment.reported_done", f"commitment:{commitment.id}", now)


def reinspect_commitment(commitment: Commitment, finding: Finding, actor: Actor, now: datetime) -> Reinspection:
    """Record what somebody who took no part found on re-inspection.

    Raises Refused for anyone who took part, Conflict for what is verified, Invalid for a day that is too early.
    """
    require_estate_scope(commitment.talk.listing, commitment.estate, actor)
    inspector_id = require_uninvolved(commitment, actor, day_of(now))
    require_unverified(commitment)
    check_finding(commitment, finding, day_of(now))
    reinspection = Reinspection(
        commitment=commitment,
        inspected_on=finding.inspected_on,
        inspector_id=inspector_id,
        inspector_post=finding.inspector_post,
        passed=finding.passed,
        findings=finding.findings,
    )
    db.session.add(reinspection)
    db.session.flush()
    kind = "commitment.verified" if finding.passed else "commitment.found_undone"
    record(actor, kind, f"commitment:{commitment.id}", now)
    return reinspection


def report_overdue_commitments(actor: Actor, now: datetime) -> Overdue:
    """Write an adjustment without points for each company's overdue commitment, and end those that were found done.

    An adjustment's source is the talk's notice number, its case number the commitment's id. Idempotent.
    """
    late = {one.id: one for one in list_overdue_commitments(day_of(now))}
    known = _overdue_adjustments()
    begun = [one for one in late.values() if not _is_running(known.get(one.id))]
    ended = [key for key, row in known.items() if _is_running(row) and key not in late]
    for commitment in begun:
        _begin_overdue(commitment, known.get(commitment.id))
        record(actor, "commitment.became_overdue", f"commitment:{commitment.id}", now)
    for key in ended:
        _end_overdue(known[key])
        record(actor, "commitment.no_longer_overdue", f"commitment:{key}", now)
    db.session.flush()
    return Overdue(tuple(one.id for one in begun), tuple(ended))


def _overdue_adjustments() -> dict[int, Adjustment]:
    rows = db.session.scalars(
        select(Adjustment).where(Adjustment.kind == AdjustmentKind.OVERDUE_COMMITMENT).order_by(Adjustment.id)
    )
    return {int(row.case_number): row for row in rows}


def _is_running(row: Adjustment | None) -> bool:
    return row is not None and row.is_without_end


def _begin_overdue(commitment: Commitment, row: Adjustment | None) -> None:
    if row is not None:
        row.valid_to = WITHOUT_END
        return
    talk = commitment.talk
    db.session.add(
        Adjustment(
            company_id=talk.listing.company_id,
            estate_id=commitment.estate_id,
            kind=AdjustmentKind.OVERDUE_COMMITMENT,
            points=Decimal(0),
            source=talk.notice_number,
            case_number=str(commitment.id),
            reason=commitment.measure,
            valid_from=commitment.due_on + timedelta(days=1),
            valid_to=WITHOUT_END,
        )
    )


def _end_overdue(row: Adjustment) -> None:
    commitment = db.session.get_one(Commitment, int(row.case_number))
    last = (commitment.verified_on or commitment.due_on) - timedelta(days=1)
    if last < row.valid_from:  # it was done in time after all, and only recorded later
        db.session.delete(row)
    else:
        row.valid_to = last
