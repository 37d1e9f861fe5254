"""The bodies' forms: committee, community, company."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask_babel import gettext as _

from rating.access import Role, allow
from rating.evaluations.checking import checked
from rating.evaluations.forms import AnswersForm, answers_form
from rating.evaluations.queries import list_bodies_done
from rating.evaluations.service import RoundNotOpen, needed_of
from rating.extensions import db
from rating.rounds.models import RatedEstate
from rating.rounds.queries import get_rated_estate
from rating.scoring import Direction
from rating.server.sizes import MB, TEXTS, takes
from rating.sheets.deductions import Deductions, read_deductions
from rating.sheets.service import body_for, submit_body_evaluation
from rating.web.access import only_read_from_here
from rating.web.request import current_actor, today
from rating.wording import _l

bp = Blueprint("sheets", __name__)


@bp.route("/committee/estates/<int:rated_estate_id>/rate", methods=["GET", "POST"])
@allow(Role.COMMITTEE, Role.COMMUNITY)
@takes(TEXTS, files=64 * MB)  # a photo for each low mark
def rate_on_site(rated_estate_id: int) -> Any:
    """The committee's or community's on-site score sheet."""
    return _body_form(rated_estate_id, Direction.COMMITTEE_TO_COMPANY, "/committee")


@bp.route("/company/estates/<int:rated_estate_id>/rate", methods=["GET", "POST"])
@allow(Role.COMPANY)
@takes(TEXTS, files=TEXTS)
def rate_committee(rated_estate_id: int) -> Any:
    """The company rates the community and the committee back."""
    return _body_form(rated_estate_id, Direction.COMPANY_TO_COMMITTEE, "/company")


@bp.route("/company/estates/<int:rated_estate_id>/self", methods=["GET", "POST"])
@allow(Role.COMPANY)
@takes(TEXTS, files=TEXTS)
def rate_itself(rated_estate_id: int) -> Any:
    """The company's self-rating on the on-site sheet: sealed until close, never counted."""
    return _body_form(rated_estate_id, Direction.COMPANY_SELF, "/company")


def _body_form(rated_estate_id: int, direction: Direction, back: str) -> Any:
    rated_estate = get_rated_estate(rated_estate_id)
    body = body_for(current_actor(), rated_estate, direction)
    if not rated_estate.round.takes_evaluations(today()):
        raise RoundNotOpen(_l("This round takes no evaluations today."))
    questionnaire = rated_estate.round.rulebook.content.questionnaire(direction)
    made = answers_form(questionnaire)
    done = (rated_estate.id, direction, body) in list_bodies_done([rated_estate.id])
    if request.method == "GET" or done:
        return _body_page(rated_estate, made(None), body, back, done), 409 if done and request.method == "POST" else 200
    filled_form = made(request.form)
    actor = current_actor()
    db.session.rollback()  # reading pictures takes its time, in which nobody shall wait for this transaction
    deductions = read_deductions(
        questionnaire, request.form, request.files, current_app.config["SECRET_KEY"], actor.user_id
    )
    filled = checked(filled_form, rated_estate.round.rulebook.content)
    explained = deductions.check(filled_form.answers())
    if filled is None or not explained:
        db.session.commit()  # the files that came with it
        only_read_from_here()
        return _body_page(get_rated_estate(rated_estate_id), filled_form, body, back, False, deductions), 422
    submit_body_evaluation(rated_estate, direction, filled, actor, today(), deductions.rows(filled_form.answers()))
    db.session.commit()
    flash(_("Handed in. Thank you."), "success")
    return redirect(back, 303)


def _body_page(
    rated_estate: RatedEstate,
    filled_form: AnswersForm,
    body: str,
    back: str,
    done: bool,
    deductions: Deductions | None = None,
) -> str:
    rules = rated_estate.round.rulebook.content.rules()
    return render_template(
        "sheets/body_form.html",
        rated_estate=rated_estate,
        form=filled_form,
        questionnaire=filled_form.questionnaire,
        needed=needed_of(filled_form.questionnaire, rules.min_marked_share).sentence(),
        deductions=deductions or Deductions(filled_form.questionnaire),
        body=body,
        back=back,
        done=done,
    )
