"""Odd values for every field of every form that a site shows, and every argument of its addresses.

The forms are those that people find who follow the site's own links, so that all numbers in addresses exist.
"""

from __future__ import annotations

import io
import os
import random
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from bs4 import BeautifulSoup, SoupStrainer, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from rating.access import PUBLIC, rule_of

EXAMPLES = int(os.environ.get("ODD_EXAMPLES", "300"))
PAGES_OF_A_KIND = 4  # so many pages of one view are looked at
MISSING = None
NUMBERS = [
    "-1",
    "0",
    "1e999",
    "NaN",
    "Infinity",
    "9" * 5000,
    str(2**31),
    str(2**63),
    "１２",
    "٣",
    "1.5",
    "+1",
    "0x10",
    " 1 ",
]
DAYS = [
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "２０２６-０１-０１",
    "10000-01-01",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
]
TEXTS = [
    "",
    " ",
    "字" * 5000,
    "x" * 60_000,
    "\x00",
    "a\x00b",
    "\ud800",
    "\u202e\u200b",
    "%s%(n)s{0}{{7*7}}",
    "'\"<b>&",
    "\r\n\t",
    "=1+1",
]
ODD: list[str | None] = [*NUMBERS, *DAYS, *TEXTS, "None", "[]", "{}", "true", MISSING]


@dataclass(frozen=True)
class Target:
    """A form or an address with arguments: who finds it, where it goes, and what it holds untouched."""

    who: str
    method: str
    endpoint: str
    path: str
    fields: tuple[tuple[str, str], ...]
    files: frozenset[str] = field(default=frozenset())

    @property
    def names(self) -> list[str]:
        """Its fields, each once."""
        return list(dict.fromkeys(name for name, _value in self.fields))

    def __str__(self) -> str:
        return f"{self.who} {self.method} {self.endpoint} ({', '.join(self.names)})"


@dataclass
class Seen:
    """What stands on one page."""

    targets: list[Target] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


class Crawler:
    """Follows links, and notes the forms and arguments that it meets.

    Looking changes nothing, so a browser asks for a page once, whichever way leads to it; a page that is open to
    everybody is asked for by the first browser that comes to it, and a view that gives files, not pages, once.
    """

    def __init__(self, app: Flask) -> None:
        self.urls = app.url_map.bind("")
        self.open_to_all = {name for name, view in app.view_functions.items() if rule_of(name, view) is PUBLIC}
        self.files: set[str] = set()
        self.pages: dict[tuple[str, str], Seen] = {}

    def crawl(self, browser: FlaskClient, who: str, *starts: str, deep: int | None = None) -> list[Target]:
        """All targets that this browser reaches from these pages, by any number of links or by so many."""
        waiting, seen, kinds = deque((one, 0) for one in starts), set(starts), Counter[tuple[str, ...]]()
        found: dict[tuple[str, str, tuple[str, ...]], Target] = {}
        while waiting:
            url, links = waiting.popleft()
            kind = (self._endpoint(url, "GET"), *sorted({name for name, _ in parse_qsl(urlsplit(url).query)}))
            kinds[kind] += 1
            if kinds[kind] > PAGES_OF_A_KIND or not kind[0]:
                continue
            page = self._look(browser, who, url, kind[0])
            for target in page.targets:
                found.setdefault((target.method, target.endpoint, tuple(sorted(target.names))), target)
            for link in page.links:
                if link not in seen and (deep is None or links < deep):
                    seen.add(link)
                    waiting.append((link, links + 1))
        return list(found.values())

    def _look(self, browser: FlaskClient, who: str, url: str, endpoint: str) -> Seen:
        if endpoint in self.files:
            return Seen()
        key = ("" if endpoint in self.open_to_all else who, url)
        if key not in self.pages:
            response = browser.get(url, follow_redirects=True)
            if response.status_code == 200 and "html" not in response.content_type:
                self.files.add(endpoint)
            self.pages[key] = self._read(who, response) if "html" in response.content_type else Seen()
        return self.pages[key]

    def _read(self, who: str, response: TestResponse) -> Seen:
        at, page = response.request.path, Seen()
        soup = BeautifulSoup(response.get_data(as_text=True), "html.parser", parse_only=SoupStrainer(["form", "a"]))
        for form in soup.select("form"):
            page.targets += self._target_of(who, at, form)
        for link in soup.select("a[href]"):
            parts = urlsplit(urljoin(at, str(link["href"])))
            if not parts.netloc and not parts.scheme:
                query = [(name, value) for name, value in parse_qsl(parts.query) if name not in {"lang", "text"}]
                if query:
                    page.targets += self._target(who, "GET", parts.path, query)
                page.links.append(parts.path + (f"?{urlencode(query)}" if query else ""))
        return page

    def _target_of(self, who: str, at: str, form: Tag) -> list[Target]:
        method = str(form.get("method", "get")).upper()
        controls = [one for one in form.select("input, select, textarea, button") if one.get("name")]
        files = frozenset(str(one["name"]) for one in controls if one.get("type") == "file")
        path = urlsplit(urljoin(at, str(form.get("action") or at))).path
        return self._target(who, method, path, [(str(one["name"]), _value(one)) for one in controls], files)

    def _target(
        self, who: str, method: str, path: str, fields: Sequence[tuple[str, str]], files: frozenset[str] = frozenset()
    ) -> list[Target]:
        endpoint = self._endpoint(path, method)
        return [Target(who, method, endpoint, path, tuple(dict.fromkeys(fields)), files)] if endpoint else []

    def _endpoint(self, url: str, method: str) -> str:
        try:
            return str(self.urls.match(urlsplit(url).path, method)[0])
        except HTTPException:
            return ""


def _value(control: Tag) -> str:
    if control.name == "select":
        options = [str(one.get("value", one.get_text())) for one in control.select("option")]
        return next((one for one in reversed(options) if one), "")
    return control.get_text() if control.name == "textarea" else str(control.get("value", ""))


def sensible(name: str, value: str) -> str:
    """What a person may have filled in where the form was empty: valid for most fields, so that others are reached."""
    if value:
        return value
    return (
        "2026-12-01T09:00" if name.endswith("_at") else "2026-12-01" if name.endswith(("_on", "_from", "_to")) else "3"
    )


def variation(target: Target, rng: random.Random) -> dict[str, str | None]:
    """One to three of its fields with odd values; the others stay as they were."""
    names = rng.sample(target.names, min(len(target.names), rng.randint(1, 3)))
    return {name: rng.choice(ODD) for name in names}


def send(browser: FlaskClient, target: Target, odd: dict[str, str | None], *, twice: bool = False) -> str:
    """Send the target with these values; '' for an answer, else the fault."""
    pairs = [(name, odd.get(name, sensible(name, value))) for name, value in target.fields]
    given = [(name, value.encode(errors="surrogatepass")) for name, value in pairs if value is not MISSING]
    if twice:
        given += given
    try:
        if target.method == "GET":
            status = browser.get(f"{target.path}?{urlencode(given)}").status_code
        elif target.files:
            data: dict[str, list[object]] = {}
            for name, value in given:
                text = value.decode(errors="replace")
                data.setdefault(name, []).append(
                    (io.BytesIO(value), f"{text[:20]}.csv") if name in target.files else text
                )
            status = browser.post(target.path, data=data, content_type="multipart/form-data").status_code
        else:
            status = browser.post(
                target.path, data=urlencode(given), content_type="application/x-www-form-urlencoded"
            ).status_code
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "" if status < 500 else str(status)


def list_faults(browsers: Mapping[str, FlaskClient], targets: Sequence[Target]) -> list[str]:
    """Send EXAMPLES forms with some odd values each, the same ones every time; what wasn't answered in words."""
    faults = []
    for number in range(EXAMPLES):
        rng = random.Random(number)
        target = rng.choice(targets)
        odd, twice = variation(target, rng), rng.random() < 0.5
        if fault := send(browsers[target.who], target, odd, twice=twice):
            faults.append(f"{target}: {odd!r}: {fault}")
    return faults
