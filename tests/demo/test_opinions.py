"""Answers keep to their questionnaires and depend on seed, estate and round alone."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import numpy as np
import yaml

from rating.demo.city import City
from rating.demo.opinions import ABSENT, UNKNOWN, Opinions
from rating.demo.questionnaires import COOPERATION, ON_SITE, RESIDENTS
from rating.demo.timeline import LATEST
from tests.demo.conftest import SEED

MOST = {indicator.key: indicator.most for indicator in ON_SITE}


def rated(city: City) -> list[str]:
    return [e.code for e in city.estates if e.not_rated_reason is None]


def written_in(opinions: Opinions, estate: str, no: int, n: int) -> list[str | None]:
    return opinions.residents.comments(estate, no, opinions.residents.marks(estate, no, n))


def asked(questionnaire: str) -> list[dict[str, Any]]:
    text = resources.files("rating.rulebooks").joinpath("default.yaml").read_text("utf-8")
    dimensions = yaml.safe_load(text)[questionnaire]["dimensions"]
    return [i | {"dimension": d["key"]} for d in dimensions for i in d["indicators"]]


def test_indicators_are_those_of_the_default_rulebook() -> None:
    assert [(i["key"], i["dimension"]) for i in asked("residents")] == [(i.key, i.dimension) for i in RESIDENTS]
    assert [(i["key"], i["dimension"], i["max"], i.get("applies_if", "")) for i in asked("committee")] == [
        (i.key, i.dimension, i.most, i.needs) for i in ON_SITE
    ]
    assert [i["key"] for i in asked("company_to_committee")] == list(COOPERATION)


def test_turnout_stays_between_three_and_sixty_per_cent(city: City, opinions: Opinions) -> None:
    turnouts = [opinions.turnout.share(estate, no) for estate in rated(city) for no in (1, 2, 3, 4)]
    assert 0.03 <= min(turnouts) < 0.04
    assert 0.55 < max(turnouts) <= 0.6
    assert 0.2 < float(np.mean(turnouts)) < 0.33


def test_answers_never_outnumber_households(city: City, opinions: Opinions) -> None:
    for estate in rated(city):
        households = city.estate_by_code[estate].households_lived_in
        assert 0 <= opinions.turnout.answers(estate, 1) <= households


def test_residents_mark_from_one_to_five_or_leave_out_four_at_most(city: City, opinions: Opinions) -> None:
    for estate in rated(city):
        marks = opinions.residents.marks(estate, 1, 60)
        assert marks.shape == (60, len(RESIDENTS))
        assert marks.dtype == np.dtype(np.int8)
        assert set(np.unique(marks)) <= {ABSENT, UNKNOWN, 1, 2, 3, 4, 5}
        assert (marks > 0).sum(axis=1).min() >= 6


def test_only_an_estate_without_greenery_is_said_to_have_none(city: City, opinions: Opinions) -> None:
    for estate in rated(city):
        absent = opinions.residents.marks(estate, 1, 60) == ABSENT
        assert absent[:, 1].any() == (not city.estate_by_code[estate].has_greenery)
        assert not np.delete(absent, 1, axis=1).any()


def test_raters_on_site_mark_what_applies_within_the_scale(city: City, opinions: Opinions) -> None:
    for code in rated(city):
        estate = city.estate_by_code[code]
        for rater in (*opinions.bodies.raters(code, 1), "company"):
            marks = opinions.bodies.on_site_marks(code, rater, 1)
            assert list(marks) == list(MOST)
            assert all(m is None or 0 <= m <= MOST[key] for key, m in marks.items())
            for indicator in ON_SITE:
                if indicator.needs:
                    needed = getattr(estate, indicator.needs)
                    assert (marks[indicator.key] is not None) == needed


def test_on_site_marks_carry_sixty_per_cent_of_the_weight(city: City, opinions: Opinions) -> None:
    for estate in rated(city):
        marks = opinions.bodies.on_site_marks(estate, "community", 1)
        assert sum(MOST[key] for key, mark in marks.items() if mark is not None) >= 60


def test_a_committee_rates_only_where_there_is_one(city: City, opinions: Opinions) -> None:
    for estate in rated(city):
        if "committee" in opinions.bodies.raters(estate, 1):
            assert estate in city.committee_by_estate


def test_companies_mark_six_indicators_and_state_facts_for_low_marks(city: City, opinions: Opinions) -> None:
    for estate in rated(city):
        marks = opinions.bodies.cooperation_marks(estate, 1)
        assert list(marks) == list(COOPERATION)
        assert all(mark is None or 1 <= mark <= 5 for mark in marks.values())
        low = any(mark is not None and mark <= 2 for mark in marks.values())
        assert (opinions.bodies.cooperation_facts(estate, 1) is not None) == low


def test_comments_are_few_short_and_name_nobody(city: City, opinions: Opinions) -> None:
    written = [c for estate in rated(city) for c in written_in(opinions, estate, 1, 40)]
    comments = [c for c in written if c is not None]
    assert 0.08 < len(comments) / len(written) < 0.25
    assert all(0 < len(c) <= 100 and not re.search(r"\d", c) for c in comments)


def test_nobody_comments_on_lifts_where_there_are_none(city: City, opinions: Opinions) -> None:
    for estate in rated(city):
        if not city.estate_by_code[estate].has_lifts:
            assert not any("电梯" in (c or "") for c in written_in(opinions, estate, 1, 80))


def test_answers_do_not_depend_on_the_order_of_calls(city: City, opinions: Opinions) -> None:
    fresh = Opinions(city, SEED)
    for estate in reversed(rated(city)[:20]):
        assert written_in(fresh, estate, 2, 30) == written_in(opinions, estate, 2, 30)
        assert fresh.bodies.cooperation_marks(estate, 1) == opinions.bodies.cooperation_marks(estate, 1)
        assert (fresh.residents.marks(estate, 1, 9) == opinions.residents.marks(estate, 1, 9)).all()
        assert fresh.turnout.share(estate, 2) == opinions.turnout.share(estate, 2)


def test_first_residents_answer_the_same_when_more_are_asked(city: City, opinions: Opinions) -> None:
    for estate in rated(city)[:20]:
        few, many = (opinions.residents.marks(estate, 1, n) for n in (10, 50))
        assert (many[:10] == few).all()
        assert written_in(opinions, estate, 1, 50)[:10] == written_in(opinions, estate, 1, 10)


def test_rounds_and_seeds_differ(city: City, opinions: Opinions) -> None:
    estate = rated(city)[0]
    first = opinions.residents.marks(estate, 1, 50)
    assert (first != opinions.residents.marks(estate, 2, 50)).any()
    assert (first != Opinions(city, SEED + 1).residents.marks(estate, 1, 50)).any()


def test_days_fall_into_the_round_and_peak_at_its_start(opinions: Opinions) -> None:
    days = opinions.turnout.days(20_000, 21, np.random.default_rng(1))
    counts = np.bincount(days, minlength=21)
    assert len(counts) == 21
    assert counts.argmax() == 0
    assert counts[14] > counts[12]
    assert counts.min() > 0


def test_companies_lie_clearly_apart_at_both_ends(city: City, opinions: Opinions) -> None:
    """About eight are loved and about eleven are not; the product decides what follows."""
    means = []
    for company in city.rated_estates_of:
        estates = opinions.fortunes.estates_of(company, LATEST)
        marks = np.concatenate([opinions.residents.marks(e.code, LATEST, 400) for e in estates])
        means.append(25 * (marks[marks > 0].mean() - 1))
    assert 7 <= sum(mean > 89.5 for mean in means) <= 9
    assert sum(mean < 50 for mean in means) == 11
