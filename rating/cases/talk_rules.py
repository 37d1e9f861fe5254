"""The rules for a talk: its notice, its day, its record, and who may keep it; each error says why."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, datetime

from sqlalchemy import select

from rating.access import Actor, Role
from rating.calendar import add_working_days, day_of
from rating.cases.models import Attendance, Talk, TalkForm, TalkState
from rating.cases.queries import find_later_release, find_talk, list_names_of, list_rated_estates_of
from rating.errors import Conflict, Invalid, Refused
from rating.extensions import db
from rating.releases.models import Listing
from rating.rulebooks.content import Windows
from rating.scoring import Standing
from rating.wording import _l

POSTPONEMENT_WORKING_DAYS = 5

# ---- what is given


def internal() -> str:
    """A text that never leaves the house; all others of a notice or a record become public."""
    return field(default="", metadata={"internal": True})


def public_texts(told: Notice | TalkRecord) -> dict[str, str]:
    """The texts of a notice or a record that become public, by name."""
    public = [one.name for one in fields(told) if one.type == "str" and not one.metadata.get("internal")]
    return {name: getattr(told, name) for name in public}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """约谈通知书 as it was served; public once the talk was held or missed, but for what is internal.

    Each field but the first two is also a column of Talk, and a field of the form.
    """

    number: str
    served_on: date
    scheduled_at: datetime
    place: str
    form: TalkForm = TalkForm.IN_PERSON
    issuer: str
    joint_issuers: str = ""
    summoned: str = ""
    conducted_by: str = ""
    cause: str
    basis: str = ""
    late_reason: str = ""
    to_bring: str = internal()
    contact: str = internal()
    service_note: str = internal()
    names: str = internal()


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkRecord:
    """约谈记录: who by post, what was found, said and required. Each field is also a column of Talk."""

    held_at: datetime
    ended_at: datetime
    place: str
    form: TalkForm = TalkForm.IN_PERSON
    conducted_by: str
    minuted_by: str
    attended_by: str
    attendance: Attendance = Attendance.HEAD
    findings: str
    company_said: str
    required: str
    names: str = internal()
    formalities: str = internal()
    verbatim: str = internal()
    internal_note: str = internal()


# ---- who may


def require_scope(listing: Listing, actor: Actor) -> None:
    """Raise Refused unless the bureau acts, or a sub-district in which the company was rated in the listing's round."""
    if actor.has(Role.BUREAU):
        return
    actor.require(Role.SUBDISTRICT)
    own = actor.scope_ids(Role.SUBDISTRICT)
    if not any(rated.community.subdistrict_id in own for rated in list_rated_estates_of(listing)):
        raise Refused(_l("This company was not rated in your sub-district in this round."))


def require_notifiable(listing: Listing) -> None:
    """Raise Conflict unless this listing is black, in force and without a talk."""
    if listing.standing is not Standing.BLACK:
        raise Conflict(_l("Only a company on the black list of a published release is called to a talk."))
    if (later := find_later_release(listing.release)) is not None:
        raise Conflict(
            _l(
                "Release %(old)s has been corrected by release %(new)s; go by that one.",
                old=listing.release.number,
                new=later.number,
            )
        )
    if find_talk(listing) is not None:
        raise Conflict(_l("This company has already been called to a talk over this round."))


def check_notice_days(listing: Listing, notice: Notice, today: date) -> None:
    """Raise Invalid unless the days of a notice fit the release and the rulebook."""
    published_on, day = listing.release.published_on, day_of(notice.scheduled_at)
    if not published_on <= notice.served_on <= today:
        raise Invalid(
            _l(
                "The notice is served after the release was published (%(day)s), not later than today.",
                day=published_on,
            ),
            field="served_on",
        )
    ahead = windows_of(listing).talk_notice_working_days
    earliest = add_working_days(notice.served_on, ahead)
    if day < earliest:
        raise Invalid(
            _l(
                "A notice is served at least %(n)s working days ahead: the talk can be on %(day)s at the earliest.",
                n=ahead,
                day=earliest,
            ),
            field="day",
        )
    if listing.is_talk_overdue(day) and not notice.late_reason:
        due_on = listing.talk_due_on
        raise Invalid(_l("The talk was due by %(day)s; say why it is later.", day=due_on), field="late_reason")


def check_number(number: str) -> None:
    """Raise Invalid for a notice number that another talk has."""
    if db.session.scalar(select(Talk.id).where(Talk.notice_number == number)) is not None:
        raise Invalid(_l("The notice number %(number)s is taken.", number=number), field="number")


def require_step(talk: Talk, state: TalkState) -> None:
    """Lock the talk and raise Conflict unless it may go on to this state."""
    db.session.refresh(talk, with_for_update={"of": Talk})  # reading joins other tables, which need no lock
    if talk.may_become(state):
        return
    if talk.state is TalkState.HELD:
        raise Conflict(_l("The record of this talk is already there."))
    if state is TalkState.POSTPONED and talk.state is TalkState.POSTPONED:
        raise Conflict(_l("This talk has already been postponed once; it can't be postponed again."))
    raise Conflict(_l("The company's absence has been recorded; now the talk can only be held."))


def check_postponement(talk: Talk, scheduled_at: datetime, reason: str) -> None:
    """Raise Invalid unless the new time is later, by at most 5 working days, and has a reason."""
    if not reason:
        raise Invalid(_l("Say why the company asked for another day."), field="reason")
    if scheduled_at <= talk.scheduled_at:
        raise Invalid(_l("The new time is not later than the old one."), field="day")
    latest = add_working_days(talk.scheduled_on, POSTPONEMENT_WORKING_DAYS)
    if day_of(scheduled_at) > latest:
        raise Invalid(
            _l(
                "A talk can be postponed by at most %(n)s working days: until %(day)s.",
                n=POSTPONEMENT_WORKING_DAYS,
                day=latest,
            ),
            field="day",
        )


def check_record(talk: Talk, told: TalkRecord, now: datetime) -> None:
    """Raise Invalid for times out of order, a lonely conductor, or a name in a public text."""
    if told.held_at > now or told.ended_at > now:
        raise Invalid(_l("This time has not come yet."), field="held_on")
    if day_of(told.held_at) < talk.notified_on:
        raise Invalid(
            _l("The talk can't have been held before its notice was served (%(day)s).", day=talk.notified_on),
            field="held_on",
        )
    if told.ended_at <= told.held_at:
        raise Invalid(_l("The end is not after the beginning."), field="until")
    if told.conducted_by == told.minuted_by:
        raise Invalid(
            _l("A talk is conducted by at least two people; the minutes are somebody else's."), field="minuted_by"
        )
    name_nobody(talk.listing, **public_texts(told))


def name_nobody(listing: Listing, **texts: str) -> None:
    """Require posts in public texts: they may not name a manager or a committee member of the company's estates."""
    names = [name for name in list_names_of(listing) if len(name) > 1]
    for place, text in texts.items():
        for name in names:
            if name in text:
                raise Invalid(
                    _l("This will be public: write the post instead of the name “%(name)s”.", name=name), field=place
                )


def windows_of(listing: Listing) -> Windows:
    """The days that the listing's rulebook allows."""
    return listing.release.round.rulebook.content.windows
