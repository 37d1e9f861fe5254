"""Entering a record of a company, deciding on it, and filtering the list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext, lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import (
    DateField,
    DecimalField,
    MultipleFileField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind
from wtforms.validators import InputRequired, Length, Optional

from rating.adjustments.models import AdjustmentKind, AdjustmentState, Severity
from rating.adjustments.queries import AdjustmentFilter
from rating.adjustments.service import ENTERED, Proposal
from rating.adjustments.wording import ADJUSTMENT_KINDS, ADJUSTMENT_STATES, SEVERITIES
from rating.audit.files import LARGEST
from rating.evaluations.forms import tidy
from rating.registry.models import Company
from rating.web.fields import AddressForm, PageForm

NEEDED = _l("Please fill this in.")
DAY = _l("Enter a day such as 2026-03-05.")
MOST_FILES = 5
LONGEST_NUMBER = 12  # digits before the point: 1e999999 is a number too, and can't be rounded


def _line(label: Any, length: int, hint: Any = "") -> StringField:
    too_long = _l("Please keep it within %(n)s characters.", n=length)
    return StringField(
        label, [InputRequired(NEEDED), Length(max=length, message=too_long)], filters=[tidy], description=hint
    )


def _is_of_two_decimals(number: Decimal) -> bool:
    return number.is_finite() and number.adjusted() < LONGEST_NUMBER and number == round(number, 2)


class PointsField(DecimalField):
    """Points with up to two decimals; empty is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number; what was typed stays in `raw_data`."""
        if not "".join(valuelist).strip():
            self.data = None
            return
        try:
            super().process_formdata([valuelist[0].strip()])
        except ValueError:
            self.data = None
            raise ValueError(gettext("Enter a number such as 2 or 1.5.")) from None
        if self.data is None or not _is_of_two_decimals(self.data):
            raise ValueError(gettext("Enter a number with at most two decimals."))


class ProposalForm(PageForm):
    """A record with its evidence."""

    company_code = _line(_l("Company’s credit code"), 40, _l("As in the register; 18 characters or the local code."))
    kind = RadioField(
        _l("Kind of record"),
        [InputRequired(NEEDED)],
        choices=[SelectChoice(kind.value, ADJUSTMENT_KINDS[kind]) for kind in ENTERED],
    )
    severity = SelectField(_l("Severity"), choices=[SelectChoice(one.value, SEVERITIES[one]) for one in Severity])
    points = PointsField(
        _l("Points"),
        [Optional()],
        description=_l("Above 0, also for a finding: they are deducted. Empty for a cause for the black list."),
        render_kw={"inputmode": "decimal"},
    )
    source = _line(_l("Department that it comes from"), 120)
    case_number = _line(_l("Case or document number"), 80)
    reason = TextAreaField(
        _l("What happened"),
        [InputRequired(NEEDED), Length(max=1000, message=_l("Please keep it within %(n)s characters.", n=1000))],
        filters=[tidy],
        description=_l("This becomes public: name posts, never persons."),
        render_kw={"rows": 4},
    )
    valid_from = DateField(_l("Valid from"), [InputRequired(DAY)])
    valid_to = DateField(
        _l("Valid to"), [InputRequired(DAY)], description=_l("It counts in rounds that end within these days.")
    )
    files = MultipleFileField(
        _l("Evidence"),
        description=_l("PDF, JPEG or PNG, up to 8 MB each. Seen by the bureau, the auditor and the company."),
        render_kw={"accept": ".pdf,.jpg,.jpeg,.png"},
    )

    def validate_files(self, field: Any) -> None:
        """Say what is wrong with the choice of files."""
        chosen = self.chosen
        if not chosen:
            raise ValidationError(gettext("Add the document that this rests on."))
        if len(chosen) > MOST_FILES:
            raise ValidationError(gettext("At most %(n)s files.", n=MOST_FILES))
        if any(_size(file) > LARGEST for file in chosen):
            raise ValidationError(gettext("A file may have at most %(n)s MB.", n=LARGEST // 1024**2))

    @property
    def chosen(self) -> list[FileStorage]:
        """The files that were chosen; a browser sends an empty one for none."""
        return [file for file in self.files.data or () if isinstance(file, FileStorage) and file.filename]

    def proposal(self, company: Company) -> Proposal:
        """The valid form as the service takes it."""
        return Proposal(
            company=company,
            kind=AdjustmentKind(self.kind.data),
            severity=Severity(self.severity.data),
            points=self.points.data or Decimal(0),
            source=str(self.source.data),
            case_number=str(self.case_number.data),
            reason=str(self.reason.data),
            valid_from=_day(self.valid_from),
            valid_to=_day(self.valid_to),
            files=[(str(file.filename), file.stream.read()) for file in self.chosen],
        )


def _day(field: DateField) -> date:
    if field.data is None:
        raise ValueError("the form was not validated")
    return field.data


def _size(file: FileStorage) -> int:
    end = file.stream.seek(0, 2)
    file.stream.seek(0)
    return int(end)


class DecisionForm(PageForm):
    """Why a record is refused or withdrawn."""

    reason = TextAreaField(
        _l("Reason"),
        [Length(max=1000, message=_l("Please keep it within %(n)s characters.", n=1000))],
        filters=[tidy],
        render_kw={"rows": 3},
    )


def _choices(words: Mapping[Any, Any]) -> list[SelectChoice]:
    return [SelectChoice("", gettext("All")), *(SelectChoice(one.value, word) for one, word in words.items())]


class AdjustmentFilterForm(AddressForm):
    """The list's filter, from the address."""

    text = StringField(_l("Company, department or case number"), filters=[tidy])
    kind = SelectField(_l("Kind of record"), validate_choice=False)
    state = SelectField(_l("State"), validate_choice=False)

    def wanted(self) -> AdjustmentFilter:
        """The filter; unknown values are ignored."""
        self.kind.choices = _choices(ADJUSTMENT_KINDS)
        self.state.choices = _choices(ADJUSTMENT_STATES)
        kinds, states = {one.value: one for one in AdjustmentKind}, {one.value: one for one in AdjustmentState}
        return AdjustmentFilter(
            (self.text.data or "")[:100], kinds.get(self.kind.data or ""), states.get(self.state.data or "")
        )
