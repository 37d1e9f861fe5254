"""The poster's page for a phone without a ticket: a code typed by hand, and those who say that they haven't
answered.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from rating.access import PUBLIC, allow
from rating.errors import DomainError, Invalid
from rating.evaluations.forms import CodeForm
from rating.evaluations.rated import find_standing
from rating.evaluations.service import dispute_participation
from rating.evaluations.tickets import COOKIE
from rating.evaluations.views import entrance, household_of, no_round, opened, rated_today, ticket_book, told_why
from rating.extensions import db, limiter
from rating.registry.queries import get_estate
from rating.web.access import only_read_from_here
from rating.wording import _l

bp = Blueprint("entrance", __name__)


@bp.post("/e/<code>/code")
@allow(PUBLIC)
def type_code(code: str) -> Any:
    """The code typed by hand: the same as opening the letter's QR code."""
    only_read_from_here()
    rated = rated_today(code)
    if rated is None:
        return no_round(code)
    typed = CodeForm()
    try:
        if not typed.code.data:
            raise Invalid(_l("Enter the 16 digits from your letter."))
        household = household_of(rated, typed.code.data)
        _require_cookies()
        return opened(household)
    except DomainError as error:
        typed.code.errors = [told_why(error)]
        return entrance(rated, typed, 422)


def _require_cookies() -> None:
    """The entrance has set a cookie: without any, the form would ask for the code again and again."""
    if COOKIE not in request.cookies:
        raise Invalid(
            _l(
                "This browser keeps no cookies, and without one the form can't be opened. Tap “Begin” once more; if "
                "that doesn't help, open this page in the phone's own browser (in WeChat: “…”, “Open in browser”)."
            )
        )


@bp.post("/e/<code>/dispute")
@allow(PUBLIC)
@limiter.limit("20 per hour")
def dispute(code: str) -> Any:
    """'We have not answered': counted for the estate, nothing else is stored."""
    rated = rated_today(code)
    ticket = ticket_book().find(rated.id) if rated else None
    standing = find_standing(ticket) if ticket else None
    if rated is None or standing is None or not standing.answered:
        return redirect(url_for("evaluations.form", code=code), 303)
    dispute_participation(rated.id)
    db.session.commit()
    return redirect(url_for("entrance.disputed", code=code), 303)


@bp.get("/e/<code>/disputed")
@allow(PUBLIC)
def disputed(code: str) -> Any:
    """What happens with a dispute, and whom to ask."""
    return render_template("evaluations/disputed.html", estate=get_estate(code))
