"""Residents' and public pages load no script that an old web view can't read: each is parsed as ECMAScript 5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page

from tests.browser.small_city import SmallCity, build_small_city, pages_of
from tests.support.client import Client
from tests.support.clock import Clock

pytestmark = pytest.mark.sqlite_only(reason="scripts do not hang on the database")

ACORN = Path(__file__).parents[1] / "vendor" / "acorn" / "acorn.js"
PARSE = """text => {
    try {
        acorn.parse(text, {ecmaVersion: 5});
        return "";
    } catch (error) {
        return String(error);
    }
}"""
NAMES = """text => [...acorn.tokenizer(text, {ecmaVersion: 5})]
    .filter(token => token.type.label === "name").map(token => token.value)"""
# Newer than ECMAScript 5 though a parser lets them pass.
NEWER = {
    *("fetch", "Promise", "Map", "Set", "WeakMap", "Symbol", "Proxy", "Reflect", "URL", "URLSearchParams", "FormData"),
    *("includes", "assign", "entries", "values", "padStart", "repeat", "startsWith", "endsWith", "imul", "find"),
    *("closest", "matches", "append", "prepend", "remove", "replaceWith", "classList", "dataset", "crypto"),
}


@pytest.fixture
def parser(page: Page) -> Page:
    page.evaluate(ACORN.read_text(encoding="utf-8"))
    return page


@pytest.fixture
def city(client: Client, clock: Clock) -> SmallCity:
    return build_small_city(clock)


def scripts_of(client: Client, city: SmallCity) -> dict[str, str]:
    """The text of every script that a public page or a resident's page loads, by its address."""
    addresses = [*pages_of(city)["public"], *visit_as_resident(client, city)]
    found: dict[str, str] = {}
    for address in addresses:
        for source in sources(client.get(address, follow_redirects=True).get_data(as_text=True)):
            found[source] = client.get(source).get_data(as_text=True)
    return found


def visit_as_resident(client: Client, city: SmallCity) -> list[str]:
    """A household's code opened and its form sent, so that the receipt shows too."""
    form = BeautifulSoup(client.get(f"/h/{city.code}", follow_redirects=True).get_data(as_text=True), "html.parser")
    action = str(form.select_one("form#rating")["action"])  # type: ignore[index]  # the form is there or the test fails
    token = str(form.select_one("[name=csrf_token]")["value"])  # type: ignore[index]  # as above
    marks = {str(one["name"]): "5" for one in form.select("input[type=radio]")}
    sent: Any = client.post(action, data={**marks, "csrf_token": token})
    assert sent.location.endswith("/receipt")
    return [sent.location]


def sources(html: str) -> set[str]:
    return {str(one["src"]) for one in BeautifulSoup(html, "html.parser").select("script[src]")}


def test_every_script_of_residents_and_the_public_is_ecmascript_5(
    client: Client, city: SmallCity, parser: Page
) -> None:
    scripts = scripts_of(client, city)
    assert "/static/js/keep.js" in scripts
    for source, text in scripts.items():
        assert parser.evaluate(PARSE, text) == "", source
        assert set(parser.evaluate(NAMES, text)) & NEWER == set(), source


@pytest.mark.parametrize("newer", ["var f = () => 1;", "let a = 1;", "const a = 1;", "var a = `b`;", "f(...a);"])
def test_the_parser_refuses_what_is_newer(parser: Page, newer: str) -> None:
    """The negative control."""
    assert "SyntaxError" in parser.evaluate(PARSE, newer)


def test_the_parser_reads_what_old_web_views_read(parser: Page) -> None:
    assert parser.evaluate(PARSE, "var f = function () { 'use strict'; return {a: 1}.a; };") == ""


def test_newer_names_are_found(parser: Page) -> None:
    assert set(parser.evaluate(NAMES, "new FormData(form); fetch('/');")) & NEWER == {"FormData", "fetch"}
