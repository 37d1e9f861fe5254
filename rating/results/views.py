"""Computing a scorecard, and downloading it as a table."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.extensions import db
from rating.results.exporting import sheet_row
from rating.results.queries import get_scorecard, list_company_results
from rating.results.service import compute_scorecard
from rating.results.wording import explain_standing
from rating.rounds.queries import get_round
from rating.scoring import Standing
from rating.web.downloads import download
from rating.web.figures import percent, points, shown_score
from rating.web.language import told
from rating.web.request import current_actor, now
from rating.workbooks.writing import write_csv

bp = Blueprint("results", __name__)
bp.add_app_template_filter(explain_standing, "reasons")
bp.add_app_template_filter(points, "points")
bp.add_app_template_filter(shown_score, "shown_score")
bp.add_app_template_filter(percent, "percent")


@bp.app_template_filter("standing_name")
def standing_name(standing: str) -> str:
    """A standing's name in the current language."""
    names = {
        Standing.RED: _("Red list"),
        Standing.BLACK: _("Black list"),
        Standing.WATCH: _("Watch"),
        Standing.ORDINARY: _("Not listed"),
        Standing.INSUFFICIENT: _("Too little data"),
    }
    return str(names[Standing(standing)])


def asked_standing() -> Standing | None:
    """The standing that ?standing= filters a list by, if it is one."""
    asked = request.args.get("standing", "")
    return Standing(asked) if asked in list(Standing) else None


@bp.post("/bureau/rounds/<int:number>/scorecard")
@allow(Role.BUREAU)
def compute(number: int) -> Any:
    """Compute the scorecard, or compute it again."""
    stored = compute_scorecard(get_round(number), current_actor(), now())
    sequence = stored.sequence
    db.session.commit()
    flash(_("Scorecard no. %(sequence)s is computed.", sequence=sequence), "success")
    return redirect(url_for("scorecards.show", number=number), 303)


@bp.get("/bureau/rounds/<int:number>/scorecard.csv")
@allow(Role.BUREAU, Role.AUDITOR)
def download_scorecard(number: int) -> Response:
    """The scorecard as a table for spreadsheets, in the current language."""
    results = list_company_results(get_scorecard(get_round(number)), asked_standing())
    rows = [
        sheet_row(result, standing_name(result.card.standing), " ".join(map(told, explain_standing(result.card))))
        for result in results
    ]
    heads = [
        _("Code"), _("Company"), _("Result"), _("Rank"), _("Score"), _("Lower end"), _("Upper end"),
        _("Before adjustments"), _("Adjustments"), _("Residents"), _("On site"), _("Ratings counted"), _("Households"),
        _("Turnout"), _("Estates"), _("Why this result"),
    ]  # fmt: skip
    return download(write_csv(heads, rows), "text/csv", f"scorecard-{number}.csv")
