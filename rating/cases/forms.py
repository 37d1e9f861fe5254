"""Forms of the talks' steps. Texts under 'public' name posts; each form turns into a value that a service takes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import gettext, lazy_gettext as _l
from wtforms import DateField, Field, RadioField, SelectField, StringField, TextAreaField, TimeField, ValidationError
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from rating.calendar import SHANGHAI
from rating.cases.commitment_rules import Finding, Promise
from rating.cases.models import Attendance, CommitmentKind, Party, TalkForm
from rating.cases.talk_rules import Notice, TalkRecord
from rating.cases.wording import choices, option
from rating.evaluations.forms import tidy
from rating.registry.models import Estate
from rating.web.fields import PageForm

NEEDED = _l("Please fill this in.")
LONG = 4000
POST_ONLY = _l("Posts, never names: this becomes public.")
INTERNAL = _l("Internal: never shown to the public. Names belong here.")


class DayField(DateField):
    """A day, also as people type it in Chinese; errors are in words."""

    def __init__(self, label: Any, validators: Any = (), **kwargs: Any) -> None:
        super().__init__(label, validators, format=["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day; what was typed stays in `raw_data`."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValidationError(gettext("This is not a day. Write it like 2026-03-05.")) from error


class HourField(TimeField):
    """A time of the day in Shanghai."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the time; what was typed stays in `raw_data`."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValidationError(gettext("This is not a time. Write it like 09:30.")) from error


def _needed() -> list[Any]:
    return [InputRequired(NEEDED)]


def _line(label: Any, length: int, hint: Any = "", *, needed: bool = True) -> StringField:
    too_long = _l("Please keep it within %(n)s characters.", n=length)
    validators = [InputRequired(NEEDED) if needed else Optional(), Length(max=length, message=too_long)]
    return StringField(label, validators, filters=[tidy], description=hint)


def _text(label: Any, hint: Any = "", *, needed: bool = True, rows: int = 4) -> TextAreaField:
    too_long = _l("Please keep it within %(n)s characters.", n=LONG)
    validators = [InputRequired(NEEDED) if needed else Optional(), Length(max=LONG, message=too_long)]
    return TextAreaField(label, validators, filters=[tidy], description=hint, render_kw={"rows": rows})


def _choice(label: Any, kind: Any, hint: Any = "") -> RadioField:
    offered = choices(kind)
    known = AnyOf([one.value for one in offered], message=NEEDED)
    return RadioField(label, [*_needed(), known], choices=offered, validate_choice=False, description=hint)


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

    number = _line(_l("Notice number"), 60)
    served_on = DayField(_l("Served on"), _needed())
    day = DayField(_l("Day of the talk"), _needed())
    hour = HourField(_l("Time of the talk"), _needed())
    place = _line(_l("Place"), 160)
    form = _choice(_l("In person or by video"), TalkForm)
    issuer = _line(
        _l("Issued by"),
        160,
        _l("The bureau; a sub-district alone only where local rules or a written commission say so."),
    )
    joint_issuers = _line(_l("Together with"), 200, _l("Sub-district, fire service, market regulator…"), needed=False)
    summoned = _line(_l("Who is asked to come"), 200, POST_ONLY)
    conducted_by = _line(_l("Who will conduct it"), 200, POST_ONLY)
    cause = _text(_l("Cause"), _l("Release, result, score with margin, where most points were lost."))
    basis = _text(_l("Basis"), _l("Section of the rulebook, local regulations, powers."), rows=3)
    late_reason = _text(
        _l("Why it is later than the rulebook says"),
        _l("Only if the day lies after the due day."),
        needed=False,
        rows=2,
    )
    to_bring = _text(_l("What to bring"), needed=False, rows=2)
    contact = _line(_l("Contact: name and telephone"), 200, needed=False)
    service_note = _text(
        _l("Service"), _l("How, by whom, who signed; if refused, why and before which witness."), needed=False, rows=2
    )
    names = _text(_l("Names of those asked to come and of those who conduct it"), needed=False, rows=2)
    groups = (
        (_l("When and where"), None, ("number", "served_on", "day", "hour", "place", "form", "late_reason")),
        (_l("Who"), POST_ONLY, ("issuer", "joint_issuers", "summoned", "conducted_by")),
        (_l("Why"), _l("Printed in the notice, public after the talk."), ("cause", "basis")),
        (_l("Internal"), INTERNAL, ("to_bring", "contact", "service_note", "names")),
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

    day = DayField(_l("New day"), _needed())
    hour = HourField(_l("New time"), _needed())
    reason = _text(_l("Why the company asked for it"), rows=3)
    groups = ((_l("New appointment"), None, ("day", "hour", "reason")),)

    @property
    def scheduled_at(self) -> datetime:
        """The new moment."""
        return _moment(self.day, self.hour)


class AbsenceForm(StepForm):
    """未到场."""

    note = _text(
        _l("Note"),
        _l("Internal: how long you waited, whether anybody called. The absence itself is published."),
        needed=False,
    )
    groups = ((_l("Absence"), None, ("note",)),)


class RecordForm(StepForm):
    """约谈记录."""

    held_on = DayField(_l("Day of the talk"), _needed())
    since = HourField(_l("Began at"), _needed())
    until = HourField(_l("Ended at"), _needed())
    place = _line(_l("Place"), 160)
    form = _choice(_l("In person or by video"), TalkForm)
    conducted_by = _line(_l("Conducted by"), 200, POST_ONLY)
    minuted_by = _line(_l("Minutes by"), 200, POST_ONLY)
    attended_by = _line(_l("Who came, and who else took part"), 200, POST_ONLY)
    attendance = _choice(_l("Attendance"), Attendance)
    findings = _text(
        _l("Findings"), _l("Problem by problem: estate, facts, whether the company agrees, whose task it is."), rows=6
    )
    company_said = _text(
        _l("What the company said"), _l("In short, also what it asked for. If nothing, say so."), rows=5
    )
    required = _text(_l("What is required"), rows=4)
    names = _text(_l("Names of all who were there"), needed=False, rows=2)
    formalities = _text(
        _l("Formalities"),
        _l("Identities checked, rights told, recusal asked; read and signed, or why not; recording; file number."),
        needed=False,
        rows=3,
    )
    verbatim = _text(_l("The company's own words"), needed=False)
    internal_note = _text(_l("Internal note"), needed=False, rows=2)
    groups = (
        (_l("When and where"), None, ("held_on", "since", "until", "place", "form")),
        (_l("Who"), POST_ONLY, ("conducted_by", "minuted_by", "attended_by", "attendance")),
        (_l("What was said"), _l("Public, in short."), ("findings", "company_said", "required")),
        (_l("Internal"), INTERNAL, ("names", "formalities", "verbatim", "internal_note")),
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

    problem = _text(_l("Problem"), rows=3)
    measure = _text(_l("What will be done"), rows=3)
    estate = SelectField(_l("Estate"), validate_choice=True)
    indicator = SelectField(_l("Indicator"), validate_choice=True)
    party = _choice(_l("Responsible party"), Party)
    owner_post = _line(_l("Who takes care of it"), 80, POST_ONLY)
    handed_over_to = _line(_l("Handed over to"), 160, _l("Only if another body has to do it."), needed=False)
    handed_over_number = _line(_l("Number there"), 80, needed=False)
    kind = _choice(_l("Kind"), CommitmentKind)
    due_on = DayField(
        _l("Deadline"),
        [Optional()],
        description=_l("Leave empty for the last day of this kind; an earlier one may be agreed."),
    )
    interim = _text(
        _l("Protection until then, or milestones"),
        _l("Where there is danger: what protects people within 24 hours. Fund votes: when the vote, when the works."),
        needed=False,
        rows=2,
    )
    groups = (
        (_l("What is agreed"), _l("Public."), ("problem", "measure", "estate", "indicator")),
        (_l("Who"), None, ("party", "owner_post", "handed_over_to", "handed_over_number")),
        (_l("By when"), None, ("kind", "due_on", "interim")),
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

    done_on = DayField(_l("Done on"), _needed())
    evidence = _text(_l("What shows it"), _l("Photographs, invoices, a report: what there is and where it is kept."))
    groups = ((_l("Reported done"), None, ("done_on", "evidence")),)

    @property
    def day(self) -> date:
        """The day on which it was done."""
        done_on: date = _given(self.done_on)
        return done_on


class ReinspectionForm(StepForm):
    """复查."""

    inspected_on = DayField(_l("Inspected on"), _needed())
    inspector_post = _line(_l("Your post"), 80, _l("You took no part in the talk, this commitment or the rating."))
    passed = RadioField(
        _l("What came of it"),
        [*_needed(), AnyOf(["yes", "no"], message=NEEDED)],
        choices=[option("yes", _l("Done as agreed")), option("no", _l("Not done, or not as agreed"))],
        validate_choice=False,
    )
    findings = _text(_l("What was found"))
    groups = ((_l("Re-inspection"), None, ("inspected_on", "inspector_post", "passed", "findings")),)

    def finding(self) -> Finding:
        """What the service takes."""
        return Finding(
            inspected_on=_given(self.inspected_on),
            inspector_post=_given(self.inspector_post),
            passed=self.passed.data == "yes",
            findings=_given(self.findings),
        )
