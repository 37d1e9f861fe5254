"""Companies and estates as everybody may see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from rating.registry.models import Estate
from rating.releases.queries import find_estate_result
from tests.factories import CommunityFactory, CompanyFactory, ContractFactory, EstateFactory, RatedEstateFactory
from tests.pages.public import DISPLAY_OVER, EDGE, MANAGER, WHILE_SHOWN, publish_town
from tests.support.client import Client
from tests.support.clock import Clock

See = Callable[..., Any]


@pytest.mark.parametrize("path", ["/companies/NOBODY", "/estates/NOWHERE"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_unknown_code_is_a_page_in_words_with_a_search(client: Client, see: See, path: str, language: str) -> None:
    page = see(client, f"{path}?lang={language}", status=404)
    assert path.split("/")[2] in page.text
    assert "/search" in page.links("main a").values()


# ---- companies


def test_a_company_stands_where_the_release_put_it(app: Flask, client: Client, see: See, clock: Clock) -> None:
    town, _release = publish_town()
    clock.set(WHILE_SHOWN)
    page = see(client, f"/companies/{town.companies['bad'].code}")
    assert page.all(".standing.black.large")
    assert "误差范围的上限" in page.text and "两方评价" in page.text
    assert "good company" not in page.text


def test_a_black_listing_past_its_display_leaves_the_company_page(
    app: Flask, client: Client, see: See, clock: Clock
) -> None:
    town, _release = publish_town()
    bad, good = town.companies["bad"].code, town.companies["good"].code
    clock.set(DISPLAY_OVER)
    page = see(client, f"/companies/{bad}")
    assert page.all(".standing, .score, .history") == []
    assert "展示期已于2026年12月21日届满" in page.text
    assert see(client, f"/companies/{good}").all(".history"), "what isn't black stays in the history"
    assert see(client, "/companies").all(".standing") == []


def test_an_insufficient_company_shows_its_reason_and_no_score(
    app: Flask, client: Client, see: See, clock: Clock
) -> None:
    town, _release = publish_town()
    clock.set(WHILE_SHOWN)
    page = see(client, f"/companies/{town.companies['few'].code}")
    assert page.all(".standing.insufficient.large")
    assert page.all(".interval, .two-sides, .score b") == []
    assert "不单独公布" in page.text


def test_a_branch_and_its_parent_lead_to_each_other(app: Flask, client: Client, see: See) -> None:
    parent = CompanyFactory()
    branch = CompanyFactory(parent=parent)
    assert see(client, f"/companies/{branch.code}").links("main a")[parent.name] == f"/companies/{parent.code}"
    assert see(client, f"/companies/{parent.code}").links("main a")[branch.name] == f"/companies/{branch.code}"


def test_companies_are_found_by_name_place_and_result(app: Flask, client: Client, see: See, clock: Clock) -> None:
    town, _release = publish_town()
    clock.set(WHILE_SHOWN)
    assert len(see(client, "/companies?standing=black").rows()) == 2
    assert "bad company" in see(client, "/companies?q=bad").text
    place = town.estates["good"][0].community.subdistrict.code
    assert [row[0] for row in see(client, f"/companies?subdistrict={place}").rows()[1:]] == ["good company"]
    assert "没有相符的企业" in see(client, "/companies?q=nobody").text
    assert len(see(client, "/companies?standing=nonsense").rows()) == 1 + len(town.companies)


def test_a_filter_by_result_finds_nothing_more_once_the_display_is_over(
    app: Flask, client: Client, see: See, clock: Clock
) -> None:
    town, _release = publish_town()
    clock.set(DISPLAY_OVER)
    assert len(see(client, "/companies?standing=black").rows()) == 1 + len(town.companies)


# ---- estates


def figures_of(see: See, client: Client, estate: Estate, company: str) -> list[str]:
    """Every score that the estate's own page and its row on the company's page show."""
    own = see(client, f"/estates/{estate.code}").texts(".score b")
    row = next(one for one in see(client, f"/companies/{company}").all(".served tr") if estate.name in one.get_text())
    return [*own, *(cell.get_text() for cell in row.select(".score b, td[data-label='评价份数']"))]


def test_an_estate_with_nine_evaluations_shows_no_score_anywhere(
    app: Flask, client: Client, see: See, clock: Clock
) -> None:
    town, release = publish_town(EDGE)
    clock.set(WHILE_SHOWN)
    nine = town.estates["edge"][2].estate
    code = town.companies["edge"].code
    assert figures_of(see, client, nine, code) == []
    assert "不单独公布" in see(client, f"/estates/{nine.code}").text
    assert find_estate_result(release, nine.code) is None
    for part in ("scorecard", "tallies"):
        assert nine.code not in client.get(f"/releases/1/{part}.json").get_data(as_text=True)


def test_an_estate_with_ten_evaluations_is_shown(app: Flask, client: Client, see: See, clock: Clock) -> None:
    town, _release = publish_town(EDGE)
    clock.set(WHILE_SHOWN)
    ten = town.estates["edge"][1].estate
    assert figures_of(see, client, ten, town.companies["edge"].code)


def test_an_estate_that_no_resident_rated_shows_no_score_either(
    app: Flask, client: Client, see: See, clock: Clock
) -> None:
    town, _release = publish_town()
    clock.set(WHILE_SHOWN)
    page = see(client, f"/estates/{town.estates['unseen'][0].estate.code}")
    assert page.all(".score b") == [] and "不单独公布分数" in page.text


def test_an_estate_page_tells_the_managers_post_never_the_person(app: Flask, client: Client, see: See) -> None:
    rated = RatedEstateFactory()
    page = see(client, f"/estates/{rated.estate.code}")
    assert "项目负责人" in page.text
    assert MANAGER not in page.html
    assert not any(name in page.html for name in rated.committee.members)
    assert MANAGER not in see(client, f"/companies/{rated.company.code}").html


def test_an_estate_page_leads_to_the_form_while_the_round_is_open(
    app: Flask, client: Client, see: See, clock: Clock
) -> None:
    rated = RatedEstateFactory()
    address = f"/estates/{rated.estate.code}"
    assert f"/e/{rated.estate.code}" in see(client, address).links("main a").values()
    clock.advance(days=30)
    assert f"/e/{rated.estate.code}" not in see(client, address).links("main a").values()


def test_an_estate_page_gives_the_phones(app: Flask, client: Client, see: See) -> None:
    contract = ContractFactory()
    text = see(client, f"/estates/{contract.estate.code}").text
    assert contract.company.phone in text and contract.estate.community.phone in text and "12345" in text


def test_an_estate_that_is_not_rated_says_why(app: Flask, client: Client, see: See) -> None:
    estate = EstateFactory(not_rated_reason="正在征收")
    assert "正在征收" in see(client, f"/estates/{estate.code}").text


def test_estates_are_found_by_name_and_place(app: Flask, client: Client, see: See) -> None:
    one, other = EstateFactory(name="桂花园"), EstateFactory(name="牡丹里")
    assert [row[0] for row in see(client, "/estates?q=桂花").rows()[1:]] == ["桂花园"]
    assert [row[0] for row in see(client, f"/estates?community={other.community.code}").rows()[1:]] == ["牡丹里"]
    place = one.community.subdistrict.code
    assert [row[0] for row in see(client, f"/estates?subdistrict={place}").rows()[1:]] == ["桂花园"]
    assert "没有相符的小区" in see(client, "/estates?q=%25").text, "a per cent sign is no wild card"


def test_a_long_list_of_estates_comes_in_pages(app: Flask, client: Client, see: See) -> None:
    community = EstateFactory().community
    EstateFactory.create_batch(55, community=community)
    assert len(see(client, "/estates").rows()) == 51
    second = see(client, "/estates?page=2")
    assert len(second.rows()) == 7


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("3", 2), ("9" * 30, 2), ("0", 1), ("-1", 1), ("-" + "9" * 30, 1), ("two", 1), ("", 1), ("1.5", 1), ("2", 2)],
)
def test_a_page_that_a_list_does_not_have_is_the_nearest_one(
    app: Flask, client: Client, see: See, asked: str, shown: int
) -> None:
    EstateFactory.create_batch(55, community=CommunityFactory())
    page = see(client, f"/estates?page={asked}&lang=en")
    assert len(page.rows()) == {1: 51, 2: 6}[shown]
    assert f"Page {shown} of 2 · 55 in all" in page.text


def test_an_empty_list_has_no_pages(app: Flask, client: Client, see: See) -> None:
    page = see(client, "/estates?page=7&q=无")
    assert "没有相符的小区" in page.text
    assert page.all("nav.pagination") == []


def test_another_page_keeps_what_was_looked_for(app: Flask, client: Client, see: See) -> None:
    community = CommunityFactory()
    EstateFactory.create_batch(101, community=community)
    EstateFactory()
    looked_for = f"/estates?community={community.code}"
    links = [str(link["href"]) for link in see(client, f"{looked_for}&page=2").all("nav.pagination a")]
    assert links == [f"{looked_for}&page=1", f"{looked_for}&page=3"]
    assert len(see(client, links[1]).rows()) == 2


def test_an_estates_page_draws_how_often_each_mark_was_given(
    app: Flask, client: Client, see: See, clock: Clock
) -> None:
    town, _release = publish_town()
    clock.set(WHILE_SHOWN)
    shown = town.estates["good"][0]
    tables = see(client, f"/estates/{shown.estate.code}").all("table.distribution")
    assert len(tables) == 10
    counts = [int(cell.get_text()) for cell in tables[0].select("td.num") if "%" not in cell.get_text()]
    assert sum(counts) == 70
