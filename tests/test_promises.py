"""What the product promises it can do: each promise has the route or rule that keeps it, and no other is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask

from rating.access import OFFERED_ROLES, Role

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "rating/translations/zh_Hans_CN/LC_MESSAGES/messages.po"

# What words promise, and the endpoints or the role that keep it. Without these the words are printed nowhere.
KEPT_BY = {
    "objections after publication": (
        r"object\w* [^.]*(at any time|after publication)|随时[^。]*异议|公布后[^。]*异议",
        "objections.",
    ),
    "corrected releases": (r"corrected within|更正[^。]*新公告|发新公告", "corrections."),
    "a second look at what was rejected": (r"ask for another look|再复核一次|再看一次", "second_looks."),
    "visits at home": (r"someone (will|can) come|约个时间|约[^。]{0,4}上门", "visits."),
    "drawing by the system": (r"system draws|由系统随机", "draws."),
    "helpers": (r"helper needs|约协助员", Role.HELPER),
    "calling back": (r"we will call you back|会给您回电", "calls."),
}


def printed() -> dict[str, str]:
    """Every text that users read, by where it stands: templates, the catalogue in both languages, the rulebook."""
    texts = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "templates").rglob("*.html")
    }
    texts["rulebook"] = (ROOT / "rating/rulebooks/default.yaml").read_text("utf-8")
    with CATALOGUE.open("rb") as file:
        for message in read_po(file):
            texts[f"catalogue: {message.id}"] = f"{message.id}\n{message.string}"
    return texts


def is_kept(app: Flask, keeper: str) -> bool:
    if isinstance(keeper, Role):
        return keeper in OFFERED_ROLES
    return any(name.startswith(keeper) for name in app.view_functions)


@pytest.mark.sqlite_only(reason="words don't hang on the database")
@pytest.mark.parametrize("promise", KEPT_BY)
def test_nothing_is_promised_that_no_route_or_rule_keeps(app: Flask, promise: str) -> None:
    words, keeper = KEPT_BY[promise]
    if is_kept(app, keeper):
        return
    assert [place for place, text in printed().items() if re.search(words, text)] == []


@pytest.mark.sqlite_only(reason="words don't hang on the database")
def test_a_promise_that_comes_back_is_found() -> None:
    """The control: the sentences that were printed until nobody could keep them."""
    once = (
        "Companies may object at any time; others may contact us.", "企业随时可以提出异议，公布后也可以。",
        "What proves true is corrected within 5 working days by a new release.", "约个时间上门", "由系统随机抽取",
        "give this receipt number and ask for another look", "a helper needs one",
    )  # fmt: skip
    for sentence in once:
        assert any(re.search(words, sentence) for words, _ in KEPT_BY.values()), sentence
