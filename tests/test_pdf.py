"""PDF where it can be made, and a reason in words where it can't."""

from __future__ import annotations

import builtins
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from rating.access import Role
from rating.accounts.models import User
from rating.pages import notice_views
from rating.web import pdf
from tests.factories import RatedEstateFactory, UserFactory
from tests.pages.public import WHILE_SHOWN, publish_town
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.pdf import texts

See = Callable[..., Any]
pytestmark = pytest.mark.sqlite_only(reason="PDF is made from pages, wherever their data come from")


@pytest.fixture
def forgetful() -> Iterator[None]:
    """What is missing is found out anew, before and after."""
    for made in (pdf.why_no_pdf, notice_views._kept_pdf):
        made.cache_clear()
    yield
    pdf.why_no_pdf.cache_clear()


def fail_to_load(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    load = builtins.__import__

    def loads(name: str, *rest: Any) -> Any:
        if name == "weasyprint":
            raise error
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", loads)


MISSING = [
    (ImportError("No module named 'weasyprint'"), "WeasyPrint"),
    (OSError("cannot load library 'libpango-1.0-0'"), "libpango-1.0-0"),
]


@pytest.mark.parametrize(("error", "said"), MISSING)
def test_without_weasyprint_the_bureau_prints_from_the_browser_and_is_told_why(
    app: Flask,
    sign_in: Callable[[User], Client],
    see: See,
    forgetful: None,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    said: str,
) -> None:
    rated = RatedEstateFactory(households=2)
    bureau = sign_in(UserFactory(role=Role.BUREAU))
    fail_to_load(monkeypatch, error)
    round_ = f"/bureau/rounds/{rated.round.number}"
    letters = f"{round_}/letters/{rated.estate.code}"
    roster = see(bureau, f"{round_}/roster")
    assert said in roster.text and not any(".pdf" in url for url in roster.links().values())
    assert said in see(bureau, f"{round_}/posters").html
    assert said in see(bureau, f"{round_}/posters.pdf?estate={rated.estate.code}", status=409).text
    asked = see(bureau, f"{letters}/confirm")
    assert said in asked.text and [one["value"] for one in asked.all("main button")] == ["page"]
    assert len(see(bureau, letters, data={"as": "page"}).all("section.letter")) == 2
    assert said in see(bureau, letters, data={"as": "pdf"}, status=409).text
    of_community = f"{round_}/communities/{rated.community.code}/letters"
    assert said in see(bureau, f"{of_community}/confirm").text


@pytest.mark.parametrize(("error", "said"), MISSING)
def test_without_weasyprint_the_notice_board_prints_from_the_browser_and_says_why(
    client: Client,
    see: See,
    clock: Clock,
    forgetful: None,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    said: str,
) -> None:
    publish_town()
    clock.set(WHILE_SHOWN)
    fail_to_load(monkeypatch, error)
    sheet = see(client, "/releases/1/notice-board")
    assert said in sheet.html and "红榜" in sheet.text
    assert said in see(client, "/releases/1/notice-board.pdf", status=409).text


def test_without_a_chinese_font_no_pdf_is_made(forgetful: None, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = subprocess.CompletedProcess([], 0, stdout=b"\n")
    monkeypatch.setattr(pdf.subprocess, "run", lambda *_words, **_options: nothing)  # type: ignore[attr-defined]  # the module's own import
    with pytest.raises(pdf.NoPdf, match="fonts-noto-cjk"):
        pdf.make_pdf("<title>x</title>")


def test_a_pdfs_text_can_be_searched_and_copied() -> None:
    assert texts(pdf.make_pdf('<html lang="zh"><title>x</title><p>一户评一次，不记名</p>')) == ["一户评一次，不记名"]


@pytest.mark.parametrize("address", ["https://elsewhere.test/x.css", "file:///etc/hostname", "/static/css/../../x.css"])
def test_nothing_but_our_own_style_sheets_is_read(address: str) -> None:
    fetcher = pdf._our_sheets()
    with pytest.raises(ValueError, match="not ours"):
        fetcher.fetch(address)
    assert b"@page" in fetcher.fetch(f"{pdf.BASE}static/css/print.css").read()


def test_starting_up_loads_no_weasyprint() -> None:
    script = "import sys, rating.app; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
