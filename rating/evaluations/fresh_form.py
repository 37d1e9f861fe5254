"""An empty form's page, drawn once for each estate, language and size of text, with each ticket's token put in.

Drawing seventy radios is most of what a form costs. The template stays the one source of every byte: it is drawn with a
stand-in for the token, so that nothing of any resident is ever kept, under all that it shows. Tests compare the page
with what is drawn afresh (tests/evaluations/test_fresh_form.py).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from flask import current_app, request, session

from rating.rounds.models import RatedEstate
from rating.web import current_actor, language, text_size

STAND_IN = "0" * 31 + "f"  # as long as a token, and none that anybody has but once in 2^128
MOST_KEPT = 1000  # pages of 13 KB
SHOWN_SETTINGS = ("CITY_ZH", "CITY_EN", "CONTACT_PHONE")
_kept: dict[Hashable, tuple[str, str]] = {}


def fresh_form(rated_estate: RatedEstate, token: str, draw: Callable[[str], str]) -> str:
    """The page with this token; `draw(token)` draws it afresh.

    Pages that hold anything of whoever looks (somebody signed in, a message, an address with a question) are drawn.
    """
    if current_actor().user_id is not None or request.query_string or session.get("_flashes"):
        return draw(token)
    key = _shown(rated_estate)
    if key not in _kept:
        before, found, after = draw(STAND_IN).partition(STAND_IN)
        if not found or STAND_IN in after:
            return draw(token)
        while len(_kept) >= MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = (before, after)
    return token.join(_kept[key])


def _shown(rated_estate: RatedEstate) -> Hashable:
    """Everything that the page shows or depends on."""
    estate, company, community = rated_estate.estate, rated_estate.company, rated_estate.community
    return (
        rated_estate.round.rulebook.digest, rated_estate.round.title_zh, rated_estate.round.title_en,
        estate.code, estate.name, company.name, company.phone, community.name, community.phone,
        request.path, language(), text_size(), *(current_app.config[name] for name in SHOWN_SETTINGS),
    )  # fmt: skip
