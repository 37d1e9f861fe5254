"""The residents' way: the letter's code (/h), the form and its sending (/e).

Neither session nor account is asked for here: a signed cookie carries this phone's tickets, and the form's token is an
HMAC of the ticket that it belongs to, which no other site knows and which outlives any session. Codes typed by hand
and disputes are in entrance_views.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from rating.access import PUBLIC, allow
from rating.errors import DomainError, Invalid, NotFound, TooMany
from rating.evaluations import tickets
from rating.evaluations.checking import checked
from rating.evaluations.forms import AnswersForm, CodeForm, answers_form
from rating.evaluations.letter_views import letter_page
from rating.evaluations.models import Channel
from rating.evaluations.page_cache import cached_page
from rating.evaluations.rated import Household, Rated, find_household, find_rated, find_standing
from rating.evaluations.service import Outcome, RoundNotOpen, accept_evaluation, needed_of
from rating.evaluations.traces import network_hash
from rating.extensions import db
from rating.registry.queries import get_estate
from rating.rounds.codes import code_hash, read_code
from rating.rounds.queries import find_open_round, find_rated_estate
from rating.rulebooks.content import RulebookContent
from rating.rulebooks.queries import get_content
from rating.scoring import Direction
from rating.server.sizes import KB, takes
from rating.tries.guessing import CODES
from rating.web.access import only_read_from_here
from rating.web.addresses import tidied
from rating.web.errors import answer_too_many
from rating.web.language import told
from rating.web.request import code_key, now, today
from rating.wording import _l

bp = Blueprint("evaluations", __name__)


LONG_COMMENT = 128 * KB  # a comment that is far too long comes back with what was typed

# ---- tickets


def secret() -> str:
    """The application key."""
    return str(current_app.config["SECRET_KEY"])


def ticket_book() -> tickets.TicketBook:
    """The tickets of this phone."""
    return tickets.unseal(request.cookies.get(tickets.COOKIE), secret(), now())


def with_tickets(response: AnyResponse, book: tickets.TicketBook) -> AnyResponse:
    """The response with this phone's tickets in its cookie."""
    response.headers.add("Set-Cookie", tickets.cookie_header(book, secret(), secure=current_app.config["HTTPS"]))
    return response


def _household(typed: str) -> Household:
    """The household of a code, in a round that takes evaluations today; an unknown code counts as a guess."""
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
    round_ = household.rated.round
    if not round_.takes_evaluations(today()):
        raise RoundNotOpen(
            _l(
                "This round takes evaluations from %(first)s to %(last)s.",
                first=round_.opens_on,
                last=round_.closes_on,
            ),
            field="code",
        )
    return household


def household_of(rated: Rated, typed: str) -> Household:
    """The household of a typed code; raises Invalid for a household of another estate."""
    household = _household(typed)
    if household.rated.id != rated.id:
        raise Invalid(_l("This code belongs to another estate: %(name)s.", name=household.rated.estate.name))
    return household


@bp.get("/h/<code>")
@allow(PUBLIC)
def open_code(code: str) -> Any:
    """The letter's QR code: set the ticket, write nothing, go on to the form."""
    try:
        return opened(_household(code))
    except DomainError as error:
        return tidied() or letter_page(error)


def opened(household: Household) -> AnyResponse:
    """The household's ticket in this browser's cookie, and on to the form."""
    book = ticket_book()
    book.open(household.rated.id, household.number, now())
    return with_tickets(redirect(url_for("evaluations.form", code=household.rated.estate.code), 303), book)


def told_why(error: DomainError) -> str:
    """The error beside the code; whoever tried too often sees it on the page that keeps what they typed."""
    if isinstance(error, TooMany):
        answer_too_many(error.seconds)
    return told(error.message)


# ---- the residents' page


def rated_today(code: str) -> Rated | None:
    """The estate in the round that takes evaluations today; None outside a round or for one that isn't rated."""
    rated = find_rated(code)
    return rated if rated and rated.round.takes_evaluations(today()) else None


@bp.get("/e/<code>")
@allow(PUBLIC)
def form(code: str) -> Any:
    """The poster's address: the form for whoever has a ticket, else how to take part."""
    rated = rated_today(code)
    if rated is None:
        return no_round(code)
    ticket = ticket_book().find(rated.id)
    if ticket is None:
        return entrance(rated, CodeForm())
    standing = find_standing(ticket)
    if standing and standing.received:
        return redirect(url_for("own_receipt.show", code=rated.estate.code), 303)
    if standing and standing.answered:
        return _answered(rated, ticket)
    return cached_page(rated, [tickets.form_token(ticket, secret())], lambda own: _draw(rated, own[0]))


def _draw(rated: Rated, token: str) -> str:
    content = get_content(rated.round.rulebook_id, rated.round.digest)
    empty = _resident_form(content)(None)
    empty.csrf_token.data = token
    return _resident_page(rated, content, empty)


@bp.post("/e/<code>")
@allow(PUBLIC)
@takes(LONG_COMMENT)
def submit(code: str) -> Any:
    """A resident hands in the form: check, one transaction, commit, receipt."""
    book = ticket_book()
    ticket = tickets.find_by_token(book, request.form.get("csrf_token", ""), secret())
    rated = rated_today(code)
    if rated is None:
        return _not_taken(book, ticket, code)
    content = get_content(rated.round.rulebook_id, rated.round.digest)
    filled_form = _resident_form(content)(request.form)
    if ticket is None or ticket.rated_estate_id != rated.id:
        ticket = _ticket_again(book, rated, filled_form)
    filled = checked(filled_form, content)
    if ticket is None or filled is None:
        only_read_from_here()
        page = _resident_page(rated, content, filled_form)
        return _retried(book, ticket, code) or with_tickets(current_app.make_response((page, 422)), book)
    try:
        outcome = accept_evaluation(ticket, rated, filled, Channel.OWN, today(), _trace(rated))
    except RoundNotOpen:  # it closed at this very moment
        return _not_taken(book, ticket, code)
    db.session.commit()
    return _answered(rated, ticket) if outcome is Outcome.ANSWERED else _to_receipt(book, ticket, code)


def _not_taken(book: tickets.TicketBook, ticket: tickets.Ticket | None, code: str) -> Any:
    """No evaluations today; one that was accepted before still shows its receipt."""
    return _retried(book, ticket, code) or no_round(code)


def _retried(book: tickets.TicketBook, ticket: tickets.Ticket | None, code: str) -> AnyResponse | None:
    """Redirect to the receipt of a ticket whose evaluation was received before."""
    standing = find_standing(ticket) if ticket else None
    return _to_receipt(book, ticket, code) if ticket and standing and standing.received else None


def _trace(rated: Rated) -> bytes | None:
    """Which network this form comes from, as a keyed hash."""
    return network_hash(secret(), rated.round.number, request.remote_addr or "")


def _to_receipt(book: tickets.TicketBook, ticket: tickets.Ticket, code: str) -> AnyResponse:
    """Go to this ticket's receipt, also where another household's code was opened in between."""
    book.open(ticket.rated_estate_id, ticket.household_number, now())
    return with_tickets(redirect(url_for("own_receipt.show", code=code), 303), book)


def _ticket_again(book: tickets.TicketBook, rated: Rated, filled_form: AnswersForm) -> tickets.Ticket | None:
    """The phone lost its ticket (a day has passed, cookies cleared): ask for the code again, keep the answers."""
    filled_form.asks_code = True
    filled_form.code_typed = request.form.get("code", "").strip()
    try:
        if not filled_form.code_typed:
            raise Invalid(
                _l("This phone has lost its ticket. Enter the code from your letter again; your answers are kept.")
            )
        household = household_of(rated, filled_form.code_typed)
    except DomainError as error:
        filled_form.code_error = told_why(error)
        only_read_from_here()
        return None
    ticket = book.open(rated.id, household.number, now())
    filled_form.csrf_token.data = tickets.form_token(ticket, secret())
    filled_form.asks_code = False
    return ticket


def _resident_form(content: RulebookContent) -> type[AnswersForm]:
    return answers_form(content.questionnaire(Direction.RESIDENT_TO_COMPANY))


def _resident_page(rated: Rated, content: RulebookContent, filled_form: AnswersForm) -> str:
    return render_template(
        "evaluations/form.html",
        rated_estate=rated,
        form=filled_form,
        needed=needed_of(filled_form.questionnaire, content.rules().min_marked_share).sentence(),
        questionnaire=filled_form.questionnaire,
    )


def entrance(rated: Rated, typed: CodeForm, status: int = 200) -> AnyResponse:
    """How to take part, and the field for the code; with a cookie, by which a browser that keeps none is found out."""
    page = render_template("evaluations/entrance.html", rated_estate=rated, form=typed)
    return with_tickets(current_app.make_response((page, status)), ticket_book())


def no_round(code: str) -> Any:
    """No evaluations today: say when the round was or will be, or why the estate isn't rated. Nothing typed is lost."""
    try:
        estate = get_estate(code)
    except NotFound as error:
        return tidied() or letter_page(error)
    round_ = find_open_round()
    rated = find_rated_estate(round_, code) if round_ else None
    page = render_template("evaluations/no_round.html", estate=estate, round=round_, rated=rated, typed=request.form)
    return page, 200 if request.method == "GET" else 410


def _answered(rated: Rated, ticket: tickets.Ticket) -> tuple[str, int]:
    form_token = tickets.form_token(ticket, secret())  # the phone may forget what was typed into that form
    return render_template("evaluations/answered.html", rated_estate=rated, form_token=form_token), 409
