"""Signing in, one's own password, and the bureau's forms about people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from flask import g
from flask_babel import lazy_gettext as _t
from flask_security.forms import LoginForm, VerifyForm
from flask_security.proxies import _security
from flask_security.utils import validate_redirect_url
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from rating.access import OFFERED_ROLES, Role
from rating.accounts.passwords import can_be_one
from rating.accounts.queries import PeopleFilter, Place
from rating.accounts.watching import note_failure
from rating.accounts.wording import ROLES, ROLES_EXPLAINED, place_name
from rating.errors import TooMany
from rating.extensions import db
from rating.registry.models import Community
from rating.tries.guessing import PASSWORDS
from rating.web.access import only_read_from_here
from rating.web.errors import answer_too_many
from rating.web.fields import DAY, AddressForm, ChoiceField, DayField, LineField, PageForm, TextField
from rating.web.language import told


class SignInForm(LoginForm):
    """Log-in name and password; one message whatever is wrong, so that nobody learns which names exist."""

    email = None  # type: ignore[assignment]  # how WTForms takes an inherited field away
    remember = None  # type: ignore[assignment]  # likewise
    username = StringField(
        _t("Log-in name"), [InputRequired(_t("Enter your log-in name."))], render_kw={"autocomplete": "username"}
    )
    password = PasswordField(
        _t("Password"), [InputRequired(_t("Enter your password."))], render_kw={"autocomplete": "current-password"}
    )
    submit = SubmitField(_t("Sign in"))

    def validate_next(self, field: Any) -> None:
        """Where to go next: nowhere outside of this site; a link that says otherwise isn't the fault of whoever signs
        in.
        """
        if not validate_redirect_url(field.data or ""):
            field.data = ""

    def validate(self, **kwargs: Any) -> bool:
        """Find the user by log-in name, then let Flask-Security check the password.

        Hashing takes a quarter of a second: until it is done this request only reads, and delays no resident's form.
        """
        only_read_from_here()
        name = (self.username.data or "").strip()
        try:
            PASSWORDS.check(name.casefold())
        except TooMany as error:
            answer_too_many(error.seconds)
            self.username.errors = [told(error.message)]
            note_failure(name, locked_out=True)
            return False
        self.ifield = self.username
        self.user = _security.datastore.find_user(case_insensitive=True, username=name)
        if can_be_one(self.password.data or "") and super().validate(**kwargs):
            _keep_renewed_hash(self.user)
            return True
        if self.username.data and self.password.data and "csrf_token" not in self.errors:
            self.username.errors = [_t("The log-in name or the password is not right.")]
            self.password.errors = []
            PASSWORDS.count(name.casefold())
            note_failure(name)
        return False


def _keep_renewed_hash(user: Any) -> None:
    """A password hashed in an older way has a new hash now, which takes a writing transaction to store."""
    if user in db.session.dirty:
        renewed = user.password
        db.session.rollback()
        g.only_reads = False
        user.password = renewed


class SameAgainForm(VerifyForm):
    """One's own password once more; guessing it at somebody's open screen is limited too."""

    def validate(self, **kwargs: Any) -> bool:
        """Let Flask-Security check the password, at most as often as a sign-in may be tried."""
        name = str(self.user.username).casefold()
        try:
            PASSWORDS.check(name)
        except TooMany as error:
            answer_too_many(error.seconds)
            self.password.errors = [told(error.message)]
            note_failure(name, locked_out=True)
            return False
        if can_be_one(self.password.data or "") and super().validate(**kwargs):
            return True
        if self.password.data:
            self.password.errors = [_t("This is not your current password.")]
            PASSWORDS.count(name)
            note_failure(name)
        return False


# Errors are listed in the order in which fields are declared: what comes first on the page is declared first.


class _OldPassword(PageForm):
    """The current password."""

    old_password = PasswordField(
        _t("Your current password"),
        [InputRequired(_t("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


class _NewPassword(PageForm):
    """A new password, typed twice."""

    password = PasswordField(
        _t("New password"), [InputRequired(_t("Enter a password."))], render_kw={"autocomplete": "new-password"}
    )
    again = PasswordField(
        _t("The same again"), [InputRequired(_t("Type it once more."))], render_kw={"autocomplete": "new-password"}
    )

    def validate_again(self, field: Any) -> None:
        """Catch a typing mistake."""
        if self.password.data and field.data != self.password.data:
            raise ValidationError(_t("This is not the same as above."))


class SetPasswordForm(_NewPassword):
    """The first password, by invitation."""


class ChangePasswordForm(_OldPassword, _NewPassword):
    """Another password, knowing the old one."""


class EndSessionsForm(PageForm):
    """Which of one's other sessions ends, and the password: an open screen is not enough."""

    session = RadioField(_t("Which session"), validate_choice=False)
    confirmed_password = PasswordField(
        _t("Your password"),
        [InputRequired(_t("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )

    def offer(self, others: Sequence[tuple[str, str]]) -> EndSessionsForm:
        """Offer all of these, or one of them, as choices: hashes of keys with what is shown of each."""
        self.session.choices = [SelectChoice("", _t("All others")), *(SelectChoice(key, said) for key, said in others)]
        self.session.data = self.session.data or ""
        return self


class _Who(PageForm):
    """Somebody's name, and the one they sign in with."""

    name = LineField(_t("Name"), 80, needed=_t("Enter a name."))
    username = LineField(
        _t("Log-in name"),
        60,
        needed=_t("Enter a log-in name."),
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )


class GrantForm(PageForm):
    """A role, what it is for, and its days."""

    role = ChoiceField(
        _t("Role"), [SelectChoice(role.value, ROLES[role]) for role in OFFERED_ROLES], needed=_t("Choose a role.")
    )
    scope = LineField(_t("Which sub-district, community, estate or company"), 160, needed=False)
    chosen = RadioField(_t("Which one do you mean?"), choices=(), validate_choice=False)
    starts_on = DayField(_t("First day"))
    ends_on = DayField(_t("Last day"), needed=False)

    def offer(self, places: Sequence[Place]) -> None:
        """Offer these places as choices."""
        self.chosen.choices = [SelectChoice(place.code, place_name(place)) for place in places]
        if self.chosen.data not in {place.code for place in places}:
            self.chosen.data = None

    def explain(self) -> None:
        """Describe each role beside its name; called once the page's language is known."""
        self.role.choices = [
            SelectChoice(role.value, f"{ROLES[role]} – {ROLES_EXPLAINED[role]}") for role in OFFERED_ROLES
        ]


class InviteForm(_Who, GrantForm):
    """Somebody new, with a first role."""


class _When(PageForm):
    """At once, or at the end of a day."""

    when = ChoiceField(
        _t("When it ends"),
        [SelectChoice("now", _t("At once")), SelectChoice("day", _t("At the end of a day"))],
        needed=_t("Choose when."),
    )
    day = DayField(_t("Last day"), needed=False)

    def validate_day(self, field: Any) -> None:
        """A day is required where one was chosen."""
        if self.when.data == "day" and field.data is None and not field.process_errors:
            raise ValidationError(DAY)


class ReasonForm(PageForm):
    """Why something is done to an account."""

    reason = TextField(_t("Reason"), longest=500, needed=_t("Give a reason; it is recorded."), rows=3)


class EndGrantForm(_When, ReasonForm):
    """When a role ends, and why."""


class ConfirmForm(PageForm):
    """Which of the things that were given: those ticked, or all that are listed."""

    change = SelectMultipleField(
        _t("Which of these"), coerce=int, widget=ListWidget(), option_widget=CheckboxInput(), validate_choice=False
    )
    everything = BooleanField(_t("All that are listed and that I can confirm"))

    def offer(self, lines: Sequence[tuple[int, str]]) -> Self:
        """List these, by their numbers."""
        self.change.choices = [SelectChoice(number, line) for number, line in lines]
        return self


class DecideForm(ConfirmForm):
    """Confirm what is waiting, or refuse it with a reason."""

    step = ChoiceField(
        _t("Your decision"),
        [
            SelectChoice("confirm", _t("Confirm: it works from now on")),
            SelectChoice("refuse", _t("Refuse, or take back what I gave")),
        ],
        needed=_t("Choose one of the two."),
    )
    reason = TextField(_t("Reason"), needed=False, rows=3)


class PeopleFilterForm(AddressForm):
    """The filter of the list of people, from the address."""

    text = StringField(_t("Words in the name or log-in name"))
    role = SelectField(_t("Role"), validate_choice=False)
    community = SelectField(_t("Community"), validate_choice=False)

    def offer(self, communities: list[Community]) -> PeopleFilterForm:
        """Offer all roles and these communities."""
        self.role.choices = [SelectChoice("", _t("All")), *(SelectChoice(role.value, ROLES[role]) for role in Role)]
        self.community.choices = [
            SelectChoice("", _t("All")),
            *(SelectChoice(place.code, place.name) for place in communities),
        ]
        return self

    @property
    def wanted(self) -> PeopleFilter:
        """The filter."""
        role = self.role.data if self.role.data in {role.value for role in Role} else ""
        return PeopleFilter((self.text.data or "").strip(), role or "", self.community.data or "")
