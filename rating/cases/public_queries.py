"""What of a talk and its commitments the public sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import aliased

from rating.calendar import day_of
from rating.cases.models import Attendance, Commitment, CommitmentState, Party, Talk, TalkForm, TalkState
from rating.cases.queries import WHOLE_TALK
from rating.extensions import db
from rating.releases.models import Listing, Release
from rating.scoring import Standing


@dataclass(frozen=True, slots=True)
class PublicCommitment:
    """What anybody may know of a commitment; `owner_post` is a post."""

    party: Party
    owner_post: str
    handed_over_to: str
    handed_over_number: str
    estate: str
    problem: str
    measure: str
    interim: str
    made_on: date
    due_on: date
    state: CommitmentState
    done_on: date | None
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class PublicTalk:
    """What anybody may know of a talk. Until it was held or missed that is its state and its day, no more."""

    listing_id: int
    state: TalkState
    scheduled_on: date
    late: bool
    postponed: bool
    absent_on: date | None = None
    held_on: date | None = None
    place: str = ""
    form: TalkForm | None = None
    issuer: str = ""
    joint_issuers: str = ""
    conducted_by: str = ""
    attended_by: str = ""
    attendance: Attendance | None = None
    findings: str = ""
    company_said: str = ""
    required: str = ""
    commitments: tuple[PublicCommitment, ...] = ()

    @property
    def agreed(self) -> int:
        """How many commitments were made."""
        return len(self.commitments)

    @property
    def verified(self) -> int:
        """How many a re-inspection found done."""
        return sum(one.state is CommitmentState.VERIFIED for one in self.commitments)

    @property
    def still_open(self) -> int:
        """How many are not verified yet, the overdue ones among them."""
        return self.agreed - self.verified

    @property
    def overdue(self) -> int:
        """How many are past their deadline."""
        return sum(one.state is CommitmentState.OVERDUE for one in self.commitments)


def list_public_talks(listing_ids: Iterable[int], today: date) -> dict[int, PublicTalk]:
    """The public parts of the talks that followed some listings, by listing; those without a talk are left out.

    A correction's listings show the talk that the company was called to after the round's first release.
    """
    shown, own, of, shown_in = aliased(Listing), aliased(Listing), aliased(Release), aliased(Release)
    rows = db.session.execute(
        select(shown.id, Talk)
        .join(shown_in, shown.release_id == shown_in.id)
        .join(own, own.company_id == shown.company_id)
        .join(of, (own.release_id == of.id) & (of.round_id == shown_in.round_id))
        .join(Talk, Talk.listing_id == own.id)
        .where(shown.id.in_(list(listing_ids)), shown.standing == Standing.BLACK)
        .options(*WHOLE_TALK)
        .order_by(shown.id)
    )
    return {listing_id: public_part(talk, listing_id, today) for listing_id, talk in rows}


def public_part(talk: Talk, listing_id: int, today: date) -> PublicTalk:
    """What of a talk may be shown to anybody; every field is copied by name, so that nothing new slips out."""
    arranged = PublicTalk(
        listing_id=listing_id,
        state=talk.state,
        scheduled_on=talk.scheduled_on,
        late=is_late(talk),
        postponed=talk.postponed_from is not None,
        absent_on=talk.absent_on,
    )
    if talk.state not in {TalkState.HELD, TalkState.ABSENT}:
        return arranged
    called = replace(arranged, place=talk.place, form=talk.form, issuer=talk.issuer, joint_issuers=talk.joint_issuers)
    if talk.state is TalkState.ABSENT:
        return called
    return replace(
        called,
        held_on=talk.held_on,
        conducted_by=talk.conducted_by,
        attended_by=talk.attended_by,
        attendance=talk.attendance,
        findings=talk.findings,
        company_said=talk.company_said,
        required=talk.required,
        commitments=tuple(_public_commitment(one, today) for one in talk.commitments),
    )


def _public_commitment(commitment: Commitment, today: date) -> PublicCommitment:
    return PublicCommitment(
        party=commitment.party,
        owner_post=commitment.owner_post,
        handed_over_to=commitment.handed_over_to,
        handed_over_number=commitment.handed_over_number,
        estate=commitment.estate.name if commitment.estate else "",
        problem=commitment.problem,
        measure=commitment.measure,
        interim=commitment.interim,
        made_on=commitment.made_on,
        due_on=commitment.due_on,
        state=commitment.state(today),
        done_on=commitment.done_on,
        verified_on=commitment.verified_on,
    )


def is_late(talk: Talk) -> bool:
    """Whether the first appointed day is after the last one that the rulebook allows."""
    return talk.listing.is_talk_overdue(day_of(talk.postponed_from or talk.scheduled_at))
