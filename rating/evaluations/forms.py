"""Forms made from a questionnaire: every indicator a row of radios, in the words of the person's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext, lazy_gettext as _t, ngettext
from wtforms import Form, HiddenField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length, Optional

from rating.rulebooks.content import Indicator, Questionnaire
from rating.web.fields import PageForm, tidy
from rating.web.language import language, said

BODY_NOTE_LENGTH = 4000


class CodeForm(PageForm):
    """The typed code on an estate's page."""

    code = StringField(_t("Code from your letter"), filters=[tidy])


class MarkField(StringField):
    """One indicator's answer; `choices` are (value, words). The template draws them, so no widget is rendered."""

    def __init__(self, label: str, choices: list[tuple[str, str]], **values: Any) -> None:
        super().__init__(label, **values)
        self.choices = choices


class AnswersForm(Form):
    """Base of the made forms: the answers by indicator key, and what is still open."""

    questionnaire: Questionnaire
    comment: TextAreaField
    csrf_token = HiddenField()  # names the ticket and shows that the form came from us
    summary = ""  # what is wrong with the whole
    asks_code = False  # the phone has lost its ticket: the code is asked for again
    code_typed = ""
    code_error = ""

    def answers(self) -> dict[str, int | str]:
        """Whole marks, or a no-mark's key, by indicator; open rows are left out."""
        chosen = {i.key: self[i.key].data for i in self.questionnaire.indicators}
        return {key: int(value) if value.isdecimal() else value for key, value in chosen.items() if value}

    def open_indicators(self) -> list[Indicator]:
        """Indicators without an answer."""
        return [i for i in self.questionnaire.indicators if not self[i.key].data]


class _Chosen:
    """One of the choices; a row left open says what to do about it."""

    def __init__(self, message: Callable[[], str]) -> None:
        self.message = message

    def __call__(self, _form: Form, field: MarkField) -> None:
        if not field.data or field.data not in dict(field.choices):
            raise ValidationError(self.message())


def _open_row(questionnaire: Questionnaire) -> str:
    if any(no_mark.key == "unknown" for no_mark in questionnaire.no_marks):
        return str(gettext("Not answered yet. If you don't know, choose “Don't know”."))
    return str(gettext("Not answered yet. If it doesn't apply here, say so."))


def mark_choices(questionnaire: Questionnaire, indicator: Indicator) -> list[tuple[str, str]]:
    """(value, words) of an indicator's choices: the marks highest first, then the answers without a mark."""
    marks = [
        (str(mark), said(questionnaire.labels[mark]) if mark in questionnaire.labels else str(mark))
        for mark in questionnaire.choices(indicator)
    ]
    return marks + [(no_mark.key, said(no_mark.text)) for no_mark in questionnaire.no_marks]


def _comment_field(questionnaire: Questionnaire) -> TextAreaField:
    if questionnaire.comment is None:
        too_long = _t("Please keep it within %(n)s characters.", n=BODY_NOTE_LENGTH)
        return TextAreaField(validators=[Length(max=BODY_NOTE_LENGTH, message=too_long)], filters=[tidy])
    limit = questionnaire.comment.max_length
    return TextAreaField(validators=[Optional(), _within(limit)], filters=[tidy])


def _within(limit: int) -> Callable[[Form, Any], None]:
    def check(_form: Form, field: Any) -> None:
        over = len(field.data) - limit
        if over > 0:
            raise ValidationError(
                ngettext(
                    "This is %(num)d character over the %(limit)d that fit. Please shorten it; nothing is lost.",
                    "This is %(num)d characters over the %(limit)d that fit. Please shorten it; nothing is lost.",
                    over,
                    limit=limit,
                )
            )

    return check


_made: dict[tuple[int, str], tuple[Questionnaire, type[AnswersForm]]] = {}
MOST_MADE = 100


def answers_form(questionnaire: Questionnaire) -> type[AnswersForm]:
    """The form class of a questionnaire in the request's language, made once (questionnaires are frozen)."""
    key = (id(questionnaire), language())
    kept = _made.get(key)
    if kept is None or kept[0] is not questionnaire:
        while len(_made) >= MOST_MADE:
            _made.pop(next(iter(_made)), None)
        kept = _made[key] = (questionnaire, _make(questionnaire))
    return kept[1]


def _make(questionnaire: Questionnaire) -> type[AnswersForm]:
    fields: dict[str, Any] = {"questionnaire": questionnaire, "comment": _comment_field(questionnaire)}
    for indicator in questionnaire.indicators:
        fields[indicator.key] = MarkField(
            said(indicator.text),
            mark_choices(questionnaire, indicator),
            validators=[_Chosen(lambda: _open_row(questionnaire))],
        )
    return type("FilledForm", (AnswersForm,), fields)
