"""The page that shows all parts: in development, never in service."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.client import Client
from tests.support.pages import Page

pytestmark = pytest.mark.sqlite_only(reason="it reads nothing from the database")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_shows_every_part(client: Client, see: Callable[..., Page], language: str) -> None:
    page = see(client, f"/styleguide?lang={language}")
    assert {one.get_text(strip=True) for one in page.all("main > h2")} >= {
        "layout",
        "status",
        "scores",
        "tables",
        "forms",
    }


def test_it_is_not_there_in_service(app: Flask, client: Client, see: Callable[..., Page]) -> None:
    app.testing = False
    try:
        see(client, "/styleguide", status=404)
    finally:
        app.testing = True
