"""Forms of a commitment's steps: made, reported done, re-inspected."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _t
from wtforms import SelectField

from rating.cases.commitment_rules import Finding, Promise
from rating.cases.models import CommitmentKind, Party
from rating.cases.step_forms import POST_ONLY, StepForm, given
from rating.cases.wording import choices, option
from rating.registry.models import Estate
from rating.web.fields import ChoiceField, DayField, LineField, TextField


class CommitmentForm(StepForm):
    """整改事项."""

    problem = TextField(_t("Problem"), rows=3)
    measure = TextField(_t("What will be done"), rows=3)
    estate = SelectField(_t("Estate"), validate_choice=True)
    indicator = SelectField(_t("Indicator"), validate_choice=True)
    party = ChoiceField(_t("Responsible party"), choices(Party))
    owner_post = LineField(_t("Who takes care of it"), 80, POST_ONLY)
    handed_over_to = LineField(_t("Handed over to"), 160, _t("Only if another body has to do it."), needed=False)
    handed_over_number = LineField(_t("Number there"), 80, needed=False)
    kind = ChoiceField(_t("Kind"), choices(CommitmentKind))
    due_on = DayField(
        _t("Deadline"), _t("Leave empty for the last day of this kind; an earlier one may be agreed."), needed=False
    )
    interim = TextField(
        _t("Protection until then, or milestones"),
        _t("Where there is danger: what protects people within 24 hours. Fund votes: when the vote, when the works."),
        needed=False,
        rows=2,
    )
    starts = (
        (_t("What is agreed"), _t("Public."), "problem"),
        (_t("Who"), None, "party"),
        (_t("By when"), None, "kind"),
    )

    def promise(self, estates: list[Estate]) -> Promise:
        """What the service takes; `estates` are those that could be chosen."""
        return Promise(
            party=Party(self.party.data),
            kind=CommitmentKind(self.kind.data),
            due_on=self.due_on.data,
            estate=next((one for one in estates if one.code == self.estate.data), None),
            **self.texts(Promise),
        )


class DoneForm(StepForm):
    """完成情况, as the party reports it."""

    done_on = DayField(_t("Done on"))
    evidence = TextField(
        _t("What shows it"), _t("Photographs, invoices, a report: what there is and where it is kept.")
    )
    starts = ((_t("Reported done"), None, "done_on"),)

    @property
    def day(self) -> date:
        """The day on which it was done."""
        done_on: date = given(self.done_on)
        return done_on


class ReinspectionForm(StepForm):
    """复查."""

    inspected_on = DayField(_t("Inspected on"))
    inspector_post = LineField(_t("Your post"), 80, _t("You took no part in the talk, this commitment or the rating."))
    passed = ChoiceField(
        _t("What came of it"),
        [option("yes", _t("Done as agreed")), option("no", _t("Not done, or not as agreed"))],
    )
    findings = TextField(_t("What was found"))
    starts = ((_t("Re-inspection"), None, "inspected_on"),)

    def finding(self) -> Finding:
        """What the service takes."""
        return Finding(
            inspected_on=given(self.inspected_on),
            inspector_post=given(self.inspector_post),
            passed=self.passed.data == "yes",
            findings=given(self.findings),
        )
