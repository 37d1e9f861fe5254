"""The method in words: every number is the rulebook's."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from rating.scoring import Direction
from tests.factories import RoundFactory, RulebookFactory, default_document
from tests.support.client import Client

See = Callable[..., Any]


def test_before_a_rulebook_is_loaded_the_page_says_so(client: Client, see: See) -> None:
    assert "还没有载入评价办法" in see(client, "/method").text


def test_numbers_come_from_the_rulebook_in_force(app: Flask, client: Client, see: See) -> None:
    document = copy.deepcopy(default_document())
    document["scoring"].update(red=88, black=52, watch=66, min_cell=12, min_sample_floor=12, min_days_served=77)
    document["windows"]["preview_working_days"] = 9
    RoundFactory(open=True, rulebook=RulebookFactory(version=2, document={**document, "version": 2}))
    chinese, english = see(client, "/method").text, see(client, "/method?lang=en").text
    for number in ("88分", "52分", "66分", "不满12份", "77天", "9个工作日"):
        assert number in chinese
    for number in ("reaches 88", "below 52", "below 66", "fewer than 12", "under 77 days", "9 working days"):
        assert number in english
    for default in ("85分", "60分"):
        assert default not in chinese


@pytest.mark.parametrize("language", ["zh", "en"])
def test_questionnaires_are_shown_whole(app: Flask, client: Client, see: See, language: str) -> None:
    content = RulebookFactory().content
    page = see(client, f"/method?lang={language}")
    assert page.language.startswith(language)
    for direction in Direction:
        for indicator in content.questionnaire(direction).indicators:
            assert getattr(indicator.text, language) in page.text
            assert " ".join(getattr(indicator.hint, language).split()) in page.text


def test_the_method_says_what_is_not_covered_and_what_can_be_paired(app: Flask, client: Client, see: See) -> None:
    RulebookFactory()
    assert "不反映“没来评的人和来评的人想法不一样”" in see(client, "/method").text
    assert "read the database again and again" in see(client, "/method?lang=en").text


def test_a_rulebook_without_residents_says_nothing_of_margins(app: Flask, client: Client, see: See) -> None:
    document = copy.deepcopy(default_document())
    document["scoring"]["direction_weights"] = {"committee_to_company": 100}
    RoundFactory(open=True, rulebook=RulebookFactory(version=2, document={**document, "version": 2}))
    page = see(client, "/method?lang=en")
    assert "The margin" not in page.texts("h3") and "on-site scores 100 %" in page.text
