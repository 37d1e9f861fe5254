"""Drafting a round."""

from __future__ import annotations

from dataclasses import fields

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from rating.rounds.service import RoundPlan
from rating.web.fields import PageForm

DAY = _l("Enter a day such as 2026-03-05.")


class RoundForm(PageForm):
    """Title in both languages, rulebook, days."""

    title_zh = StringField(
        _l("Title in Chinese"),
        [InputRequired(_l("Enter a title.")), Length(max=80, message=_l("At most 80 characters."))],
    )
    title_en = StringField(
        _l("Title in English"),
        [InputRequired(_l("Enter a title.")), Length(max=80, message=_l("At most 80 characters."))],
    )
    rulebook = SelectField(_l("Rulebook"), [InputRequired(_l("Choose a rulebook."))], coerce=int)
    opens_on = DateField(_l("First day"), [InputRequired(DAY)])
    closes_on = DateField(_l("Last day"), [InputRequired(DAY)])
    rated_from = DateField(_l("The period that is judged: from"), [InputRequired(DAY)])
    rated_to = DateField(_l("The period that is judged: to"), [InputRequired(DAY)])
    trial = BooleanField(_l("Trial round: results are published without lists"))

    def plan(self) -> RoundPlan:
        """The valid form as what a round is drafted from."""
        return RoundPlan(**{field.name: self[field.name].data for field in fields(RoundPlan)})
