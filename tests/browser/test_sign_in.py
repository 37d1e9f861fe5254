"""Signing in, as a person at a keyboard does."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from rating.access import Role
from rating.accounts.models import User
from tests.factories import PASSWORD, UserFactory
from tests.support.live import Live

pytestmark = pytest.mark.sqlite_only(reason="what a browser shows does not hang on the database")


def test_staff_sign_in_with_the_keyboard_alone(live: Live, plain_desk: Page) -> None:
    user = UserFactory(role=Role.BUREAU)
    plain_desk.goto(live("/sign-in"))
    plain_desk.locator("#username").focus()
    plain_desk.keyboard.type(user.username)
    plain_desk.keyboard.press("Tab")
    expect(plain_desk.locator("#password")).to_be_focused()
    plain_desk.keyboard.type(PASSWORD)
    plain_desk.keyboard.press("Enter")
    expect(plain_desk.locator(".staff-bar .who")).to_have_text(user.name)


def test_the_first_thing_that_the_keyboard_reaches_leads_to_the_content(live: Live, phone: Page) -> None:
    phone.goto(live("/sign-in"))
    phone.keyboard.press("Tab")
    expect(phone.locator("a.skip")).to_be_focused()


def test_a_wrong_password_is_told_beside_the_field_and_the_name_is_kept(live: Live, phone: Page) -> None:
    phone.goto(live("/sign-in"))
    phone.locator("#username").fill("nobody")
    phone.locator("#password").fill("something")
    phone.get_by_role("button", name="登录").click()
    expect(phone.locator("#username-error")).to_be_visible()
    expect(phone.locator("#username")).to_have_value("nobody")


def test_a_signed_in_browser_stays_signed_in(live: Live, desk: Page, enter: Callable[[Page, User], Page]) -> None:
    user = UserFactory(role=Role.BUREAU)
    name = user.name
    enter(desk, user).goto(live("/sign-in?lang=en"))
    expect(desk.locator(".staff-bar .who")).to_have_text(name)
