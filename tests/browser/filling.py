"""What a resident does with the form."""

from __future__ import annotations

from playwright.sync_api import Page
from sqlalchemy import func, select

from rating.evaluations.models import Evaluation
from rating.extensions import db
from tests.support.live import Live

INDICATORS = [
    *("cleaning", "greenery", "order_security", "parking", "repairs"),
    *("lifts_facilities", "fire_safety", "fee_transparency", "staff_manner", "complaints"),
]


def choose(page: Page, key: str, words: str) -> None:
    page.locator(f"label:has([name={key}])", has_text=words).first.click()


def rate_all(page: Page, words: str = "满意") -> None:
    for key in INDICATORS:
        choose(page, key, words)


def send(page: Page) -> None:
    page.get_by_role("button", name="提交评价").click()


def receipt(page: Page) -> str:
    return page.locator(".receipt-number").inner_text()


def count(live: Live) -> int:
    live.look()
    found = db.session.scalar(select(func.count()).select_from(Evaluation)) or 0
    live.look()  # a reader's lock would keep the next form out
    return found
