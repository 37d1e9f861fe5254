"""Flask-Security bound to our users: argon2, our sign-in form, no roles of its own."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, abort, request
from flask_security import RoleMixin, Security, SQLAlchemyUserDatastore, UserMixin

from rating.accounts.forms import SameAgainForm, SignInForm
from rating.accounts.models import User
from rating.accounts.sessions import StaffSessionInterface
from rating.accounts.watching import watch
from rating.extensions import db


class _NoRole(RoleMixin):
    """Flask-Security asks for a role class; our roles are in user_grant."""


def secure(app: Flask) -> None:
    """Give the app sign-in, sign-out and session rows."""
    app.session_interface = StaffSessionInterface()
    datastore: Any = SQLAlchemyUserDatastore(db, cast("type[UserMixin]", User), _NoRole)
    Security(app, datastore, login_form=SignInForm, verify_form=SameAgainForm)
    # A session row is the only way in: Flask-Security's tokens would outlive it.
    app.login_manager.request_loader(_no_token)  # type: ignore[attr-defined]  # set by Flask-Security
    app.before_request(_forms_only)
    watch(app)


def _forms_only() -> None:
    """Signing in takes a form's fields; nothing of ours sends JSON."""
    if request.endpoint == "security.login" and request.is_json:
        abort(415)


def _no_token(_request: Any) -> None:
    """Nobody is signed in by a header or an address."""
