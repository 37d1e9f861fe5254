"""A release as a sheet for the notice boards at the gates: a page to print, and the same as PDF."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, current_app, render_template, url_for

from rating.access import PUBLIC, allow
from rating.cases.queries import find_later_release
from rating.extensions import limiter
from rating.pages.queries import list_entries
from rating.releases.models import Release
from rating.releases.queries import get_release
from rating.results.queries import read_scorecard
from rating.rounds.qr import qr_svg
from rating.scoring import Standing
from rating.web.caching import let_caches_keep
from rating.web.downloads import shown_file
from rating.web.pdf import MIMETYPE, make_pdf, why_no_pdf
from rating.web.request import today

bp = Blueprint("notices", __name__)
bp.after_request(let_caches_keep)

PDFS = "20 per minute"
_kept_pdf = lru_cache(maxsize=8)(make_pdf)  # everybody asks for the same sheet, and laying it out takes a second


@bp.get("/releases/<int:number>/notice-board")
@allow(PUBLIC)
def notice_board(number: int) -> Any:
    """The lists of a release, short enough for a notice board."""
    release = get_release(number)
    return _sheet(release, why_no_pdf=why_no_pdf()), _headers(release)


@bp.get("/releases/<int:number>/notice-board.pdf")
@allow(PUBLIC)
@limiter.limit(PDFS)
def notice_board_pdf(number: int) -> Response:
    """The same sheet as PDF."""
    release = get_release(number)
    response = shown_file(_kept_pdf(_sheet(release)), MIMETYPE, f"release-{number}-notice-board.pdf")
    response.headers.update(_headers(release))
    return response


def _headers(release: Release) -> dict[str, str]:
    return {} if release.is_current(today()) else {"X-Robots-Tag": "noindex"}


def _sheet(release: Release, **values: Any) -> str:
    content = release.round.rulebook.content
    entries = [] if release.is_trial else list_entries(release, today())
    address = f"{current_app.config['BASE_URL'].rstrip('/')}{url_for('pages.release', number=release.number)}"
    return render_template(
        "pages/notice_board.html",
        release=release,
        is_current=release.is_current(today()),
        correction=find_later_release(release),
        lists={one.value: [entry for entry in entries if entry.listing.standing is one] for one in Standing},
        city=read_scorecard(release.scorecard).city,
        rules=content.rules(),
        windows=content.windows,
        address=address,
        qr=qr_svg(address, ""),
        **values,
    )
