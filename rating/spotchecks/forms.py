"""A spot check's seed, and what is recorded of it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _t
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from rating.spotchecks.models import LARGEST_SAMPLE, LONGEST_NOTE, LONGEST_TYPED
from rating.web.fields import PageForm


class DrawForm(PageForm):
    """Which rows a spot check opens: a seed, and how many."""

    seed = StringField(
        _t("Seed"),
        [
            InputRequired(_t("Type a seed.")),
            Length(max=LONGEST_TYPED, message=_t("At most %(max)d characters.")),
        ],
        filters=[lambda text: text.strip() if text else text],
    )
    size = IntegerField(
        _t("How many evaluations"),
        [
            InputRequired(_t("Enter how many.")),
            NumberRange(1, LARGEST_SAMPLE, message=_t("From %(min)d to %(max)d.")),
        ],
        default=20,
    )


class RecordForm(PageForm):
    """What is recorded of a draw beside what is recomputed: a note."""

    drawn = HiddenField()
    note = TextAreaField(_t("Note"), [Length(max=LONGEST_NOTE, message=_t("At most %(max)d characters."))])
