"""Every form's fields are of one set, and whatever a service says against a form finds its place on it."""

from __future__ import annotations

import importlib
import pkgutil
import re
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from werkzeug.datastructures import MultiDict
from wtforms import DateField, DateTimeField, Form, MultipleFileField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the published types lag behind
from wtforms.widgets import DateInput, DateTimeInput

import rating
from rating.errors import BadRows, Conflict, Invalid
from rating.web.fields import (
    AddressForm,
    ChoiceField,
    DayField,
    DayInput,
    FilesField,
    HourField,
    LineField,
    PageForm,
    RefusableForm,
    TextField,
)
from rating.wording import Message

SPELLINGS = ("2026-03-05", "2026/3/5", "2026.3.5", "2026年3月5日", "２０２６年３月５日", " 2026-3-5 ")  # full-width
NO_DAYS = ("2026-02-30", "5.3.2026", "2026-3/5", "26-3-5", "2026-13-01", "soon", "2026-03-05 or so")
ROOT = Path(__file__).parents[2]
BY_ITSELF = re.compile(r"\[error\.field|\.errors = .*told\(error")
HEAD = "{% import 'components/forms.html' as forms %}{{ forms.error_summary(form) }}"


def _below(kind: type[Any]) -> set[type[Any]]:
    return {one for direct in kind.__subclasses__() for one in {direct, *_below(direct)}}


def _forms() -> list[type[Any]]:
    for found in pkgutil.walk_packages(rating.__path__, "rating."):
        if found.name.rpartition(".")[2] == "forms":
            importlib.import_module(found.name)
    every = {one for one in _below(Form) if one.__module__.startswith("rating.")}
    return sorted(every - {PageForm, AddressForm, RefusableForm}, key=lambda one: (one.__module__, one.__qualname__))


FORMS = [one for one in _forms() if issubclass(one, PageForm | AddressForm)]
DAYS = [
    pytest.param(form, name, id=f"{form.__module__}.{form.__name__}.{name}")
    for form in FORMS
    for name in dir(form)
    if getattr(getattr(form, name), "field_class", None) is DayField
]


def _made(form: type[Any], **typed: str) -> Any:
    return form(MultiDict(typed))


def test_the_walk_finds_the_forms_of_many_rooms() -> None:
    assert len({one.__module__ for one in FORMS}) >= 12
    assert len(DAYS) >= 12


@pytest.mark.sqlite_only(reason="no database is asked")
@pytest.mark.parametrize("kind", FORMS, ids=lambda one: f"{one.__module__}.{one.__name__}")
@pytest.mark.parametrize(
    "error",
    [
        Invalid(Message("Wrong as a whole."), field="no_such_field"),
        Conflict(Message("Wrong as a whole.")),
        BadRows(Message("Wrong as a whole."), []),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_without_a_place_of_its_own_stands_at_the_head(app: Flask, kind: type[Any], error: Invalid) -> None:
    with app.test_request_context("/?lang=en"):
        form = _made(kind)
        form.refuse(error)
        assert form.form_errors == ["Wrong as a whole."]
        assert not any(field.errors for field in form)
        assert "<li>Wrong as a whole.</li>" in render_template_string(HEAD, form=form)


@pytest.mark.sqlite_only(reason="no database is asked")
@pytest.mark.parametrize("kind", FORMS, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_an_error_stands_beside_each_field_that_it_can_name(app: Flask, kind: type[Any]) -> None:
    with app.test_request_context("/?lang=en"):
        for name in kind()._fields:
            form = _made(kind)
            form.refuse(Invalid(Message("Wrong here."), field=name), "no_such_field")
            assert list(form[name].errors) == ["Wrong here."]
            assert not form.form_errors


@pytest.mark.sqlite_only(reason="no database is asked")
@pytest.mark.parametrize("kind", [DayField, HourField, partial(LineField, longest=9), TextField])
@pytest.mark.parametrize("typed", ["", None])
def test_a_field_must_be_filled_in_unless_its_form_says_otherwise(app: Flask, kind: Any, typed: str | None) -> None:
    class Asking(PageForm):
        must, may = kind("must"), kind("may", needed=False)

    with app.test_request_context("/?lang=en"):
        form = Asking(MultiDict({} if typed is None else {"must": typed, "may": typed}))
        form.validate()
        assert len(form.must.errors) == 1
        assert form.must.flags.required
        assert not form.may.flags.required
        assert list(form.may.errors) == []


@pytest.mark.sqlite_only(reason="no database is asked")
@pytest.mark.parametrize(("typed", "errors"), [("yes", 0), ("maybe", 1), ("", 1), (None, 1)])
def test_a_choice_is_one_of_those_offered(app: Flask, typed: str | None, errors: int) -> None:
    class Asking(PageForm):
        answer = ChoiceField("answer", [SelectChoice("yes", "yes"), SelectChoice("no", "no")], needed="Choose one.")

    with app.test_request_context("/?lang=en"):
        form = Asking(MultiDict({} if typed is None else {"answer": typed}))
        form.validate()
        assert list(form.answer.errors) == ["Choose one."] * errors


@pytest.mark.sqlite_only(reason="no database is asked")
@pytest.mark.parametrize(("kind", "name"), DAYS)
def test_a_day_is_read_however_it_is_written(app: Flask, kind: type[Any], name: str) -> None:
    with app.test_request_context("/?lang=en"):
        for typed in SPELLINGS:
            form = _made(kind, **{name: typed})
            form[name].validate(form)
            assert (form[name].data, list(form[name].errors)) == (date(2026, 3, 5), []), typed
            assert 'type="date"' in form[name]()
            assert 'value="2026-03-05"' in form[name]()


@pytest.mark.sqlite_only(reason="no database is asked")
@pytest.mark.parametrize(("kind", "name"), DAYS)
def test_what_is_no_day_is_refused_and_stays_to_be_seen(app: Flask, kind: type[Any], name: str) -> None:
    with app.test_request_context("/?lang=en"):
        for typed in NO_DAYS:
            form = _made(kind, **{name: typed})
            form[name].validate(form)
            assert [str(said) for said in form[name].errors] == ["This is not a day. Write it like 2026-03-05."]
            assert form[name].data is None
            assert 'type="text"' in form[name](), "a browser shows nothing in a date control that isn't a day"
            assert f'value="{typed}"' in form[name]()


@pytest.mark.sqlite_only(reason="no database is asked")
@pytest.mark.parametrize("typed", ["1899-12-31", "2200-01-01", "0001-01-01", "9999-12-31"])
@pytest.mark.parametrize(("kind", "name"), DAYS)
def test_a_day_is_of_a_year_that_can_be_computed_with(app: Flask, kind: type[Any], name: str, typed: str) -> None:
    with app.test_request_context("/?lang=en"):
        form = _made(kind, **{name: typed})
        form[name].validate(form)
        assert [str(said) for said in form[name].errors] == ["Enter a day from the years 1900 to 2199."]


def test_days_and_files_have_one_kind_of_field() -> None:
    made = [(form, name, getattr(form, name)) for form in _forms() for name in dir(form)]
    fields = [(form, name, one) for form, name, one in made if hasattr(one, "field_class")]
    assert len(fields) > 100
    found = [f"{form.__qualname__}.{name}" for form, name, one in fields if _is_of_another_kind(one)]
    assert found == []


def _is_of_another_kind(made: Any) -> bool:
    widget = made.kwargs.get("widget", getattr(made.field_class, "widget", None))
    shows_a_day = isinstance(widget, DateInput | DateTimeInput) and not isinstance(widget, DayInput)
    several_files = issubclass(made.field_class, MultipleFileField) and not issubclass(made.field_class, FilesField)
    return shows_a_day or several_files


@pytest.mark.parametrize("field", [DateField("day"), DateTimeField("moment"), MultipleFileField("files")])
def test_a_library_s_own_field_for_them_would_be_found(field: Any) -> None:
    assert _is_of_another_kind(field)


def test_no_view_places_an_error_by_itself() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in sorted((ROOT / "rating").rglob("*views.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if BY_ITSELF.search(line)
    ]
    assert found == [], "form.refuse(error) finds an error's place"


@pytest.mark.parametrize("line", ["form[error.field].errors.append(x)", "form.day.errors = [told(error.message)]"])
def test_an_error_that_is_placed_by_hand_would_be_found(line: str) -> None:
    assert BY_ITSELF.search(line)
