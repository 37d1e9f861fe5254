"""The auditor opens a sample of a release's rows, and records what that showed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from rating.access import AUDITORS_OWN, Role, allow
from rating.errors import Conflict, Invalid
from rating.extensions import db
from rating.releases.models import Release
from rating.releases.queries import get_release, list_releases
from rating.releases.receipt_queries import has_receipt_lists
from rating.spotchecks.forms import DrawForm, RecordForm
from rating.spotchecks.queries import count_draws, list_spot_checks
from rating.spotchecks.service import MOST_DRAWS, Drawn, OpenedRow, draw_spot_check, read_drawn, record_spot_check
from rating.web.access import only_read_from_here
from rating.web.request import current_actor, now
from rating.wording import _l

bp = Blueprint("spotchecks", __name__)


@bp.get("/audit/spot-checks")
@allow(Role.AUDITOR)
def choose() -> str:
    """The releases whose rows can be opened, with how often that was done."""
    releases = [(one, len(list_spot_checks(one))) for one in list_releases() if has_receipt_lists(one)]
    return render_template("spotchecks/spot_checks.html", releases=releases)


@bp.get("/audit/releases/<int:number>/spot-check")
@allow(Role.AUDITOR)
def begin(number: int) -> str:
    """The form for the seed, and what was recorded before."""
    return _page(_release(number), DrawForm(formdata=None))


@bp.post("/audit/releases/<int:number>/spot-check")
@allow(AUDITORS_OWN)
def draw(number: int) -> Any:
    """Open the rows that the seed decides. They are in this response only, and are stored nowhere."""
    release, form = _release(number), DrawForm()
    if not form.validate_on_submit():
        return _page(release, form), 422
    actor = current_actor()
    try:
        drawn, opened = draw_spot_check(release, form.seed.data or "", form.size.data or 0, actor, now())
    except Conflict as error:
        return _refused(release, form, error), 409
    db.session.commit()
    only_read_from_here()
    token = drawn.sign(release, actor, current_app.config["SECRET_KEY"])
    return _record_page(release, RecordForm(formdata=None, drawn=token), drawn, opened)


@bp.post("/audit/releases/<int:number>/spot-check/record")
@allow(AUDITORS_OWN)
def record(number: int) -> Any:
    """Record what the rows of a draw showed. They are not shown again, also where the note is too long."""
    release, actor, form = _release(number), current_actor(), RecordForm()
    try:
        drawn = read_drawn(form.drawn.data or "", release, actor, current_app.config["SECRET_KEY"])
    except Invalid as error:
        return _refused(release, DrawForm(formdata=None), error), 422
    if not form.validate_on_submit():
        return _record_page(release, form, drawn), 422
    try:
        record_spot_check(release, drawn, form.note.data or "", actor, now())
    except Conflict as error:
        db.session.rollback()
        return _refused(release, DrawForm(formdata=None), error), 409
    db.session.commit()
    flash(_("The spot check is recorded and shown on the release’s page."), "success")
    return redirect(url_for(".begin", number=number), 303)


def _release(number: int) -> Release:
    release = get_release(number)
    if not has_receipt_lists(release):
        raise Conflict(_l("This release has no receipt lists."))
    return release


def _page(release: Release, form: DrawForm) -> str:
    return render_template(
        "spotchecks/spot_check.html",
        release=release,
        form=form,
        spot_checks=list_spot_checks(release),
        draws=count_draws(release),
        most_draws=MOST_DRAWS,
    )


def _refused(release: Release, form: DrawForm, error: Conflict | Invalid) -> str:
    form.refuse(error, "seed")
    return _page(release, form)


def _record_page(release: Release, form: RecordForm, drawn: Drawn, opened: Sequence[OpenedRow] = ()) -> str:
    matching = sum(row.matches for row in opened)
    return render_template(
        "releases/opened.html", release=release, form=form, drawn=drawn, opened=opened, matching=matching
    )
