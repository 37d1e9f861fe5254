"""Whatever stands in a field of whichever form, or in an address, the answer is a page in words: no 500.

`ODD_EXAMPLES=20000` tries more (make proofs does).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from rating.accounts.models import User
from rating.demo.loading import Loaded
from rating.demo.people import LOGINS
from rating.extensions import db
from tests.support.client import Client
from tests.support.odd import ODD, Crawler, Target, list_faults, send

pytestmark = pytest.mark.long

STRANGER = "a stranger"
# Letters and PDF files take seconds and have no fields to type in; the others would sign the browser out.
LEFT_OUT = {
    "prints.letters", "prints.community_letters", "prints.posters_pdf", "security.logout", "own_account.end_sessions",
}  # fmt: skip
Site = tuple[dict[str, FlaskClient], list[Target]]


@pytest.fixture(scope="module")
def site(demo: tuple[Flask, Loaded]) -> Iterator[Site]:
    """Browsers by who sits before them, and all that they can send; nothing that is sent stays."""
    app, loaded = demo
    app.test_client_class = Client
    browsers: dict[str, FlaskClient] = {STRANGER: app.test_client()}
    letter = "".join(loaded.household_code.split())
    crawler, starts = Crawler(app), ("/", f"/h/{letter}", "/receipts", "/sign-in", "/method")
    found = crawler.crawl(browsers[STRANGER], STRANGER, *starts)
    for name, _what in LOGINS:
        browsers[name] = app.test_client()
        browsers[name].sign_in(db.session.scalars(select(User).where(User.username == name)).one())  # type: ignore[attr-defined]  # our own client
        found += crawler.crawl(browsers[name], name, "/workspace", "/account")
    one_of_each = {(one.method, one.endpoint, *sorted(one.names)): one for one in reversed(found)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.session, "commit", db.session.flush)
        yield browsers, [one for one in one_of_each.values() if one.endpoint not in LEFT_OUT]


@pytest.fixture(scope="module")
def targets(site: Site) -> list[Target]:
    return site[1]


def test_the_forms_of_most_rooms_are_met(targets: list[Target]) -> None:
    met = {one.endpoint for one in targets if one.method == "POST"}
    assert len(met) > 25
    assert met >= {"security.login", "evaluations.submit", "imports.import_files", "rulebooks.load", "rounds.new"}


def test_no_odd_value_in_a_field_or_address_ends_in_a_500(site: Site) -> None:
    assert list_faults(*site) == []


@pytest.mark.parametrize("value", [value for value in ODD if value is not None])
def test_every_field_at_once_may_hold_the_same(site: Site, value: str) -> None:
    browsers, targets = site
    public = [one for one in targets if one.who == STRANGER]
    faults = [send(browsers[one.who], one, dict.fromkeys(one.names, value)) for one in public]
    assert set(faults) <= {""}
