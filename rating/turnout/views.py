"""The bureau's turnout: how many have answered, day by day, and how many are still needed, from counters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.evaluations.queries import list_days, list_turnout
from rating.rounds.models import Round
from rating.rounds.queries import get_round, list_rated_estates
from rating.turnout.needed import EstateProgress, list_progress
from rating.web.downloads import download
from rating.web.request import now
from rating.workbooks.writing import write_csv

bp = Blueprint("turnout", __name__)

AT = "/bureau/rounds/<int:number>/turnout"


def _progress(round_: Round) -> list[EstateProgress]:
    return list_progress(round_, list_turnout(list_rated_estates(round_)), now())


@bp.get(AT)
@allow(Role.BUREAU, Role.AUDITOR)
def turnout(number: int) -> str:
    """Turnout and need per community and estate; ?only=needed leaves out the estates that have enough."""
    round_ = get_round(number)
    rows = _progress(round_)
    only_needed = request.args.get("only") == "needed"
    return render_template(
        "turnout/turnout.html",
        round=round_,
        rows=rows,
        shown=[row for row in rows if row.still_needed or not only_needed],
        only_needed=only_needed,
        days=list_days(round_),
        rules=round_.rulebook.content.rules(),
    )


@bp.get(f"{AT}.csv")
@allow(Role.BUREAU, Role.AUDITOR)
def turnout_file(number: int) -> Response:
    """The visit list: every estate, those that need most first."""
    heads = [
        _("Sub-district"), _("Community"), _("Code"), _("Estate"), _("Company"), _("Households"), _("Answers"),
        _("Still needed"), _("Disputes"),
    ]  # fmt: skip
    found = sorted(_progress(get_round(number)), key=lambda row: (-row.still_needed, row.need.estate))
    return download(write_csv(heads, _rows(found)), "text/csv", f"turnout-{number}.csv")


def _rows(found: list[EstateProgress]) -> Iterator[list[Any]]:
    for row in found:
        rated = row.turnout.rated_estate
        yield [
            rated.community.subdistrict.name, rated.community.name, rated.estate.code, rated.estate.name,
            rated.company.name, row.turnout.households, row.turnout.count, row.still_needed, row.turnout.disputes,
        ]  # fmt: skip
