"""The reader of QR codes reads what segno draws, from a browser's pixels."""

import segno
from playwright.sync_api import Page

from tests.support.qr import scan


def test_a_drawn_code_is_read_back(page: Page) -> None:
    address = "https://rating.test/e/E0001"
    page.set_content(f"<main>{segno.make(address, error='q').svg_inline(scale=4)}</main>")
    assert scan(page.locator("main")) == [address]
