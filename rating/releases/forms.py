"""What a committee says of a result, the note of a release's draft, and its signing."""

from __future__ import annotations

from flask_babel import lazy_gettext as _t
from wtforms import HiddenField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind

from rating.releases.models import Decision
from rating.web.fields import ChoiceField, PageForm, TextField


class LookOverForm(PageForm):
    """Sign, or remark; the service checks the remark's text."""

    decision = ChoiceField(
        _t("Your committee’s or community’s answer"),
        [
            SelectChoice(Decision.SIGNED.value, _t("We have checked it and sign it")),
            SelectChoice(Decision.REMARKED.value, _t("Something does not look right")),
        ],
        needed=_t("Choose one of the two."),
    )
    remark = TextField(_t("What does not look right"), needed=False)


class DraftForm(PageForm):
    """The note at the head of the release."""

    note = TextField(_t("Note at the head of the release"), needed=False)


class SignForm(PageForm):
    """Which draft is signed: SHA-256 of the one that the page showed."""

    digest = HiddenField()
