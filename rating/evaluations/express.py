"""The four requests that every resident makes (letter, form, sending, receipt), answered before Flask's frame.

The plain views say what an answer is. Here the usual case is answered the same, to the byte of page and headers, out
of the views' own parts: tickets, reads, checks, kept pages, the one transaction. Whatever is unusual in the least is
left to them from the start: a cookie that isn't a resident's, a query, a failed guess, a row left open, a page not kept
yet, a round that is over, an error. Tests send each request both ways (tests/evaluations/test_express.py).
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from flask import Flask, session
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.utils import redirect

from rating.access import rule_of
from rating.errors import DomainError
from rating.evaluations import tickets
from rating.evaluations.forms import tidy
from rating.evaluations.kept_pages import Look, find_kept
from rating.evaluations.models import Channel
from rating.evaluations.rated import Rated, find_household, find_rated_of_receipt, find_standing
from rating.evaluations.service import Outcome, accept_evaluation, check_answers
from rating.evaluations.traces import network_hash
from rating.extensions import limiter
from rating.rounds.codes import code_hash, read_code
from rating.rulebooks.content import Questionnaire
from rating.rulebooks.models import Rulebook
from rating.scoring import Direction
from rating.server.network import network_of
from rating.storage.engines import writing
from rating.tries.counters import DatabaseStorage
from rating.tries.guessing import CODES
from rating.web.language import LANGUAGE_COOKIE, LANGUAGES, TEXT_COOKIE, TEXT_SIZES
from rating.web.log import log, log_request
from rating.web.request import code_key, now, today

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
LONGEST_FORM = 32_768  # bytes
USUAL_COOKIES = frozenset({tickets.COOKIE, LANGUAGE_COOKIE, TEXT_COOKIE})
ESTATE = r"[A-Z0-9_-]{1,20}"
HTML = ("Content-Type", "text/html; charset=utf-8")


class Way(NamedTuple):
    """One of the four: its requests, and what answers them."""

    method: str
    path: re.Pattern[str]
    endpoint: str
    step: Callable[[Asked], Answer | None]


class Asked(NamedTuple):
    """A usual request; `code` is a letter's or an estate's."""

    code: str
    key: str
    book: tickets.TicketBook
    look: Look
    address: str
    environ: dict[str, Any]


class Answer(NamedTuple):
    """A page, or where to go on."""

    page: str = ""
    location: str = ""


class Express:
    """The residents' way of an application, before `plain`, the whole of it."""

    def __init__(self, app: Flask, plain: WSGI) -> None:
        self.app, self.plain = app, plain
        self.ways = [
            Way("GET", re.compile(r"/h/([0-9]{16})"), "evaluations.open_code", _letter),
            Way("GET", re.compile(rf"/e/({ESTATE})"), "evaluations.form", _form),
            Way("POST", re.compile(rf"/e/({ESTATE})"), "evaluations.submit", _sent),
            Way("GET", re.compile(rf"/e/({ESTATE})/receipt"), "receipt.show", _receipt),
        ]
        self.rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
        self.headers: list[tuple[str, str]] = []
        for way in self.ways:
            rule = rule_of(way.endpoint, app.view_functions[way.endpoint])
            if rule is None or not rule.public:
                raise RuntimeError(f"{way.endpoint} is not for everybody")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI."""
        began = time.perf_counter()
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        for way in self.ways:
            if method == way.method and (found := way.path.fullmatch(path)) and not environ.get("QUERY_STRING"):
                with self.app.app_context():
                    asked = self._read(found[1], path, environ)
                    answer = self._try(way.step, asked) if asked else None
                    if asked and answer:
                        status, headers, body = self._dress(answer, asked)
                        start_response(status, headers)
                        ms = round((time.perf_counter() - began) * 1000, 1)
                        log.info("request", method=method, path=self.rules[way.endpoint], status=int(status[:3]), ms=ms)
                        return [body]
        return self.plain(environ, start_response)

    def _read(self, code: str, path: str, environ: dict[str, Any]) -> Asked | None:
        config, header = self.app.config, environ.get("HTTP_COOKIE", "")
        pairs = [pair.partition("=")[::2] for pair in header.split("; ")] if header else []
        cookies = dict(pairs)
        language, size = cookies.get(LANGUAGE_COOKIE, "zh"), cookies.get(TEXT_COOKIE, TEXT_SIZES[0])
        if (
            len(cookies) != len(pairs)
            or cookies.keys() - USUAL_COOKIES
            or language not in LANGUAGES
            or size not in TEXT_SIZES
            or (config["HTTPS"] and environ["wsgi.url_scheme"] != "https")
        ):
            return None
        key = str(config["SECRET_KEY"])
        book = tickets.unseal(cookies.get(tickets.COOKIE), key, now())
        return Asked(code, key, book, Look(path, language, size), environ.get("REMOTE_ADDR", ""), environ)

    def _try(self, step: Callable[[Asked], Answer | None], asked: Asked) -> Answer | None:
        """None for whatever goes wrong: the plain views meet it again, and say it in words."""
        try:
            return step(asked)
        except (DomainError, SQLAlchemyError):
            return None
        except Exception as error:
            if self.app.testing:
                raise
            log.error("not so express", exc_info=error)
            return None

    def _dress(self, answer: Answer, asked: Asked) -> tuple[str, list[tuple[str, str]], bytes]:
        """Status, headers and body, as the frame would give them."""
        if not self.headers:
            self.headers = _headers_of_all(self.app)
        if not answer.location:
            body = answer.page.encode()
            return "200 OK", [HTML, ("Content-Length", str(len(body))), *self.headers], body
        body = _body_of_redirect(answer.location)
        cookie = tickets.cookie_header(asked.book, asked.key, secure=self.app.config["HTTPS"])
        on = [HTML, ("Content-Length", str(len(body))), ("Location", answer.location), ("Set-Cookie", cookie)]
        return "303 SEE OTHER", [*on, *self.headers], body


@lru_cache(maxsize=4096)
def _body_of_redirect(location: str) -> bytes:
    return redirect(location, 303).get_data()


def _headers_of_all(app: Flask) -> list[tuple[str, str]]:
    """What the frame adds to every answer that depends on cookies, asked of it with an empty one."""
    with app.test_request_context(base_url="https://localhost" if app.config["HTTPS"] else "http://localhost"):
        empty = app.response_class()
        for dress in reversed(app.after_request_funcs[None]):
            if dress is not log_request:
                empty = app.ensure_sync(dress)(empty)
        session.accessed = True
        app.session_interface.save_session(app, session, empty)
        return [pair for pair in empty.headers if pair[0] not in {"Content-Type", "Content-Length"}]


# ---- the four; each gives None for what is not usual


def _letter(asked: Asked) -> Answer | None:
    if not isinstance(limiter.storage, DatabaseStorage):
        return None
    counter = limiter.storage.hashed(CODES.counter_of(network_of(asked.address) or "unknown"))
    household = find_household(code_hash(code_key(), read_code(asked.code)), counter, now())
    if household is None or household.tries or not household.rated.round.takes_evaluations(today()):
        return None
    asked.book.open(household.rated.id, household.number, now())
    return Answer(location=f"/e/{household.rated.estate.code}")


def _form(asked: Asked) -> Answer | None:
    ticket = asked.book.tickets[0] if asked.book.tickets else None
    rated = _open_for(ticket, asked.code)
    page = find_kept(rated, asked.look, [tickets.form_token(ticket, asked.key)]) if ticket and rated else None
    return Answer(page=page) if page else None


def _open_for(ticket: tickets.Ticket | None, estate_code: str) -> Rated | None:
    """The ticket's rated estate, if it has this code and its household can answer today."""
    standing = find_standing(ticket) if ticket else None
    if standing is None or standing.received or standing.answered or standing.rated.estate.code != estate_code:
        return None
    return standing.rated if standing.rated.round.takes_evaluations(today()) else None


def _sent(asked: Asked) -> Answer | None:
    fields = _read_fields(asked.environ)
    ticket = tickets.find_by_token(asked.book, fields.get("csrf_token", ""), asked.key)
    rated = _open_for(ticket, asked.code)
    if rated is None or ticket is None:
        return None
    content = Rulebook.find_content(rated.round.digest)
    if content is None:  # the views read it, in a transaction that this one would wait for
        return None
    questionnaire = content.questionnaire(Direction.RESIDENT_TO_COMPANY)
    if not _is_whole(fields, questionnaire):
        return None
    answers = {
        i.key: int(fields[i.key]) if fields[i.key].isdecimal() else fields[i.key] for i in questionnaire.indicators
    }
    filled = check_answers(questionnaire, answers, tidy(fields["comment"]), content.rules().min_marked_share)
    trace = network_hash(asked.key, rated.round.number, asked.address)
    with writing() as connection:
        outcome = accept_evaluation(ticket, rated, filled, Channel.OWN, today(), trace, connection)
    if outcome is not Outcome.COUNTED:  # nothing was written
        return None
    asked.book.open(ticket.rated_estate_id, ticket.household_number, now())
    return Answer(location=f"/e/{asked.code}/receipt")


def _receipt(asked: Asked) -> Answer | None:
    ticket = asked.book.tickets[0] if asked.book.tickets else None
    rated = find_rated_of_receipt(ticket.receipt_hash) if ticket else None
    if rated is None or ticket is None or rated.estate.code != asked.code:
        return None
    own = [tickets.form_token(ticket, asked.key), *tickets.receipt_number(ticket.receipt).split("-")]
    page = find_kept(rated, asked.look, own)
    return Answer(page=page) if page else None


def _read_fields(environ: dict[str, Any]) -> dict[str, str]:
    """A form's fields, none of them twice; empty where they are unusual. The plain views can read them again."""
    length = environ.get("CONTENT_LENGTH") or ""
    usual = environ.get("CONTENT_TYPE") == "application/x-www-form-urlencoded"
    if not usual or not length.isdecimal() or int(length) > LONGEST_FORM:
        return {}
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    if b"%00" in body or b"\0" in body:
        return {}
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        return {}
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else {}


def _is_whole(fields: dict[str, str], questionnaire: Questionnaire) -> bool:
    """Whether a form has exactly the fields that the page has, each row with one of its choices."""
    if questionnaire.comment is None or len(tidy(fields.get("comment"))) > questionnaire.comment.max_length:
        return False
    quiet = {no_mark.key for no_mark in questionnaire.no_marks}
    rows = {indicator.key: indicator for indicator in questionnaire.indicators}
    return fields.keys() == {"csrf_token", "comment", *rows} and all(
        fields[key] in quiet or fields[key] in {str(mark) for mark in questionnaire.choices(indicator)}
        for key, indicator in rows.items()
    )
