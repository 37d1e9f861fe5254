"""A release stands for ever, with everything that is needed to work it out again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from rating.results.schemas import write_scorecard
from rating.scoring import CityCard, Scorecard, Standing
from tests.factories import ReleaseFactory, ScorecardFactory
from tests.pages.public import DISPLAY_OVER, WHILE_SHOWN, publish_town
from tests.support.client import Client
from tests.support.clock import Clock

See = Callable[..., Any]
NOBODY = CityCard(
    households=0,
    estate_count=0,
    company_count=0,
    turnout=None,
    rated_companies=0,
    rated_estates=0,
    red_places=0,
    red_estate_places=0,
    mean_score=None,
    between_variance=None,
    standings=dict.fromkeys(Standing, 0),
    estate_standings=dict.fromkeys(Standing, 0),
    expected_wrong={},
    totals={},
)
CONTENT = write_scorecard(Scorecard(city=NOBODY, companies=()))


@pytest.mark.parametrize(("language", "said"), [("zh", "第7号"), ("en", "There is no release no. 7.")])
def test_an_unknown_release_is_a_page_in_words_in_both_languages(
    client: Client, see: See, language: str, said: str
) -> None:
    page = see(client, f"/releases/7?lang={language}", status=404)
    assert said in page.text
    assert "/search" in page.links("main a").values()


def test_a_release_lists_every_company_with_its_check_values(
    app: Flask, client: Client, see: See, clock: Clock
) -> None:
    town, release = publish_town()
    clock.set(WHILE_SHOWN)
    page = see(client, f"/releases/{release.number}")
    for company in town.companies.values():
        assert company.name in page.text
    assert release.scorecard.digest in page.text
    assert hashlib.sha256(release.scorecard.tallies.encode()).hexdigest() in page.text
    assert f"收到{release.received}份" in page.text
    assert page.all("meta[name=robots]") == []


def test_an_expired_release_shows_the_banner_and_is_not_indexed(
    app: Flask, client: Client, see: See, clock: Clock
) -> None:
    _town, release = publish_town()
    clock.set(DISPLAY_OVER)
    page = see(client, f"/releases/{release.number}")
    assert page.one("meta[name=robots]")["content"] == "noindex"
    assert "此榜只作存档，不代表企业现在的情况，请勿作为评价依据引用、转载。" in page.text
    assert "bad company" in page.text, "the archive keeps it"
    english = see(client, f"/releases/{release.number}?lang=en")
    assert "Kept as a record" in english.text


def test_a_corrected_release_leads_to_its_correction(app: Flask, client: Client, see: See) -> None:
    first = ReleaseFactory(scorecard__content=CONTENT)
    second = ReleaseFactory(scorecard=ScorecardFactory(round=first.round, content=CONTENT))
    assert f"/releases/{second.number}" in see(client, f"/releases/{first.number}").links("main a").values()
    assert "本公告已更正" not in see(client, f"/releases/{second.number}").text


def test_downloads_are_exactly_the_stored_bytes(app: Flask, client: Client, clock: Clock) -> None:
    _town, release = publish_town()
    stored = release.scorecard
    clock.set(WHILE_SHOWN)
    for part, content in (("scorecard", stored.content), ("tallies", stored.tallies), ("records", stored.records)):
        response = client.get(f"/releases/1/{part}.json")
        assert response.data == content.encode() and response.mimetype == "application/json"
    assert hashlib.sha256(client.get("/releases/1/scorecard.json").data).hexdigest() == stored.digest
    assert hashlib.sha256(client.get("/releases/1/rulebook.json").data).hexdigest() == stored.rulebook_digest


def test_downloads_of_an_expired_release_are_not_indexed(app: Flask, client: Client, clock: Clock) -> None:
    publish_town()
    clock.set(DISPLAY_OVER)
    assert client.get("/releases/1/scorecard.json").headers["X-Robots-Tag"] == "noindex"


def test_the_index_names_every_release_with_its_display(app: Flask, client: Client, see: See, clock: Clock) -> None:
    publish_town()
    clock.set(WHILE_SHOWN)
    assert "展示至2026年12月21日" in see(client, "/releases").text
    clock.set(DISPLAY_OVER)
    assert "展示期已满" in see(client, "/releases").text
