"""Drafting a round."""

from __future__ import annotations

from dataclasses import fields

from flask_babel import lazy_gettext as _t
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from rating.rounds.models import LONGEST_TITLE
from rating.rounds.service import RoundPlan
from rating.web.fields import DayField, PageForm


class RoundForm(PageForm):
    """Title in both languages, rulebook, days."""

    title_zh = StringField(
        _t("Title in Chinese"),
        [InputRequired(_t("Enter a title.")), Length(max=LONGEST_TITLE, message=_t("At most 80 characters."))],
    )
    title_en = StringField(
        _t("Title in English"),
        [InputRequired(_t("Enter a title.")), Length(max=LONGEST_TITLE, message=_t("At most 80 characters."))],
    )
    rulebook = SelectField(_t("Rulebook"), [InputRequired(_t("Choose a rulebook."))], coerce=int)
    opens_on = DayField(_t("First day"))
    closes_on = DayField(_t("Last day"))
    rated_from = DayField(_t("The period that is judged: from"))
    rated_to = DayField(_t("The period that is judged: to"))
    trial = BooleanField(_t("Trial round: results are published without lists"))

    def plan(self) -> RoundPlan:
        """The valid form as what a round is drafted from."""
        return RoundPlan(**{field.name: self[field.name].data for field in fields(RoundPlan)})
