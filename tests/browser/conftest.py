"""Browsers: Debian's Chromium without a network of its own, on the application served from this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from rating.accounts.models import User
from tests.support.client import Client
from tests.support.live import Live, serve

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1280, "height": 900}}
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]


def chromium() -> str:
    """The path of Debian's Chromium, or of its like."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        raise RuntimeError("Chromium was not found: sh deploy/test-system.sh installs it on Debian")
    return program


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": chromium(), "args": ARGUMENTS}


@pytest.fixture
def locale() -> str:
    """The browser's language; a test module may say otherwise."""
    return "zh-CN"


@pytest.fixture
def live(app: Flask) -> Iterator[Live]:
    """The application as a web site: `page.goto(live("/sign-in"))`; its QR codes lead to it."""
    with serve(app) as site:
        app.config["BASE_URL"] = site.base
        yield site


@pytest.fixture
def open_page(live: Live, new_context: Callable[..., BrowserContext], locale: str) -> Iterator[Callable[..., Page]]:
    """`open_page(**options)` is a page of a browser of its own, which may load nothing from elsewhere."""
    complaints: list[str] = []

    def note_request(request: Request) -> None:
        if not request.url.startswith((live.base, "data:", "about:")):
            complaints.append(f"loaded from elsewhere: {request.url}")

    def note_console(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    def make(**options: Any) -> Page:
        page = new_context(locale=locale, timezone_id="Asia/Shanghai", **options).new_page()
        page.set_default_timeout(10_000)
        page.on("request", note_request)
        page.on("console", note_console)
        return page

    yield make
    assert complaints == []


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """A resident's phone, 360 px wide, with script switched off."""
    return open_page(**PHONE, java_script_enabled=False)


@pytest.fixture
def scripted_phone(open_page: Callable[..., Page]) -> Page:
    """The same phone with script."""
    return open_page(**PHONE)


@pytest.fixture
def desk(open_page: Callable[..., Page]) -> Page:
    """A computer's browser, 1280 px wide, with script."""
    return open_page(**DESK)


@pytest.fixture
def plain_desk(open_page: Callable[..., Page]) -> Page:
    """A computer's browser with script switched off."""
    return open_page(**DESK, java_script_enabled=False)


@pytest.fixture
def enter(live: Live, sign_in: Callable[[User], Client]) -> Callable[[Page, User], Page]:
    """`enter(page, user)` signs the page's browser in as this user, without the form."""

    def with_cookie(page: Page, user: User) -> Page:
        cookie = sign_in(user).get_cookie("rating")
        assert cookie is not None
        page.context.add_cookies([{"name": "rating", "value": cookie.value, "url": live.base}])
        return page

    return with_cookie
