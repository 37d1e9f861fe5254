"""What a phone has seen is kept, whatever breaks on the way; tests/proofs/durable.py is the long form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import pytest
from flask import Flask
from psycopg.sql import SQL, Identifier
from sqlalchemy import Executable, delete, func, select, text

from rating.app import create_app
from rating.evaluations.models import Channel, Evaluation, Participation, TurnoutDay
from rating.evaluations.service import Filled, accept_evaluation
from rating.evaluations.tickets import new_ticket, receipt_number
from rating.extensions import db
from rating.storage.engines import close_connections
from tests.factories import TODAY, RatedEstateFactory
from tests.faults.conftest import MakeTown, Towns
from tests.support.bad_network import Loss, bad_network
from tests.support.checker import Findings, check, note
from tests.support.clock import START, Clock
from tests.support.databases import make_app
from tests.support.gunicorn import Gunicorn, serve
from tests.support.households import Town
from tests.support.load import load
from tests.support.phone import Phone, filled
from tests.support.postgresql import Server

pytestmark = pytest.mark.long


def test_killing_a_worker_loses_no_receipt_and_doubles_none(site: Gunicorn, town: Town, tmp_path: Path) -> None:
    with load(site.port, town.settle(100), 6, tmp_path) as phones:
        phones.strike(1, site.kill_worker, apart=(5, 10))
    findings = check(town.app, phones.files)
    assert findings.wrong == []
    assert findings.seen == phones.done


@pytest.mark.parametrize("loss", Loss)
def test_a_lost_answer_is_asked_for_again_and_is_the_same_receipt(
    site: Gunicorn, town: Town, seen: Path, loss: Loss
) -> None:
    [household] = town.settle(1)
    with bad_network(site.port, [loss, loss]) as port:
        phone = Phone(port)
        form = phone.open(household.code)
        phone.timeout = 0.5 if loss is Loss.TIME else phone.timeout
        fields = filled(form.page)
        receipt = phone.hand_in(form.path, fields)
    assert phone.said["submits in doubt"] == 2
    assert Phone.hand_in(_same(phone, site.port), form.path, fields) == receipt
    note(seen, household.rated_estate_id, receipt)
    assert check(town.app, [seen]).wrong == []


def _same(phone: Phone, port: int) -> Phone:
    """The same phone on a good network."""
    phone.port, phone.timeout = port, 30
    return phone


def test_an_answer_that_was_dropped_had_been_counted_and_only_its_own_phone_gets_the_receipt(
    site: Gunicorn, town: Town
) -> None:
    [household] = town.settle(1)
    before = check(town.app, []).counted
    with bad_network(site.port, [Loss.ANSWER]) as port:
        phone = Phone(port)
        form = phone.open(household.code)
        with pytest.raises((OSError, HTTPException)):
            phone.send("POST", form.path, filled(form.page))
    assert check(town.app, []).counted == before + 1
    other = Phone(site.port)
    assert other.send("GET", other.send("GET", f"/h/{household.code}").path).status == 409
    assert Phone.send(_same(phone, site.port), "GET", f"{form.path}/receipt").receipt is not None


def test_a_site_that_answers_and_stores_nothing_is_found_out(make_town: MakeTown, tmp_path: Path) -> None:
    """The negative control of the checker, with a server that shows receipts of what it hasn't kept."""
    town = make_town("answers-first")
    with serve(town.url, tmp_path, application="tests.faults.answers_first:app", workers=1) as site:
        with load(site.port, town.settle(3), 1, tmp_path) as phones:
            pass  # until all three have their receipt
        assert phones.done == 3
    assert len(check(town.app, phones.files).wrong) == 3


FAULTS: dict[str, Executable] = {
    "its evaluation is gone": delete(Evaluation),
    "1 evaluations, 0 marks, 1 in turnout": delete(Participation),
    "1 evaluations, 1 marks, 0 in turnout": delete(TurnoutDay),
}


@pytest.mark.parametrize("finding", FAULTS)
def test_the_checker_sees_what_is_gone(app: Flask, seen: Path, finding: str) -> None:
    rated = RatedEstateFactory(households=2)
    ticket = new_ticket(rated.id, 1, START)
    accept_evaluation(ticket, rated, Filled("5" * 10, 1_000_000, None), Channel.OWN, TODAY)
    note(seen, rated.id, receipt_number(ticket.receipt))
    db.session.commit()
    assert check(app, [seen]) == Findings(1, 1, 0, [])
    db.session.execute(FAULTS[finding])
    db.session.commit()
    assert finding in check(app, [seen]).wrong[0]


def test_the_checker_sees_a_receipt_that_two_households_were_shown(app: Flask, seen: Path) -> None:
    rated = RatedEstateFactory(households=2)
    ticket = new_ticket(rated.id, 1, START)
    accept_evaluation(ticket, rated, Filled("5" * 10, 1_000_000, None), Channel.OWN, TODAY)
    db.session.commit()
    for _household in range(2):
        note(seen, rated.id, receipt_number(ticket.receipt))
    assert "2 households saw the same receipt" in " ".join(check(app, [seen]).wrong)


def test_a_database_that_goes_away_when_the_page_is_made_does_not_take_the_page_away(
    postgresql_server: Server, tmp_path: Path
) -> None:
    app = make_app(postgresql_server.create("gone"), tmp_path, Clock())
    with app.app_context(), postgresql_server.connect() as other:
        mine = db.session.scalar(select(func.pg_backend_pid()))
        other.execute("SELECT pg_terminate_backend(%s, 60000)", [mine])  # waits until it has gone
    with app.app_context():
        assert db.session.scalar(select(1)) == 1
        db.session.rollback()
        close_connections()
    postgresql_server.drop("gone")


@contextmanager
def refusing(server: Server, database: str) -> Iterator[None]:
    """A database that cuts its connections and takes no new ones, as while its server is down."""
    with server.connect() as other:
        other.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(Identifier(database)))
        other.execute("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s", [database])
        try:
            yield
        finally:
            other.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(Identifier(database)))


def test_while_the_database_is_down_each_step_says_come_back_and_goes_on_afterwards(
    postgresql_server: Server, towns: Towns, tmp_path: Path
) -> None:
    town = towns("postgresql", "down")
    first, second = town.settle(2)
    with serve(town.url, tmp_path, workers=1) as site:
        phone, late = Phone(site.port), Phone(site.port)
        form = phone.open(first.code)
        fields = filled(form.page)
        with refusing(postgresql_server, "faults-down"):
            for _twice in range(2):  # first over a connection that was cut, then over one that isn't made
                steps = [
                    late.send("GET", f"/h/{second.code}"),
                    phone.send("GET", form.path),
                    phone.send("POST", form.path, fields),
                    phone.send("GET", f"{form.path}/receipt"),
                    *[phone.send("GET", path) for path in ("/", "/receipts", "/companies", "/sign-in", "/readyz")],
                ]
                assert {answer.status for answer in steps[:4]} == {503}
                assert {answer.status for answer in steps[4:]} <= {200, 503}  # some pages need no database
        assert phone.hand_in(form.path, fields)
        assert late.rate(second.code)
    with town.app.app_context():
        close_connections()


def test_what_is_acknowledged_is_on_the_disk(app: Flask) -> None:
    """As the application opens its database by itself, whatever the server's own setting is."""
    with create_app({"SQLALCHEMY_DATABASE_URI": app.config["SQLALCHEMY_DATABASE_URI"]}).app_context():
        if db.engine.dialect.name == "sqlite":
            assert db.session.scalar(text("PRAGMA synchronous")) == 2  # FULL
        else:
            assert db.session.scalar(text("SHOW synchronous_commit")) == "on"
        db.session.rollback()
        close_connections()
