"""What a committee says of a result, the note of a release's draft, and a spot check's seed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind
from wtforms.validators import InputRequired, Length, NumberRange

from rating.releases.models import Decision
from rating.releases.receipt_models import LARGEST_SAMPLE, LONGEST_NOTE, LONGEST_TYPED
from rating.web.fields import PageForm


class LookOverForm(PageForm):
    """Sign, or remark; the service checks the remark's text."""

    decision = RadioField(
        _l("Your committee’s or community’s answer"),
        [InputRequired(_l("Choose one of the two."))],
        choices=[
            SelectChoice(Decision.SIGNED.value, _l("We have looked it over and sign it")),
            SelectChoice(Decision.REMARKED.value, _l("Something does not look right")),
        ],
    )
    remark = TextAreaField(_l("What does not look right"))


class DraftForm(PageForm):
    """The note that stands at the head of the release."""

    note = TextAreaField(_l("Note at the head of the release"))


class SignForm(PageForm):
    """Which draft is signed: SHA-256 of the one that the page showed."""

    digest = HiddenField()


class DrawForm(PageForm):
    """Which rows a spot check opens: a seed, and how many."""

    seed = StringField(
        _l("Seed"),
        [
            InputRequired(_l("Type a seed.")),
            Length(max=LONGEST_TYPED, message=_l("At most %(max)d characters.")),
        ],
        filters=[lambda text: text.strip() if text else text],
    )
    size = IntegerField(
        _l("How many evaluations"),
        [
            InputRequired(_l("Say how many.")),
            NumberRange(1, LARGEST_SAMPLE, message=_l("From %(min)d to %(max)d.")),
        ],
        default=20,
    )


class RecordForm(PageForm):
    """What is recorded of a draw beside what is worked out anew: a note."""

    drawn = HiddenField()
    note = TextAreaField(_l("Note"), [Length(max=LONGEST_NOTE, message=_l("At most %(max)d characters."))])
