"""Posters: drawn for a page or as PDF; all of a round only as a job."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import current_app, render_template

from rating.errors import Conflict
from rating.extensions import db
from rating.jobs.kinds import Progress, Result, job
from rating.rounds.models import RatedEstate, Round
from rating.rounds.qr import qr_svg
from rating.rounds.queries import get_round, list_rated_estates
from rating.scoring import Direction
from rating.web import pdf
from rating.wording import _l

PAPERS = ("a4", "a3")
AT_ONCE = 50  # estates whose posters are drawn in one go: a second's work
ALL_POSTERS = "posters"


def address(path: str) -> str:
    """An address as it is printed."""
    return f"{current_app.config['BASE_URL'].rstrip('/')}{path}"


def said_of(round_: Round) -> dict[str, Any]:
    """What posters and letters say of the round: how many questions, and from how many households on results are
    shown.
    """
    content = round_.rulebook.content
    if Direction.RESIDENT_TO_COMPANY not in content.questionnaires:
        raise Conflict(_l("This round’s rulebook asks no residents: there are no posters and letters."))
    items = sum(1 for _one in content.questionnaire(Direction.RESIDENT_TO_COMPANY).indicators)
    return {"round": round_, "items": items, "least": content.rules().min_cell, "site": address("")}


def draw_posters(round_: Round, rated: Sequence[RatedEstate], paper: str, **values: Any) -> str:
    """The posters of these estates as one page; needs a request, whose language it has."""
    sheets = [(one, qr_svg(address(f"/e/{one.estate.code}"), one.estate.name)) for one in rated]
    values = {"papers": {}, "pdf_url": None, "why_no_pdf": None, **values}
    return render_template("rounds/posters.html", sheets=sheets, paper=paper, **said_of(round_), **values)


@job(ALL_POSTERS, _l("All posters of a round"))
def make_all_posters(arguments: Mapping[str, Any], progress: Progress) -> Result:
    """The posters of all estates of a round as one PDF, some at a time."""
    number, paper = int(arguments["round"]), str(arguments["paper"])
    asked = urlencode({"lang": arguments["language"], "paper": paper})
    ids = [one.id for one in list_rated_estates(get_round(number))]
    from pypdf import PdfWriter

    written = PdfWriter()
    for start in range(0, len(ids), AT_ONCE):
        progress(start, len(ids))
        some = set(ids[start : start + AT_ONCE])
        with current_app.test_request_context(f"/bureau/rounds/{number}/posters?{asked}"):
            round_ = get_round(number)
            rated = [one for one in list_rated_estates(round_) if one.id in some]
            page = draw_posters(round_, rated, paper)
            db.session.rollback()
        written.append(io.BytesIO(pdf.make_pdf(page, tagged=False)))
    progress(len(ids), len(ids))
    file = io.BytesIO()
    written.write(file)
    return Result(f"posters-{number}-{paper}.pdf", pdf.MIMETYPE, file.getvalue())
