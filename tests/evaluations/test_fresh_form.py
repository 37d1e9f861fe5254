"""The form's kept page is the page as drawn afresh, to the byte, and nothing of one resident is in another's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from rating.access import Role
from rating.accounts.models import User
from rating.evaluations import fresh_form
from rating.rounds.models import RatedEstate
from tests.factories import RatedEstateFactory, UserFactory, issue_code
from tests.support.client import Client

pytestmark = pytest.mark.sqlite_only(reason="what is kept is text; the database makes no difference to it")


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    fresh_form._kept.clear()
    yield
    fresh_form._kept.clear()


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(estate__code="QY0001", households=20)


def opened(client: Client, rated: RatedEstate, choices: str = "") -> str:
    """The form as a phone with a new ticket gets it; `choices` are remembered before."""
    client.get(f"/e/QY0001{choices}")
    client.get(f"/h/{issue_code(rated)}")
    return client.get("/e/QY0001").text


def drawn_afresh(client: Client, monkeypatch: pytest.MonkeyPatch) -> str:
    with monkeypatch.context() as patch:
        patch.setattr(fresh_form, "_shown", lambda _rated: object())  # no page was ever kept under this
        return client.get("/e/QY0001").text


@pytest.mark.parametrize("choices", ["", "?lang=en", "?text=largest", "?lang=en&text=large"])
def test_a_kept_page_is_the_drawn_one_to_the_byte(
    app: Flask, rated: RatedEstate, choices: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(app.test_client(), rated, choices)
    client = app.test_client()
    kept = opened(client, rated, choices)
    assert len(fresh_form._kept) == 1
    assert kept == drawn_afresh(client, monkeypatch)
    assert fresh_form.STAND_IN not in kept


def test_each_resident_has_their_own_token_and_no_kept_page_holds_one(app: Flask, rated: RatedEstate) -> None:
    pages = [opened(app.test_client(), rated) for _ in range(3)]
    assert len(set(pages)) == 3
    before, after = next(iter(fresh_form._kept.values()))
    assert all(page.startswith(before) and page.endswith(after) for page in pages)
    assert {len(page) - len(before) - len(after) for page in pages} == {len(fresh_form.STAND_IN)}


@pytest.mark.parametrize("of", ["estate", "company", "community"])
def test_a_change_of_what_the_page_shows_shows_at_once(app: Flask, rated: RatedEstate, of: str) -> None:
    assert "新的名字" not in opened(app.test_client(), rated)
    getattr(rated, of).name = "新的名字"
    if of != "estate":
        getattr(rated, of).phone = "0000-11112222"
    page = opened(app.test_client(), rated)
    assert "新的名字" in page
    assert of == "estate" or "0000-11112222" in page


def test_who_has_signed_in_gets_a_page_of_their_own(rated: RatedEstate, sign_in: Callable[[User], Client]) -> None:
    client = sign_in(UserFactory(role=Role.BUREAU, name="王科长"))
    assert "王科长" in opened(client, rated)
    assert fresh_form._kept == {}
