"""By how much silent households would have to differ is said only as far as they can."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from flask import Flask

from rating.pages.wording import tipping
from rating.results.queries import find_company_card
from rating.scoring import Standing
from rating.scoring.standings.standing import Tipping
from tests.results.town import KINDS, build_town, compute


@pytest.mark.sqlite_only(reason="a sentence doesn't hang on the database")
@pytest.mark.parametrize(
    ("standing", "points", "said"),
    [
        (Standing.BLACK, "8.3", "8.30 points better"),
        (Standing.BLACK, "100", "100.00 points better"),
        (Standing.BLACK, "182.74", "Even if all silent households gave full marks, this would stand."),
        (Standing.RED, "182.74", "Even if all silent households gave the lowest marks, this would stand."),
    ],
)
def test_nobody_is_said_to_differ_by_more_than_the_scale_has(
    app: Flask, standing: Standing, points: str, said: str
) -> None:
    town = build_town(KINDS[:2])
    found = find_company_card(compute(town), town.companies["good"].code)
    assert found is not None
    card = replace(found, standing=standing, tipping=Tipping(standing, Decimal(points)))
    with app.test_request_context("/?lang=en"):
        assert said in str(tipping(card))
