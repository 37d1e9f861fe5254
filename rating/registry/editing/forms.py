"""Forms of one record: labels, examples and rules are the sheet's, so that a form allows what an import does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _t
from flask_babel.speaklater import LazyString
from marshmallow import ValidationError
from marshmallow.exceptions import SCHEMA
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from rating.registry.editing.service import LONGEST_REASON
from rating.registry.records import KINDS
from rating.registry.schemas import SHEET
from rating.web.fields import DayInput, LineField, PageForm
from rating.web.language import said, told
from rating.wording import Label
from rating.workbooks.cells import clean
from rating.workbooks.columns import Day, Whole, Yuan


class _Required:
    """Marks a field that must be filled in; the sheet's schema is what says so."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: Any, field: Any) -> None: ...


def _said(label: Label) -> Any:
    return LazyString(lambda: said(label))


def _cell(key: str, name: str, kind: type[Any] = StringField, **settings: Any) -> Any:
    """A field for a column of a sheet."""
    column = SHEET[key].schema.fields[name]
    about = column.metadata
    if isinstance(column, Day):
        settings.setdefault("widget", DayInput())
    if isinstance(column, Whole | Yuan):
        settings.setdefault("render_kw", {"inputmode": "decimal" if isinstance(column, Yuan) else "numeric"})
    if kind is SelectField:
        settings["validate_choice"] = False
    required = [_Required()] if column.required else []
    hint = "" if isinstance(column, Day) or kind is SelectField else _hint(about["note"], about["example"])
    return kind(_said(about["label"]), required, description="" if kind is BooleanField else hint, **settings)


def _hint(note: Label, example: str) -> Any:
    if not example:
        return _said(note)
    return _said(Label(f"{note.zh}，例如{example}", f"{note.en}, for example {example}"))


class RecordForm(PageForm):
    """A record of the register. `values` are what was typed, once it is valid; `version` is what was opened."""

    key: ClassVar[str]
    outside: tuple[str, ...] = ()  # columns that this form leaves alone
    compares: ClassVar[bool] = True  # whether its columns are those of the record that it was opened on
    version = HiddenField()

    @property
    def columns(self) -> list[Any]:
        """The fields that are columns of the sheet."""
        return [field for field in self if field.short_name in SHEET[self.key].schema.fields]

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate what was typed by the sheet's schema."""
        good = super().validate(extra_validators)
        typed = {field.short_name: field.data for field in self.columns if clean(field.data)}
        try:
            self.values: dict[str, Any] = SHEET[self.key].schema.load(typed, partial=self.outside)
        except ValidationError as error:
            for name, messages in _by_field(error).items():
                for message in messages:
                    self.refuse_field(None if name == SCHEMA else name, told(message))
            return False
        return bool(good)

    def fix(self, name: str) -> None:
        """Fix a column's value: what identifies a record never changes."""
        if name in self:
            del self[name]
            self.outside = (*self.outside, name)

    def offer(self, choices: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        """Offer these for the columns that refer to something: codes and names, by the key of their sheet."""
        for name, target in SHEET[self.key].refers:
            if name in self:
                may_be_none = not self[name].flags.required
                first = [("", _t("None"))] if may_be_none else [("", _t("Choose…"))]
                field: Any = self[name]
                field.choices = [*first, *choices[target]]


class SubdistrictForm(RecordForm):
    """街道/乡镇."""

    key = "subdistricts"
    code = _cell(key, "code")
    name = _cell(key, "name")


class CommunityForm(RecordForm):
    """社区."""

    key = "communities"
    code = _cell(key, "code")
    name = _cell(key, "name")
    subdistrict = _cell(key, "subdistrict", SelectField)
    phone = _cell(key, "phone")


class EstateForm(RecordForm):
    """小区. Whether it is rated is a step of its own, with a reason."""

    key = "estates"
    outside = ("not_rated_reason",)
    code = _cell(key, "code")
    name = _cell(key, "name")
    community = _cell(key, "community", SelectField)
    grid = _cell(key, "grid")
    address = _cell(key, "address")
    households_total = _cell(key, "households_total")
    households_lived_in = _cell(key, "households_lived_in")
    built_year = _cell(key, "built_year")
    fee = _cell(key, "fee")
    renovated = _cell(key, "renovated", BooleanField)
    has_lifts = _cell(key, "has_lifts", BooleanField, default=True)
    has_cctv_or_entry_doors = _cell(key, "has_cctv_or_entry_doors", BooleanField, default=True)
    has_greenery = _cell(key, "has_greenery", BooleanField, default=True)
    company_runs_water_supply = _cell(key, "company_runs_water_supply", BooleanField, default=True)


class CompanyForm(RecordForm):
    """物业服务企业."""

    key = "companies"
    code = _cell(key, "code")
    name = _cell(key, "name")
    parent = _cell(key, "parent", SelectField)
    phone = _cell(key, "phone")


class ContractForm(RecordForm):
    """物业服务合同. Its estate is where it was added from."""

    key = "contracts"
    outside = ("estate",)
    company = _cell(key, "company", SelectField)
    starts_on = _cell(key, "starts_on")
    ends_on = _cell(key, "ends_on")
    manager = _cell(key, "manager")


class NextContractForm(ContractForm):
    """The current contract's last day, and the contract that follows it."""

    compares = False

    last_day = StringField(_t("Last day of the current contract"), [_Required()], widget=DayInput())

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate the last day as a sheet's day too."""
        good = super().validate(extra_validators)
        day = SHEET[self.key].schema.fields["starts_on"]
        try:
            self.ends_first: date = day.deserialize(self.last_day.data) if self.last_day.data else self._missing()
        except ValidationError as error:
            self.last_day.errors = [told(message) for message in error.messages]
            return False
        return good

    def _missing(self) -> date:
        raise ValidationError(SHEET[self.key].schema.fields["starts_on"].error_messages["required"])


class CommitteeForm(RecordForm):
    """物管会(业委会). Its estate is where it was added from."""

    key = "committees"
    outside = ("estate",)
    name = _cell(key, "name")
    members = _cell(key, "members", TextAreaField, render_kw={"rows": 3})
    term_starts_on = _cell(key, "term_starts_on")
    term_ends_on = _cell(key, "term_ends_on")


FORMS: dict[str, type[RecordForm]] = {
    form.key: form for form in (SubdistrictForm, CommunityForm, EstateForm, CompanyForm, ContractForm, CommitteeForm)
}
assert FORMS.keys() == KINDS.keys()  # noqa: S101  # a kind without a form would be noticed by nobody


def _by_field(error: ValidationError) -> dict[str, list[Any]]:
    """Marshmallow's messages of one record: lists by column."""
    messages = error.messages
    return messages if isinstance(messages, dict) else {SCHEMA: list(messages)}


def texts_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """A record's values as its form shows them."""
    return {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return "、".join(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int | Decimal) else value or ""


class LeaveOutForm(PageForm):
    """Why an estate isn't rated; `round` is the round on whose checklist the form was, if it was."""

    reason = LineField(
        _t("Reason, which everybody can read"),
        LONGEST_REASON,
        _t("For example: being pulled down until 2027."),
        needed=_t("Say why this estate isn't rated; the reason is public."),
    )
    round = HiddenField()

    @property
    def round_number(self) -> int | None:
        """The number of that round."""
        typed = self.round.data or ""
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else None
