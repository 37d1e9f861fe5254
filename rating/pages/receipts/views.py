"""Looking a receipt up, and the public lists of what was counted."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask_babel import gettext as _

from rating.access import PUBLIC, allow
from rating.errors import NotFound, TooMany
from rating.evaluations.tickets import read_receipt
from rating.extensions import db
from rating.pages.forms import ReceiptForm
from rating.pages.receipts.queries import find_receipt_answer
from rating.releases.models import ReceiptList, Release
from rating.releases.queries import get_release
from rating.releases.receipt_queries import (
    LONGEST_START,
    get_receipt_list,
    has_receipt_lists,
    receipt_lists_of,
    receipts_of,
    walk_receipts,
)
from rating.reviews.wording import REJECTION_REASONS
from rating.spotchecks.queries import count_draws, list_spot_checks
from rating.tries.guessing import RECEIPTS
from rating.web.access import only_read_from_here
from rating.web.caching import let_caches_keep
from rating.web.downloads import download as as_file
from rating.web.errors import answer_too_many
from rating.web.paging import paginate
from rating.wording import _l
from rating.workbooks.writing import stream_csv, write_csv

bp = Blueprint("receipt_lists", __name__)
bp.after_request(let_caches_keep)

LISTS_A_PAGE = 100
RECEIPTS_A_PAGE = 200


@bp.get("/receipts")
@allow(PUBLIC)
def look_up() -> str:
    """The form for a receipt's number."""
    return render_template("pages/receipts.html", form=ReceiptForm(formdata=None), answer=None)


@bp.post("/receipts")
@allow(PUBLIC)
def answer() -> Any:
    """Whether a receipt's evaluation was received and counted.

    The answer is on the page itself, not behind a redirect: the number must not get into an address.
    """
    only_read_from_here()
    form = ReceiptForm()
    if not form.validate_on_submit():
        return render_template("pages/receipts.html", form=form, answer=None), 422
    receipt = read_receipt(form.number.data or "")
    if receipt is None:
        form.number.errors = [_("A receipt number has 26 letters and digits. Please check it for slips.")]
        return render_template("pages/receipts.html", form=form, answer=None), 422
    try:
        RECEIPTS.check()
    except TooMany as error:
        answer_too_many(error.seconds)
        form.refuse(error, "number")
        return render_template("pages/receipts.html", form=form, answer=None), 429
    found = find_receipt_answer(hashlib.sha256(receipt).digest())
    if found is None:
        RECEIPTS.count()
    reason = REJECTION_REASONS[found.reason] if found and found.reason else None
    page = render_template("pages/receipts.html", form=form, answer=found, reason=reason, unknown=found is None)
    return page, 200 if found else 404


# ---- the lists of a release


def _release_with_lists(number: int) -> Release:
    release = get_release(number)
    if not has_receipt_lists(release):
        raise NotFound(_l("Release no. %(number)s has no receipt lists.", number=number))
    return release


@bp.get("/releases/<int:number>/receipts")
@allow(PUBLIC)
def lists(number: int) -> str:
    """The receipt lists of a release, by company and estate."""
    release = _release_with_lists(number)
    text = request.args.get("q", "").strip()[:80]
    page = paginate(receipt_lists_of(release, text), LISTS_A_PAGE)
    checks = {"spot_checks": list_spot_checks(release), "draws": count_draws(release)}
    return render_template("pages/receipt_lists.html", release=release, page=page, text=text, **checks)


@bp.get("/releases/<int:number>/receipts/<int:place>")
@allow(PUBLIC)
def entries(number: int, place: int) -> str:
    """One list: the hashes and check values of what was counted."""
    release = _release_with_lists(number)
    found = get_receipt_list(release, place)
    start = _start()
    page = paginate(receipts_of(found, start), RECEIPTS_A_PAGE)
    return render_template("pages/receipt_list.html", release=release, list=found, page=page, start=start)


def _start() -> str:
    """The first hex digits asked for, never more than two: nobody need tell us which line is theirs."""
    start = request.args.get("start", "").strip().lower()[:LONGEST_START]
    return start if all(sign in "0123456789abcdef" for sign in start) else ""


@bp.get("/releases/<int:number>/receipts/<int:place>.csv")
@allow(PUBLIC)
def download(number: int, place: int) -> Response:
    """One list as a table file."""
    found = get_receipt_list(_release_with_lists(number), place)
    rows = db.session.scalars(receipts_of(found))
    named = _named(found)
    text = write_csv(_heads(), ([*named, one.receipt_hash.hex(), one.check_value.hex()] for one in rows))
    return as_file(text, "text/csv", f"release-{number}-receipts-{place}.csv")


@bp.get("/releases/<int:number>/receipts.csv")
@allow(PUBLIC)
def download_all(number: int) -> Response:
    """All lists of a release as one table file, streamed: it may be very long."""
    release = _release_with_lists(number)
    named = {one.id: _named(one) for one in db.session.scalars(receipt_lists_of(release))}
    rows = ([*named[row[0]], row[1].hex(), row[2].hex()] for row in walk_receipts(release))
    text = stream_with_context(stream_csv(_heads(), rows))
    return as_file(text, "text/csv", f"release-{number}-receipts.csv")


def _heads() -> list[str]:
    return [
        _("List"),
        _("Company’s code"),
        _("Company"),
        _("Estate’s code"),
        _("Estate"),
        _("SHA-256 of the receipt"),
        _("Check value"),
    ]


def _named(one: ReceiptList) -> list[object]:
    company, estate = one.company, one.estate
    return [
        one.number,
        company.code if company else "",
        company.name if company else "",
        estate.code if estate else "",
        estate.name if estate else "",
    ]
