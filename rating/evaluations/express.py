"""The residents' usual way again, quicker: letter, form, sending, receipt, without the frame of a request.

The plain views answer first. Their answer is kept with holes where this resident's own values stood (token, ticket,
receipt), under everything else that it was made from: the facts that the database tells, language, size of text,
settings; and only once the answer to another resident is the same but for the holes. The next one for whom all of that
is the same gets it with their own values. So there is one source of every byte and header, and the plain views are this
file's test. Whatever is unusual in the least (a cookie that isn't the
residents', a query, a failed guess, an open question, a round that is over, an error) is left to them, from the start:
nothing has been written by then.

What is checked is checked with the plain views' own functions. Reads are constants of this file, in a read-only
transaction; the one write is theirs too, `accept_evaluation`.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from sqlalchemy import Connection, Row, Select, bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.test import run_wsgi_app

from rating import database
from rating.access import rule_of
from rating.errors import DomainError
from rating.evaluations import tickets, views
from rating.evaluations.forms import tidy
from rating.evaluations.models import Channel, Evaluation, Participation
from rating.evaluations.qr_path import qr_path
from rating.evaluations.service import Outcome, check_answers
from rating.evaluations.traces import network_hash
from rating.extensions import db, limiter
from rating.limits import RUNNING, DatabaseStorage
from rating.network import network_of
from rating.registry.models import Community, Company, Estate
from rating.rounds.codes import code_hash, read_code
from rating.rounds.models import HouseholdCode, RatedEstate, Round, is_taking
from rating.rulebooks.content import Questionnaire
from rating.rulebooks.models import Rulebook
from rating.scoring import Direction
from rating.tries import CODES
from rating.web import LANGUAGE_COOKIE, LANGUAGES, TEXT_COOKIE, TEXT_SIZES, code_key, log, now, today

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Header = tuple[str, str]
Key = tuple[Any, ...]
Value = TypeVar("Value")
MOST_KEPT = 2000  # answers; a form is 13 KB
LONGEST_FORM = 32_768  # bytes; a longer one is not the usual way
CODE = r"[A-Z0-9_-]{1,20}"
LETTER, FORM, SENT, RECEIPT = "evaluations.open_code", "evaluations.form", "evaluations.submit", "receipt.show"
PATHS = {
    "GET": (
        (LETTER, re.compile(r"/h/([0-9]{16})")),
        (FORM, re.compile(rf"/e/({CODE})")),
        (RECEIPT, re.compile(rf"/e/({CODE})/receipt")),
    ),
    "POST": ((SENT, re.compile(rf"/e/({CODE})")),),
}
STATUS = {LETTER: 303, FORM: 200, SENT: 303, RECEIPT: 200}
HOLE = "\0"  # where the sealed tickets stand in a kept header
TICKETS_SET = re.compile(rf"({tickets.COOKIE}=)[^;]*(.*)", re.DOTALL)
SETTINGS = ("CITY_ZH", "CITY_EN", "CONTACT_PHONE", "BASE_URL", "HTTPS", "SESSION_COOKIE_NAME")

_FACTS: tuple[Any, ...] = (
    RatedEstate.id, RatedEstate.round_id, RatedEstate.households, Round.state, Round.opens_on, Round.closes_on,
    Round.number, Round.title_zh, Round.title_en, Round.rulebook_id, Rulebook.digest, Estate.code,
    Estate.name.label("estate"), Community.name.label("community"), Community.phone, Company.name.label("company"),
    Company.phone.label("company_phone"),
)  # fmt: skip


def _of_rated_estate(*more: Any) -> Select[Any]:
    """All that pages say of a rated estate, and more."""
    return (
        select(*_FACTS, *more)
        .select_from(RatedEstate)
        .join(RatedEstate.round)
        .join(Round.rulebook)
        .join(RatedEstate.estate)
        .join(RatedEstate.community)
        .join(RatedEstate.company)
    )


_HOUSEHOLD = (
    select(
        HouseholdCode.household_number,
        RatedEstate.id,
        Round.state,
        Round.opens_on,
        Round.closes_on,
        Estate.code,
        RUNNING.scalar_subquery().label("tries"),
    )
    .join(RatedEstate, RatedEstate.id == HouseholdCode.rated_estate_id)
    .join(RatedEstate.round)
    .join(RatedEstate.estate)
    .where(HouseholdCode.code_hash == bindparam("code_hash"))
)
_OPEN_FORM = (
    _of_rated_estate(
        select(Evaluation.id).where(Evaluation.receipt_hash == bindparam("receipt_hash")).exists().label("known"),
        func.substr(Participation.answered, bindparam("household_number"), 1).label("answered"),
    )
    .outerjoin(Participation, Participation.rated_estate_id == RatedEstate.id)
    .where(RatedEstate.id == bindparam("rated_estate_id"))
)
_RECEIVED = (
    _of_rated_estate()
    .join(Evaluation, Evaluation.rated_estate_id == RatedEstate.id)
    .where(Evaluation.receipt_hash == bindparam("receipt_hash"))
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the usual way has it; `alike` is what its answer depends on beside the database."""

    step: str
    code: str
    address: str
    cookie: str | None
    alike: tuple[Any, ...]
    fields: dict[str, str]


class Found(NamedTuple):
    """Under what an answer is kept, this resident's values in it, their tickets, and what is to be written."""

    key: Key
    values: tuple[str, ...] = ()
    book: tickets.TicketBook | None = None
    write: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer with holes: `pieces` stand between values, `places` say which of them."""

    status: str
    headers: list[Header]
    pieces: list[bytes]
    places: list[int]

    def filled(self, values: Sequence[str], cookie: str) -> tuple[list[Header], bytes]:
        """The answer of a resident with these values; `cookie` is the sealed book of tickets."""
        given = [value.encode() for value in values]
        body = b"".join(
            [self.pieces[0], *(given[at] + piece for at, piece in zip(self.places, self.pieces[1:], strict=True))]
        )
        own = {"Content-Length": str(len(body))}
        headers = [(name, own.get(name, value).replace(HOLE, cookie)) for name, value in self.headers]
        return headers, body


def keep(status: str, headers: list[Header], body: bytes, values: Sequence[str], sets_tickets: bool) -> Kept | None:
    """An answer as one with holes; None where it isn't what the values promise."""
    cookies = [value for name, value in headers if name == "Set-Cookie"]
    if len(cookies) != sets_tickets or not all(map(TICKETS_SET.fullmatch, cookies)):
        return None
    given = [value.encode() for value in values]
    if any(value not in body for value in given):
        return None
    parts = re.split(b"(" + b"|".join(map(re.escape, given)) + b")", body) if given else [body]
    headers = [
        (name, TICKETS_SET.sub(rf"\1{HOLE}\2", value) if name == "Set-Cookie" else value) for name, value in headers
    ]
    return Kept(status, headers, parts[::2], [given.index(value) for value in parts[1::2]])


def _remember(store: dict[Key, Value], key: Key, value: Value) -> None:
    """Put it in; the oldest make room."""
    while len(store) >= MOST_KEPT:
        store.pop(next(iter(store)), None)
    store[key] = value


class Questions:
    """What a round asks residents: the questionnaire, the answers that can be chosen, how many need a mark."""

    def __init__(self, rulebook: Rulebook) -> None:
        content = rulebook.content
        self.asked: Questionnaire = content.questionnaire(Direction.RESIDENT_TO_COMPANY)
        self.least_share = content.rules().min_marked_share
        quiet = {no_mark.key for no_mark in self.asked.no_marks}
        self.choices = {i.key: quiet.union(map(str, self.asked.choices(i))) for i in self.asked.indicators}
        self.longest = self.asked.comment.max_length if self.asked.comment else -1

    def has(self, fields: dict[str, str]) -> bool:
        """Whether a form has exactly these fields, each with one of its choices, and a comment that fits."""
        return (
            fields.keys() == {"csrf_token", "comment", *self.choices}
            and all(fields[key] in choices for key, choices in self.choices.items())
            and len(tidy(fields["comment"])) <= self.longest
        )

    def answers(self, fields: dict[str, str]) -> dict[str, int | str]:
        """Whole marks, or a no-mark's key, by indicator."""
        return {key: int(fields[key]) if fields[key].isdigit() else fields[key] for key in self.choices}


class Express:
    """The application before `plain`, the rest of it, to which it leaves all that it has no answer for."""

    def __init__(self, app: Flask, plain: WSGI) -> None:
        self.app, self.plain = app, plain
        self.kept: dict[Key, Kept] = {}
        self.first: dict[Key, tuple[set[str], Kept]] = {}
        self.questions: dict[str, Questions] = {}
        with app.app_context():
            self.reading = database.reading(db.engine)
        self.steps = {LETTER: self._letter, FORM: self._form, SENT: self._sent, RECEIPT: self._receipt}
        self.rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules() if rule.endpoint in self.steps}
        for endpoint in self.steps:
            rule = rule_of(endpoint, app.view_functions[endpoint])
            if rule is None or not rule.public:
                raise RuntimeError(f"{endpoint} is not for everybody")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI."""
        began = time.perf_counter()
        asked = self._read(environ)
        if asked is None:
            return self.plain(environ, start_response)
        with self.app.app_context():
            found = self._tried(self.steps[asked.step], asked)
            kept = self.kept.get(found.key) if found else None
            written = found is not None and kept is not None and self._tried(found.write)
            sealed = tickets.seal(found.book, views.secret()) if found and found.book else ""
        if found is None or (kept is not None and not written):
            return self.plain(environ, start_response)
        if kept is None:
            return self._learned(asked, found, environ, start_response)
        headers, body = kept.filled(found.values, sealed)
        start_response(kept.status, headers)
        log.info(
            "request",
            method=environ["REQUEST_METHOD"],
            path=self.rules[asked.step],
            status=STATUS[asked.step],
            ms=round((time.perf_counter() - began) * 1000, 1),
        )
        return [body]

    def _tried(self, what: Callable[..., Found | bool | None], *given: Any) -> Any:
        """What it gives; None for whatever goes wrong: the plain views meet it again and say it in words."""
        try:
            return what(*given)
        except (DomainError, SQLAlchemyError):
            return None
        except Exception as error:
            if self.app.testing:
                raise
            log.error("not so express", exc_info=error)
            return None

    def _learned(self, asked: Asked, found: Found, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The plain answer; what is the same in those of two residents is kept, if the facts are still the same."""
        parts, status, headers = run_wsgi_app(self.plain, environ, buffered=True)
        body, given = b"".join(parts), headers.to_wsgi_list()
        if status.startswith(str(STATUS[asked.step])):
            kept = keep(status, given, body, found.values, found.book is not None)
            with self.app.app_context():
                again = found if STATUS[asked.step] == 303 else self._tried(self.steps[asked.step], asked)
            if kept is not None and again is not None and again.key == found.key:
                self._keep_second(found, kept)
        start_response(status, given)
        return [body]

    def _keep_second(self, found: Found, kept: Kept) -> None:
        """Keep an answer once another resident's is the same but for the holes: then nothing of theirs is left in it."""
        tickets_of = found.book.tickets[:1] if found.book else []
        own = {*found.values, *(ticket.receipt.hex() for ticket in tickets_of)}
        others, first = self.first.get(found.key, (own, None))
        if first == kept and own.isdisjoint(others):
            self.first.pop(found.key, None)
            _remember(self.kept, found.key, kept)
        else:
            _remember(self.first, found.key, (own, kept))

    # ---- the request

    def _read(self, environ: dict[str, Any]) -> Asked | None:
        """The request, if it is a usual one."""
        path, cookies = environ.get("PATH_INFO", ""), self._cookies(environ.get("HTTP_COOKIE", ""))
        paths = PATHS.get(environ["REQUEST_METHOD"], ())
        match = next(((step, found) for step, pattern in paths if (found := pattern.fullmatch(path))), None)
        if match is None or cookies is None or environ.get("QUERY_STRING") or environ.get("SCRIPT_NAME"):
            return None
        language, size = cookies.get(LANGUAGE_COOKIE, "zh"), cookies.get(TEXT_COOKIE, TEXT_SIZES[0])
        fields = self._fields(environ) if match[0] == SENT else {}
        if language not in LANGUAGES or size not in TEXT_SIZES or fields is None:
            return None
        seen = (environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_PROTO"))
        alike = (match[0], language, size, *seen, *(self.app.config[name] for name in SETTINGS))
        return Asked(match[0], match[1][1], environ.get("REMOTE_ADDR", ""), cookies.get(tickets.COOKIE), alike, fields)

    def _cookies(self, header: str) -> dict[str, str] | None:
        """The residents' cookies by name; None where there is another, or a session that is not theirs."""
        pairs = [pair.partition("=")[::2] for pair in header.split("; ")] if header else []
        cookies, session = dict(pairs), self.app.config["SESSION_COOKIE_NAME"]
        if len(cookies) != len(pairs) or '"' in header:
            return None
        if cookies.keys() - {tickets.COOKIE, LANGUAGE_COOKIE, TEXT_COOKIE, session}:
            return None
        return cookies if session not in cookies or self._holds_token_only(cookies[session]) else None

    def _holds_token_only(self, cookie: str) -> bool:
        """Whether a session says nothing but which CSRF token the entrance's form had."""
        serializer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        try:
            return serializer is not None and serializer.loads(cookie).keys() == {"csrf_token"}
        except BadSignature:
            return False

    @staticmethod
    def _fields(environ: dict[str, Any]) -> dict[str, str] | None:
        """A form's fields; the plain views can read them again."""
        length = environ.get("CONTENT_LENGTH") or ""
        usual = environ.get("CONTENT_TYPE") == "application/x-www-form-urlencoded"
        if not usual or not length.isdecimal() or int(length) > LONGEST_FORM:
            return None
        body = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
        except ValueError:
            return None
        fields = dict(pairs)
        return fields if len(fields) == len(pairs) and b"%00" not in body and b"\0" not in body else None

    # ---- the steps: what the database says, and what would be written; None for whatever is not usual

    def _letter(self, asked: Asked) -> Found | None:
        if not isinstance(limiter.storage, DatabaseStorage):
            return None
        counter = limiter.storage.hashed(CODES.counter_of(network_of(asked.address) or "unknown"))
        sought = {"code_hash": code_hash(code_key(), read_code(asked.code)), "key_hash": counter, "now": now()}
        with self.reading.connect() as connection:
            row = connection.execute(_HOUSEHOLD, sought).one_or_none()
        if row is None or row.tries or not is_taking(row.state, row.opens_on, row.closes_on, today()):
            return None
        book = self._book(asked)
        book.open(row.id, row.household_number, now())
        return Found((*asked.alike, row.code), book=book)

    def _form(self, asked: Asked) -> Found | None:
        for ticket in self._book(asked).tickets[:1]:
            with self.reading.connect() as connection:
                facts = self._open_facts(connection, asked, ticket)
            if facts is not None:
                return Found((*asked.alike, *facts), (tickets.form_token(ticket, views.secret()),))
        return None

    def _sent(self, asked: Asked) -> Found | None:
        book = self._book(asked)
        ticket = tickets.find_by_token(book, asked.fields.get("csrf_token", ""), views.secret())
        facts = self._open_facts(db.session.connection(), asked, ticket) if ticket else None
        if ticket is None or facts is None:
            return None
        if facts.digest not in self.questions:
            self.questions[facts.digest] = Questions(db.session.get_one(Rulebook, facts.rulebook_id))
        questions = self.questions[facts.digest]
        if not questions.has(asked.fields):
            return None
        comment = tidy(asked.fields["comment"])
        filled = check_answers(questions.asked, questions.answers(asked.fields), comment, questions.least_share)
        trace = network_hash(views.secret(), facts.number, asked.address)
        book.open(ticket.rated_estate_id, ticket.household_number, now())

        def write() -> bool:
            counted = views.accept_evaluation(ticket, facts, filled, Channel.OWN, today(), trace) is Outcome.COUNTED
            if counted:
                db.session.commit()
            return counted

        return Found((*asked.alike, asked.code), book=book, write=write)

    def _receipt(self, asked: Asked) -> Found | None:
        for ticket in self._book(asked).tickets[:1]:
            with self.reading.connect() as connection:
                facts = connection.execute(_RECEIVED, {"receipt_hash": ticket.receipt_hash}).one_or_none()
            if facts is not None and facts.code == asked.code:
                number = tickets.receipt_number(ticket.receipt)
                groups = (f"<span>{group}</span>" for group in number.split("-"))
                values = (number, *groups, tickets.form_token(ticket, views.secret()), qr_path(number))
                return Found((*asked.alike, *facts), values)
        return None

    @staticmethod
    def _book(asked: Asked) -> tickets.TicketBook:
        return tickets.unseal(asked.cookie, views.secret(), now())

    @staticmethod
    def _open_facts(connection: Connection, asked: Asked, ticket: tickets.Ticket) -> Row[Any] | None:
        """What is said of the ticket's estate, if its household can rate it today at this address."""
        of = {"rated_estate_id": ticket.rated_estate_id, "household_number": ticket.household_number}
        row = connection.execute(_OPEN_FORM, {**of, "receipt_hash": ticket.receipt_hash}).one_or_none()
        if row is None or row.known or row.answered == "1" or row.code != asked.code:
            return None
        return row if is_taking(row.state, row.opens_on, row.closes_on, today()) else None
