"""Forms are taken from our own pages only."""

import pytest
from flask import Flask

from rating.access import Role
from tests.factories import PASSWORD, UserFactory
from tests.support.client import Client, see

pytestmark = pytest.mark.sqlite_only(reason="tokens are signed, not stored")


def test_a_sign_in_with_the_pages_token_is_taken(app: Flask, csrf_client: Client) -> None:
    user = UserFactory(role=Role.BUREAU)
    form = see(csrf_client, "/sign-in").fields()
    response = csrf_client.post("/sign-in", data={**form, "username": user.username, "password": PASSWORD})
    assert (response.status_code, response.location) == (302, "/workspace")


def test_a_sign_in_without_it_is_told_to_be_sent_again(app: Flask, csrf_client: Client) -> None:
    user = UserFactory(role=Role.BUREAU)
    page = see(csrf_client, "/sign-in", 400, data={"username": user.username, "password": PASSWORD})
    assert page.h1 == "请重新提交"
