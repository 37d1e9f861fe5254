"""What a check of a wide gap found."""

from __future__ import annotations

from flask_babel import lazy_gettext as _t
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind

from rating.gaps.models import GapFinding
from rating.web.fields import ChoiceField, PageForm, TextField

FINDINGS = {
    GapFinding.EXPLAINED: _t("There is a good reason for the difference"),
    GapFinding.SHEET_WRONG: _t("The on-site score sheet is wrong"),
    GapFinding.NOT_CLEAR: _t("It could not be resolved"),
}


class GapForm(PageForm):
    """The finding and its note; the service checks the note's text."""

    finding = ChoiceField(
        _t("What came out of it"),
        [SelectChoice(one.value, text) for one, text in FINDINGS.items()],
        needed=_t("Choose one of the three."),
    )
    note = TextField(
        _t("What was looked into, and what came of it"),
        _t("Read by the bureau and the auditor. At most 1000 characters; posts, not names of persons."),
        needed=False,
        rows=5,
    )
