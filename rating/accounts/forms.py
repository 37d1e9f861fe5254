"""Signing in."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security.forms import LoginForm
from flask_security.proxies import _security
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import InputRequired


class SignInForm(LoginForm):
    """Log-in name and password; one message for whatever is wrong, so nobody learns which names exist."""

    email = None  # type: ignore[assignment]  # how WTForms takes an inherited field away
    remember = None  # type: ignore[assignment]  # likewise
    username = StringField(
        _l("Log-in name"), [InputRequired(_l("Enter your log-in name."))], render_kw={"autocomplete": "username"}
    )
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Enter your password."))], render_kw={"autocomplete": "current-password"}
    )
    submit = SubmitField(_l("Sign in"))

    def validate(self, **kwargs: Any) -> bool:
        """Find the user by log-in name, then let Flask-Security check the password."""
        self.ifield = self.username
        self.user = _security.datastore.find_user(case_insensitive=True, username=(self.username.data or "").strip())
        if super().validate(**kwargs):
            return True
        if self.username.data and self.password.data and "csrf_token" not in self.errors:
            self.username.errors = [_l("The log-in name or the password is not right.")]
            self.password.errors = []
        return False
