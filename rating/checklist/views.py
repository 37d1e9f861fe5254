"""The bureau's checklist of a round: what would make it unfair, and what to do about each point."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask_babel import ngettext
from werkzeug.wrappers import Response

from rating.access import Role, allow
from rating.checklist.checks import check_draft, check_opened, check_running
from rating.checklist.service import find_checklist, open_checked_round, sort_checks
from rating.checklist.wording import WORDS
from rating.errors import Conflict, Invalid
from rating.extensions import db
from rating.rounds.models import Round, RoundState
from rating.rounds.queries import get_round
from rating.server.site import Site, site_of
from rating.web.access import only_reads
from rating.web.language import told
from rating.web.request import current_actor, now, today

bp = Blueprint("checklist", __name__)


@bp.get("/bureau/rounds/<int:number>/checklist")
@allow(Role.BUREAU, Role.AUDITOR)
def show(number: int) -> str:
    """A draft's checklist as it is now; an opened round's as it was then, with what can still be done."""
    return _page(get_round(number))


@bp.post("/bureau/rounds/<int:number>/checklist/open")
@allow(Role.BUREAU)
def open_(number: int) -> Response | tuple[str, int]:
    """Open the round, and store its checklist with it."""
    reason = request.form.get("reason", "")
    try:
        opened = open_checked_round(get_round(number), reason, today(), current_actor(), now(), _site())
    except Invalid as error:
        db.session.rollback()
        return _page(get_round(number), error=told(error.message), reason=reason), 422
    except Conflict as error:
        db.session.rollback()
        return _page(get_round(number), error=told(error.message), reason=reason), 409
    db.session.commit()
    count = len(opened.rated)
    flash(
        ngettext(
            "The round is open with %(num)d estate. Now print posters and letters.",
            "The round is open with %(num)d estates. Now print posters and letters.",
            count,
        ),
        "success",
    )
    return redirect(f"/bureau/rounds/{number}", 303)


def _site() -> Site:
    return site_of(current_app.config, request.headers.get("X-Forwarded-For"))


def _page(round_: Round, **values: Any) -> str:
    is_draft = round_.state is RoundState.DRAFT
    kept = None if is_draft else find_checklist(round_)
    checks = check_draft(round_, today(), _site()) if is_draft else kept[1] if kept else check_opened(round_, today())
    must, think, fine = sort_checks(checks)
    running = sort_checks(check_running(round_, today())) if round_.state is RoundState.OPEN else ([], [], [])
    return render_template(
        "checklist/checklist.html",
        round=round_,
        is_draft=is_draft,
        is_open=round_.state is RoundState.OPEN,
        event=kept[0] if kept else None,
        must=must,
        think=think,
        fine=fine,
        still=[*running[0], *running[1]],
        words=WORDS,
        may_edit=not only_reads(current_actor()),
        **values,
    )
