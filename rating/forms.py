"""The bases of the forms that pages have."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Form
from wtforms.i18n import get_translations

from rating.web import language


@lru_cache
def _messages(code: str) -> Any:
    return get_translations([code])


class _InTheirLanguage:
    """Ready-made messages in the page's language; WTForms files the mainland's Chinese under 'zh'."""

    def get_translations(self, form: Any) -> Any:
        """WTForms' own catalogue for the request's language."""
        return _messages(language())


class PageForm(FlaskForm):
    """A form that is sent, with its CSRF token."""

    class Meta(_InTheirLanguage, FlaskForm.Meta):
        """How its fields find their words."""


class AddressForm(Form):
    """A form whose fields stand in the address: filters, and questions that change nothing."""

    class Meta(_InTheirLanguage):
        """How its fields find their words."""
