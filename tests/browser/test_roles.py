"""The main path of each role that the other browser tests don't walk, script off, on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from rating.accounts.models import User
from rating.evaluations.models import Deduction, Evaluation
from rating.extensions import db
from rating.scoring import Direction
from tests.browser.small_city import SmallCity, build_small_city
from tests.support.clock import Clock
from tests.support.live import Live

pytestmark = pytest.mark.sqlite_only(reason="what a browser shows does not hang on the database")
Enter = Callable[[Page, User], Page]


@pytest.fixture
def city(live: Live, clock: Clock) -> SmallCity:
    return build_small_city(clock)


def choose_best(page: Page) -> None:
    """The highest mark of each row, as a careful visitor to a faultless estate would give it."""
    for row in page.locator("fieldset.question").all():
        marks = row.locator(".marks:not(.quiet) input")
        values = [int(one.get_attribute("value") or 0) for one in marks.all()]
        best = marks.nth(values.index(max(values)))
        best.locator("xpath=..").click()


def directions(live: Live) -> set[Direction]:
    live.look()
    rated_by_bodies = select(Evaluation.direction).where(
        Evaluation.rater.is_not(None), Evaluation.entered_by.is_not(None)
    )
    return set(db.session.scalars(rated_by_bodies))


@pytest.mark.parametrize("who", ["committee", "community"])
def test_a_member_rates_an_estate_on_site(live: Live, phone: Page, enter: Enter, city: SmallCity, who: str) -> None:
    enter(phone, city.people[who]).goto(live("/committee"))
    phone.locator(f"a[href='/committee/estates/{city.rated.id}/rate']").first.click()
    choose_best(phone)
    phone.locator("main form button[type=submit]").click()
    expect(phone.locator(".flash")).to_contain_text("已提交")
    assert directions(live) == {Direction.COMMITTEE_TO_COMPANY}


def test_a_company_rates_the_committee_and_itself(live: Live, phone: Page, enter: Enter, city: SmallCity) -> None:
    enter(phone, city.people["company"])
    for form in ("rate", "self"):
        phone.goto(live("/company"))
        phone.locator(f"a[href='/company/estates/{city.rated.id}/{form}']").click()
        choose_best(phone)
        phone.locator("main form button[type=submit]").click()
        expect(phone.locator(".flash")).to_contain_text("已提交")
    assert directions(live) == {Direction.COMPANY_TO_COMMITTEE, Direction.COMPANY_SELF}


def test_a_sub_district_follows_its_communities_and_its_talks(
    live: Live, phone: Page, enter: Enter, city: SmallCity
) -> None:
    name = city.rated.community.name
    enter(phone, city.people["subdistrict"]).goto(live("/subdistrict"))
    expect(phone.locator("main")).to_contain_text(name)
    phone.locator("main a[href='/subdistrict/talks']").first.click()
    expect(phone.locator("h1")).to_contain_text("约谈")


def test_an_auditor_reads_everything_and_is_offered_nothing_to_change(
    live: Live, phone: Page, enter: Enter, city: SmallCity
) -> None:
    number = city.open_round.number
    enter(phone, city.people["auditor"]).goto(live("/audit"))
    expect(phone.locator("main")).to_contain_text("公告")
    for address in ("/bureau", f"/bureau/rounds/{number}", "/bureau/register", f"/bureau/talks/{city.listing_id}"):
        phone.goto(live(address))
        assert phone.locator("main form[method=post]").count() == 0, address


def test_a_score_sheet_is_filled_with_the_keyboard_alone(
    live: Live, plain_desk: Page, enter: Enter, city: SmallCity
) -> None:
    enter(plain_desk, city.people["committee"]).goto(live(f"/committee/estates/{city.rated.id}/rate"))
    names = [
        str(row.locator("input").first.get_attribute("name")) for row in plain_desk.locator("fieldset.question").all()
    ]
    keyboard = plain_desk.keyboard
    plain_desk.locator(f"[name={names[0]}]").first.focus()
    for name in names:
        expect(plain_desk.locator(f"[name={name}]:focus")).to_have_count(1)
        for _ in range(3 if name == "gate" else 2):  # backwards past "does not apply": full marks, then one less
            keyboard.press("ArrowLeft")
        keyboard.press("Tab")
        if name == "gate":
            give_a_reason(plain_desk, name, "东门夜间无人值守")
    keyboard.type("其余各项均已到现场看过")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(plain_desk.locator(".flash")).to_contain_text("已提交")
    live.look()
    assert [(row.indicator, row.reason) for row in db.session.execute(select(Deduction)).scalars()] == [
        ("gate", "东门夜间无人值守")
    ]


def give_a_reason(desk: Page, name: str, words: str) -> None:
    """From the line that opens the reasons of a row to the row that follows."""
    expect(desk.locator("summary:focus")).to_have_count(1)
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    expect(desk.locator(f"#reason-{name}")).to_be_focused()
    desk.keyboard.type(words)
    desk.keyboard.press("Tab")
    expect(desk.locator(f"#photo-{name}")).to_be_focused()
    desk.keyboard.press("Tab")


def test_the_public_finds_a_company_with_the_keyboard_alone(live: Live, plain_desk: Page, city: SmallCity) -> None:
    plain_desk.goto(live("/"))
    plain_desk.locator("main input[type=text], main input[type=search]").first.focus()
    plain_desk.keyboard.type("bad company")
    plain_desk.keyboard.press("Enter")
    plain_desk.get_by_role("link", name="bad company").first.focus()
    plain_desk.keyboard.press("Enter")
    expect(plain_desk.locator("h1")).to_contain_text("bad company")
