"""The notice of a year's days off, as it is typed in."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from flask_babel import lazy_gettext as _t
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from rating.calendar import FIRST_KNOWN_YEAR
from rating.daysoff.models import LONGEST_SOURCE
from rating.daysoff.notice import ReadNotice, read_notice, written
from rating.web.fields import LAST_YEAR, LineField, PageForm, TextField
from rating.web.language import told

YEAR = _t("Enter a year such as 2027.")


class NoticeForm(PageForm):
    """A year, where its notice stands, and the notice's words. `confirmed` once its days were looked at."""

    year = IntegerField(
        _t("Year"),
        [InputRequired(YEAR), NumberRange(FIRST_KNOWN_YEAR, LAST_YEAR, YEAR)],
        render_kw={"inputmode": "numeric"},
    )
    source = LineField(_t("Number of the notice"), LONGEST_SOURCE, _t("For example 国办发明电〔2025〕7号"))
    text = TextField(
        _t("What the notice says"),
        _t("Paste its paragraphs, from 元旦 to 国庆节. Lines such as “2027-02-05 至 2027-02-11 放假” will do too."),
        rows=10,
    )
    confirmed = HiddenField()

    @cached_property
    def read(self) -> ReadNotice:
        """What the text says of the year."""
        return read_notice(self.text.data or "", self.year.data or 0)

    @property
    def days(self) -> dict[date, bool]:
        """Each day that the text names, and whether it is worked."""
        return self.read.days

    def validate_text(self, field: TextField) -> None:
        """Every fault of the text, in words."""
        if self.year.data and not self.year.errors:
            field.errors = [told(fault) for fault in self.read.faults]

    def is_settled(self) -> bool:
        """Whether exactly this text was confirmed."""
        return self.confirmed.data == fingerprint(self)


def fingerprint(form: NoticeForm) -> str:
    """What was understood, so that a text changed after it was shown is shown again."""
    return f"{form.year.data}:{written(form.days)}"
