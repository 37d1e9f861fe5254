"""A spot check's seed, and what is recorded of it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _t
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from rating.spotchecks.models import LARGEST_SAMPLE, LONGEST_NOTE, LONGEST_TYPED
from rating.web.fields import LineField, PageForm, TextField


class DrawForm(PageForm):
    """Which rows a spot check opens: a seed, and how many."""

    seed = LineField(_t("Seed"), LONGEST_TYPED, needed=_t("Type a seed."))
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
    note = TextField(_t("Note"), longest=LONGEST_NOTE, needed=False)
