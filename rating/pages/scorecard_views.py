"""The scorecard as the bureau sees it: every company, beside the wide gaps and the city's contrasts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.accounts.queries import list_staffed_subdistricts
from rating.calendar import add_working_days
from rating.gaps.queries import list_wide_gaps
from rating.results.contrasts import list_contrasts
from rating.results.queries import find_scorecard, list_company_results, read_scorecard
from rating.results.views import asked_standing, standing_name
from rating.rounds.queries import get_round
from rating.scoring import Standing
from rating.web.paging import paginate_list
from rating.web.request import today

PER_PAGE = 100

bp = Blueprint("scorecards", __name__)


@bp.get("/bureau/rounds/<int:number>/scorecard")
@allow(Role.BUREAU, Role.AUDITOR)
def show(number: int) -> Any:
    """All companies of a round's scorecard, by standing and rank; ?standing= shows one standing."""
    round_ = get_round(number)
    stored = find_scorecard(round_)
    standing = asked_standing()
    results = list_company_results(stored, standing) if stored else []
    return render_template(
        "pages/scorecard.html",
        round=round_,
        stored=stored,
        city=read_scorecard(stored).city if stored else None,
        standing=standing,
        options=[("", _("All")), *((each.value, standing_name(each)) for each in Standing)],
        page=paginate_list(results, PER_PAGE),
        gaps=list_wide_gaps(stored) if stored else [],
        contrasts=list_contrasts(stored) if stored else [],
        staffed=list_staffed_subdistricts(today()),
        rules=round_.rulebook.content.rules(),
        preview_until=add_working_days(today(), round_.rulebook.content.windows.preview_working_days),
    )
