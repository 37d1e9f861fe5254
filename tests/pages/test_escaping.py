"""What people type is shown as they typed it, and never becomes part of a page."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask

from rating.access import Role
from rating.rounds.models import RatedEstate
from tests.factories import RatedEstateFactory, UserFactory, issue_code
from tests.support.client import Client

ROOT = Path(__file__).resolve().parents[2]
ODD = "<script>alert(1)</script>\"'><b>{{7*7}}"


@pytest.fixture
def rated(app: Flask) -> RatedEstate:
    return RatedEstateFactory(
        estate__code="QY0001", estate__name=f"小区{ODD}", company__code="C1", company__name=f"企业{ODD}", households=20
    )


@pytest.mark.parametrize("path", ["/estates", "/estates/QY0001", "/companies", "/companies/C1", "/e/QY0001"])
def test_names_of_the_register_are_text_on_every_public_page(client: Client, rated: RatedEstate, path: str) -> None:
    page = client.get(path).text
    assert "&lt;script&gt;alert(1)" in page and "{{7*7}}" in page
    assert "<script>alert" not in page and "<b>{{" not in page


def test_control_without_escaping_they_would_be_markup(
    app: Flask, client: Client, rated: RatedEstate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.jinja_env, "autoescape", False)
    monkeypatch.setattr(app.jinja_env, "cache", {})
    assert "<script>alert(1)" in client.get("/estates/QY0001").text


@pytest.mark.parametrize("path", ["/search?q=", "/estates?q=", "/companies?q="])
def test_what_was_looked_for_is_text(client: Client, rated: RatedEstate, path: str) -> None:
    page = client.get(path + quote(ODD)).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page and "<b>{{" not in page


def test_what_came_back_from_a_form_is_text(client: Client, rated: RatedEstate) -> None:
    letter = client.get(f"/h/{issue_code(rated)}", follow_redirects=True)
    token = letter.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    page = client.post("/e/QY0001", data={"csrf_token": token, "comment": f"</textarea>{ODD}"}).text
    assert "&lt;/textarea&gt;&lt;script&gt;" in page and "</textarea><script>" not in page


def test_a_receipt_number_that_is_none_comes_back_as_text(client: Client) -> None:
    page = client.post("/receipts", data={"number": f'"{ODD}'}).text
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


def test_a_persons_name_is_text_on_staffs_pages(app: Flask, sign_in: Callable[..., Client]) -> None:
    UserFactory(username="odd", name=ODD, role=Role.AUDITOR)
    page = sign_in(UserFactory(role=Role.BUREAU)).get("/bureau/people").text
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


def test_no_template_and_no_view_takes_text_for_markup() -> None:
    """The QR code's drawing is the one exception: segno escapes what it is given."""
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", "") and "autoescape" not in text, template
    marking = [
        str(file.relative_to(ROOT))
        for file in (ROOT / "rating").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Markup"
    ]
    assert marking == ["rating/rounds/qr.py"]
