"""The bureau's scorecard page, its table file, the command, and why standings are what they are, in words."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from rating.access import SYSTEM, Role
from rating.releases.service import start_preview
from rating.results.queries import find_company_card, find_scorecard
from rating.results.service import compute_scorecard
from rating.results.wording import SENTENCES, explain_reason, explain_standing, name_costs
from rating.scoring import Direction, Reason, ReasonCode
from rating.web.figures import percent, plain, points, shown_score
from rating.web.language import told
from rating.workbooks.writing import write_csv
from tests.factories import RatedEstateFactory, RoundFactory, RulebookFactory, UserFactory, default_document
from tests.results.town import KINDS, build_town, bureau, compute, rate_on_site
from tests.support.clock import START

See = Callable[..., Any]
SignIn = Callable[..., Any]


def test_bureau_computes_and_sees_every_company_with_its_reason(app: Flask, see: See, sign_in: SignIn) -> None:
    town = build_town()
    browser = sign_in(bureau())
    url = f"/bureau/rounds/{town.round.number}/scorecard"
    assert "还没有计算" in see(browser, url).text
    page = see(browser, url, data={})
    names = [row[0].split(" 9133")[0] for row in page.rows()[1:]]
    assert names[:3] == ["good company", "bad company", "low company"]
    assert "误差范围的上限" in page.text
    assert "不满10份的不公布得分" in page.text


def test_one_standing_can_be_looked_at_alone(app: Flask, see: See, sign_in: SignIn) -> None:
    town = build_town()
    compute(town)
    page = see(sign_in(bureau()), f"/bureau/rounds/{town.round.number}/scorecard?standing=black")
    assert len(page.rows()) == 2 and "bad company" in page.text


def test_an_unknown_standing_shows_all(app: Flask, see: See, sign_in: SignIn) -> None:
    town = build_town(KINDS[:2])
    compute(town)
    page = see(sign_in(bureau()), f"/bureau/rounds/{town.round.number}/scorecard?standing=green")
    assert len(page.rows()) == 3


def test_a_page_beyond_the_scorecards_last_is_its_last(app: Flask, see: See, sign_in: SignIn) -> None:
    town = build_town(KINDS[:2])
    compute(town)
    page = see(sign_in(bureau()), f"/bureau/rounds/{town.round.number}/scorecard?page=9")
    assert len(page.rows()) == 3


def test_auditor_reads_the_scorecard_and_computes_nothing(app: Flask, see: See, sign_in: SignIn) -> None:
    town = build_town(KINDS[:2])
    browser = sign_in(UserFactory(role=Role.AUDITOR))
    url = f"/bureau/rounds/{town.round.number}/scorecard"
    assert see(browser, url).all("main form[method=post]") == []
    see(browser, url, status=403, data={})
    assert find_scorecard(town.round) is None


@pytest.mark.parametrize("role", [Role.COMMITTEE, Role.SUBDISTRICT, Role.COMPANY])
def test_others_do_not_see_the_scorecard(app: Flask, see: See, sign_in: SignIn, role: Role) -> None:
    town = build_town(KINDS[:1])
    rated = town.estates["good"][0]
    scope = {Role.COMMITTEE: rated.estate, Role.COMPANY: rated.company, Role.SUBDISTRICT: rated.community.subdistrict}
    see(sign_in(UserFactory(role=role, scope=scope[role])), f"/bureau/rounds/{town.round.number}/scorecard", status=403)


def test_computing_an_open_round_is_refused_in_words(app: Flask, see: See, sign_in: SignIn) -> None:
    round_ = RoundFactory(open=True)
    page = see(sign_in(bureau()), f"/bureau/rounds/{round_.number}/scorecard", status=409, data={})
    assert "评价截止以后" in page.text


def test_the_table_file_has_a_row_for_each_company_in_the_readers_language(app: Flask, sign_in: SignIn) -> None:
    town = build_town()
    compute(town)
    response = sign_in(bureau()).get(f"/bureau/rounds/{town.round.number}/scorecard.csv?lang=en")
    rows = list(csv.reader(io.StringIO(response.get_data(as_text=True).lstrip("\ufeff"))))
    assert response.mimetype == "text/csv"
    assert len(rows) == 1 + len(KINDS)
    assert rows[1][1:3] == ["good company", "Red list"]
    assert "reaches 85" in rows[1][-1]


def test_a_table_file_holds_no_formula() -> None:
    assert write_csv(["a"], [["=1+1"], ["-2.00"], ["-cmd"], [3]]).splitlines() == [
        "\ufeffa",
        "'=1+1",
        "-2.00",
        "'-cmd",
        "3",
    ]


def test_score_command_computes(run_command: Callable[..., Any]) -> None:
    town = build_town(KINDS[:2])
    result = run_command("round", "score", town.round.number)
    stored = find_scorecard(town.round)
    assert stored is not None and stored.digest in result.output


def test_score_command_tells_why_not(run_command: Callable[..., Any]) -> None:
    round_ = RoundFactory(open=True)
    assert "once the round is closed" in run_command("round", "score", round_.number, fails=True).output


@pytest.mark.parametrize("code", list(ReasonCode))
def test_every_reason_has_a_sentence_in_both_languages(app: Flask, code: ReasonCode) -> None:
    message = explain_reason(Reason(code, Decimal(12), Decimal(10), Direction.RESIDENT_TO_COMPANY, "…"))
    assert set(SENTENCES) == set(ReasonCode)
    with app.test_request_context("/?lang=zh"):
        chinese = told(message)
    assert chinese != str(message) and "%(" not in chinese + str(message)


def test_why_says_reasons_first_and_then_what_kept_it_off_a_list(app: Flask) -> None:
    town = build_town()
    stored = compute(town)
    few = find_company_card(stored, town.companies["few"].code)
    assert [str(one) for one in explain_standing(few)] == [
        "Residents’ ratings: 6. From fewer than 10 nothing is shown."
    ]


def test_costliest_indicators_are_named_by_the_rulebook(app: Flask) -> None:
    town = build_town()
    card = find_company_card(compute(town), town.companies["bad"].code)
    costs = name_costs(card.costliest, town.round.rulebook.content)
    assert len(costs) == 3 and all(cost.text.zh and cost.text.en for cost in costs)


def test_figures_are_shown_half_even_with_two_decimals_and_scores_within_0_and_100() -> None:
    assert [points("0.125000"), points("0.135000"), points("-0.001000"), points(None)] == ["0.12", "0.14", "0.00", None]
    assert [shown_score("103.400000"), shown_score("-2.000000")] == ["100.00", "0.00"]
    assert percent("0.375000") == "38%"
    assert [plain("60.000000"), plain("2.500000"), plain("100"), plain(None)] == ["60", "2.5", "100", "–"]


def test_a_rulebook_that_asks_no_residents_is_scored_from_the_sheets_alone(
    app: Flask, see: See, sign_in: SignIn
) -> None:
    document = {key: value for key, value in default_document().items() if key != "residents"}
    document |= {"key": "sheets", "scoring": {"direction_weights": {"committee_to_company": 100}}}
    rated = RatedEstateFactory(
        round=RoundFactory(closed=True, rulebook=RulebookFactory(key="sheets", document=document))
    )
    rate_on_site(rated, 1)
    stored = compute_scorecard(rated.round, SYSTEM, START)
    card = find_company_card(stored, rated.company.code)
    assert card is not None
    assert (card.standing, card.score, card.lower) == ("red", 100, 100)
    page = see(sign_in(bureau()), f"/bureau/rounds/{rated.round.number}/scorecard")
    assert "计入的评分表 1" in page.text and "参评率" not in page.text
    start_preview(rated.round, SYSTEM, START)
    committee = sign_in(UserFactory(role=Role.COMMITTEE, scope=rated.estate))
    assert "100.00" in see(committee, f"/committee/preview/{rated.id}").text
    assert "100.00" in see(sign_in(UserFactory(role=Role.COMPANY, scope=rated.company)), "/company/preview").text
