"""The receipt look-up and the audit log's filter."""

from __future__ import annotations

from flask_babel import lazy_gettext as _t
from wtforms import BooleanField, FileField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from rating.web.fields import DayField, PageForm


class ReceiptForm(PageForm):
    """A receipt number as people type it."""

    number = StringField(
        _t("Receipt number"),
        [
            InputRequired(_t("Enter the number of your receipt.")),
            Length(max=200, message=_t("This is too long for a receipt number.")),
        ],
    )


class EventFilterForm(PageForm):
    """The event log's filter; a GET form."""

    class Meta:  # noqa: D106  # it is what the form library reads
        csrf = False

    kind = SelectField(_t("What happened"), validate_choice=False)
    subject = StringField(_t("Subject"), [Length(max=80, message=_t("At most 80 characters."))])
    day = DayField(_t("Day"), needed=False)


class SampleForm(PageForm):
    """Fields as they look before and after a mistake."""

    name = StringField("name", [InputRequired("name: …")])
    day = DayField("day", needed=False)
    note = TextAreaField("note")
    agree = BooleanField("agree")
    file = FileField("file")
