"""Every page in both languages at both widths: no violation of WCAG 2.2 A or AA, and no sideways scrolling."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from rating.accounts.models import User
from tests.browser.small_city import SmallCity, build_small_city, pages_of
from tests.support.clock import Clock
from tests.support.live import Live

pytestmark = [
    pytest.mark.long,
    pytest.mark.sqlite_only(reason="what a browser shows does not hang on the database"),
]

AXE = Path(__file__).parent.parent / "vendor" / "axe-core" / "axe.min.js"
RUN = """async () => {
    const found = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]});
    return found.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).slice(0, 3).join(", "));
}"""
WHO = ["public", "bureau", "subdistrict", "community", "committee", "company", "auditor"]


@pytest.fixture
def city(live: Live, clock: Clock) -> SmallCity:
    return build_small_city(clock)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("who", WHO)
def test_pages_are_accessible_and_fit(
    live: Live,
    open_page: Callable[..., Page],
    enter: Callable[[Page, User], Page],
    city: SmallCity,
    who: str,
    width: int,
) -> None:
    page = open_page(viewport={"width": width, "height": 800})
    addresses = pages_of(city)[who]
    if who != "public":
        enter(page, city.people[who])
    faults = [fault for address in addresses for fault in look_at(page, live, address, width)]
    assert faults == []


def test_the_rules_find_what_is_wrong(page: Page) -> None:
    """The negative control: a page with faults that everybody knows is not let through."""
    page.set_content("<html><head></head><body><img src='data:,'><input></body></html>")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = {one.split(":")[0] for one in page.evaluate(RUN)}
    assert {"document-title", "html-has-lang", "image-alt", "label"} <= found


def look_at(page: Page, live: Live, address: str, width: int) -> list[str]:
    """What is wrong with a page in each language."""
    faults: list[str] = []
    for language in ("zh", "en"):
        page.goto(live(f"{address}{'&' if '?' in address else '?'}lang={language}"))
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[Any] = page.evaluate(RUN)
        faults += [f"{address} in {language}: {one}" for one in found]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            faults.append(f"{address} in {language}: {wide} px wide on a screen of {width}")
    return faults


@pytest.mark.parametrize("who", ["public", "committee"])
def test_pages_fit_at_200_per_cent(
    live: Live, open_page: Callable[..., Page], enter: Callable[[Page, User], Page], city: SmallCity, who: str
) -> None:
    """Zooming a 1280 px window to 200 % leaves 640 px of layout; nothing may need sideways scrolling."""
    page = open_page(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    addresses = pages_of(city)[who]
    if who != "public":
        enter(page, city.people[who])
    for address in addresses:
        page.goto(live(address))
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, address
