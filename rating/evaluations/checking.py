"""A submitted form as it is stored, or its errors beside their fields."""

from __future__ import annotations

from flask_babel import ngettext

from rating.errors import Invalid
from rating.evaluations.completeness import Needed
from rating.evaluations.forms import AnswersForm
from rating.evaluations.service import Filled, check_answers, needed_of
from rating.rulebooks.content import Questionnaire, RulebookContent
from rating.web.language import told


def checked(filled_form: AnswersForm, content: RulebookContent) -> Filled | None:
    """The form as it is stored; None where something is open or wrong, with the error beside its field."""
    valid = filled_form.validate()
    rules = content.rules()
    if not valid:
        if still := len(filled_form.open_indicators()):
            needed = needed_of(filled_form.questionnaire, rules.min_marked_share)
            filled_form.summary = _still_open(still, filled_form.questionnaire, needed)
        return None
    try:
        return check_answers(
            filled_form.questionnaire, filled_form.answers(), filled_form.comment.data or "", rules.min_marked_share
        )
    except Invalid as error:
        filled_form.summary = told(error.message)
        return None


def _still_open(still: int, questionnaire: Questionnaire, needed: Needed) -> str:
    """How many questions are open, in the words of the answers that this form offers, and what it needs."""
    values = {"needed": told(needed.phrase())}
    if not any(no_mark.key == "unknown" for no_mark in questionnaire.no_marks):
        return str(
            ngettext(
                "%(num)d line is still open. Where it doesn't apply, say so; %(needed)s.",
                "%(num)d lines are still open. Where one doesn't apply, say so; %(needed)s.",
                still,
                **values,
            )
        )
    return str(
        ngettext(
            "%(num)d question is still open. You may choose “Don't know”, but %(needed)s.",
            "%(num)d questions are still open. You may choose “Don't know”, but %(needed)s.",
            still,
            **values,
        )
    )
