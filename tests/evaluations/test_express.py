"""The residents' quick way answers as the plain views do, or leaves it to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from rating.access import SYSTEM
from rating.evaluations import express, tickets
from rating.evaluations.express import Express
from rating.evaluations.models import Evaluation, Participation, Trace, TurnoutDay
from rating.evaluations.service import Outcome
from rating.extensions import db
from rating.reviews.service import close_round
from rating.rounds.models import RatedEstate
from rating.rulebooks.models import Rulebook
from rating.storage.engines import close_connections
from tests.factories import RatedEstateFactory, issue_code
from tests.support.client import Client
from tests.support.clock import START, Clock
from tests.support.databases import make_app

FORM, RECEIPT = "/e/QY0001", "/e/QY0001/receipt"
OWN = [bytes([number]) * 16 for number in range(1, 40)]  # receipts, one after the other
Taken = list[bool]


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(estate__code="QY0001", estate__name="清苑小区", households=30)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    """Whether each request was answered in the quick way."""
    took: Taken = []
    call, offer = Express.__call__, Express._try

    def called(self: Express, environ: Any, start_response: Any) -> Any:
        took.append(False)
        return call(self, environ, start_response)

    def offered(self: Express, step: Any, asked: Any) -> Any:
        answer = offer(self, step, asked)
        took[-1] = answer is not None
        return answer

    monkeypatch.setattr(Express, "__call__", called)
    monkeypatch.setattr(Express, "_try", offered)
    return took


@contextmanager
def plainly() -> Iterator[None]:
    """Everything is answered by the plain views."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Express, "_read", lambda *_: None)
        yield


@pytest.fixture(autouse=True)
def _same_receipts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new ticket's receipt is the household's own, so that both ways give the same."""
    given = tickets.new_ticket

    def with_own(rated_estate_id: int, household_number: int, now: Any) -> tickets.Ticket:
        ticket = given(rated_estate_id, household_number, now)
        return tickets.Ticket(rated_estate_id, household_number, OWN[household_number], ticket.issued_at)

    monkeypatch.setattr(tickets, "new_ticket", with_own)


def told(response: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    """All that comes back; a cookie's last day is by the machine's clock, to the second."""
    headers = [(name, re.sub("Expires=[^;]*", "", value)) for name, value in response.headers]
    return response.status_code, sorted(headers), response.data


def filled(client: Client, rated: RatedEstate, **more: str) -> dict[str, str]:
    """A whole form with the token that the page has."""
    token = client.get(FORM).text.partition('name="csrf_token" value="')[2][:32]
    questionnaire = rated.round.rulebook.content.questionnaires["resident_to_company"]
    return {"csrf_token": token, **{one.key: "4" for one in questionnaire.indicators}, "comment": "电梯常坏", **more}


def in_use(app: Flask, rated: RatedEstate, code: str = "") -> Client:
    """A phone that has opened its letter, with pages kept by those who came before."""
    client = app.test_client()
    client.get(f"/h/{code or issue_code(rated)}")
    client.get(FORM)
    return client


def rows() -> list[tuple[Any, ...]]:
    """What the database holds of each evaluation beside its keys."""
    evaluation = (Evaluation.marks, Evaluation.score, Evaluation.week, Evaluation.comment, Evaluation.channel)
    found = db.session.execute(
        select(*evaluation, Trace.network).outerjoin(Trace, Trace.evaluation_id == Evaluation.id)
    )
    return [tuple(row) for row in found]


@pytest.mark.parametrize("choices", [{}, {"lang": "en"}, {"text": "largest"}, {"lang": "en", "text": "large"}])
def test_every_step_is_the_plain_views_to_the_byte(
    app: Flask, rated: RatedEstate, taken: Taken, choices: dict[str, str]
) -> None:
    def way() -> list[Any]:
        client = app.test_client()
        for choice, value in choices.items():
            client.set_cookie(choice, value)
        seen = [client.get(f"/h/{code}"), client.get(FORM)]
        seen.append(client.post(FORM, data=filled(client, rated)))
        return [*map(told, seen), told(client.get(RECEIPT)), told(client.get(RECEIPT))]

    code = issue_code(rated)
    with plainly():
        plain = way()
    assert [one[0] for one in plain] == [303, 200, 303, 200, 200]
    db.session.query(Trace).delete()
    stored = rows()
    db.session.query(Evaluation).delete()
    rewind(rated)
    taken.clear()
    assert way() == plain
    assert taken == [True] * 6
    assert [row[:5] for row in rows()] == [row[:5] for row in stored] and rows()[0][5] is not None
    assert db.session.scalars(select(TurnoutDay.count)).all() == [2]


def rewind(rated: RatedEstate) -> None:
    """Nobody has answered."""
    db.session.query(Participation).delete()
    db.session.commit()


def unusual(app: Flask, rated: RatedEstate, clock: Clock) -> dict[str, Callable[[Client], TestResponse]]:
    """Requests that only the plain views answer."""

    def closed(client: Client) -> TestResponse:
        close_round(rated.round, SYSTEM, START, early_reason="系统升级", today_is_past=False)
        return client.get(FORM)

    def sent(**more: Any) -> Callable[[Client], TestResponse]:
        return lambda client: client.post(FORM, data={**filled(client, rated), **more})

    def without(*names: str) -> Callable[[Client], TestResponse]:
        def send(client: Client) -> TestResponse:
            fields = filled(client, rated)
            return client.post(FORM, data={key: value for key, value in fields.items() if key not in names})

        return send

    first = rated.round.rulebook.content.questionnaires["resident_to_company"].indicators[0].key

    def with_cookie(client: Client) -> TestResponse:
        client.set_cookie("something", "else")
        return client.get(FORM)

    def later(client: Client) -> TestResponse:
        clock.set(START.replace(year=START.year + 1))
        return client.get(FORM)

    def twice(client: Client) -> TestResponse:
        fields = filled(client, rated)
        client.post(FORM, data=fields)
        return client.post(FORM, data=fields)

    def as_file(client: Client) -> TestResponse:
        return client.post(FORM, data=filled(client, rated), content_type="multipart/form-data")

    def guessed(client: Client) -> TestResponse:
        client.get("/h/0000000000000000")
        return client.get(f"/h/{issue_code(rated)}")

    return {
        "a query": lambda client: client.get(f"{FORM}?text=large"),
        "another cookie": with_cookie,
        "a code that nobody has": lambda client: client.get("/h/0000000000000000"),
        "a slip": lambda client: client.get("/h/1000000000000000"),
        "a network that has guessed wrong": guessed,
        "another estate": lambda client: client.get("/e/QY0009"),
        "small letters": lambda client: client.get("/e/qy0001"),
        "no ticket": lambda client: app.test_client().get(FORM),
        "no receipt yet": lambda client: client.get(RECEIPT),
        "a round that is over": later,
        "a row left open": without(first),
        "no comment field": without("comment"),
        "a choice that there isn't": sent(**{first: "9"}),
        "a field twice": sent(**{first: ["4", "5"]}),
        "a field too many": sent(more="1"),
        "too few marks": lambda client: client.post(
            FORM, data={key: "unknown" if value == "4" else value for key, value in filled(client, rated).items()}
        ),
        "too long a comment": sent(comment="长" * 600),
        "a sign that no text has": sent(comment="a\x00b"),
        "another token": sent(csrf_token="0" * 32),
        "sent twice": twice,
        "another kind of form": as_file,
        "a closed round": closed,
        "only looked at": lambda client: client.head(FORM),
    }


UNUSUAL = [
    "a query", "another cookie", "a code that nobody has", "a slip", "a network that has guessed wrong",
    "another estate", "small letters", "no ticket", "no receipt yet", "a round that is over", "a row left open",
    "no comment field", "a choice that there isn't", "a field twice", "a field too many", "too few marks",
    "too long a comment", "a sign that no text has", "another token", "sent twice", "another kind of form",
    "a closed round", "only looked at",
]  # fmt: skip


@pytest.mark.parametrize("what", UNUSUAL)
def test_whatever_is_unusual_is_left_to_the_plain_views(
    app: Flask, rated: RatedEstate, taken: Taken, clock: Clock, what: str
) -> None:
    in_use(app, rated)
    client = in_use(app, rated)
    cases = unusual(app, rated, clock)
    assert list(cases) == UNUSUAL
    cases[what](client)
    assert taken and not taken[-1]


def test_many_residents_each_get_their_own(app: Flask, rated: RatedEstate, taken: Taken) -> None:
    phones = [in_use(app, rated) for _ in range(8)]
    for phone in phones:
        phone.post(FORM, data=filled(phone, rated))
    numbers = [phone.get(RECEIPT).text.partition('class="receipt-number">')[2].partition("</p>")[0] for phone in phones]
    expected = ["".join(f"<span>{four}</span>" for four in tickets.receipt_number(one).split("-")) for one in OWN[1:9]]
    assert [number.replace("<i>-</i><wbr>", "") for number in numbers] == expected
    assert taken[-8:] == [False, *[True] * 7], "the first one is drawn by the views"


def test_a_worker_that_has_not_read_the_rulebook_yet_leaves_the_form_to_the_views(
    app: Flask, rated: RatedEstate, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first request may be a form's sending: a session that reads, and holds SQLite, must not be waited for."""
    client = in_use(app, rated)
    fields = filled(client, rated)
    with monkeypatch.context() as patch:
        patch.setattr(Rulebook, "find_content", staticmethod(lambda _digest: None))
        response = client.post(FORM, data=fields)
    assert (response.status_code, response.location, taken[-1]) == (303, RECEIPT, False)
    assert len(rows()) == 1


@pytest.mark.parametrize("fault", [OperationalError("x", {}, Exception()), RuntimeError("no idea")])
def test_when_it_breaks_the_plain_views_answer(
    app: Flask,
    rated: RatedEstate,
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
    capsys: pytest.CaptureFixture[str],
) -> None:
    in_use(app, rated)
    client = in_use(app, rated)
    fields = filled(client, rated)

    def breaks(*_: Any) -> Outcome:
        raise fault

    app.testing = False
    monkeypatch.setattr(express, "accept_evaluation", breaks)
    response = client.post(FORM, data=fields)
    app.testing = True
    assert (response.status_code, response.location) == (303, RECEIPT)
    assert len(rows()) == 1
    assert ("not so express" in capsys.readouterr().out) is isinstance(fault, RuntimeError)


def test_it_refuses_to_be_made_for_a_page_that_is_not_for_everybody(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(app.view_functions["receipt.show"], "access_rule")
    with pytest.raises(RuntimeError, match="not for everybody"):
        Express(app, lambda *_: [])


def test_over_https_it_is_the_same_and_over_http_it_is_left_alone(
    app: Flask, rated: RatedEstate, taken: Taken, clock: Clock, tmp_path: Path
) -> None:
    secured = make_app(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path, clock, HTTPS=True)
    secured.test_client_class = Client
    code = issue_code(rated)
    client = secured.test_client()
    seen = []
    for _ in range(2):
        letter = client.get(f"/h/{code}", base_url="https://localhost")
        seen.append([told(letter), told(client.get(FORM, base_url="https://localhost"))])
    with plainly():
        seen.append([told(client.get(f"/h/{code}", base_url="https://localhost"))])
        seen[-1].append(told(client.get(FORM, base_url="https://localhost")))
    assert seen[1] == seen[2] and taken == [True, False, True, True, False, False]
    assert any(name == "Strict-Transport-Security" for name, _ in seen[1][1][1])
    assert client.get(FORM).status_code == 302 and not taken[-1]
    with secured.app_context():
        close_connections()
