"""Flask-Security bound to our users: argon2, our sign-in form, no roles of its own."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask
from flask_security import RoleMixin, Security, SQLAlchemyUserDatastore, UserMixin

from rating.accounts.forms import SignInForm
from rating.accounts.models import User
from rating.accounts.sessions import StaffSessionInterface
from rating.extensions import db


class _NoRole(RoleMixin):
    """Flask-Security asks for a role class; roles stand in user_grant."""


def secure(app: Flask) -> None:
    """Give the app sign-in, sign-out and session rows."""
    app.session_interface = StaffSessionInterface()
    datastore: Any = SQLAlchemyUserDatastore(db, cast("type[UserMixin]", User), _NoRole)
    Security(app, datastore, login_form=SignInForm)
