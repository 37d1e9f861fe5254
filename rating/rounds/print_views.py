"""What is printed for a round: posters and letters, as pages for the browser's print command and as PDF."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from rating.access import Role, allow
from rating.errors import Conflict
from rating.extensions import db
from rating.jobs.service import ask_for
from rating.rounds.codes import grouped, shuffled
from rating.rounds.models import RatedEstate, Round
from rating.rounds.posters import ALL_POSTERS, PAPERS, address, draw_posters, said_of
from rating.rounds.qr import qr_svg
from rating.rounds.queries import (
    count_codes,
    get_estate_in_round,
    get_rated_estate,
    get_round,
    list_estates_of_community,
    list_rated_estates,
)
from rating.rounds.service import issue_codes, make_codes
from rating.web import pdf
from rating.web.access import only_reads
from rating.web.downloads import download, shown_file
from rating.web.language import language
from rating.web.request import code_key, current_actor, now
from rating.wording import _l

bp = Blueprint("prints", __name__)
bp.add_app_template_filter(lambda address: address.partition("://")[2], "bare")  # as people type it

POSTERS = "/bureau/rounds/<int:number>/posters"
LETTERS_AT_ONCE = 8000  # a quarter of a minute's work, and a file of 60 MB
PIECE = 1 << 16
# Codes must not be stored on the way either: neither by caches nor in a proxy's temporary files.
UNKEPT = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

# ---- posters


@bp.get(POSTERS)
@allow(Role.BUREAU, Role.AUDITOR)
def posters(number: int) -> str:
    """The posters of one estate (?estate=) or community (?community=), ready for printing; else the way to all."""
    round_ = get_round(number)
    rated = _asked_for(round_)
    if rated is None:
        return _all_posters_page(round_)
    asked = _asked("estate", "community")
    papers = {one: url_for(".posters", number=number, **asked, paper=one) for one in PAPERS}
    pdf_url = url_for(".posters_pdf", number=number, **asked, paper=_paper())
    return draw_posters(round_, rated, _paper(), papers=papers, pdf_url=pdf_url, why_no_pdf=pdf.why_no_pdf())


@bp.get(f"{POSTERS}.pdf")
@allow(Role.BUREAU, Role.AUDITOR)
def posters_pdf(number: int) -> AnyResponse:
    """The same posters as one PDF."""
    round_ = get_round(number)
    rated = _asked_for(round_)
    if rated is None:
        return redirect(url_for(".posters", number=number), 303)
    page = draw_posters(round_, rated, _paper())
    part = "-".join(["", *_asked("estate", "community").values()])
    name = f"posters-{number}{part}-{_paper()}.pdf"
    return shown_file(pdf.make_pdf(page, tagged=False), pdf.MIMETYPE, name)


@bp.post(POSTERS)
@allow(Role.BUREAU)
def ask_for_posters(number: int) -> AnyResponse:
    """Ask for the posters of all estates, as a job."""
    said_of(get_round(number))  # a round without residents has none
    paper = request.form.get("paper", "")
    arguments = {"round": number, "paper": paper if paper in PAPERS else PAPERS[0], "language": language()}
    found = ask_for(ALL_POSTERS, arguments, current_actor(), now())
    job_id = found.id
    db.session.commit()
    return redirect(url_for("jobs.show", job_id=job_id), 303)


def _asked_for(round_: Round) -> list[RatedEstate] | None:
    """The estates that the address names; None for all, which are never drawn within a request."""
    asked = _asked("estate", "community")
    if code := asked.get("estate"):
        return [get_estate_in_round(round_, code)]
    if code := asked.get("community"):
        return list_estates_of_community(round_, code)
    return None


def _all_posters_page(round_: Round) -> str:
    said_of(round_)
    rated = list_rated_estates(round_)
    communities = {one.community.code: one.community.name for one in rated}
    return render_template(
        "rounds/all_posters.html",
        round=round_,
        estates=len(rated),
        communities=communities,
        papers=PAPERS,
        may_ask=not only_reads(current_actor()),
        why_no_pdf=pdf.why_no_pdf(),
    )


def _asked(*names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := request.args.get(name))}


def _paper() -> str:
    asked = request.args.get("paper", "")
    return asked if asked in PAPERS else PAPERS[0]


# ---- letters


@bp.get("/bureau/rounds/<int:number>/letters/<code>/confirm")
@allow(Role.BUREAU)
def confirm_letters(number: int, code: str) -> str:
    """What printing an estate's letters does, before it is done: codes printed earlier stop working."""
    rated = get_estate_in_round(get_round(number), code)
    return _confirm([rated], rated.estate.name, url_for(".letters", number=number, code=code), alone=True)


@bp.get("/bureau/rounds/<int:number>/communities/<code>/letters/confirm")
@allow(Role.BUREAU)
def confirm_community_letters(number: int, code: str) -> str:
    """The same for all estates of a community."""
    rated = list_estates_of_community(get_round(number), code)
    return _confirm(rated, rated[0].community.name, url_for(".community_letters", number=number, code=code))


def _confirm(rated: list[RatedEstate], name: str, action: str, *, alone: bool = False) -> str:
    counts = count_codes([one.id for one in rated])
    return render_template(
        "rounds/confirm_letters.html",
        round=rated[0].round,
        rated=rated,
        name=name,
        action=action,
        alone=alone,
        letters=sum(one.households for one in rated),
        most=LETTERS_AT_ONCE,
        printed=[one for one in rated if counts.get(one.id)],
        why_no_pdf=pdf.why_no_pdf(),
    )


@bp.post("/bureau/rounds/<int:number>/letters/<code>")
@allow(Role.BUREAU)
def letters(number: int, code: str) -> Any:
    """Letters with new household codes for one estate, as PDF or (as=page) as a page for the browser to print.

    The answer to this POST is what is printed, not a redirect: the codes exist nowhere else.
    """
    rated = get_estate_in_round(get_round(number), code)
    if request.form.get("as") != "page":
        return _letters_pdf([rated], f"letters-{number}-{rated.estate.code}.pdf")
    said = said_of(rated.round)
    codes = make_codes(rated)
    sheets = [(grouped(one), qr_svg(address(f"/h/{one}"), "")) for one in shuffled(codes)]
    at = address(f"/e/{rated.estate.code}")
    page = render_template("rounds/letters.html", rated_estate=rated, sheets=sheets, address=at, **said)
    db.session.rollback()  # drawn first, stored after: earlier letters keep working if anything fails before
    issue_codes(rated, code_key(), current_actor(), now(), codes)
    db.session.commit()
    return page, 200, UNKEPT


@bp.post("/bureau/rounds/<int:number>/communities/<code>/letters")
@allow(Role.BUREAU)
def community_letters(number: int, code: str) -> Response:
    """Letters with new household codes for all estates of a community, as one PDF."""
    rated = list_estates_of_community(get_round(number), code)
    if sum(one.households for one in rated) > LETTERS_AT_ONCE:
        raise Conflict(
            _l(
                "At most %(most)s letters are made at once. Print this community’s estates one by one.",
                most=LETTERS_AT_ONCE,
            )
        )
    return _letters_pdf(rated, f"letters-{number}-{code}.pdf")


def _letters_pdf(rated: list[RatedEstate], filename: str) -> Response:
    """Lay out, press, and only then store the codes: earlier letters keep working if anything fails before.

    The transaction is ended in between, so that nobody's evaluation waits for our pages.
    """
    codes = {one.id: make_codes(one) for one in rated}
    from rating.rounds.letterpress import Bundle, press

    bundles = [Bundle(one.estate.name, _with_addresses(shuffled(codes[one.id]))) for one in rated]
    estates = [(one, address(f"/e/{one.estate.code}")) for one in rated]
    layout = render_template("rounds/press.html", estates=estates, **said_of(rated[0].round))
    actor = current_actor()
    db.session.rollback()
    file = press(pdf.make_pdf(layout, tagged=False), bundles)
    for rated_id, made in codes.items():
        issue_codes(get_rated_estate(rated_id), code_key(), actor, now(), made)
    db.session.commit()
    pieces = iter(partial(io.BytesIO(file).read, PIECE), b"")
    response = download(pieces, pdf.MIMETYPE, filename)
    response.headers.update(UNKEPT)
    response.content_length = len(file)
    return response


def _with_addresses(codes: list[str]) -> list[tuple[str, str]]:
    return [(code, address(f"/h/{code}")) for code in codes]
