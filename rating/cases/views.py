"""Talks in the bureau's and the sub-districts' workspaces: the same pages under two addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from rating.access import Actor, Role, allow
from rating.cases.commitment_rules import find_part, find_wait
from rating.cases.commitment_service import add_commitment, reinspect_commitment, report_commitment_done
from rating.cases.effects import find_outcome
from rating.cases.forms import (
    AbsenceForm,
    CommitmentForm,
    DoneForm,
    NoticeForm,
    PostponementForm,
    RecordForm,
    ReinspectionForm,
    StepForm,
)
from rating.cases.models import Commitment, CommitmentState, Talk, TalkState
from rating.cases.prefill import new_notice, new_record
from rating.cases.public_queries import is_late
from rating.cases.queries import (
    TalkFilter,
    find_talk,
    get_commitment,
    get_listing,
    get_talk,
    list_listings_without_talk,
    list_rated_estates_of,
    list_talks,
    select_talks,
)
from rating.cases.talk_service import hold_talk, notify_talk, postpone_talk, record_absence
from rating.cases.wording import indicator_choices, indicator_word, kind_choices, option, word
from rating.errors import Invalid
from rating.extensions import db
from rating.releases.models import Listing
from rating.results.wording import explain_standing
from rating.server.sizes import TEXTS, takes
from rating.web.downloads import download
from rating.web.figures import shown_score
from rating.web.language import moment
from rating.web.paging import paginate
from rating.web.request import current_actor, now, today
from rating.workbooks.writing import write_csv

bp = Blueprint("cases", __name__)
bp.add_app_template_filter(word, "word")

AT = "/<any(bureau, subdistrict):workspace>/talks"
OF = f"{AT}/<int:listing_id>"
WORKSPACES = {"bureau": (Role.BUREAU, Role.AUDITOR), "subdistrict": (Role.SUBDISTRICT,)}
OVERDUE = "overdue"


def _actor(workspace: str) -> Actor:
    """The actor, if this workspace is open to them; services and queries keep to their scope."""
    actor = current_actor()
    actor.require(*WORKSPACES[workspace])
    return actor


def _may_write(actor: Actor) -> bool:
    return actor.has(Role.BUREAU, Role.SUBDISTRICT)


# ---- lists


def _wanted() -> TalkFilter:
    state = request.args.get("state", "")
    return TalkFilter(
        state=TalkState(state) if state in {one.value for one in TalkState} else None,
        company=request.args.get("company", "").strip(),
        release=request.args.get("release", type=int),
        overdue_on=today() if state == OVERDUE else None,
    )


@bp.get(AT)
@allow(Role.BUREAU, Role.SUBDISTRICT, Role.AUDITOR)
def talks(workspace: str) -> Any:
    """Listings that need a talk first, then all talks."""
    actor = _actor(workspace)
    page = paginate(select_talks(_wanted(), actor), 30)
    states = [("", _("All")), *((state.value, word(state)) for state in TalkState), (OVERDUE, _("With overdue work"))]
    return render_template(
        "cases/talks.html",
        workspace=workspace,
        waiting=list_listings_without_talk(actor),
        page=page,
        states=states,
        may_write=_may_write(actor),
    )


@bp.get(f"{AT}.csv")
@allow(Role.BUREAU, Role.SUBDISTRICT, Role.AUDITOR)
def export(workspace: str) -> Any:
    """The filtered talks as CSV that spreadsheets open as it is; nothing internal in it."""
    heads, *rows = _export_rows(list_talks(_wanted(), _actor(workspace)))
    return download(write_csv(heads, rows), "text/csv", "talks.csv")


def _export_rows(found: list[Talk]) -> Iterator[list[Any]]:
    yield [
        *(_("Release"), _("Credit code"), _("Company"), _("Notice number"), _("State"), _("Served on")),
        *(
            _("Appointed for"),
            _("Talk held"),
            _("Place"),
            _("Issued by"),
            _("Commitments"),
            _("Verified"),
            _("Overdue"),
        ),
    ]
    for talk in found:
        listing = talk.listing
        yield [
            listing.release.number,
            *(listing.company.code, listing.company.name, talk.notice_number, word(talk.state)),
            talk.notified_on,
            moment(talk.scheduled_at),
            talk.held_on or "",
            *(talk.place, talk.issuer),
            len(talk.commitments),
            talk.count(CommitmentState.VERIFIED, today()),
            talk.count(CommitmentState.OVERDUE, today()),
        ]


# ---- one talk


@bp.get(OF)
@allow(Role.BUREAU, Role.SUBDISTRICT, Role.AUDITOR)
def talk(workspace: str, listing_id: int) -> Any:
    """Everything of one: the listing, the notice, the record, commitments, and what comes next."""
    actor = _actor(workspace)
    listing = get_listing(listing_id, actor)
    found = find_talk(listing)
    return render_template(
        "cases/talk.html",
        workspace=workspace,
        listing=listing,
        talk=found,
        late=found is not None and is_late(found),
        stage=_stage(found),
        outcome=find_outcome(listing),
        rated=list_rated_estates_of(listing),
        reasons=explain_standing(listing.card),
        score=[shown_score(one) for one in (listing.card.score, listing.card.lower, listing.card.upper)],
        may_write=_may_write(actor),
        indicator_word=lambda key: indicator_word(listing.release.round.rulebook.content, key),
        find_wait=lambda commitment: find_wait(commitment, today()),
        find_part=lambda commitment: find_part(commitment, actor, today()),
    )


def _stage(found: Talk | None) -> int:
    """How many of listed, notice, talk, commitments, re-inspection are done."""
    if found is None:
        return 1
    if found.state is not TalkState.HELD:
        return 2
    if not found.commitments:
        return 3
    return 5 if all(commitment.verified_on for commitment in found.commitments) else 4


@bp.get(f"{OF}/notice")
@allow(Role.BUREAU, Role.SUBDISTRICT, Role.AUDITOR)
def notice(workspace: str, listing_id: int) -> Any:
    """The notice, ready for printing."""
    found = get_talk(listing_id, _actor(workspace))
    rated = list_rated_estates_of(found.listing)
    return render_template("cases/notice.html", talk=found, listing=found.listing, rated=rated)


@bp.get(f"{OF}/record")
@allow(Role.BUREAU, Role.SUBDISTRICT, Role.AUDITOR)
def record(workspace: str, listing_id: int) -> Any:
    """The record, ready for printing and signing."""
    found = get_talk(listing_id, _actor(workspace))
    return render_template("cases/record.html", talk=found, listing=found.listing)


# ---- its steps


def _tried(form: StepForm, act: Callable[[], object]) -> bool:
    """Whether a valid form's step succeeded; a service's error goes beside its field."""
    try:
        act()
    except Invalid as error:
        db.session.rollback()
        form.refuse(error)
        return False
    return True


def _step_page(workspace: str, listing: Listing, form: StepForm, title: str, button: str, **more: Any) -> Any:
    page = render_template(
        "cases/step.html", workspace=workspace, listing=listing, form=form, title=title, button=button, **more
    )
    return page, 422 if form.is_submitted() else 200


def _back(workspace: str, listing_id: int, said: str) -> Any:
    flash(said, "success")
    return redirect(url_for("cases.talk", workspace=workspace, listing_id=listing_id), 303)


@bp.route(f"{OF}/notify", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
@takes(TEXTS)
def notify(workspace: str, listing_id: int) -> Any:
    """Record the notice."""
    actor = _actor(workspace)
    listing = get_listing(listing_id, actor)
    form = NoticeForm(data=new_notice(listing, today(), current_app.config["CITY_ZH"]))
    if form.validate_on_submit() and _tried(form, lambda: notify_talk(listing, form.notice(), actor, now())):
        db.session.commit()
        return _back(workspace, listing_id, _("The notice is recorded."))
    return _step_page(
        workspace, listing, form, _("Notice of a talk"), _("Record the notice"), due_on=listing.talk_due_on
    )


@bp.route(f"{OF}/postpone", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
def postpone(workspace: str, listing_id: int) -> Any:
    """Postpone the talk, once."""
    actor = _actor(workspace)
    found = get_talk(listing_id, actor)
    form = PostponementForm()
    if form.validate_on_submit() and _tried(
        form, lambda: postpone_talk(found, form.scheduled_at, form.reason.data or "", actor, now())
    ):
        db.session.commit()
        return _back(workspace, listing_id, _("The talk is postponed."))
    return _step_page(workspace, found.listing, form, _("Postpone the talk"), _("Postponed"), talk=found)


@bp.route(f"{OF}/absence", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
def absence(workspace: str, listing_id: int) -> Any:
    """Record that nobody came."""
    actor = _actor(workspace)
    found = get_talk(listing_id, actor)
    form = AbsenceForm()
    if form.validate_on_submit() and _tried(form, lambda: record_absence(found, form.note.data or "", actor, now())):
        db.session.commit()
        return _back(workspace, listing_id, _("The absence is recorded. The talk can still be held."))
    return _step_page(workspace, found.listing, form, _("Nobody came"), _("Record the absence"), talk=found)


@bp.route(f"{OF}/hold", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
@takes(TEXTS)
def hold(workspace: str, listing_id: int) -> Any:
    """Record the talk."""
    actor = _actor(workspace)
    found = get_talk(listing_id, actor)
    form = RecordForm(data=new_record(found))
    if form.validate_on_submit() and _tried(form, lambda: hold_talk(found, form.record(), (), actor, now())):
        db.session.commit()
        return _back(workspace, listing_id, _("The talk is recorded. Now add what was agreed."))
    return _step_page(
        workspace, found.listing, form, _("Record of the talk"), _("Save the record"), talk=found, final=True
    )


# ---- commitments


@bp.route(f"{OF}/commitments/new", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
@takes(TEXTS)
def promise(workspace: str, listing_id: int) -> Any:
    """Add a commitment."""
    actor = _actor(workspace)
    found = get_talk(listing_id, actor)
    estates = [rated.estate for rated in list_rated_estates_of(found.listing)]
    form = CommitmentForm()
    form.estate.choices = [
        option("", _("All its estates")),
        *(option(one.code, one.name) for one in estates),
    ]
    form.kind.choices = kind_choices(found.listing.release.round.rulebook.content.windows)
    form.indicator.choices = [
        option("", _("Not about one indicator")),
        *indicator_choices(found.listing.release.round.rulebook.content),
    ]
    if form.validate_on_submit() and _tried(form, lambda: add_commitment(found, form.promise(estates), actor, now())):
        db.session.commit()
        return _back(workspace, listing_id, _("The commitment is recorded."))
    return _step_page(workspace, found.listing, form, _("Add a commitment"), _("Add the commitment"), talk=found)


def _found(workspace: str, listing_id: int, commitment_id: int) -> tuple[Actor, Commitment]:
    actor = _actor(workspace)
    return actor, get_commitment(get_talk(listing_id, actor), commitment_id)


@bp.route(f"{OF}/commitments/<int:commitment_id>/done", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
@takes(TEXTS)
def report_done(workspace: str, listing_id: int, commitment_id: int) -> Any:
    """Record that the party says it is done."""
    actor, commitment = _found(workspace, listing_id, commitment_id)
    form = DoneForm(data={"done_on": today()})
    if form.validate_on_submit() and _tried(
        form, lambda: report_commitment_done(commitment, form.day, form.evidence.data or "", actor, now())
    ):
        db.session.commit()
        return _back(workspace, listing_id, _("Recorded. Now somebody who took no part looks again."))
    return _step_page(workspace, commitment.talk.listing, form, _("Reported done"), _("Save"), commitment=commitment)


@bp.route(f"{OF}/commitments/<int:commitment_id>/reinspect", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
@takes(TEXTS)
def reinspect(workspace: str, listing_id: int, commitment_id: int) -> Any:
    """Record a re-inspection."""
    actor, commitment = _found(workspace, listing_id, commitment_id)
    form = ReinspectionForm(data={"inspected_on": today()})
    if form.validate_on_submit() and _tried(
        form, lambda: reinspect_commitment(commitment, form.finding(), actor, now())
    ):
        db.session.commit()
        return _back(workspace, listing_id, _("The re-inspection is recorded."))
    return _step_page(
        workspace, commitment.talk.listing, form, _("Re-inspection"), _("Save"), commitment=commitment, final=True
    )
