"""A cached page is the page as drawn afresh, to the byte, and nothing of one resident is in another's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from markupsafe import escape

from rating.access import Role
from rating.accounts.models import User
from rating.evaluations import page_cache, receipt_views, views
from rating.rounds.models import RatedEstate
from tests.factories import RatedEstateFactory, UserFactory, issue_code
from tests.support.client import Client

pytestmark = pytest.mark.sqlite_only(reason="what is cached is text; the database makes no difference to it")
FORM, RECEIPT = "/e/QY0001", "/e/QY0001/receipt"


@pytest.fixture(autouse=True)
def _nothing_cached() -> Iterator[None]:
    page_cache._cached.clear()
    yield
    page_cache._cached.clear()


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(estate__code="QY0001", households=20)


def opened(client: Client, rated: RatedEstate, choices: str = "") -> str:
    """The form as a phone with a new ticket gets it; `choices` are remembered before."""
    client.get(f"{FORM}{choices}")
    client.get(f"/h/{issue_code(rated)}")
    return client.get(FORM).text


def received(client: Client, rated: RatedEstate, choices: str = "") -> str:
    """The receipt's page of a phone that has sent its form."""
    token = opened(client, rated, choices).partition('name="csrf_token" value="')[2][:32]
    questionnaire = rated.round.rulebook.content.questionnaires["resident_to_company"]
    client.post(FORM, data={"csrf_token": token, "comment": "", **{one.key: "5" for one in questionnaire.indicators}})
    return client.get(RECEIPT).text


def drawn_afresh(client: Client, path: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page as the views draw it for one resident alone."""
    with monkeypatch.context() as patch:
        for module in (views, receipt_views):
            patch.setattr(module, "cached_page", lambda _rated, own, draw: draw(own))
        return client.get(path).text


@pytest.mark.parametrize("choices", ["", "?lang=en", "?text=largest", "?lang=en&text=large"])
def test_a_cached_form_is_the_drawn_one_to_the_byte(
    app: Flask, rated: RatedEstate, choices: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(app.test_client(), rated, choices)
    client = app.test_client()
    kept = opened(client, rated, choices)
    assert len(page_cache._cached) == 1
    assert kept == drawn_afresh(client, FORM, monkeypatch)


@pytest.mark.parametrize("choices", ["", "?lang=en", "?text=largest"])
def test_a_cached_receipt_is_the_drawn_one_to_the_byte(
    app: Flask, rated: RatedEstate, choices: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    received(app.test_client(), rated, choices)
    client = app.test_client()
    kept = received(client, rated, choices)
    assert len(page_cache._cached) == 2
    assert kept == drawn_afresh(client, RECEIPT, monkeypatch)


def test_each_resident_has_their_own_token_and_number_and_no_cached_page_holds_one(
    app: Flask, rated: RatedEstate
) -> None:
    pages = [received(app.test_client(), rated) for _ in range(3)]
    assert len(set(pages)) == 3
    own = [set(one.split()) - set(pages[0].split()) for one in pages[1:]]
    assert all(own)
    cached = " ".join("".join(parts.texts) for parts in page_cache._cached.values())
    assert not any(word in cached for words in own for word in words)


@pytest.mark.parametrize("of", ["estate", "company", "community"])
def test_a_change_of_what_the_page_shows_shows_at_once(app: Flask, rated: RatedEstate, of: str) -> None:
    assert "新的名字" not in opened(app.test_client(), rated)
    getattr(rated, of).name = "新的名字"
    if of != "estate":
        getattr(rated, of).phone = "0000-11112222"
    page = opened(app.test_client(), rated)
    assert "新的名字" in page
    assert of == "estate" or "0000-11112222" in page


@pytest.fixture
def drawn_with(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stand-ins that pages were drawn with, the latest last."""
    used: list[str] = []
    of = page_cache.Parts.of

    def noted(page: str, stand_ins: list[str]) -> page_cache.Parts:
        used.extend(stand_ins)
        return of(page, stand_ins)

    monkeypatch.setattr(page_cache.Parts, "of", staticmethod(noted))
    return used


HOSTILE = [
    "\ue000",
    "{0}",
    "%s",
    "(.*)|",
    "\\1",
    "own[0]",
    "{{ form.csrf_token.data }}",
    "a" * 32,
    "0" * 32,
    "<b>&'\"",
    "\x1f",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_whatever_a_name_or_text_holds_no_residents_value_shows_in_its_place(
    app: Flask, rated: RatedEstate, monkeypatch: pytest.MonkeyPatch, hostile: str
) -> None:
    """What stands in every text that the page shows is shown as it stands, to each resident."""
    for shown in (rated.estate, rated.company, rated.community):
        shown.name = f"甲{hostile}乙"
    rated.company.phone = rated.community.phone = f"{hostile}1"[:20]
    for setting in ("CITY_ZH", "CONTACT_PHONE"):
        monkeypatch.setitem(app.config, setting, f"城{hostile}市")
    for _ in range(2):
        client = app.test_client()
        cached = received(client, rated)
        assert cached == drawn_afresh(client, RECEIPT, monkeypatch)
        assert cached.count(str(escape(f"甲{hostile}乙"))) >= 1


def test_a_name_that_holds_the_stand_ins_of_another_drawing_does_no_harm(
    app: Flask, rated: RatedEstate, drawn_with: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also who could read a worker's memory can't make a name stand for a resident's value."""
    received(app.test_client(), rated)
    assert len(drawn_with) > 2
    rated.estate.name = f"甲{''.join(drawn_with[:2])}乙"
    client = app.test_client()
    cached = received(client, rated)
    assert rated.estate.name in cached
    assert cached == drawn_afresh(client, RECEIPT, monkeypatch)


def test_control_with_stand_ins_that_can_be_guessed_a_name_shows_a_residents_value(
    app: Flask, rated: RatedEstate, monkeypatch: pytest.MonkeyPatch
) -> None:
    signs = iter(f"sign{number}" for number in range(100))
    monkeypatch.setattr(page_cache.secrets, "token_hex", lambda _bytes: next(signs))
    rated.estate.name = "甲sign0乙"
    assert "甲sign0乙" not in opened(app.test_client(), rated)


def test_who_has_signed_in_gets_a_page_of_their_own(rated: RatedEstate, sign_in: Callable[[User], Client]) -> None:
    client = sign_in(UserFactory(role=Role.BUREAU, name="王科长"))
    assert "王科长" in opened(client, rated)
    assert page_cache._cached == {}
