"""The bases of the forms that pages have, and the fields that they share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _t
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms import (
    Field,
    Form,
    MultipleFileField,
    RadioField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind
from wtforms.i18n import get_translations
from wtforms.validators import InputRequired, Length, StopValidation
from wtforms.widgets import DateInput

from rating.calendar import read_day
from rating.errors import DomainError
from rating.web.language import language, told

NEEDED = _t("Please fill this in.")
DAY = _t("Enter a day such as 2026-03-05.")
LONGEST_TEXT = 4000
# Days that can be computed with: nobody means others, and a calendar ends at both ends.
FIRST_YEAR, LAST_YEAR = 1900, 2199
ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff"))


def tidy(text: str | None) -> str:
    """What somebody typed, without the invisible characters that phones insert; line breaks as one character."""
    return (text or "").replace("\r\n", "\n").translate(ZERO_WIDTH).strip()


def _on_one_line(text: str | None) -> str:
    return " ".join(tidy(text).split("\n"))


def _required(needed: Any) -> list[Any]:
    """`needed` is True, False, or the sentence that asks for it."""
    return [InputRequired(NEEDED if needed is True else needed)] if needed else []


def _at_most(longest: int) -> Length:
    return Length(max=longest, message=_t("Please keep it within %(n)s characters.", n=longest))


class DayInput(DateInput):
    """A browser's choice of a day; plain text where something else was typed, which a browser wouldn't show."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        """The control, with what was typed."""
        typed = field._value()
        day = read_day(typed)
        if typed and (day is None or day.isoformat() != typed):
            kwargs["type"] = "text"
        return super().__call__(field, **kwargs)


class DayField(Field):
    """A day as people write it (see read_day), of a year that can be computed with; an empty one is None."""

    widget = DayInput()
    data: date | None

    def __init__(self, label: Any = None, hint: Any = "", *, needed: Any = True, **kwargs: Any) -> None:
        super().__init__(label, _required(DAY if needed is True else needed), description=hint, **kwargs)

    def _value(self) -> str:
        """The day; what was typed, where it is none."""
        if self.data is not None:
            return self.data.isoformat()
        return " ".join(self.raw_data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day; what was typed stays in `raw_data`."""
        if not valuelist:
            return
        typed = " ".join(valuelist)
        self.data = read_day(typed)
        if self.data is None and typed.strip():
            raise ValidationError(_t("This is not a day. Write it like 2026-03-05."))

    def pre_validate(self, form: Any) -> None:
        """Refuse years that nobody means."""
        if self.data is not None and not FIRST_YEAR <= self.data.year <= LAST_YEAR:
            raise ValidationError(_t("Enter a day from the years 1900 to 2199."))

    @property
    def day(self) -> date:
        """The day of a field that validation has found filled in."""
        if self.data is None:
            raise ValueError("the form was not validated")
        return self.data


class HourField(TimeField):
    """A time of the day in Shanghai."""

    def __init__(self, label: Any, hint: Any = "", *, needed: Any = True, **kwargs: Any) -> None:
        super().__init__(label, _required(needed), description=hint, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the time; what was typed stays in `raw_data`, and an empty one is None."""
        if not "".join(valuelist).strip():
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValidationError(_t("This is not a time. Write it like 09:30.")) from error


class LineField(StringField):
    """A text on one line, without the space around it."""

    def __init__(self, label: Any, longest: int, hint: Any = "", *, needed: Any = True, **kwargs: Any) -> None:
        checks = [*_required(needed), _at_most(longest)]
        super().__init__(label, checks, filters=[_on_one_line], description=hint, **kwargs)


class TextField(TextAreaField):
    """A text of several lines, shown with `rows` of them."""

    def __init__(
        self,
        label: Any,
        hint: Any = "",
        *,
        longest: int = LONGEST_TEXT,
        needed: Any = True,
        rows: int = 4,
        **kwargs: Any,
    ) -> None:
        checks = [*_required(needed), _at_most(longest)]
        super().__init__(label, checks, filters=[tidy], description=hint, render_kw={"rows": rows}, **kwargs)


class ChoiceField(RadioField):
    """One of a few, all of them to be seen; `needed` is said where none of them was chosen."""

    def __init__(
        self, label: Any, choices: Iterable[SelectChoice], hint: Any = "", *, needed: Any = NEEDED, **kwargs: Any
    ) -> None:
        super().__init__(label, [InputRequired(needed)], choices=list(choices), description=hint, **kwargs)
        self.needed = needed

    def pre_validate(self, form: Any) -> None:
        """Refuse what was not offered."""
        try:
            super().pre_validate(form)
        except ValidationError as error:
            raise StopValidation(self.needed) from error


class FilesField(MultipleFileField):
    """Files that are sent; a browser sends an empty one for none."""

    @property
    def chosen(self) -> list[FileStorage]:
        """The files that were chosen."""
        return [file for file in self.data or () if isinstance(file, FileStorage) and file.filename]

    @property
    def sizes(self) -> list[int]:
        """How many bytes each has."""
        return [_size(file) for file in self.chosen]

    @property
    def contents(self) -> list[tuple[str, bytes]]:
        """The files' names and contents."""
        return [(str(file.filename), file.stream.read()) for file in self.chosen]

    def close(self) -> None:
        """Close the files; large ones take space on the disk until then."""
        for file in self.chosen:
            file.close()


def _size(file: FileStorage) -> int:
    end = file.stream.seek(0, 2)
    file.stream.seek(0)
    return int(end)


@lru_cache
def _messages(code: str) -> Any:
    return get_translations([code])


class RefusableForm(Form):
    """A form that shows what a service says against it."""

    def refuse(self, error: DomainError, beside: str | None = None) -> None:
        """Show an error beside the field that it names (`beside` where it names none), or else at the form's head."""
        self.refuse_field(beside if error.field is None else error.field, told(error.message))

    def refuse_field(self, name: str | None, message: str) -> None:
        """Show a sentence beside a field, or at the head of the form where it has no such field."""
        field = self._fields.get(name) if name is not None else None
        if field is None:
            self.form_errors = [*self.form_errors, message]
        else:
            field.errors = [*field.errors, message]


class _InTheirLanguage:
    """Ready-made messages in the page's language; WTForms files the mainland's Chinese under 'zh'."""

    def get_translations(self, form: Any) -> Any:
        """WTForms' own catalogue for the request's language."""
        return _messages(language())


class PageForm(RefusableForm, FlaskForm):
    """A form that is sent, with its CSRF token."""

    class Meta(_InTheirLanguage, FlaskForm.Meta):
        """Where its fields find their messages."""


class AddressForm(RefusableForm):
    """A form whose fields are in the address: filters, and questions that change nothing."""

    class Meta(_InTheirLanguage):
        """Where its fields find their messages."""
