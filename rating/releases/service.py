"""Previewing results, drafting a release, signing it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.exc import IntegrityError, InvalidRequestError

from rating.access import Actor, Role
from rating.accounts.two_people import explain_tie, find_tie, list_others
from rating.audit.queries import find_head
from rating.audit.service import record
from rating.calendar import add_months, add_working_days, day_of
from rating.errors import Conflict, Invalid, Refused
from rating.extensions import db
from rating.gaps.service import require_checked
from rating.releases.draft_digest import digest_draft
from rating.releases.listings import make_listings, tell_totals
from rating.releases.models import LONGEST_REMARK, Decision, Release, ReleaseDraft, SignOff
from rating.releases.queries import find_draft, find_sign_off, next_release_number, party_of
from rating.releases.receipt_lists import freeze_receipt_lists
from rating.results.contrasts import keep_contrasts
from rating.results.queries import find_scorecard, get_scorecard, get_scorecard_id, read_scorecard
from rating.results.service import counts_what_was_withdrawn, have_records_changed
from rating.reviews.deciding import forget_traces
from rating.reviews.queries import count_reviews, was_reviewed_since
from rating.rounds.models import RatedEstate, Round, RoundState
from rating.rounds.queries import list_code_issuers
from rating.rounds.service import lock_round, move_round
from rating.wording import _l

LONGEST_NOTE = 2000

# ---- the preview


def start_preview(round_: Round, actor: Actor, now: datetime) -> None:
    """Show a closed round's scorecard to committees, communities and companies until the window's last day.

    Raises Conflict where there is no scorecard or an outdated one, a flagged evaluation isn't decided, a wide gap isn't
    checked, or the round isn't closed.
    """
    actor.require(Role.BUREAU)
    lock_round(round_)
    if (scorecard := find_scorecard(round_)) is None:
        raise Conflict(_l("Compute the scorecard first."))
    if pending := count_reviews(round_).pending:
        raise Conflict(_l("%(n)s flagged evaluations are not decided yet; nobody is shown a result before.", n=pending))
    if was_reviewed_since(round_, scorecard.computed_at):
        raise Conflict(_l("Reviews have been decided since the scorecard was computed. Compute it again."))
    if have_records_changed(scorecard):
        raise Conflict(_l("Records of companies have changed since the scorecard was computed. Compute it again."))
    require_checked(scorecard)
    days = round_.rulebook.content.windows.preview_working_days
    until = add_working_days(day_of(now), days)
    move_round(round_, RoundState.PREVIEW, actor, now, f"until {until.isoformat()}")
    round_.previewed_at = now
    round_.preview_ends_on = until
    keep_contrasts(scorecard)
    forget_traces(round_, actor, now)  # review ends when the preview begins
    db.session.flush()


def stop_preview(round_: Round, reason: str, actor: Actor, now: datetime) -> None:
    """Take a preview back because it showed a fault: the scorecard can be computed again, signatures are collected
    again.

    Raises Invalid without a reason, Conflict outside the preview or while there is a draft.
    """
    actor.require(Role.BUREAU)
    if not reason.strip():
        raise Invalid(_l("Say what the preview showed to be wrong."), field="reason")
    lock_round(round_)
    if round_.state is not RoundState.PREVIEW:
        raise Conflict(_l("Only a round in preview can be taken back."))
    if find_draft(round_) is not None:
        raise Conflict(_l("Withdraw the draft of the release first."))
    move_round(round_, RoundState.CLOSED, actor, now, reason.strip())
    round_.previewed_at = round_.preview_ends_on = None
    db.session.flush()


def sign_off(rated_estate: RatedEstate, actor: Actor, now: datetime) -> SignOff:
    """Sign an estate's result for its committee or community; see `_decide` for what it raises."""
    return _decide(rated_estate, Decision.SIGNED, "", actor, now)


def remark(rated_estate: RatedEstate, text: str, actor: Actor, now: datetime) -> SignOff:
    """Leave a remark on an estate's result instead of signing; raises Invalid for no text or over 1000 characters."""
    text = text.strip()
    if not text:
        raise Invalid(_l("Please write what does not look right."), field="remark")
    if len(text) > LONGEST_REMARK:
        raise Invalid(
            _l("The remark has %(n)s characters; at most %(most)s fit.", n=len(text), most=LONGEST_REMARK),
            field="remark",
        )
    return _decide(rated_estate, Decision.REMARKED, text, actor, now)


def _decide(rated_estate: RatedEstate, decision: Decision, text: str, actor: Actor, now: datetime) -> SignOff:
    """Record a party's decision, once per scorecard. Raises Refused out of scope, Conflict outside the preview or a
    second time.
    """
    party = party_of(actor, rated_estate)
    round_ = rated_estate.round
    if round_.state is not RoundState.PREVIEW:
        raise Conflict(_l("Results are signed or remarked on during the preview only."))
    scorecard_id = get_scorecard_id(round_)
    given = SignOff(
        rated_estate_id=rated_estate.id,
        scorecard_id=scorecard_id,
        party=party,
        decision=decision,
        remark=text,
        user_id=actor.user_id,
        at=now,
    )
    if find_sign_off(rated_estate, scorecard_id, party) is not None:
        raise _already_given()
    try:
        with db.session.begin_nested():
            db.session.add(given)
    except IntegrityError as error:
        raise _already_given() from error
    record(actor, f"result.{decision}", f"rated_estate:{rated_estate.id}", now, party=party, scorecard=scorecard_id)
    return given


def _already_given() -> Conflict:
    return Conflict(_l("This result was already signed or remarked on for your committee or community. That is final."))


# ---- the release


def draft_release(round_: Round, note: str, actor: Actor, now: datetime) -> ReleaseDraft:
    """Draft the release of a round in preview; somebody else must sign it. Raises Conflict for a second draft."""
    user_id = _person(actor)
    lock_round(round_)
    if round_.state is not RoundState.PREVIEW:
        raise Conflict(_l("A release is drafted while its round is in preview."))
    if len(note) > LONGEST_NOTE:
        raise Invalid(
            _l("The note has %(n)s characters; at most %(most)s fit.", n=len(note), most=LONGEST_NOTE), field="note"
        )
    if find_draft(round_) is not None:
        raise _already_drafted()
    draft = ReleaseDraft(scorecard=get_scorecard(round_), note=note.strip(), drafted_by=user_id, drafted_at=now)
    draft.digest = digest_draft(draft)
    try:
        with db.session.begin_nested():
            db.session.add(draft)
    except IntegrityError as error:
        raise _already_drafted() from error
    digest = draft.scorecard.digest
    record(actor, "release.drafted", f"round:{round_.number}", now, digest=digest, draft=draft.digest)
    return draft


def _already_drafted() -> Conflict:
    return Conflict(_l("This release is already drafted. Withdraw the draft to write another."))


def _person(actor: Actor) -> int:
    """The user id of a bureau's person; a release needs people, not the system."""
    actor.require(Role.BUREAU)
    if actor.user_id is None:
        raise Refused(_l("A release is drafted and signed by people."))
    return actor.user_id


def _lock_draft(draft: ReleaseDraft) -> Round:
    """Lock the draft's round and read the draft again; raises Conflict where somebody has just withdrawn it."""
    round_ = draft.scorecard.round
    lock_round(round_)
    try:
        db.session.refresh(draft)
    except InvalidRequestError as error:
        raise Conflict(_l("The draft has just been withdrawn. Please look again.")) from error
    return round_


def withdraw_draft(draft: ReleaseDraft, actor: Actor, now: datetime) -> None:
    """Take a draft back, whoever wrote it; raises Conflict once it is published."""
    actor.require(Role.BUREAU)
    round_ = _lock_draft(draft)
    if round_.state is not RoundState.PREVIEW:
        raise Conflict(_l("This release is published and stays as it is."))
    db.session.delete(draft)
    db.session.flush()
    record(actor, "release.withdrawn", f"round:{round_.number}", now, drafted_by=draft.drafted_by)


def publish_release(draft: ReleaseDraft, seen: str | None, actor: Actor, now: datetime) -> Release:
    """Sign a draft: write the release with the next number and a listing for each company (none for a trial round).

    `seen` is the digest of the draft that the signer saw. Raises Refused for whoever isn't another person than the
    drafter and than all who printed letters in the round (see `accounts.two_people`), Conflict while the preview runs,
    where the round isn't in preview, where the result counts a record that has been withdrawn, and for another draft
    than was seen or than was drafted.
    """
    user_id = _person(actor)
    round_ = _lock_draft(draft)
    require_signer(draft, user_id, day_of(now))
    _preview_must_be_over(round_, now)
    if counts_what_was_withdrawn(draft.scorecard):
        raise Conflict(
            _l("A record that this result counts has been withdrawn. Take the preview back and compute it again.")
        )
    _check_what_was_seen(draft, seen)
    release = _make_release(draft, user_id, now)
    try:
        with db.session.begin_nested():
            db.session.add(release)
    except IntegrityError as error:
        raise Conflict(_l("Another release was published at this moment. Please look again.")) from error
    if not round_.trial:
        db.session.add_all(make_listings(release, draft.scorecard))
    freeze_receipt_lists(release)
    move_round(round_, RoundState.PUBLISHED, actor, now, f"release {release.number}")
    digest, subject = draft.scorecard.digest, f"release:{release.number}"
    record(actor, "release.published", subject, now, round=round_.number, digest=digest, draft=draft.digest)
    db.session.flush()
    return release


def require_signer(draft: ReleaseDraft, user_id: int, day: date) -> None:
    """Raise Refused, with why and who could instead, for whoever isn't another person than the drafter and those who
    printed letters.
    """
    printers = list_code_issuers(draft.scorecard.round)
    if (tie := find_tie(user_id, [draft.drafted_by, *printers])) is None:
        return
    same = (
        _l("You drafted this release. Somebody else has to sign it.")
        if tie.other == draft.drafted_by
        else _l("You printed letters in this round. Whoever hands out codes does not sign the release.")
    )
    raise Refused(explain_tie(tie, same, list_others([draft.drafted_by, *printers], day)))


def _check_what_was_seen(draft: ReleaseDraft, seen: str | None) -> None:
    """Raise Conflict unless the draft is the one that the signer saw, and says what it said when it was drafted."""
    if draft.digest is None:
        raise Conflict(_l("This draft is from before drafts had a SHA-256. Withdraw it and draft the release again."))
    if seen != draft.digest:
        raise Conflict(
            _l(
                "This is not the draft that you saw: its SHA-256 begins with %(now)s. Look at it again, then sign.",
                now=draft.digest[:16],
            )
        )
    if digest_draft(draft) != draft.digest:
        raise Conflict(
            _l("Something that the release would say has changed since it was drafted. Withdraw the draft, look at "
               "what changed, and draft it again.")
        )  # fmt: skip


def _preview_must_be_over(round_: Round, now: datetime) -> None:
    if round_.state is not RoundState.PREVIEW or round_.preview_ends_on is None:
        raise Conflict(_l("Only a round in preview can be published."))
    if not round_.is_preview_over(day_of(now)):
        raise Conflict(
            _l(
                "The preview runs until %(day)s; the release can be signed from the day after.",
                day=round_.preview_ends_on.isoformat(),
            )
        )


def _make_release(draft: ReleaseDraft, signed_by: int, now: datetime) -> Release:
    round_ = draft.scorecard.round
    published_on = day_of(now)
    totals = tell_totals(read_scorecard(draft.scorecard).city)
    head = find_head()
    return Release(
        number=next_release_number(),
        round_id=round_.id,
        scorecard=draft.scorecard,
        drafted_by=draft.drafted_by,
        signed_by=signed_by,
        published_at=now,
        published_on=published_on,
        shown_until=add_months(published_on, round_.rulebook.content.windows.display_months),
        note=draft.note,
        draft_digest=draft.digest,
        received=totals.received,
        counted=totals.counted,
        set_aside=totals.set_aside,
        rejected=totals.rejected,
        log_number=head.number if head else None,
        log_hash=head.hash if head else None,
    )
