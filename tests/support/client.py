"""The test client: a request of its own for every call, and signing in without typing a password."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from rating.accounts.models import User
from rating.extensions import db
from tests.support.pages import Page, check


class Client(FlaskClient):
    """A browser without script. Whatever the test has arranged is committed before each request."""

    application: Flask

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send one request; its context, session and `g` are not those of the test."""
        kwargs.setdefault("buffered", True)
        db.session.commit()
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        db.session.expire_all()
        return response

    def sign_in(self, user: User) -> None:
        """Go on as this user, as after the sign-in form."""
        db.session.commit()
        name = user.fs_uniquifier
        db.session.rollback()
        with self.application.app_context(), self.session_transaction() as session:
            session.update({"_user_id": name, "_fresh": True, "fs_cc": "set", "fs_paa": time.time()})


def see(client: FlaskClient, url: str, status: int = 200, **request: Any) -> Page:
    """GET a page (or POST `data=`), follow redirects, expect `status`, and hold the page to what every page keeps."""
    method = "POST" if {"data", "json"} & request.keys() else "GET"
    response = client.open(url, **{"method": method, "follow_redirects": True, **request})
    page = Page(response)
    assert page.status == status, f"{page.status} instead of {status} on {page.path}: {page.text[:300]}"
    check(page)
    return page
