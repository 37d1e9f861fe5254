"""The main job in a browser: closing, computing, looking over, signing by two, the public lists, the talk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from rating.access import Role
from rating.accounts.models import User
from rating.releases.models import Listing
from rating.rounds.models import RatedEstate, RoundState
from rating.scoring import Standing
from tests.factories import UserFactory
from tests.results.town import build_town
from tests.support.clock import Clock
from tests.support.live import Live

pytestmark = pytest.mark.sqlite_only(reason="what a browser shows does not hang on the database")

Enter = Callable[[Page, User], Page]


def press(page: Page, ending: str) -> None:
    """Open the confirmation around a form, if there is one, and press its button."""
    form = page.locator(f"main form[action$='{ending}']")
    summary = page.locator(f"details.confirm:has(form[action$='{ending}']) > summary")
    if summary.count():
        summary.click()
    form.locator("button[type=submit]").click()


@pytest.mark.parametrize("width", [360, 1280])
def test_from_the_open_round_to_the_lists_and_the_talk(
    live: Live, open_page: Callable[..., Page], enter: Enter, clock: Clock, width: int
) -> None:
    def browser() -> Page:
        return open_page(viewport={"width": width, "height": 800}, java_script_enabled=False)

    town = build_town(state=RoundState.OPEN, closed_at=None)
    good, bad = town.companies["good"].name, town.companies["bad"].name
    estate: RatedEstate = town.estates["bad"][0]
    number, estate_id = town.round.number, estate.id
    drafter, signer, member = (
        UserFactory(role=Role.BUREAU),
        UserFactory(role=Role.BUREAU),
        UserFactory(role=Role.COMMITTEE, scope=estate.estate),
    )

    # The bureau sees turnout, closes and computes; the committee looks its estate over and signs.
    bureau = enter(browser(), drafter)
    bureau.goto(live(f"/bureau/rounds/{number}/turnout"))
    expect(bureau.locator("main")).to_contain_text(estate.estate.name)
    bureau.goto(live(f"/bureau/rounds/{number}"))
    press(bureau, "/close")
    bureau.goto(live(f"/bureau/rounds/{number}/scorecard"))
    press(bureau, "/scorecard")
    expect(bureau.locator("main")).to_contain_text(bad)
    press(bureau, "/preview")
    committee = enter(browser(), member)
    committee.goto(live(f"/committee/preview/{estate_id}"))
    expect(committee.locator("main")).to_contain_text(bad)
    committee.locator("[name=decision][value=signed]").check()
    committee.locator("main form button[type=submit]").last.click()

    # One drafts, another signs once the preview is over.
    bureau.goto(live(f"/bureau/rounds/{number}/release"))
    press(bureau, "/draft")
    clock.set(datetime(2026, 9, 21, 2, tzinfo=UTC))
    second = enter(browser(), signer)
    second.goto(live(f"/bureau/rounds/{number}/release"))
    press(second, "/sign")

    # Everybody reads it.
    public = browser()
    public.goto(live("/"))
    red, black = public.locator(".board.red"), public.locator(".board.black")
    expect(red).to_contain_text(good)
    expect(black).to_contain_text(bad)
    expect(public.locator("main")).to_contain_text("样本不足")
    black.get_by_role("link", name=bad).click()
    expect(public.locator("h1")).to_contain_text(bad)
    public.goto(live("/releases/1?lang=en"))
    expect(public.locator("h1")).to_contain_text("Release no. 1")

    # The talk is called, held and recorded; its public part stands beside the listing.
    live.look()
    listing_id = Listing.query.filter_by(standing=Standing.BLACK).one().id
    enter(bureau, drafter)  # two weeks have passed: the session of then has ended
    record_talk(bureau, live, listing_id, clock, lambda: enter(bureau, drafter))
    public.goto(live("/?lang=zh"))
    expect(public.locator(".board.black")).to_contain_text("约谈")
    assert public.evaluate("document.documentElement.scrollWidth") <= width


def record_talk(page: Page, live: Live, listing_id: int, clock: Clock, enter_again: Callable[[], object]) -> None:
    """Serve the notice on the day of the release, hold the talk five working days later, with one commitment."""
    talk = f"/bureau/talks/{listing_id}"
    page.goto(live(f"{talk}/notify"))
    fill(page, number="住建约〔2026〕1号", served_on="2026-09-21", day="2026-09-24", hour="15:00", place="三楼会议室")
    fill(page, issuer="市住房和城乡建设局", cause="第1号评价公告结论为黑榜", conducted_by="物业管理科科长")
    page.locator("main form button[type=submit]").last.click()
    clock.set(datetime(2026, 9, 24, 10, tzinfo=UTC))
    enter_again()
    page.goto(live(f"{talk}/hold"))
    fill(page, held_on="2026-09-24", since="15:00", until="16:00", place="三楼会议室")
    fill(page, conducted_by="物业管理科科长", minuted_by="物业管理科科员", attended_by="企业主要负责人、项目负责人")
    fill(page, findings="保洁失分较多", company_said="认可", required="按期整改")
    page.locator("main form button[type=submit]").last.click()
    page.goto(live(f"{talk}/commitments/new"))
    fill(page, owner_post="项目负责人", problem="楼道不洁", measure="每日清扫")
    page.locator("[name=party][value=company]").check()
    page.locator("[name=kind][value=ordinary]").check()
    page.locator("main form button[type=submit]").last.click()
    page.goto(live(talk))
    expect(page.locator("main")).to_contain_text("每日清扫")


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"main [name={name}]").first.fill(value)
