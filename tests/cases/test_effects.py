"""After a talk: did it get better, or would it have anyway? Two rounds of a town with the talks in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from rating.cases.effects import find_effects_after, find_effects_before, find_outcome
from rating.releases.models import Listing, Release
from rating.releases.queries import find_listing
from rating.scoring import BeforeAfter, Scorecard, Standing, effect_of_talk, fit_untalked
from tests.cases.people import bureau
from tests.factories import TalkFactory
from tests.pages.public import publish
from tests.results.town import Kind, Town, build_town
from tests.support.clock import Clock

See = Callable[..., Any]
SignIn = Callable[..., Any]

SIZE = [(20, 14)]
SECOND = {"closes_on": date(2026, 9, 20)}
LATER = datetime(2026, 10, 8, 1, tzinfo=UTC)


def kinds(untalked: int, *, bad: float, worse: float = 2.0) -> list[Kind]:
    """Companies that had no talk, of many qualities, and two at the bottom."""
    rest = [Kind(f"rest{n}", SIZE, 3.0 + 0.08 * n, 0.8) for n in range(untalked)]
    return [*rest, Kind("bad", SIZE, bad, 0.3), Kind("worse", SIZE, worse, 0.3)]


@dataclass
class Story:
    """Two published rounds; `bad` and `worse` were black-listed and talked with after the first."""

    first: Town
    before: Release
    after: Release

    def listing(self, name: str) -> Listing:
        found = find_listing(self.before, self.first.companies[name])
        assert found is not None and found.standing is Standing.BLACK
        return found


def tell_story(untalked: int = 20, *, talk_held: dict[str, Any] | None = None, **second: Any) -> Story:
    """`bad` rises from very low to ordinary, `worse` stays where it is."""
    first = build_town(kinds(untalked, bad=2.0))
    before = publish(first)
    for name in ("bad", "worse"):
        listing = find_listing(before, first.companies[name])
        TalkFactory(listing=listing, **({"held": True} if talk_held is None else talk_held))
    again = build_town(kinds(untalked, bad=3.6), like=first, **{**SECOND, **second})
    return Story(first, before, publish(again))


@pytest.fixture
def story(app: Flask) -> Story:
    return tell_story()


def pair_rounds(before: Scorecard, after: Scorecard) -> dict[str, BeforeAfter]:
    """B of every company that is rated in both rounds, by code, from whole scorecards."""
    old, new = (
        {c.company: c.base for c in one.companies if c.is_rated and c.base is not None} for one in (before, after)
    )
    return {code: BeforeAfter(code, old[code], new[code]) for code in new if code in old}


def test_a_talked_company_is_set_against_those_that_had_no_talk(story: Story) -> None:
    outcome = find_outcome(story.listing("bad"))
    assert outcome is not None and outcome.effect is not None
    cards = [Scorecard.from_json(one.scorecard.content.encode()) for one in (story.before, story.after)]
    pairs = pair_rounds(*cards)
    talked = {story.first.companies[name].code for name in ("bad", "worse")}
    rules = story.after.round.rulebook.content.rules()
    line = fit_untalked(rules, [pairs[code] for code in pairs if code not in talked])
    assert line is not None
    assert outcome.effect == effect_of_talk(line, [pairs[story.first.companies["bad"].code]])
    assert outcome.effects.mean == effect_of_talk(line, [pairs[code] for code in talked])
    assert outcome.effects.untalked == 20
    assert outcome.effect.lower > Decimal(0)


def test_both_releases_tell_the_same_of_the_talks_between_them(story: Story) -> None:
    assert find_effects_after(story.before) == find_effects_before(story.after)
    assert find_effects_before(story.before) is None
    assert find_effects_after(story.after) is None


def test_with_fewer_than_twenty_untalked_companies_it_is_too_few_to_say(app: Flask) -> None:
    outcome = find_outcome(tell_story(19).listing("bad"))
    assert outcome is not None
    assert outcome.effects.is_too_few and (outcome.effect, outcome.effects.mean) == (None, None)


@pytest.mark.parametrize("held", [{}, {"held": True, "held_at": datetime(2026, 9, 21, 1, tzinfo=UTC)}])
def test_a_talk_that_was_not_held_before_the_next_round_closed_is_no_talk_nor_none(
    app: Flask, held: dict[str, Any]
) -> None:
    assert find_outcome(tell_story(1, talk_held=held).listing("bad")) is None


def test_a_trial_in_between_is_passed_over_and_tells_nothing_itself(app: Flask) -> None:
    first = build_town(kinds(20, bad=2.0))
    before = publish(first)
    TalkFactory(listing=find_listing(before, first.companies["bad"]), held=True)
    trial = publish(build_town(kinds(20, bad=4.0), like=first, trial=True, **SECOND))
    assert find_effects_after(before) is None
    assert find_effects_before(trial) is None
    after = publish(build_town(kinds(20, bad=3.6), like=first, **SECOND))
    effects = find_effects_after(before)
    assert effects is not None and effects.release == after


def test_the_talks_page_says_in_both_languages_whether_it_helped(story: Story, see: See, sign_in: SignIn) -> None:
    address = f"/bureau/talks/{story.listing('bad').id}"
    browser = sign_in(bureau())
    assert "约谈有没有用" in see(browser, address).text
    page = see(browser, f"{address}?lang=en")
    outcome = find_outcome(story.listing("bad"))
    assert outcome is not None and outcome.effect is not None
    assert f"stands {outcome.effect.points:.2f} points higher" in page.text
    assert "can still be chance" not in page.text


def test_the_new_release_tells_the_mean_and_the_old_one_each_companys(
    story: Story, see: See, client: Any, clock: Clock
) -> None:
    clock.set(LATER)
    assert "被约谈的2家企业" in see(client, f"/releases/{story.after.number}").text
    old = see(client, f"/releases/{story.before.number}")
    assert old.text.count("约谈后的下一期") == 2


def test_a_company_page_tells_it_only_while_the_listing_is_on_display(
    story: Story, see: See, client: Any, clock: Clock
) -> None:
    clock.set(LATER)
    address = f"/companies/{story.first.companies['bad'].code}"
    assert "约谈后的下一期" in see(client, address).text
    clock.set(datetime(2027, 1, 8, 1, tzinfo=UTC))
    assert "约谈" not in see(client, address).one("main").get_text()


def test_a_company_without_a_score_in_the_second_round_is_told_as_such(
    app: Flask, see: See, client: Any, clock: Clock
) -> None:
    first = build_town(kinds(20, bad=2.0))
    before = publish(first)
    TalkFactory(listing=find_listing(before, first.companies["bad"]), held=True)
    few = [Kind(one.name, [(20, 3)] if one.name == "bad" else SIZE, one.mean, one.on_site) for one in kinds(20, bad=3)]
    publish(build_town(few, like=first, **SECOND))
    clock.set(LATER)
    assert "不是两期都有评价结论" in see(client, f"/releases/{before.number}").text
