"""The lists as a sheet for the notice boards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rating.scoring import Standing
from tests.factories import ReleaseFactory, ScorecardFactory
from tests.pages.public import DISPLAY_OVER, MANAGER, WHILE_SHOWN, publish_town
from tests.pages.test_releases import CONTENT
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.pdf import pictures, texts
from tests.support.qr import read

See = Callable[..., Any]
SHEET = "/releases/1/notice-board"


def test_the_sheet_names_the_listed_companies_and_counts_the_others(client: Client, see: See, clock: Clock) -> None:
    town, _release = publish_town()
    clock.set(WHILE_SHOWN)
    sheet = see(client, SHEET)
    for kind, company in town.companies.items():
        assert (company.name in sheet.text) is (kind in {"good", "bad"}), kind
    assert "物业服务评价公告（第1号）" in sheet.h1
    assert "不是行政处罚，也不是失信名单" in sheet.text
    assert "本公告张贴至2026年12月21日，到期请取下" in sheet.text
    assert MANAGER not in sheet.html, "posts are public, names are not"


@pytest.mark.sqlite_only(reason="what is drawn does not depend on the database")
def test_the_sheet_as_pdf_says_the_same_and_leads_to_the_release(client: Client, clock: Clock) -> None:
    town, _release = publish_town()
    clock.set(WHILE_SHOWN)
    response = client.get(f"{SHEET}.pdf")
    assert response.mimetype == "application/pdf" and "public" in response.headers["Cache-Control"]
    text = "".join(texts(response.data))
    assert "".join(town.companies["bad"].name.split()) in text and "红榜" in text
    assert [one for page in pictures(response.data) for one in read(page)] == ["https://rating.test/releases/1"]
    english = "".join(texts(client.get(f"{SHEET}.pdf?lang=en").data))
    assert "Redlist" in english


@pytest.mark.sqlite_only(reason="headers and a sentence")
def test_a_sheet_past_its_display_says_so_and_is_not_indexed(client: Client, see: See, clock: Clock) -> None:
    publish_town()
    clock.set(DISPLAY_OVER)
    assert "展示期已满" in see(client, SHEET).text
    response = client.get(f"{SHEET}.pdf")
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "此榜只作存档" in "".join(texts(response.data))


def test_a_corrected_sheet_names_its_correction(client: Client, see: See) -> None:
    first = ReleaseFactory(scorecard__content=CONTENT)
    second = ReleaseFactory(scorecard=ScorecardFactory(round=first.round, content=CONTENT))
    assert f"第{second.number}号公告" in see(client, f"/releases/{first.number}/notice-board").text


def test_a_trial_rounds_sheet_lists_nobody(client: Client, see: See, clock: Clock) -> None:
    town, _release = publish_town(trial=True)
    clock.set(WHILE_SHOWN)
    sheet = see(client, SHEET)
    assert "试评" in sheet.text
    assert not any(company.name in sheet.text for company in town.companies.values())
    assert Standing.RED not in sheet.html


def test_an_unknown_release_has_no_sheet(client: Client, see: See) -> None:
    see(client, "/releases/7/notice-board", status=404)
    see(client, "/releases/7/notice-board.pdf", status=404)
