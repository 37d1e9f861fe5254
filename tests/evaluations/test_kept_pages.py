"""A kept page is the page as drawn afresh, to the byte, and nothing of one resident is in another's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from rating.access import Role
from rating.accounts.models import User
from rating.evaluations import kept_pages
from rating.evaluations.express import Express
from rating.rounds.models import RatedEstate
from tests.factories import RatedEstateFactory, UserFactory, issue_code
from tests.support.client import Client

pytestmark = pytest.mark.sqlite_only(reason="what is kept is text; the database makes no difference to it")
FORM, RECEIPT = "/e/QY0001", "/e/QY0001/receipt"


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    kept_pages._kept.clear()
    yield
    kept_pages._kept.clear()


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
    """The page as the views draw it, with none kept and none answered before them."""
    with monkeypatch.context() as patch:
        patch.setattr(Express, "_try", lambda *_: None)
        patch.setattr(kept_pages, "find_kept", lambda *_: None)
        return client.get(path).text


@pytest.mark.parametrize("choices", ["", "?lang=en", "?text=largest", "?lang=en&text=large"])
def test_a_kept_form_is_the_drawn_one_to_the_byte(
    app: Flask, rated: RatedEstate, choices: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(app.test_client(), rated, choices)
    client = app.test_client()
    kept = opened(client, rated, choices)
    assert len(kept_pages._kept) == 1
    assert kept == drawn_afresh(client, FORM, monkeypatch)
    assert not any(sign in kept for sign in kept_pages.STAND_INS)


@pytest.mark.parametrize("choices", ["", "?lang=en", "?text=largest"])
def test_a_kept_receipt_is_the_drawn_one_to_the_byte(
    app: Flask, rated: RatedEstate, choices: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    received(app.test_client(), rated, choices)
    client = app.test_client()
    kept = received(client, rated, choices)
    assert len(kept_pages._kept) == 2
    assert kept == drawn_afresh(client, RECEIPT, monkeypatch)
    assert not any(sign in kept for sign in kept_pages.STAND_INS)


def test_each_resident_has_their_own_token_and_number_and_no_kept_page_holds_one(
    app: Flask, rated: RatedEstate
) -> None:
    pages = [received(app.test_client(), rated) for _ in range(3)]
    assert len(set(pages)) == 3
    own = [set(one.split()) - set(pages[0].split()) for one in pages[1:]]
    assert all(own)
    kept = " ".join("".join(parts) for parts in kept_pages._kept.values())
    assert not any(word in kept for words in own for word in words)


@pytest.mark.parametrize("of", ["estate", "company", "community"])
def test_a_change_of_what_the_page_shows_shows_at_once(app: Flask, rated: RatedEstate, of: str) -> None:
    assert "新的名字" not in opened(app.test_client(), rated)
    getattr(rated, of).name = "新的名字"
    if of != "estate":
        getattr(rated, of).phone = "0000-11112222"
    page = opened(app.test_client(), rated)
    assert "新的名字" in page
    assert of == "estate" or "0000-11112222" in page


def test_a_name_with_a_stand_ins_sign_does_no_harm(app: Flask, rated: RatedEstate) -> None:
    rated.estate.name = f"怪{kept_pages.STAND_INS[5]}{kept_pages.STAND_INS[0]}名"
    for _ in range(2):
        assert "<h1>怪" in opened(app.test_client(), rated)


def test_who_has_signed_in_gets_a_page_of_their_own(rated: RatedEstate, sign_in: Callable[[User], Client]) -> None:
    client = sign_in(UserFactory(role=Role.BUREAU, name="王科长"))
    assert "王科长" in opened(client, rated)
    assert kept_pages._kept == {}
