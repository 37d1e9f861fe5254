"""What is asked for in an address never steers how links are made."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.client import Client
from tests.support.pages import Page

pytestmark = pytest.mark.sqlite_only(reason="addresses don't hang on the database")
ODD = "endpoint=x&_method=POST&_scheme=x&_external=1&_anchor=x&values=x"


@pytest.mark.parametrize("path", ["/", "/companies", "/estates", "/method", "/receipts", "/sign-in", "/releases"])
def test_odd_arguments_change_nothing(client: Client, see: Callable[..., Page], path: str) -> None:
    page = see(client, f"{path}?{ODD}")
    (other,) = [link for text, link in page.links().items() if text == "English"]
    assert other.startswith(f"{path}?") and other.endswith("lang=en")


def test_an_odd_address_that_is_unknown_is_a_page_that_says_so(client: Client, see: Callable[..., Page]) -> None:
    see(client, f"/e/NOPE?{ODD}", status=404)
