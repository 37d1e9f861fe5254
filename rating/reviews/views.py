"""Closing a round, on a page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.extensions import db
from rating.reviews.erasing import erase_deleted
from rating.reviews.service import close_round
from rating.rounds.queries import get_round
from rating.web.request import current_actor, now, today

bp = Blueprint("closing", __name__)


@bp.post("/bureau/rounds/<int:number>/close")
@allow(Role.BUREAU)
def close(number: int) -> Any:
    """Close a round; before its last day is over a reason is asked for."""
    round_ = get_round(number)
    over = today() > round_.closes_on
    close_round(round_, current_actor(), now(), early_reason=request.form.get("reason", ""), today_is_past=over)
    db.session.commit()
    erase_deleted(current_actor(), now())  # only once the deletion is committed; its event is another commit
    db.session.commit()
    flash(_("The round is closed. Who has answered has been deleted."), "success")
    return redirect(f"/bureau/rounds/{number}", 303)
