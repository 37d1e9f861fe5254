"""Drafting a round."""

from __future__ import annotations

from dataclasses import fields

from flask_babel import lazy_gettext as _t
from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired

from rating.rounds.models import LONGEST_TITLE
from rating.rounds.service import RoundPlan
from rating.web.fields import DayField, LineField, PageForm


class RoundForm(PageForm):
    """Title in both languages, rulebook, days."""

    title_zh = LineField(_t("Title in Chinese"), LONGEST_TITLE, needed=_t("Enter a title."))
    title_en = LineField(_t("Title in English"), LONGEST_TITLE, needed=_t("Enter a title."))
    rulebook = SelectField(_t("Rulebook"), [InputRequired(_t("Choose a rulebook."))], coerce=int)
    opens_on = DayField(_t("First day"))
    closes_on = DayField(_t("Last day"))
    rated_from = DayField(_t("The period that is judged: from"))
    rated_to = DayField(_t("The period that is judged: to"))
    trial = BooleanField(_t("Trial round: results are published without lists"))

    def plan(self) -> RoundPlan:
        """The valid form as what a round is drafted from."""
        return RoundPlan(**{field.name: self[field.name].data for field in fields(RoundPlan)})
