"""The receipt as a resident's phone shows it: text, QR code, and a picture to keep."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext as _

from rating.access import PUBLIC, allow
from rating.errors import NotFound
from rating.evaluations import tickets
from rating.evaluations.page_cache import cached_page
from rating.evaluations.rated import Rated, find_rated_of_receipt
from rating.web.downloads import shown_file
from rating.web.language import language, said
from rating.web.request import now
from rating.wording import _l

if TYPE_CHECKING:
    from rating.evaluations.receipt_picture import Words

bp = Blueprint("own_receipt", __name__)


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def _find_receipt(code: str) -> tuple[tickets.Ticket, Rated] | None:
    """This phone's ticket for an estate, the one in use first, once its evaluation is in."""
    book = tickets.unseal(request.cookies.get(tickets.COOKIE), _secret(), now())
    for ticket in book.tickets:
        rated = find_rated_of_receipt(ticket.receipt_hash)
        if rated is not None and rated.estate.code == code.upper():
            return ticket, rated
    return None


@bp.get("/e/<code>/receipt")
@allow(PUBLIC)
def show(code: str) -> Any:
    """The receipt of this phone's ticket, as often as it is opened."""
    if (found := _find_receipt(code)) is None:
        return redirect(url_for("evaluations.form", code=code), 303)
    ticket, rated = found
    groups = tickets.receipt_number(ticket.receipt).split("-")
    form_token = tickets.form_token(ticket, _secret())  # the phone may forget what was typed into that form
    return cached_page(rated, [form_token, *groups], lambda own: _draw(rated, *own))


def _draw(rated: Rated, form_token: str, *groups: str) -> str:
    return render_template("evaluations/receipt.html", rated_estate=rated, groups=groups, form_token=form_token)


@bp.get("/e/<code>/receipt.png")
@allow(PUBLIC)
def picture(code: str) -> Response:
    """The same receipt as a picture, for this phone alone."""
    from rating.evaluations.receipt_picture import MIMETYPE, draw_receipt  # few ask for it, and drawing loads Pillow

    if (found := _find_receipt(code)) is None:
        raise NotFound(_l("There is no receipt for this estate on this phone."))
    ticket, rated = found
    drawn = draw_receipt(tickets.receipt_number(ticket.receipt), _words(rated))
    response = shown_file(drawn, MIMETYPE, "receipt.png")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _words(rated: Rated) -> Words:
    """The text on the picture, in this request's language, or in English where no font has Chinese."""
    from rating.evaluations.receipt_picture import Words, find_chinese_font

    config = current_app.config
    only_latin: AbstractContextManager[Any] = nullcontext() if find_chinese_font() else force_locale("en")
    with only_latin:
        return Words(
            city=config["CITY_EN"] if language() == "en" else config["CITY_ZH"],
            heading=_("Receipt number"),
            round=f"{_('Property service ratings')} · {said(rated.round)}",
            address=_("Look it up at %(address)s", address=f"{config['BASE_URL'].partition('://')[2]}/receipts"),
            promise=_("It tells whether your rating counted, never what you chose."),
        )
