"""A page as a person gets it: parsed, and held to what every page must keep."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from bs4 import BeautifulSoup, Tag
from werkzeug.test import TestResponse

LANGUAGES = {"zh-Hans", "en"}
CONTROLS = "input:not([type=hidden]):not([type=submit]), select, textarea"
EMPTY_TITLE = re.compile(r"^\s*(–|$)")


class Page:
    """A parsed response. `page.text` is what can be read in <main>; `page.soup` is everything."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.html = response.get_data(as_text=True)
        self.soup = BeautifulSoup(self.html, "html.parser")

    @property
    def path(self) -> str:
        """The path and query of the page, after redirects."""
        return self.response.request.full_path.rstrip("?")

    @property
    def title(self) -> str:
        """The title without the name of the site."""
        return said(self.soup.title).rsplit(" – ", 1)[0]

    @property
    def h1(self) -> str:
        """The heading."""
        return said(self.soup.h1)

    @property
    def text(self) -> str:
        """The readable content, white space folded."""
        return said(self.soup.main or self.soup)

    @property
    def language(self) -> str:
        """'zh-Hans' or 'en'."""
        return str(self.soup.html["lang"]) if self.soup.html else ""

    @property
    def errors(self) -> dict[str, str]:
        """What the page says beside its fields, by the field's id."""
        return {str(one["id"]).removesuffix("-error"): said(one) for one in self.all("p.error[id]")}

    def all(self, selector: str) -> list[Tag]:
        """All elements that a CSS selector finds."""
        return list(self.soup.select(selector))

    def one(self, selector: str) -> Tag:
        """The only element that a CSS selector finds."""
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} elements match {selector!r} on {self.path}"
        return found[0]

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements that a CSS selector finds."""
        return [said(one) for one in self.all(selector)]

    def rows(self, selector: str = "main table") -> list[list[str]]:
        """The cells' texts of a table, row by row, headings too."""
        return [[said(cell) for cell in row.select("th, td")] for row in self.one(selector).select("tr")]

    def links(self, selector: str = "a[href]") -> dict[str, str]:
        """Addresses by the texts of their links."""
        return {said(one): str(one["href"]) for one in self.all(selector)}

    def fields(self, selector: str = "main form") -> dict[str, Any]:
        """What the only form there would send untouched: its fields by name, lists where a name comes twice."""
        values: dict[str, list[str]] = {}
        for control in self.one(selector).select("input[name], select[name], textarea[name]"):
            for value in _values(control):
                values.setdefault(str(control["name"]), []).append(value)
        return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


def said(element: Tag | None) -> str:
    """An element's text, white space folded."""
    return " ".join(element.get_text(" ").split()) if element else ""


def _values(control: Tag) -> list[str]:
    if control.name == "textarea":
        return [control.get_text().removeprefix("\n")]
    if control.name == "select":
        options = control.select("option")
        chosen = [option for option in options if option.has_attr("selected")] or options[:1]
        return [str(option.get("value", option.get_text())) for option in chosen]
    kind = control.get("type", "text")
    if kind in {"submit", "button", "file", "image"} or (
        kind in {"radio", "checkbox"} and not control.has_attr("checked")
    ):
        return []
    return [str(control.get("value", "on" if kind == "checkbox" else ""))]


def check(page: Page) -> None:
    """Fail with everything that this page breaks of what every page must keep."""
    found = [fault for rule in RULES for fault in rule(page)]
    assert not found, f"{page.path}: " + "; ".join(found)


def _frame(page: Page) -> list[str]:
    titles, headings = page.soup.select("head title"), page.soup.select("h1")
    return [
        *([] if len(titles) == 1 else [f"{len(titles)} titles"]),
        *(["the title is empty"] if titles and EMPTY_TITLE.match(titles[0].get_text()) else []),
        *([] if len(headings) == 1 else [f"{len(headings)} h1"]),
        *(["the h1 is empty"] if headings and not said(headings[0]) else []),
        *([] if page.language in LANGUAGES else [f"lang is {page.language!r}"]),
    ]


def _policy(page: Page) -> list[str]:
    policy = page.response.headers.get("Content-Security-Policy", "")
    inline = page.all("style, script:not([src]), [style], [onclick], [onsubmit], [onchange], [onload]")
    return [
        *([] if "default-src" in policy else ["no Content-Security-Policy"]),
        *(["the policy allows what is inline"] if "unsafe-inline" in policy else []),
        *(f"inline style or script in <{one.name}>" for one in inline),
    ]


def _ids(page: Page) -> list[str]:
    ids = Counter(str(one["id"]) for one in page.all("[id]"))
    named = [
        *(word for one in page.all("[aria-describedby]") for word in str(one["aria-describedby"]).split()),
        *(str(one["for"]) for one in page.all("label[for]")),
        *(str(one["href"])[1:] for one in page.all("a[href^='#']")),
    ]
    return [
        *(f"id {name!r} is there {n} times" for name, n in ids.items() if n > 1),
        *(f"no element has the id {name!r}" for name in sorted(set(named)) if name not in ids),
    ]


def _forms(page: Page) -> list[str]:
    faults = []
    for form in page.all("form"):
        method = str(form.get("method", "get")).lower()
        if form.get("action") == "":
            faults.append("a form has an empty action")
        if method == "post" and not form.select("input[name=csrf_token]"):
            faults.append(f"the form {form.get('action', 'of this page')!r} has no csrf_token")
        if method == "get" and form.select("input[name=csrf_token], input[type=password]"):
            faults.append("a GET form has a secret in it")
    return faults


def _labels(page: Page) -> list[str]:
    labelled = {str(one["for"]) for one in page.all("label[for]")}
    bare = [
        control
        for control in page.all(CONTROLS)
        if control.get("id") not in labelled
        and not control.get("aria-label")
        and not control.get("aria-labelledby")
        and control.find_parent("label") is None
    ]
    return [
        *(f"<{one.name} name={one.get('name')!r}> has no label" for one in bare),
        *("an image has no alt" for _ in page.all("img:not([alt])")),
    ]


RULES = (_frame, _policy, _ids, _forms, _labels)
