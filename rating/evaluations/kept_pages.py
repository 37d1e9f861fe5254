"""Residents' pages drawn once for each estate, language and size of text, with each resident's own values put in.

Drawing seventy radios is most of what a form costs. The template stays the one source of every byte: it is drawn with
stand-ins for what is a resident's own (a token, a receipt's number), so that nothing of any resident is ever kept,
under all else that it shows. Tests compare each page with what is drawn afresh (tests/evaluations/test_kept_pages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from flask import current_app, request, session
from flask.ctx import RequestContext

from rating.evaluations.rated import Rated
from rating.web.language import LANGUAGE_COOKIE, TEXT_COOKIE, language, text_size
from rating.web.request import current_actor

MOST_KEPT = 2000  # pages of 5 to 15 KB
SHOWN_SETTINGS = ("CITY_ZH", "CITY_EN", "CONTACT_PHONE", "BASE_URL", "DEMONSTRATION")
# Signs for private use: no text has them, and neither escaping nor capitals change them.
STAND_INS = [chr(0xE000 + number) for number in range(16)]

_kept: dict[object, list[str]] = {}
_one_at_a_time = Lock()


class Look(NamedTuple):
    """What a page depends on beside what it is about."""

    path: str
    language: str
    text_size: str


def kept_page(rated: Rated, own: list[str], draw: Callable[[list[str]], str]) -> str:
    """The page with these values of a resident's `own`; `draw(values)` draws it afresh, and `rated` is all it knows.

    Pages that hold anything else of whoever looks (somebody signed in, a message, an address with a question) are
    drawn.
    """
    if current_actor().user_id is not None or request.query_string or session.get("_flashes"):
        return draw(own)
    look = Look(request.path, language(), text_size())
    if (key := _key(rated, look)) not in _kept:
        stand_ins = STAND_INS[: len(own)]
        with _clean_request(look):
            page = draw(stand_ins)
        parts = re.split(f"([{''.join(stand_ins)}])", page)
        with _one_at_a_time:
            while len(_kept) >= MOST_KEPT:
                del _kept[next(iter(_kept))]
            _kept[key] = parts
    return find_kept(rated, look, own) or draw(own)


def _clean_request(look: Look) -> RequestContext:
    """A request that says nothing but what the page is kept under: none of a real one's headers, host or place."""
    cookies = f"{LANGUAGE_COOKIE}={look.language}; {TEXT_COOKIE}={look.text_size}"
    base = str(current_app.config["BASE_URL"])
    return current_app.test_request_context(look.path, base_url=base, headers={"Cookie": cookies})


def find_kept(rated: Rated, look: Look, own: list[str]) -> str | None:
    """The page with these values, if it is kept."""
    parts = _kept.get(_key(rated, look))
    if parts is None:
        return None
    filled = parts.copy()  # text and stand-ins in turn
    filled[1::2] = [own[STAND_INS.index(sign)] for sign in parts[1::2]]
    return "".join(filled)


def _key(rated: Rated, look: Look) -> object:
    return rated, look, *(current_app.config[name] for name in SHOWN_SETTINGS)
