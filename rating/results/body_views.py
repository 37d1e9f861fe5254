"""What bodies handed in, for the bureau: sheets that deserve a second look, co-operation scores, evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _, lazy_gettext as _t

from rating.access import Role, allow
from rating.results.bodies import Conspicuous, Sheet, list_conspicuous, list_cooperation
from rating.results.queries import find_scorecard
from rating.rounds.queries import get_round
from rating.web.downloads import download
from rating.web.figures import points
from rating.workbooks.writing import write_csv

bp = Blueprint("bodies", __name__)

AT = "/bureau/rounds/<int:number>/sheets"
WHY = {
    Conspicuous.ALIKE: _t("all marks alike"),
    Conspicuous.HIGH: _t("always high"),
    Conspicuous.FAR: _t("far from the residents"),
}
RATERS = {"committee": _t("Committee"), "community": _t("Community")}


def _why(sheet: Sheet) -> str:
    return "、".join(str(word) for kind, word in WHY.items() if kind in sheet.why)


@bp.get(AT)
@allow(Role.BUREAU, Role.AUDITOR)
def sheets(number: int) -> str:
    """The conspicuous on-site sheets of a closed round, and the communities' co-operation scores."""
    round_ = get_round(number)
    found = list_conspicuous(round_, find_scorecard(round_))
    return render_template(
        "results/sheets.html",
        round=round_,
        sheets=[(sheet, _why(sheet), RATERS[str(sheet.evaluation.rater)]) for sheet in found],
        cooperation=list_cooperation(round_),
        rules=round_.rulebook.content.rules(),
        gap_rule=round_.rulebook.content.gaps,
    )


@bp.get(f"{AT}.csv")
@allow(Role.BUREAU, Role.AUDITOR)
def sheets_file(number: int) -> Response:
    """The conspicuous sheets as a table."""
    round_ = get_round(number)
    heads = [_("Code"), _("Estate"), _("Company"), _("Rated by"), _("On site"), _("Residents"), _("Why it is here")]
    rows = _rows(list_conspicuous(round_, find_scorecard(round_)))
    return download(write_csv(heads, rows), "text/csv", f"sheets-{number}.csv")


def _rows(found: list[Sheet]) -> Iterator[list[Any]]:
    for sheet in found:
        rated = sheet.evaluation.rated_estate
        yield [
            rated.estate.code, rated.estate.name, rated.company.name, RATERS[str(sheet.evaluation.rater)],
            points(sheet.score), points(sheet.residents), _why(sheet),
        ]  # fmt: skip
