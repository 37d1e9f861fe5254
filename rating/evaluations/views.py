"""The residents' way: the letter's code (/h), the poster's page and the form (/e)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from rating.access import PUBLIC, allow
from rating.errors import DomainError, Invalid, NotFound, TooMany
from rating.evaluations import tickets
from rating.evaluations.checking import checked
from rating.evaluations.forms import AnswersForm, CodeForm, answers_form
from rating.evaluations.fresh_form import fresh_form
from rating.evaluations.models import Channel
from rating.evaluations.queries import has_answered, is_receipt_known
from rating.evaluations.service import (
    Outcome,
    RoundNotOpen,
    accept_evaluation,
    dispute_participation,
    least_marks,
)
from rating.evaluations.traces import network_hash
from rating.extensions import csrf, db, limiter
from rating.registry.queries import get_estate
from rating.rounds.codes import code_hash, read_code
from rating.rounds.models import HouseholdCode, RatedEstate
from rating.rounds.queries import find_household, find_open_round, find_rated_estate, get_rated_estate
from rating.scoring import Direction
from rating.tries import CODES
from rating.web import answer_too_many, code_key, now, only_read_from_here, today, told
from rating.wording import _l

bp = Blueprint("evaluations", __name__)


# ---- tickets


def secret() -> str:
    """The application key."""
    return str(current_app.config["SECRET_KEY"])


def _book() -> tickets.TicketBook:
    return tickets.unseal(request.cookies.get(tickets.COOKIE), secret(), now())


def _keep(response: AnyResponse, book: tickets.TicketBook) -> AnyResponse:
    response.set_cookie(
        tickets.COOKIE,
        tickets.seal(book, secret()),
        max_age=int(tickets.LIFETIME.total_seconds()),
        httponly=True,
        secure=current_app.config["HTTPS"],
        samesite="Lax",
    )
    return response


def _household(typed: str) -> tuple[HouseholdCode, RatedEstate]:
    """Whose code this is, in a round that takes evaluations today; one that nobody has counts as a guess."""
    code = read_code(typed)
    CODES.check()
    household = find_household(code_hash(code_key(), code))
    if household is None:
        CODES.count()
        raise NotFound(
            _l(
                "This code is not known in the round that is open now. Please check it against your letter, "
                "or ask the community for a new one."
            ),
            field="code",
        )
    rated_estate = get_rated_estate(household.rated_estate_id)
    if not rated_estate.round.takes_evaluations(today()):
        raise RoundNotOpen(
            _l(
                "This round takes evaluations from %(first)s to %(last)s.",
                first=rated_estate.round.opens_on,
                last=rated_estate.round.closes_on,
            ),
            field="code",
        )
    return household, rated_estate


@bp.get("/h/<code>")
@allow(PUBLIC)
def open_code(code: str) -> Any:
    """The letter's QR code: set the ticket, write nothing, go on to the form."""
    household, rated_estate = _household(code)
    book = _book()
    book.open(rated_estate.id, household.household_number, now())
    return _keep(redirect(url_for("evaluations.form", code=rated_estate.estate.code), 303), book)


def _told_why(error: DomainError) -> str:
    """What stands beside the code; who tried too often is told so by the page that keeps what they have typed."""
    if isinstance(error, TooMany):
        answer_too_many(error.seconds)
    return told(error.message)


# ---- the residents' page


def _rated_estate_today(code: str) -> RatedEstate | None:
    """The estate in the round that takes evaluations today; None outside a round or for one that isn't rated."""
    round_ = find_open_round()
    return find_rated_estate(round_, code) if round_ and round_.takes_evaluations(today()) else None


@bp.get("/e/<code>")
@allow(PUBLIC)
def form(code: str) -> Any:
    """The poster's address: the form for who holds a ticket, else how to take part."""
    rated_estate = _rated_estate_today(code)
    if rated_estate is None:
        return _no_round(code)
    ticket = _book().find(rated_estate.id)
    if ticket is None:
        return _entrance(rated_estate, CodeForm())
    if is_receipt_known(ticket.receipt_hash):
        return redirect(url_for("receipt.show", code=rated_estate.estate.code), 303)
    if has_answered(rated_estate.id, ticket.household_number):
        return _answered(rated_estate, ticket)
    return fresh_form(rated_estate, tickets.form_token(ticket, secret()), lambda token: _draw(rated_estate, token))


def _draw(rated_estate: RatedEstate, token: str) -> str:
    made = _resident_form(rated_estate)(None)
    made.csrf_token.data = token
    return _resident_page(rated_estate, made)


@bp.post("/e/<code>/code")
@allow(PUBLIC)
def type_code(code: str) -> Any:
    """The code typed by hand: the same as opening the letter's QR code."""
    only_read_from_here()
    rated_estate = _rated_estate_today(code)
    if rated_estate is None:
        return _no_round(code)
    typed = CodeForm()
    try:
        if not typed.code.data:
            raise Invalid(_l("Enter the 16 digits from your letter."))
        household, of_code = _household(typed.code.data)
        if of_code.id != rated_estate.id:
            raise Invalid(_l("This code belongs to another estate: %(name)s.", name=of_code.estate.name))
    except DomainError as error:
        typed.code.errors = [_told_why(error)]
        return _entrance(rated_estate, typed), 422
    book = _book()
    book.open(rated_estate.id, household.household_number, now())
    return _keep(redirect(url_for("evaluations.form", code=rated_estate.estate.code), 303), book)


@bp.post("/e/<code>")
@allow(PUBLIC)
def submit(code: str) -> Any:
    """A resident hands in the form: check, one transaction, commit, receipt."""
    book = _book()
    ticket = tickets.find_by_token(book, request.form.get("csrf_token", ""), secret())
    if ticket is not None and is_receipt_known(ticket.receipt_hash):  # a retry, on whatever day
        return _to_receipt(book, ticket, code)
    rated_estate = _rated_estate_today(code)
    if rated_estate is None:
        return _no_round(code)
    filled_form = _resident_form(rated_estate)(request.form)
    if ticket is None or ticket.rated_estate_id != rated_estate.id:
        ticket = _ticket_again(book, rated_estate, filled_form)
    filled = checked(filled_form, rated_estate)
    if ticket is None or filled is None:
        only_read_from_here()
        return _keep(current_app.make_response((_resident_page(rated_estate, filled_form), 422)), book)
    try:
        outcome = accept_evaluation(ticket, rated_estate, filled, Channel.OWN, today(), _trace(rated_estate))
    except RoundNotOpen:  # it closed at this very moment
        return _no_round(code)
    db.session.commit()
    return _answered(rated_estate, ticket) if outcome is Outcome.ANSWERED else _to_receipt(book, ticket, code)


def _trace(rated_estate: RatedEstate) -> bytes | None:
    """Which network this form comes from, as a keyed hash."""
    return network_hash(secret(), rated_estate.round.number, request.remote_addr or "")


def _to_receipt(book: tickets.TicketBook, ticket: tickets.Ticket, code: str) -> AnyResponse:
    """Go to this ticket's receipt, also where another household's code was opened in between."""
    book.open(ticket.rated_estate_id, ticket.household_number, now())
    return _keep(redirect(url_for("receipt.show", code=code), 303), book)


# The form's token is an HMAC of the ticket in the cookie: a CSRF token that outlives any session.
csrf.exempt(submit)


def _ticket_again(
    book: tickets.TicketBook, rated_estate: RatedEstate, filled_form: AnswersForm
) -> tickets.Ticket | None:
    """The phone lost its ticket (a day has passed, cookies cleared): ask for the code again, keep the answers."""
    filled_form.asks_code = True
    filled_form.code_typed = request.form.get("code", "").strip()
    try:
        if not filled_form.code_typed:
            raise Invalid(
                _l("This phone has lost its ticket. Enter the code from your letter again; your answers are kept.")
            )
        household, of_code = _household(filled_form.code_typed)
        if of_code.id != rated_estate.id:
            raise Invalid(_l("This code belongs to another estate: %(name)s.", name=of_code.estate.name))
    except DomainError as error:
        filled_form.code_error = _told_why(error)
        only_read_from_here()
        return None
    ticket = book.open(rated_estate.id, household.household_number, now())
    filled_form.csrf_token.data = tickets.form_token(ticket, secret())
    filled_form.asks_code = False
    return ticket


def _resident_form(rated_estate: RatedEstate) -> type[AnswersForm]:
    return answers_form(rated_estate.round.rulebook.content.questionnaire(Direction.RESIDENT_TO_COMPANY))


def _resident_page(rated_estate: RatedEstate, filled_form: AnswersForm) -> str:
    least = least_marks(filled_form.questionnaire, rated_estate.round.rulebook.content.rules().min_marked_share)
    return render_template(
        "evaluations/form.html",
        rated_estate=rated_estate,
        form=filled_form,
        least=least,
        questionnaire=filled_form.questionnaire,
    )


def _entrance(rated_estate: RatedEstate, typed: CodeForm) -> str:
    return render_template("evaluations/entrance.html", rated_estate=rated_estate, form=typed)


def _no_round(code: str) -> Any:
    """No evaluations today: say when the round was or will be, or why the estate isn't rated. Nothing typed is lost."""
    estate = get_estate(code)
    round_ = find_open_round()
    rated = find_rated_estate(round_, code) if round_ else None
    page = render_template("evaluations/no_round.html", estate=estate, round=round_, rated=rated, typed=request.form)
    return page, 200 if request.method == "GET" else 410


def _answered(rated_estate: RatedEstate, ticket: tickets.Ticket) -> tuple[str, int]:
    form_token = tickets.form_token(ticket, secret())  # the phone may forget what was typed into that form
    return render_template("evaluations/answered.html", rated_estate=rated_estate, form_token=form_token), 409


@bp.post("/e/<code>/dispute")
@allow(PUBLIC)
@limiter.limit("20 per hour")
def dispute(code: str) -> Any:
    """'We have not answered': counted for the estate, nothing else is kept."""
    rated_estate = _rated_estate_today(code)
    ticket = _book().find(rated_estate.id) if rated_estate else None
    if rated_estate is None or ticket is None or not has_answered(rated_estate.id, ticket.household_number):
        return redirect(url_for("evaluations.form", code=code), 303)
    dispute_participation(rated_estate)
    db.session.commit()
    return redirect(url_for("evaluations.disputed", code=code), 303)


@bp.get("/e/<code>/disputed")
@allow(PUBLIC)
def disputed(code: str) -> Any:
    """What happens with a dispute, and whom to ask."""
    return render_template("evaluations/disputed.html", estate=get_estate(code))
