"""Entering a record of a company, deciding on it, and filtering the list."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext, lazy_gettext as _t
from wtforms import DecimalField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind
from wtforms.validators import Optional

from rating.adjustments.models import AdjustmentKind, AdjustmentState, Severity
from rating.adjustments.queries import AdjustmentFilter
from rating.adjustments.service import ENTERED, Proposal
from rating.adjustments.wording import ADJUSTMENT_KINDS, ADJUSTMENT_STATES, SEVERITIES
from rating.audit.files import LARGEST
from rating.registry.models import Company
from rating.web.fields import AddressForm, ChoiceField, DayField, FilesField, LineField, PageForm, TextField, tidy

MOST_FILES = 5
LONGEST_NUMBER = 12  # digits before the point: 1e999999 is a number too, and can't be rounded


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

    company_code = LineField(
        _t("Company’s credit code"), 40, _t("As in the register; 18 characters or the local code.")
    )
    kind = ChoiceField(
        _t("Kind of record"),
        [SelectChoice(kind.value, ADJUSTMENT_KINDS[kind]) for kind in ENTERED],
    )
    severity = SelectField(_t("Severity"), choices=[SelectChoice(one.value, SEVERITIES[one]) for one in Severity])
    points = PointsField(
        _t("Points"),
        [Optional()],
        description=_t("Above 0, also for a finding: they are deducted. Empty for a cause for the black list."),
        render_kw={"inputmode": "decimal"},
    )
    source = LineField(_t("Department that it comes from"), 120)
    case_number = LineField(_t("Case or document number"), 80)
    reason = TextField(_t("What happened"), _t("This becomes public: name posts, never persons."), longest=1000)
    valid_from = DayField(_t("Valid from"))
    valid_to = DayField(_t("Valid to"), _t("It counts in rounds that end within these days."))
    files = FilesField(
        _t("Evidence"),
        description=_t("PDF, JPEG or PNG, up to 8 MB each. Seen by the bureau, the auditor and the company."),
        render_kw={"accept": ".pdf,.jpg,.jpeg,.png"},
    )

    def validate_files(self, field: Any) -> None:
        """Say what is wrong with the choice of files."""
        chosen = self.files.chosen
        if not chosen:
            raise ValidationError(gettext("Add the document that this rests on."))
        if len(chosen) > MOST_FILES:
            raise ValidationError(gettext("At most %(n)s files.", n=MOST_FILES))
        if any(size > LARGEST for size in self.files.sizes):
            raise ValidationError(gettext("A file may have at most %(n)s MB.", n=LARGEST // 1024**2))

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
            valid_from=self.valid_from.day,
            valid_to=self.valid_to.day,
            files=self.files.contents,
        )


class DecisionForm(PageForm):
    """Why a record is refused or withdrawn."""

    reason = TextField(_t("Reason"), longest=1000, needed=False, rows=3)


def _choices(words: Mapping[Any, Any]) -> list[SelectChoice]:
    return [SelectChoice("", gettext("All")), *(SelectChoice(one.value, word) for one, word in words.items())]


class AdjustmentFilterForm(AddressForm):
    """The list's filter, from the address."""

    text = StringField(_t("Company, department or case number"), filters=[tidy])
    kind = SelectField(_t("Kind of record"), validate_choice=False)
    state = SelectField(_t("State"), validate_choice=False)

    def wanted(self) -> AdjustmentFilter:
        """The filter; unknown values are ignored."""
        self.kind.choices = _choices(ADJUSTMENT_KINDS)
        self.state.choices = _choices(ADJUSTMENT_STATES)
        kinds, states = {one.value: one for one in AdjustmentKind}, {one.value: one for one in AdjustmentState}
        return AdjustmentFilter(
            (self.text.data or "")[:100], kinds.get(self.kind.data or ""), states.get(self.state.data or "")
        )
