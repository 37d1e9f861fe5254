"""The bureau's pages of a round: drafting, the roster, opening, posters and letters."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _, ngettext
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind

from rating.access import Role, allow
from rating.errors import DomainError, NotFound
from rating.extensions import db
from rating.rounds.codes import grouped
from rating.rounds.forms import RoundForm
from rating.rounds.models import RatedEstate, Round, RoundState
from rating.rounds.qr import qr_svg
from rating.rounds.queries import count_codes, find_rated_estate, get_round, list_rated_estates
from rating.rounds.service import draft_round, issue_codes, open_round, plan_roster
from rating.rulebooks.queries import get_rulebook, list_rulebooks
from rating.web import code_key, current_actor, now, said, told
from rating.wording import _l

bp = Blueprint("rounds", __name__)


def _page_of(round_: Round) -> str:
    return f"/bureau/rounds/{round_.number}"


@bp.route("/bureau/rounds/new", methods=["GET", "POST"])
@allow(Role.BUREAU)
def new() -> Any:
    """Draft a round."""
    form = RoundForm()
    form.rulebook.choices = [
        SelectChoice(r.id, f"{said(r.content.title)} · {r.key} {r.version}") for r in list_rulebooks()
    ]
    if form.validate_on_submit():
        try:
            round_ = draft_round(form.plan(), get_rulebook(form.rulebook.data), current_actor(), now())
        except DomainError as error:
            form[error.field or "closes_on"].errors.append(told(error.message))
        else:
            db.session.commit()
            flash(
                _("Round %(number)s is drafted. Check the roster before you open it.", number=round_.number), "success"
            )
            return redirect(_page_of(round_), 303)
    return render_template("rounds/new.html", form=form), 422 if form.errors else 200


@bp.get("/bureau/rounds/<int:number>/roster")
@allow(Role.BUREAU, Role.AUDITOR)
def roster(number: int) -> Any:
    """What opening would freeze (draft), or what was frozen."""
    round_ = get_round(number)
    if round_.state is RoundState.DRAFT:
        return render_template("rounds/roster_plan.html", round=round_, roster=plan_roster(round_))
    rated = list_rated_estates(round_)
    codes = count_codes([estate.id for estate in rated])
    return render_template("rounds/roster.html", round=round_, rated=rated, codes=codes)


@bp.post("/bureau/rounds/<int:number>/open")
@allow(Role.BUREAU)
def open_(number: int) -> Any:
    """Freeze the roster and open the round."""
    round_ = get_round(number)
    opened = open_round(round_, current_actor(), now())
    db.session.commit()
    flash(
        ngettext(
            "The round is open with %(num)d estate. Now print posters and letters.",
            "The round is open with %(num)d estates. Now print posters and letters.",
            len(opened.rated),
        ),
        "success",
    )
    return redirect(_page_of(round_), 303)


@bp.get("/bureau/rounds/<int:number>/posters")
@allow(Role.BUREAU, Role.AUDITOR)
def posters(number: int) -> Any:
    """A poster for every estate, or for one (?estate=), ready for printing."""
    round_ = get_round(number)
    code = request.args.get("estate")
    rated = [_one(round_, code)] if code else list_rated_estates(round_)
    sheets = [(estate, qr_svg(_address(f"/e/{estate.estate.code}"), estate.estate.name)) for estate in rated]
    return render_template("rounds/posters.html", round=round_, sheets=sheets)


@bp.post("/bureau/rounds/<int:number>/letters/<code>")
@allow(Role.BUREAU)
def letters(number: int, code: str) -> Any:
    """Letters with household codes for one estate.

    The answer to this POST is the printable page itself, not a redirect: the codes exist nowhere else.
    """
    round_ = get_round(number)
    rated_estate = _one(round_, code)
    codes = issue_codes(rated_estate, code_key(), current_actor(), now())
    db.session.commit()
    sheets = [(grouped(one), qr_svg(_address(f"/h/{one}"), "")) for one in codes]
    page = render_template("rounds/letters.html", round=round_, rated_estate=rated_estate, sheets=sheets)
    return page, 200, {"Cache-Control": "no-store"}


def _one(round_: Round, code: str) -> RatedEstate:
    if (found := find_rated_estate(round_, code)) is None:
        raise NotFound(_l("This estate is not in the round."))
    return found


def _address(path: str) -> str:
    return f"{current_app.config['BASE_URL'].rstrip('/')}{path}"


@bp.get("/bureau/rounds/<int:number>/letters/<code>/confirm")
@allow(Role.BUREAU)
def confirm_letters(number: int, code: str) -> Any:
    """What printing letters does, before it is done: codes printed earlier stop working."""
    rated_estate = _one(get_round(number), code)
    printed = count_codes([rated_estate.id]).get(rated_estate.id, 0)
    return render_template(
        "rounds/confirm_letters.html",
        round=rated_estate.round,
        rated_estate=rated_estate,
        printed=printed,
        action=url_for("rounds.letters", number=number, code=code),
    )
