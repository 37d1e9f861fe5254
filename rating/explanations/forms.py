"""The settings that the bureau tries out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _t
from wtforms import DecimalField, IntegerField, ValidationError
from wtforms.validators import NumberRange, Optional

from rating.explanations.what_if import THRESHOLDS
from rating.web.fields import AddressForm


class _Between(NumberRange):
    """A number within bounds; what is a number for Decimal only ("sNaN") is none."""

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is not None and not field.data.is_finite():
            raise ValidationError(str(self.message))
        super().__call__(form, field)


def _number(label: Any, most: int = 100) -> DecimalField:
    between = _Between(0, most, _t("Enter a number from 0 to %(most)s.", most=most))
    return DecimalField(label, [Optional(), between], render_kw={"inputmode": "decimal"})


class WhatIfForm(AddressForm):
    """Settings of the rulebook that can be changed without folding the tallies again."""

    resident_weight = IntegerField(
        _t("Weight of the residents, of 100"),
        [Optional(), NumberRange(1, 99, _t("Enter a whole number from 1 to 99."))],
        render_kw={"inputmode": "numeric"},
    )
    red = _number(_t("Red list: lower end from"))
    black = _number(_t("Black list: upper end below"))
    watch = _number(_t("Watch: score below"))
    red_share = _number(_t("Red list: at most this many of 100 rated companies"))
    nonresponse_margin = _number(_t("Margin for silent households, points"))
    max_uncovered_red = _number(_t("Red list: households without evaluations, at most %"))
    adjustments_cap = _number(_t("Additions and deductions together, at most ± points"))

    def thresholds(self) -> dict[str, Decimal]:
        """What was filled in, by the rulebook's names."""
        return {name: self[name].data for name in THRESHOLDS if self[name].data is not None}
