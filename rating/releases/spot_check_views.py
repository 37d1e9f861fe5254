"""The auditor opens a sample of a release's rows, and records what that showed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from rating.access import AUDITORS_OWN, Role, allow
from rating.errors import Conflict
from rating.extensions import db
from rating.releases.forms import DrawForm, RecordForm
from rating.releases.models import Release
from rating.releases.queries import get_release, list_releases
from rating.releases.receipt_queries import has_receipt_lists, list_spot_checks
from rating.releases.spot_checks import draw_spot_check, record_spot_check
from rating.web import current_actor, now, only_read_from_here, told
from rating.wording import _l

bp = Blueprint("spot_checks", __name__)


@bp.get("/audit/spot-checks")
@allow(Role.AUDITOR)
def choose() -> str:
    """The releases whose rows can be opened, with how often that was done."""
    releases = [(one, len(list_spot_checks(one))) for one in list_releases() if has_receipt_lists(one)]
    return render_template("releases/spot_checks.html", releases=releases)


@bp.get("/audit/releases/<int:number>/spot-check")
@allow(Role.AUDITOR)
def begin(number: int) -> str:
    """Where the seed is typed, and what was recorded before."""
    return _page(_release(number), DrawForm(formdata=None))


@bp.post("/audit/releases/<int:number>/spot-check")
@allow(AUDITORS_OWN)
def draw(number: int) -> Any:
    """Open the rows that the seed decides. They stand in this answer alone, and are kept nowhere."""
    release, form = _release(number), DrawForm()
    if not form.validate_on_submit():
        return _page(release, form), 422
    return _draw(release, RecordForm(), form.seed.data or "", form.size.data or 0)


@bp.post("/audit/releases/<int:number>/spot-check/record")
@allow(AUDITORS_OWN)
def record(number: int) -> Any:
    """Record what the rows of a seed showed."""
    release, drawn, form = _release(number), DrawForm(), RecordForm()
    if not drawn.validate_on_submit():
        return _page(release, drawn), 422
    seed, size = drawn.seed.data or "", drawn.size.data or 0
    if not form.validate():  # the note is too long: show the rows again, with what was typed
        return _draw(release, form, seed, size), 422
    try:
        record_spot_check(release, seed, size, form.note.data or "", current_actor(), now())
    except Conflict as error:
        db.session.rollback()
        drawn.seed.errors = [told(error.message)]
        return _page(release, drawn), 409
    db.session.commit()
    flash(_("The spot check is recorded and stands on the release’s page."), "success")
    return redirect(url_for(".begin", number=number), 303)


def _release(number: int) -> Release:
    release = get_release(number)
    if not has_receipt_lists(release):
        raise Conflict(_l("This release has no receipt lists."))
    return release


def _page(release: Release, form: DrawForm) -> str:
    checks = list_spot_checks(release)
    return render_template("releases/spot_check.html", release=release, form=form, spot_checks=checks)


def _draw(release: Release, form: RecordForm, seed: str, size: int) -> str:
    opened = draw_spot_check(release, seed, size, current_actor(), now())
    db.session.commit()
    only_read_from_here()
    matching = sum(row.matches for row in opened)
    return render_template("releases/opened.html", release=release, form=form, opened=opened, matching=matching)
