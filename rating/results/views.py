"""The scorecard as the bureau sees it: every company, computed, computed again, taken home."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

import rating.results.contrast_models
import rating.results.models  # noqa: F401  # the application must know the tables
from rating.access import Role, allow
from rating.accounts.queries import list_staffed_subdistricts
from rating.calendar import add_working_days
from rating.extensions import db
from rating.gaps.queries import list_wide_gaps
from rating.results.contrasts import list_contrasts
from rating.results.queries import find_scorecard, get_scorecard, list_company_results, read_scorecard
from rating.results.service import compute_scorecard
from rating.results.sheet import sheet_row
from rating.results.wording import explain_standing, percent, points, shown_score
from rating.rounds.queries import get_round
from rating.scoring import Standing
from rating.web.language import told
from rating.web.paging import Page
from rating.web.request import current_actor, now, today
from rating.workbooks.writing import write_csv

PER_PAGE = 100

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


def _asked_standing() -> Standing | None:
    asked = request.args.get("standing", "")
    return Standing(asked) if asked in list(Standing) else None


@bp.get("/bureau/rounds/<int:number>/scorecard")
@allow(Role.BUREAU, Role.AUDITOR)
def show_scorecard(number: int) -> Any:
    """All companies of a round's scorecard, by standing and rank; ?standing= shows one standing."""
    round_ = get_round(number)
    stored = find_scorecard(round_)
    standing = _asked_standing()
    results = list_company_results(stored, standing) if stored else []
    page = max(1, request.args.get("page", 1, type=int) or 1)
    return render_template(
        "results/scorecard.html",
        round=round_,
        stored=stored,
        city=read_scorecard(stored)["city"] if stored else None,
        standing=standing,
        options=[("", _("All")), *((each.value, standing_name(each)) for each in Standing)],
        page=Page(results[(page - 1) * PER_PAGE : page * PER_PAGE], page, PER_PAGE, len(results)),
        gaps=list_wide_gaps(stored) if stored else [],
        contrasts=list_contrasts(stored) if stored else [],
        staffed=list_staffed_subdistricts(today()),
        rules=round_.rulebook.content.rules(),
        preview_until=add_working_days(today(), round_.rulebook.content.windows.preview_working_days),
    )


@bp.post("/bureau/rounds/<int:number>/scorecard")
@allow(Role.BUREAU)
def compute(number: int) -> Any:
    """Compute the scorecard, or compute it again."""
    stored = compute_scorecard(get_round(number), current_actor(), now())
    sequence = stored.sequence
    db.session.commit()
    flash(_("Scorecard no. %(sequence)s is computed.", sequence=sequence), "success")
    return redirect(url_for(".show_scorecard", number=number), 303)


@bp.get("/bureau/rounds/<int:number>/scorecard.csv")
@allow(Role.BUREAU, Role.AUDITOR)
def download_scorecard(number: int) -> Response:
    """The scorecard as a table for spreadsheets, in the current language."""
    results = list_company_results(get_scorecard(get_round(number)), _asked_standing())
    rows = [
        sheet_row(result, standing_name(result.card["standing"]), " ".join(map(told, explain_standing(result.card))))
        for result in results
    ]
    heads = [
        _("Code"), _("Company"), _("Result"), _("Rank"), _("Score"), _("Lower end"), _("Upper end"),
        _("Before adjustments"), _("Adjustments"), _("Residents"), _("On site"), _("Ratings counted"), _("Households"),
        _("Turnout"), _("Estates"), _("Why this result"),
    ]  # fmt: skip
    name = f"scorecard-{number}.csv"
    return Response(
        write_csv(heads, rows),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
