"""Forms of a talk's steps: notice, postponement, absence, record."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _t

from rating.cases.models import Attendance, TalkForm
from rating.cases.step_forms import INTERNAL, POST_ONLY, StepForm, given, moment_of
from rating.cases.talk_rules import Notice, TalkRecord
from rating.cases.wording import choices
from rating.web.fields import ChoiceField, DayField, HourField, LineField, TextField


class NoticeForm(StepForm):
    """约谈通知书."""

    number = LineField(_t("Notice number"), 60)
    served_on = DayField(_t("Served on"))
    day = DayField(_t("Day of the talk"))
    hour = HourField(_t("Time of the talk"))
    place = LineField(_t("Place"), 160)
    form = ChoiceField(_t("In person or by video"), choices(TalkForm))
    late_reason = TextField(
        _t("Why it is later than the rulebook says"),
        _t("Only if the day lies after the due day."),
        needed=False,
        rows=2,
    )
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
    to_bring = TextField(_t("What to bring"), needed=False, rows=2)
    contact = LineField(_t("Contact: name and telephone"), 200, needed=False)
    service_note = TextField(
        _t("Service"), _t("How, by whom, who signed; if refused, why and before which witness."), needed=False, rows=2
    )
    names = TextField(_t("Names of those asked to come and of those who conduct it"), needed=False, rows=2)
    starts = (
        (_t("When and where"), None, "number"),
        (_t("Who"), POST_ONLY, "issuer"),
        (_t("Why"), _t("Printed in the notice, public after the talk."), "cause"),
        (_t("Internal"), INTERNAL, "to_bring"),
    )

    def notice(self) -> Notice:
        """What the service takes."""
        return Notice(
            served_on=given(self.served_on),
            scheduled_at=moment_of(self.day, self.hour),
            form=TalkForm(self.form.data),
            **self.texts(Notice),
        )


class PostponementForm(StepForm):
    """改期."""

    day = DayField(_t("New day"))
    hour = HourField(_t("New time"))
    reason = TextField(_t("Why the company asked for it"), rows=3)
    starts = ((_t("New appointment"), None, "day"),)

    @property
    def scheduled_at(self) -> datetime:
        """The new moment."""
        return moment_of(self.day, self.hour)


class AbsenceForm(StepForm):
    """未到场."""

    note = TextField(
        _t("Note"),
        _t("Internal: how long you waited, whether anybody called. The absence itself is published."),
        needed=False,
    )
    starts = ((_t("Absence"), None, "note"),)


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
    starts = (
        (_t("When and where"), None, "held_on"),
        (_t("Who"), POST_ONLY, "conducted_by"),
        (_t("What was said"), _t("Public, in short."), "findings"),
        (_t("Internal"), INTERNAL, "names"),
    )

    def record(self) -> TalkRecord:
        """What the service takes."""
        return TalkRecord(
            held_at=moment_of(self.held_on, self.since),
            ended_at=moment_of(self.held_on, self.until),
            form=TalkForm(self.form.data),
            attendance=Attendance(self.attendance.data),
            **self.texts(TalkRecord),
        )
