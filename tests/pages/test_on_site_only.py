"""A city that asks no residents: every page still tells what it can, and nothing of margins."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from flask import Flask

from tests.factories import ContractFactory, RatedEstateFactory, RoundFactory, RulebookFactory, default_document
from tests.pages.public import WHILE_SHOWN, publish
from tests.results.town import Town, rate_on_site
from tests.support.client import Client
from tests.support.clock import Clock

See = Callable[..., Any]


def town_without_residents() -> Town:
    document = copy.deepcopy(default_document())
    del document["residents"]
    document["version"] = 2
    document["scoring"]["direction_weights"] = {"committee_to_company": 100}
    town = Town(RoundFactory(closed=True, rulebook=RulebookFactory(version=2, document=document)))
    for name, share in (("good", 0.97), ("bad", 0.4)):
        rated = RatedEstateFactory(round=town.round, contract=False)
        ContractFactory(estate=rated.estate, company=rated.company)
        rate_on_site(rated, share)
        town.companies[name], town.estates[name] = rated.company, [rated]
    return town


def test_on_site_scores_alone_make_lists_and_pages(app: Flask, client: Client, see: See, clock: Clock) -> None:
    town = town_without_residents()
    publish(town)
    clock.set(WHILE_SHOWN)
    good = town.estates["good"][0]
    page = see(client, "/")
    assert page.texts(".board.red h3") == [good.company.name]
    assert page.texts(".board.red .facts div")[0] == "现场评分表 1"
    assert "误差范围只反映" not in page.text
    for path in (f"/companies/{good.company.code}", f"/estates/{good.estate.code}", "/releases/1", "/method"):
        see(client, f"{path}?lang=en")
        assert see(client, path).h1
    assert see(client, f"/estates/{good.estate.code}").all(".score b"), "ten residents are no condition here"
