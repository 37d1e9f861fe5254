"""Forms of the talks' steps. Texts under 'public' name posts; each form turns into a value that a service takes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _t
from wtforms import Field, SelectField

from rating.calendar import SHANGHAI
from rating.cases.commitment_rules import Finding, Promise
from rating.cases.models import Attendance, CommitmentKind, Party, TalkForm
from rating.cases.talk_rules import Notice, TalkRecord
from rating.cases.wording import choices, option
from rating.registry.models import Estate
from rating.web.fields import ChoiceField, DayField, HourField, LineField, PageForm, TextField

POST_ONLY = _t("Posts, never names: this becomes public.")
INTERNAL = _t("Internal: never shown to the public. Names belong here.")


def _given(field: Field) -> Any:
    """The value of a field that validation has found filled in."""
    return field.data


def _moment(day: Field, hour: Field) -> datetime:
    """The moment of a day and an hour in Shanghai."""
    return datetime.combine(_given(day), _given(hour), SHANGHAI)


Group = tuple[Any, Any, tuple[str, ...]]


class StepForm(PageForm):
    """A form whose fields are in groups: (legend, hint, names)."""

    groups: tuple[Group, ...] = ()


class NoticeForm(StepForm):
    """约谈通知书."""

    number = LineField(_t("Notice number"), 60)
    served_on = DayField(_t("Served on"))
    day = DayField(_t("Day of the talk"))
    hour = HourField(_t("Time of the talk"))
    place = LineField(_t("Place"), 160)
    form = ChoiceField(_t("In person or by video"), choices(TalkForm))
    issuer = LineField(
        _t("Issued by"),
        160,
        _t("The bureau; a sub-district alone only where local rules or a written commission say so."),
    )
    joint_issuers = LineField(
        _t("Together with"), 200, _t("Sub-district, fire service, market regulator…"), needed=False
    )
    summoned = LineField(_t("Who is asked to come"), 200, POST_ONLY)
    conducted_by = LineField(_t("Who will conduct it"), 200, POST_ONLY)
    cause = TextField(_t("Cause"), _t("Release, result, score with margin, where most points were lost."))
    basis = TextField(_t("Basis"), _t("Section of the rulebook, local regulations, powers."), rows=3)
    late_reason = TextField(
        _t("Why it is later than the rulebook says"),
        _t("Only if the day lies after the due day."),
        needed=False,
        rows=2,
    )
    to_bring = TextField(_t("What to bring"), needed=False, rows=2)
    contact = LineField(_t("Contact: name and telephone"), 200, needed=False)
    service_note = TextField(
        _t("Service"), _t("How, by whom, who signed; if refused, why and before which witness."), needed=False, rows=2
    )
    names = TextField(_t("Names of those asked to come and of those who conduct it"), needed=False, rows=2)
    groups = (
        (_t("When and where"), None, ("number", "served_on", "day", "hour", "place", "form", "late_reason")),
        (_t("Who"), POST_ONLY, ("issuer", "joint_issuers", "summoned", "conducted_by")),
        (_t("Why"), _t("Printed in the notice, public after the talk."), ("cause", "basis")),
        (_t("Internal"), INTERNAL, ("to_bring", "contact", "service_note", "names")),
    )

    def notice(self) -> Notice:
        """What the service takes."""
        texts = {
            name: self[name].data or ""
            for name in (
                "number", "place", "issuer", "joint_issuers", "summoned", "conducted_by", "cause", "basis",
                "late_reason", "to_bring", "contact", "service_note", "names",
            )
        }  # fmt: skip
        scheduled_at = _moment(self.day, self.hour)
        return Notice(
            served_on=_given(self.served_on), scheduled_at=scheduled_at, form=TalkForm(self.form.data), **texts
        )


class PostponementForm(StepForm):
    """改期."""

    day = DayField(_t("New day"))
    hour = HourField(_t("New time"))
    reason = TextField(_t("Why the company asked for it"), rows=3)
    groups = ((_t("New appointment"), None, ("day", "hour", "reason")),)

    @property
    def scheduled_at(self) -> datetime:
        """The new moment."""
        return _moment(self.day, self.hour)


class AbsenceForm(StepForm):
    """未到场."""

    note = TextField(
        _t("Note"),
        _t("Internal: how long you waited, whether anybody called. The absence itself is published."),
        needed=False,
    )
    groups = ((_t("Absence"), None, ("note",)),)


class RecordForm(StepForm):
    """约谈记录."""

    held_on = DayField(_t("Day of the talk"))
    since = HourField(_t("Began at"))
    until = HourField(_t("Ended at"))
    place = LineField(_t("Place"), 160)
    form = ChoiceField(_t("In person or by video"), choices(TalkForm))
    conducted_by = LineField(_t("Conducted by"), 200, POST_ONLY)
    minuted_by = LineField(_t("Minutes by"), 200, POST_ONLY)
    attended_by = LineField(_t("Who came, and who else took part"), 200, POST_ONLY)
    attendance = ChoiceField(_t("Attendance"), choices(Attendance))
    findings = TextField(
        _t("Findings"), _t("Problem by problem: estate, facts, whether the company agrees, whose task it is."), rows=6
    )
    company_said = TextField(
        _t("What the company said"), _t("In short, also what it asked for. If nothing, say so."), rows=5
    )
    required = TextField(_t("What is required"), rows=4)
    names = TextField(_t("Names of all who were there"), needed=False, rows=2)
    formalities = TextField(
        _t("Formalities"),
        _t("Identities checked, rights told, recusal asked; read and signed, or why not; recording; file number."),
        needed=False,
        rows=3,
    )
    verbatim = TextField(_t("The company's own words"), needed=False)
    internal_note = TextField(_t("Internal note"), needed=False, rows=2)
    groups = (
        (_t("When and where"), None, ("held_on", "since", "until", "place", "form")),
        (_t("Who"), POST_ONLY, ("conducted_by", "minuted_by", "attended_by", "attendance")),
        (_t("What was said"), _t("Public, in short."), ("findings", "company_said", "required")),
        (_t("Internal"), INTERNAL, ("names", "formalities", "verbatim", "internal_note")),
    )

    def record(self) -> TalkRecord:
        """What the service takes."""
        names = (
            "place", "conducted_by", "minuted_by", "attended_by", "findings", "company_said", "required",
            "names", "formalities", "verbatim", "internal_note",
        )  # fmt: skip
        return TalkRecord(
            held_at=_moment(self.held_on, self.since),
            ended_at=_moment(self.held_on, self.until),
            form=TalkForm(self.form.data),
            attendance=Attendance(self.attendance.data),
            **{name: self[name].data or "" for name in names},
        )


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
    groups = (
        (_t("What is agreed"), _t("Public."), ("problem", "measure", "estate", "indicator")),
        (_t("Who"), None, ("party", "owner_post", "handed_over_to", "handed_over_number")),
        (_t("By when"), None, ("kind", "due_on", "interim")),
    )

    def promise(self, estates: list[Estate]) -> Promise:
        """What the service takes; `estates` are those that could be chosen."""
        names = ("problem", "measure", "indicator", "owner_post", "handed_over_to", "handed_over_number", "interim")
        texts: dict[str, Any] = {name: self[name].data or "" for name in names}
        return Promise(
            party=Party(self.party.data),
            kind=CommitmentKind(self.kind.data),
            due_on=self.due_on.data,
            estate=next((one for one in estates if one.code == self.estate.data), None),
            **texts,
        )


class DoneForm(StepForm):
    """完成情况, as the party reports it."""

    done_on = DayField(_t("Done on"))
    evidence = TextField(
        _t("What shows it"), _t("Photographs, invoices, a report: what there is and where it is kept.")
    )
    groups = ((_t("Reported done"), None, ("done_on", "evidence")),)

    @property
    def day(self) -> date:
        """The day on which it was done."""
        done_on: date = _given(self.done_on)
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
    groups = ((_t("Re-inspection"), None, ("inspected_on", "inspector_post", "passed", "findings")),)

    def finding(self) -> Finding:
        """What the service takes."""
        return Finding(
            inspected_on=_given(self.inspected_on),
            inspector_post=_given(self.inspector_post),
            passed=self.passed.data == "yes",
            findings=_given(self.findings),
        )
