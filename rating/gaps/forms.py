"""What a check of a wide gap found."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind

from rating.gaps.models import GapFinding
from rating.web.fields import ChoiceField, PageForm, tidy

FINDINGS = {
    GapFinding.EXPLAINED: _l("There is a good reason for the difference"),
    GapFinding.SHEET_WRONG: _l("The on-site score sheet is wrong"),
    GapFinding.NOT_CLEAR: _l("It could not be resolved"),
}


class GapForm(PageForm):
    """The finding and its note; the service checks the note's text."""

    finding = ChoiceField(
        _l("What came out of it"),
        [SelectChoice(one.value, text) for one, text in FINDINGS.items()],
        needed=_l("Choose one of the three."),
    )
    note = TextAreaField(
        _l("What was looked into, and what came of it"),
        filters=[tidy],
        description=_l("Read by the bureau and the auditor. At most 1000 characters; posts, not names of persons."),
        render_kw={"rows": 5},
    )
