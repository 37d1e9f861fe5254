"""The use cases of talks, commitments and re-inspections."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from rating.access import Actor
from rating.adjustments.models import WITHOUT_END, Adjustment, AdjustmentKind
from rating.audit.service import record
from rating.calendar import day_of
from rating.cases.models import Commitment, Party, Reinspection, Talk, TalkState
from rating.cases.queries import list_overdue_commitments
from rating.cases.rules import (
    Finding,
    Notice,
    Promise,
    TalkRecord,
    check_finding,
    check_notice_days,
    check_number,
    check_postponement,
    check_promise,
    check_record,
    name_nobody,
    require_estate_scope,
    require_notifiable,
    require_scope,
    require_step,
    require_uninvolved,
    require_unverified,
)
from rating.errors import Conflict, Invalid
from rating.extensions import db
from rating.releases.models import Listing
from rating.wording import Message, _l


@dataclass(frozen=True, slots=True)
class Overdue:
    """What report_overdue_commitments changed: commitment ids that became overdue, and that ceased to be."""

    begun: tuple[int, ...]
    ended: tuple[int, ...]


# ---- the talk


def notify_talk(listing: Listing, notice: Notice, actor: Actor, now: datetime) -> Talk:
    """Record the notice by which a black-listed company was called to a talk.

    Raises Refused outside the actor's scope, Conflict for another standing, a corrected release or a second notice,
    Invalid where the days don't fit: served after publication, at least 3 working days ahead, late only with a reason.
    """
    require_scope(listing, actor)
    require_notifiable(listing)
    check_notice_days(listing, notice, day_of(now))
    name_nobody(
        listing,
        place=notice.place,
        issuer=notice.issuer,
        joint_issuers=notice.joint_issuers,
        summoned=notice.summoned,
        conducted_by=notice.conducted_by,
        cause=notice.cause,
        basis=notice.basis,
    )
    check_number(notice.number)
    talk = Talk(
        listing=listing,
        state=TalkState.NOTIFIED,
        notice_number=notice.number,
        notified_on=notice.served_on,
        scheduled_at=notice.scheduled_at,
        late_reason=notice.late_reason,
        place=notice.place,
        form=notice.form,
        issuer=notice.issuer,
        joint_issuers=notice.joint_issuers,
        summoned=notice.summoned,
        conducted_by=notice.conducted_by,
        cause=notice.cause,
        basis=notice.basis,
        to_bring=notice.to_bring,
        contact=notice.contact,
        service_note=notice.service_note,
        names=notice.names,
        notified_by=actor.user_id,
    )
    _add_once(talk, _l("A notice for this talk was recorded a moment ago."))
    record(actor, "talk.notified", f"talk:{talk.id}", now, notice.late_reason, listing=listing.id)
    return talk


def postpone_talk(talk: Talk, scheduled_at: datetime, reason: str, actor: Actor, now: datetime) -> None:
    """Postpone a talk, once, by at most 5 working days; raises Conflict for a second time, Invalid for another day."""
    require_scope(talk.listing, actor)
    require_step(talk, TalkState.POSTPONED)
    check_postponement(talk, scheduled_at, reason)
    talk.postponed_from, talk.postponement_reason = talk.scheduled_at, reason
    talk.scheduled_at, talk.state = scheduled_at, TalkState.POSTPONED
    record(actor, "talk.postponed", f"talk:{talk.id}", now, reason, to=scheduled_at.isoformat())


def record_absence(talk: Talk, note: str, actor: Actor, now: datetime) -> None:
    """Record that nobody came at the appointed time. It is published and nothing more follows from it."""
    require_scope(talk.listing, actor)
    require_step(talk, TalkState.ABSENT)
    if now < talk.scheduled_at:
        raise Conflict(_l("The appointed time has not come yet."))
    talk.state, talk.absent_on = TalkState.ABSENT, talk.scheduled_on
    talk.internal_note = note
    record(actor, "talk.missed", f"talk:{talk.id}", now)


def hold_talk(talk: Talk, told: TalkRecord, promises: tuple[Promise, ...], actor: Actor, now: datetime) -> None:
    """Record that the talk was held, with what was agreed there (more can be added by add_commitment).

    Raises Conflict where it was recorded already, Invalid for times out of order or a person's name in a public text.
    """
    require_scope(talk.listing, actor)
    require_step(talk, TalkState.HELD)
    check_record(talk, told, now)
    talk.state = TalkState.HELD
    for field in fields(told):
        setattr(talk, field.name, getattr(told, field.name))
    talk.recorded_by = actor.user_id
    record(actor, "talk.held", f"talk:{talk.id}", now)
    db.session.flush()
    for promise in promises:
        add_commitment(talk, promise, actor, now)


def _add_once(row: Talk, message: Message) -> None:
    """Add a row; raises Conflict where a unique constraint refuses it because somebody was quicker."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise Conflict(message) from error


# ---- commitments


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


# ---- time passes


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
