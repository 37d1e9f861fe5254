"""A reviewer's way on a phone without script: queue, group, decision; readable for everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from rating.accounts.models import User
from rating.extensions import db
from rating.reviews.models import Decision, Review
from tests.browser.test_accessibility import look_at
from tests.factories import RatedEstateFactory, RoundFactory
from tests.reviews.flags import flag_some, reviewer
from tests.support.live import Live

pytestmark = pytest.mark.sqlite_only(reason="what a browser shows does not hang on the database")
Enter = Callable[[Page, User], Page]


def test_a_group_is_decided_on_a_phone_without_script(live: Live, phone: Page, enter: Enter) -> None:
    flag_some(RatedEstateFactory(round=RoundFactory(closed=True), estate__name="紫荆园"), 6)
    enter(phone, reviewer())
    phone.goto(live("/review"))
    phone.get_by_role("link", name="紫荆园").click()
    phone.get_by_role("checkbox", name="第6份").uncheck()
    phone.get_by_role("radio", name="不予采信").check()
    phone.get_by_role("button", name="作出决定").click()
    assert "须选择原因类别" in phone.inner_text("main")
    assert not phone.get_by_role("checkbox", name="第6份").is_checked()
    phone.get_by_label("不予采信的原因类别").select_option("code_misused")
    phone.get_by_role("button", name="作出决定").click()
    assert "已对5份评价作出复核决定" in phone.inner_text("body")
    live.look()
    assert db.session.scalars(select(Review.decision)).all() == [Decision.REJECTED] * 5


@pytest.mark.parametrize("width", [360, 640, 1280])
def test_the_reviewers_pages_are_accessible_and_fit(
    live: Live, open_page: Callable[..., Page], enter: Enter, width: int
) -> None:
    rated = RatedEstateFactory(round=RoundFactory(closed=True))
    flag_some(rated, 5)
    page = open_page(viewport={"width": width, "height": 800})
    enter(page, reviewer())
    faults = [
        fault
        for address in ("/review", f"/review/{rated.id}/same_answers/1")
        for fault in look_at(page, live, address, width)
    ]
    assert faults == []
