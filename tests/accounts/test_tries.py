"""Guessing passwords from one address comes to an end; signing in rightly does not count."""

from __future__ import annotations

from collections.abc import Callable

from rating.access import Role
from tests.factories import PASSWORD, UserFactory
from tests.support.client import Client
from tests.support.pages import Page


def test_twenty_wrong_passwords_from_one_address_are_enough(client: Client, see: Callable[..., Page]) -> None:
    UserFactory(username="bureau", role=Role.BUREAU)
    wrong = {"username": "bureau", "password": "wrong"}
    statuses = [client.post("/sign-in", data=wrong).status_code for _ in range(20)]
    assert statuses == [200] * 20
    page = see(client, "/sign-in", data=wrong, status=429)
    assert "几分钟" in page.text


def test_signing_in_rightly_counts_against_nobody(client: Client) -> None:
    UserFactory(username="bureau", role=Role.BUREAU)
    for _ in range(25):
        right = client.post("/sign-in", data={"username": "bureau", "password": PASSWORD})
        assert right.status_code == 302
        client.post("/sign-out")
