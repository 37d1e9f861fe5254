"""No number, day or text in an address makes a page fall over: it is a page, a message, or 'not found'."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import StatementError
from werkzeug.routing import Rule

from rating.access import Role
from rating.extensions import db
from rating.pages.desks.queries import EventFilter, events_of
from rating.releases.service import draft_release, publish_release
from tests.factories import UserFactory
from tests.results.town import KINDS, acting, build_town_in_preview, bureau
from tests.support.client import Client
from tests.support.clock import START

pytestmark = pytest.mark.long

AFTER = datetime(2026, 9, 20, 16, tzinfo=UTC)
DAYS = ("0001-01-01", "9999-12-31", "1899-12-31", "2200-01-01", "2026-02-30", "-1-01-01", "soon", "２０２６-09-07")
NUMBERS = ("-1", "2147483648", "9223372036854775808", "1" + "0" * 40, "1e9")
IN_PATHS = {"IntegerConverter": ("0", "2147483648", "9223372036854775808", "1" + "0" * 40)}
TEXTS = ("0001-01-01", "9223372036854775808", "%25", "é" * 300)
# Everything that a page takes from its address.
ASKED = ("day", "page", "release", "round", "start", "from", "to", "standing", "state", "kind", "subject", "q",
         "company", "estate", "community", "only", "text", "role")  # fmt: skip


def addresses(app: Flask) -> list[str]:
    """Every page with odd values in its path, and each odd value in everything it may be asked for."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        found += [_built(app, rule, place) for place in range(4 if rule.arguments else 1)]
    return sorted(dict.fromkeys(found))


def _built(app: Flask, rule: Rule, place: int) -> str:
    path = rule.rule
    for name in rule.arguments:
        kind = type(rule._converters[name]).__name__  # what a rule knows of its own parts
        options = getattr(rule._converters[name], "items", None)
        values = IN_PATHS.get(kind, TEXTS)
        value = sorted(options)[0] if options else values[place]
        before, _, rest = path.partition(f"{name}>")
        path = before.rpartition("<")[0] + value + rest
    return path


@pytest.fixture
def browsers(app: Flask, sign_in: Callable[..., Client]) -> dict[str, Client]:
    """The public and those who see most, after a release."""
    town = build_town_in_preview(KINDS[:2])
    draft = draft_release(town.round, "", acting(bureau()), START)
    publish_release(draft, draft.digest, acting(bureau()), AFTER)
    db.session.commit()
    people = {role.value: sign_in(UserFactory(role=role)) for role in (Role.BUREAU, Role.AUDITOR)}
    return {"public": app.test_client(), **people}


def test_odd_values_in_paths_are_not_found_or_shown(app: Flask, browsers: dict[str, Client]) -> None:
    wrong = []
    for address in addresses(app):
        for who, browser in browsers.items():
            status = browser.get(address).status_code
            if status >= 500 and status != 503:
                wrong.append((who, address, status))
    assert wrong == []


@pytest.mark.parametrize("value", [*DAYS, *NUMBERS])
def test_odd_values_asked_for_are_told_or_left_out(app: Flask, browsers: dict[str, Client], value: str) -> None:
    query = urlencode(dict.fromkeys(ASKED, value))
    wrong = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint != "static":
            for who, browser in browsers.items():
                if (status := browser.get(f"{rule.rule}?{query}").status_code) >= 500:
                    wrong.append((who, rule.rule, status))
    assert wrong == []


@pytest.mark.parametrize("day", DAYS[:-1])
def test_a_day_beyond_the_calendar_is_told_beside_its_field(browsers: dict[str, Client], day: str) -> None:
    answer = browsers["auditor"].get(f"/audit?day={day}")
    assert answer.status_code == 422


def test_a_day_that_no_database_can_be_asked_for_is_not_found_whatever_form_lets_it_through(app: Flask) -> None:
    with app.test_request_context("/audit"):
        with pytest.raises(StatementError) as caught:
            db.session.scalars(events_of(EventFilter(day=date.min))).all()
        assert app.make_response(app.handle_user_exception(caught.value)).status_code == 404


def test_a_statement_that_fails_for_another_reason_is_still_a_fault(app: Flask) -> None:
    """The control: only what is out of range becomes 'not found'."""
    with app.test_request_context("/audit", method="POST"):
        with pytest.raises(StatementError) as caught:
            db.session.execute(text("INSERT INTO subdistrict (id, code) VALUES (1, '1')"))
        with pytest.raises(StatementError):
            app.handle_user_exception(caught.value)
