"""Residents' pages drawn once for each estate, language and size of text, with each resident's own values put in.

Drawing seventy radios is most of what a form costs. The template stays the only source of every byte: it is drawn with
placeholders for what is a resident's own (a token, a receipt's number), so that nothing of any resident is ever cached.
A placeholder is 128 random bits for this one drawing, discarded once the page is split at it: no name and no text can
contain one, whoever wrote it. Tests compare each page with one that is drawn afresh (tests/evaluations).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from flask import current_app, request, session
from flask.ctx import RequestContext

from rating.evaluations.rated import Rated
from rating.web.language import LANGUAGE_COOKIE, TEXT_COOKIE, language, text_size
from rating.web.request import USER

MOST_CACHED = 2000  # pages of 5 to 15 KB
SHOWN_SETTINGS = ("CITY_ZH", "CITY_EN", "CONTACT_PHONE", "BASE_URL", "DEMONSTRATION")
OF_ONE_BROWSER = (USER, "_flashes")  # somebody signed in, a message

_cached: dict[object, Parts] = {}
_one_at_a_time = Lock()


class Look(NamedTuple):
    """What a page depends on besides its subject."""

    path: str
    language: str
    text_size: str


class Parts(NamedTuple):
    """A page split up: `texts` around the resident's own values; `order` says which value comes next."""

    texts: list[str]
    order: list[int]

    @classmethod
    def of(cls, page: str, stand_ins: list[str]) -> Parts:
        """The parts of a page that was drawn with placeholders."""
        pieces = re.split(f"({'|'.join(stand_ins)})", page)
        return cls(pieces[::2], [stand_ins.index(one) for one in pieces[1::2]])

    def filled(self, own: list[str]) -> str:
        """The page with these values."""
        pieces = self.texts[:1]
        for place, text in zip(self.order, self.texts[1:], strict=True):
            pieces += own[place], text
        return "".join(pieces)


def cached_page(rated: Rated, own: list[str], draw: Callable[[list[str]], str]) -> str:
    """The page with these values of a resident's `own`; `draw(values)` draws it afresh, and `rated` is all it knows.

    Pages with anything else of the viewer's (a query string, somebody signed in, a message) are drawn afresh.
    """
    if request.query_string or any(name in session for name in OF_ONE_BROWSER):
        return draw(own)
    look = Look(request.path, language(), text_size())
    key = (rated, look, *(current_app.config[name] for name in SHOWN_SETTINGS))
    return (_cached.get(key) or _cache(key, look, len(own), draw)).filled(own)


def _cache(key: object, look: Look, count: int, draw: Callable[[list[str]], str]) -> Parts:
    stand_ins = [secrets.token_hex(16) for _ in range(count)]
    with _clean_request(look):
        parts = Parts.of(draw(stand_ins), stand_ins)
    with _one_at_a_time:
        while len(_cached) >= MOST_CACHED:
            del _cached[next(iter(_cached))]
        _cached[key] = parts
    return parts


def _clean_request(look: Look) -> RequestContext:
    """A request with nothing but what the page is cached under: none of a real one's headers, host or path."""
    cookies = f"{LANGUAGE_COOKIE}={look.language}; {TEXT_COOKIE}={look.text_size}"
    base = str(current_app.config["BASE_URL"])
    return current_app.test_request_context(look.path, base_url=base, headers={"Cookie": cookies})
