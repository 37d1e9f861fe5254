"""A reviewer's decision about a group of flagged evaluations."""

from __future__ import annotations

import uuid

from flask_babel import lazy_gettext as _t
from wtforms import SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind
from wtforms.widgets import CheckboxInput, ListWidget

from rating.reviews.deciding import Verdict
from rating.reviews.models import Decision, RejectionReason
from rating.reviews.wording import DECISIONS, REJECTION_REASONS
from rating.web.fields import ChoiceField, PageForm, TextField


def _key(value: object) -> uuid.UUID:
    """An evaluation's key, as it is or as the form sends it."""
    return uuid.UUID(str(value))


class VerdictForm(PageForm):
    """Which evaluations of the group, what about them, and why; the service checks that it is whole."""

    evaluations = SelectMultipleField(
        _t("Which of them"), coerce=_key, widget=ListWidget(), option_widget=CheckboxInput(), validate_choice=False
    )
    decision = ChoiceField(
        _t("Your decision"),
        [SelectChoice(decision.value, words) for decision, words in DECISIONS.items()],
        needed=_t("Choose one of the two."),
    )
    reason = SelectField(
        _t("Kind of reason, if you don’t accept"),
        choices=[
            SelectChoice("", "–"),
            *(SelectChoice(reason.value, words) for reason, words in REJECTION_REASONS.items()),
        ],
    )
    note = TextField(_t("What you found out"), needed=False)

    def verdict(self) -> Verdict:
        """The valid form as what the service takes."""
        decision = Decision(self.decision.data)
        reason = RejectionReason(self.reason.data) if self.reason.data else None
        return Verdict(decision, reason, self.note.data or "")
