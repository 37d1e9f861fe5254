"""The bureau's pages of a round: drafting, the roster, opening. What is printed is in print_views.py."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind

from rating.access import Role, allow
from rating.errors import DomainError
from rating.extensions import db
from rating.rounds.forms import RoundForm
from rating.rounds.models import Round, RoundState
from rating.rounds.queries import count_codes, get_round, list_rated_estates
from rating.rounds.service import draft_round, plan_roster
from rating.rulebooks.queries import get_rulebook, list_rulebooks
from rating.web.language import said
from rating.web.pdf import why_no_pdf
from rating.web.request import current_actor, now

bp = Blueprint("rounds", __name__)


def _page_of(round_: Round) -> str:
    return f"/bureau/rounds/{round_.number}"


@bp.route("/bureau/rounds/new", methods=["GET", "POST"])
@allow(Role.BUREAU)
def new() -> Any:
    """Draft a round."""
    form = RoundForm()
    form.rulebook.choices = [
        SelectChoice(r.id, f"{said(r.content.title)} · {r.key} {r.version}") for r in list_rulebooks()
    ]
    if form.validate_on_submit():
        try:
            round_ = draft_round(form.plan(), get_rulebook(form.rulebook.data), current_actor(), now())
        except DomainError as error:
            form.refuse(error, "closes_on")
        else:
            db.session.commit()
            flash(
                _("Round %(number)s is drafted. Check the roster before you open it.", number=round_.number), "success"
            )
            return redirect(_page_of(round_), 303)
    return render_template("rounds/new.html", form=form), 422 if form.errors else 200


@bp.get("/bureau/rounds/<int:number>/roster")
@allow(Role.BUREAU, Role.AUDITOR)
def roster(number: int) -> Any:
    """What opening would freeze (draft), or what was frozen."""
    round_ = get_round(number)
    if round_.state is RoundState.DRAFT:
        return render_template("rounds/roster_plan.html", round=round_, roster=plan_roster(round_))
    rated = list_rated_estates(round_)
    codes = count_codes([estate.id for estate in rated])
    return render_template("rounds/roster.html", round=round_, rated=rated, codes=codes, why_no_pdf=why_no_pdf())
