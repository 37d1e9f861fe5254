"""Previews (committees, communities, companies), and the bureau's drafting and signing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.adjustments.queries import list_counted_records
from rating.audit.views import evidence_response
from rating.errors import Invalid, NotFound, Refused
from rating.explanations.told import tell_company
from rating.extensions import db
from rating.releases.forms import DraftForm, LookOverForm, SignForm
from rating.releases.listings import tell_totals
from rating.releases.models import Decision, SignOff
from rating.releases.queries import (
    EstatePreview,
    count_sign_offs,
    find_draft,
    find_release_of_round,
    get_draft,
    get_estate_preview,
    list_company_previews,
    list_estate_previews,
    list_remarks,
)
from rating.releases.service import (
    draft_release,
    publish_release,
    remark,
    require_signer,
    sign_off,
    start_preview,
    stop_preview,
    withdraw_draft,
)
from rating.results.bodies import get_deduction_file, list_deductions
from rating.results.queries import find_scorecard, get_scorecard, read_scorecard
from rating.results.wording import name_costs, name_dimensions
from rating.reviews.erasing import erase_deleted
from rating.rounds.models import Round, RoundState
from rating.rounds.queries import get_round
from rating.scoring import Direction, Standing
from rating.web.language import day, told
from rating.web.request import current_actor, now, today
from rating.wording import _l

bp = Blueprint("releases", __name__)

# ---- committees and communities


@bp.get("/committee/preview")
@allow(Role.COMMITTEE, Role.COMMUNITY)
def list_previews() -> Any:
    """The actor's estates in rounds under preview."""
    return render_template("releases/previews.html", previews=list_estate_previews(current_actor()))


@bp.route("/committee/preview/<int:rated_estate_id>", methods=["GET", "POST"])
@allow(Role.COMMITTEE, Role.COMMUNITY)
def look_over(rated_estate_id: int) -> Any:
    """One estate's result; the committee or community signs it or leaves a remark, once."""
    preview = get_estate_preview(rated_estate_id, current_actor())
    form = LookOverForm()
    if form.validate_on_submit():
        try:
            _answer(preview, form)
        except Invalid as error:
            form.refuse(error, "remark")
        else:
            db.session.commit()
            flash(_("Thank you, your answer is on record."), "success")
            return redirect(url_for(".list_previews"), 303)
    return _look_over_page(preview, form), 422 if form.errors else 200


def _answer(preview: EstatePreview, form: LookOverForm) -> SignOff:
    if form.decision.data == Decision.SIGNED:
        return sign_off(preview.rated_estate, current_actor(), now())
    return remark(preview.rated_estate, form.remark.data or "", current_actor(), now())


def _look_over_page(preview: EstatePreview, form: LookOverForm) -> str:
    content = preview.rated_estate.round.rulebook.content
    sides = (Direction.RESIDENT_TO_COMPANY, Direction.COMMITTEE_TO_COMPANY, Direction.COMPANY_TO_COMMITTEE)
    card = preview.card
    return render_template(
        "releases/look_over.html",
        preview=preview,
        form=form,
        rules=content.rules(),
        dimensions=[(side, name_dimensions(card, side, content)) for side in sides] if card else [],
    )


# ---- companies


@bp.get("/company/preview")
@allow(Role.COMPANY)
def show_company_preview() -> Any:
    """The company's own proposed results: no other company's, and never a single evaluation."""
    previews = [
        (
            preview,
            preview.round.rulebook.content.rules(),
            name_costs(preview.card.costliest, preview.round.rulebook.content),
            tell_company(get_scorecard(preview.round), preview.company.code),
            list_deductions(rated.id for rated, _card in preview.estates),
            list_counted_records(preview.company, preview.round.closes_on),
        )
        for preview in list_company_previews(current_actor())
    ]
    return render_template("releases/company_preview.html", previews=previews)


@bp.get("/company/preview/<int:rated_estate_id>/evidence/<digest>")
@allow(Role.COMPANY)
def company_evidence(rated_estate_id: int, digest: str) -> Any:
    """A photo or document behind a deduction on one of the company's own estates in preview."""
    own = {rated.id for preview in list_company_previews(current_actor()) for rated, _card in preview.estates}
    if rated_estate_id not in own:
        raise NotFound(_l("There is no such file."))
    return evidence_response(get_deduction_file(rated_estate_id, digest))


@bp.get("/company/preview/records/<int:adjustment_id>/evidence/<digest>")
@allow(Role.COMPANY)
def company_record_evidence(adjustment_id: int, digest: str) -> Any:
    """A file behind one of the company's own records that count in a round in preview."""
    counted = (
        one
        for preview in list_company_previews(current_actor())
        for row, evidence in list_counted_records(preview.company, preview.round.closes_on)
        for one in evidence
        if row.id == adjustment_id
    )
    if not any(one.file_digest == digest for one in counted):
        raise NotFound(_l("There is no such file."))
    return evidence_response(digest)


# ---- the bureau


@bp.post("/bureau/rounds/<int:number>/preview")
@allow(Role.BUREAU)
def begin_preview(number: int) -> Any:
    """Show the scorecard to committees, communities and companies."""
    round_ = get_round(number)
    start_preview(round_, current_actor(), now())
    until = day(round_.preview_ends_on)
    db.session.commit()
    erase_deleted(current_actor(), now())  # networks, whose rows are deleted by now
    db.session.commit()
    flash(_("The preview has begun and runs until %(day)s.", day=until), "success")
    return redirect(url_for(".prepare_release", number=number), 303)


@bp.post("/bureau/rounds/<int:number>/preview/stop")
@allow(Role.BUREAU)
def end_preview(number: int) -> Any:
    """Take a preview back, with a reason, so that the scorecard can be computed again."""
    stop_preview(get_round(number), request.form.get("reason", ""), current_actor(), now())
    db.session.commit()
    flash(_("The preview has been taken back. Compute the scorecard again."), "success")
    return redirect(url_for("scorecards.show", number=number), 303)


@bp.get("/bureau/rounds/<int:number>/release")
@allow(Role.BUREAU, Role.AUDITOR)
def prepare_release(number: int) -> Any:
    """What has been done and what is still to do before a round is published."""
    return _prepare_page(get_round(number), DraftForm(formdata=None))


def _prepare_page(round_: Round, form: DraftForm) -> str:
    stored = find_scorecard(round_)
    city = read_scorecard(stored).city if stored else None
    return render_template(
        "releases/prepare.html",
        round=round_,
        form=form,
        stored=stored,
        stage=_stage(round_, has_scorecard=stored is not None),
        totals=tell_totals(city) if city else None,
        standings=[(standing.value, city.standings[standing]) for standing in Standing] if city else [],
        sign_offs=count_sign_offs(stored) if stored else None,
        remarks=list_remarks(stored) if stored else [],
        draft=find_draft(round_),
        release=find_release_of_round(round_),
        why_not_sign=_why_not_sign(round_),
        is_over=round_.is_preview_over(today()),
    )


def _why_not_sign(round_: Round) -> str:
    """Why the actor can't sign the current draft, in words; '' where they can, or there is none."""
    user_id = current_actor().user_id
    if (draft := find_draft(round_)) is None or user_id is None:
        return ""
    try:
        require_signer(draft, user_id, today())
    except Refused as error:
        return told(error.message)
    return ""


def _stage(round_: Round, *, has_scorecard: bool) -> int:
    """How many of the steps close, compute, preview, draft, sign are done."""
    if round_.state in (RoundState.DRAFT, RoundState.OPEN):
        return 0
    if round_.state is RoundState.CLOSED:
        return 2 if has_scorecard else 1
    if round_.state is not RoundState.PREVIEW:
        return 5
    if not round_.is_preview_over(today()):
        return 2
    return 4 if find_draft(round_) else 3


@bp.post("/bureau/rounds/<int:number>/release/draft")
@allow(Role.BUREAU)
def draft(number: int) -> Any:
    """Draft the release; somebody else signs it."""
    round_ = get_round(number)
    form = DraftForm()
    try:
        draft_release(round_, form.note.data or "", current_actor(), now())
    except Invalid as error:
        form.refuse(error, "note")
        return _prepare_page(round_, form), 422
    db.session.commit()
    flash(_("The release is drafted. Somebody else has to sign it."), "success")
    return redirect(url_for(".prepare_release", number=number), 303)


@bp.post("/bureau/rounds/<int:number>/release/sign")
@allow(Role.BUREAU)
def sign(number: int) -> Any:
    """Sign the draft and publish it."""
    release = publish_release(get_draft(get_round(number)), SignForm().digest.data, current_actor(), now())
    published = release.number
    db.session.commit()
    flash(_("Release no. %(number)s is published.", number=published), "success")
    return redirect(url_for(".prepare_release", number=number), 303)


@bp.post("/bureau/rounds/<int:number>/release/withdraw")
@allow(Role.BUREAU)
def withdraw(number: int) -> Any:
    """Take the draft back."""
    withdraw_draft(get_draft(get_round(number)), current_actor(), now())
    db.session.commit()
    flash(_("The draft is withdrawn."), "success")
    return redirect(url_for(".prepare_release", number=number), 303)
