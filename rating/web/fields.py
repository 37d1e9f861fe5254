"""The bases of the forms that pages have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, Field, Form
from wtforms.i18n import get_translations
from wtforms.validators import ValidationError

from rating.web.language import language

# Days that can be computed with: nobody means others, and a calendar ends at both ends.
FIRST_YEAR, LAST_YEAR = 1900, 2199


@lru_cache
def _messages(code: str) -> Any:
    return get_translations([code])


def _sensible_day(_form: Any, field: Any) -> None:
    if isinstance(field.data, date | datetime) and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
        raise ValidationError(_l("Enter a day from the years 1900 to 2199."))


def _with_sensible_days(fields: Mapping[str, Field], more: Mapping[str, Sequence[Any]] | None) -> dict[str, list[Any]]:
    """Validators by field: those that are given, and one for each day."""
    found = {name: list(some) for name, some in (more or {}).items()}
    for name, field in fields.items():
        if isinstance(field, DateField):
            found.setdefault(name, []).append(_sensible_day)
    return found


class _InTheirLanguage:
    """Ready-made messages in the page's language; WTForms files the mainland's Chinese under 'zh'."""

    def get_translations(self, form: Any) -> Any:
        """WTForms' own catalogue for the request's language."""
        return _messages(language())


class PageForm(FlaskForm):
    """A form that is sent, with its CSRF token."""

    class Meta(_InTheirLanguage, FlaskForm.Meta):
        """Where its fields find their messages."""

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether all fields are valid; a day must be of a year that can be computed with."""
        return bool(super().validate(_with_sensible_days(self._fields, extra_validators)))


class AddressForm(Form):
    """A form whose fields are in the address: filters, and questions that change nothing."""

    class Meta(_InTheirLanguage):
        """Where its fields find their messages."""

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether all fields are valid; a day must be of a year that can be computed with."""
        return bool(super().validate(_with_sensible_days(self._fields, extra_validators)))
