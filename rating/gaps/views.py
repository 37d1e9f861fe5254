"""Wide gaps: the sub-district's list of them, and the page on which one is checked."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.errors import Invalid
from rating.extensions import db
from rating.gaps.forms import FINDINGS, GapForm
from rating.gaps.models import Checker, GapFinding
from rating.gaps.queries import get_wide_gap, list_own_gaps
from rating.gaps.service import check_gap, checker_of
from rating.results.bodies import list_deductions
from rating.rounds.models import RatedEstate
from rating.rounds.queries import get_rated_estate
from rating.scoring import Direction
from rating.web.request import current_actor, now

bp = Blueprint("gaps", __name__)


@bp.app_template_filter("finding")
def finding_name(finding: GapFinding) -> str:
    """What a check found, in words."""
    return str(FINDINGS[finding])


@bp.get("/subdistrict/gaps")
@allow(Role.SUBDISTRICT)
def gaps() -> str:
    """The wide gaps of the actor's sub-districts, with what was found."""
    return render_template("gaps/gaps.html", rounds=list_own_gaps(current_actor()))


@bp.route("/<any(bureau, subdistrict):workspace>/gaps/<int:rated_estate_id>", methods=["GET", "POST"])
@allow(Role.BUREAU, Role.SUBDISTRICT)
def check(workspace: str, rated_estate_id: int) -> Any:
    """Both sides of one estate, and the form for what the check found; final."""
    rated = get_rated_estate(rated_estate_id)
    checked_as = checker_of(current_actor(), rated, now())
    form = GapForm()
    if form.validate_on_submit():
        try:
            check_gap(rated, GapFinding(form.finding.data), form.note.data or "", current_actor(), now())
        except Invalid as error:
            form.refuse(error, "note")
        else:
            db.session.commit()
            flash(_("The check is on record."), "success")
            return redirect(_list_of(workspace, rated), 303)
    return _check_page(workspace, rated, form, checked_as), 422 if form.errors else 200


def _list_of(workspace: str, rated: RatedEstate) -> str:
    if workspace == "subdistrict":
        return url_for(".gaps")
    return url_for("scorecards.show", number=rated.round.number)


def _check_page(workspace: str, rated: RatedEstate, form: GapForm, checked_as: Checker) -> str:
    asked = rated.round.rulebook.content.questionnaires.get(Direction.COMMITTEE_TO_COMPANY)
    return render_template(
        "gaps/gap.html",
        workspace=workspace,
        rated=rated,
        gap=get_wide_gap(rated),
        form=form,
        by_bureau=checked_as is Checker.BUREAU,
        back=_list_of(workspace, rated),
        texts={one.key: one.text for one in asked.indicators} if asked else {},
        deductions=list_deductions([rated.id]),
    )
