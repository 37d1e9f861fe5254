"""docs/method.md, formula 24: canonical JSON and the arithmetic it is written from."""

import json
from decimal import Decimal, getcontext, localcontext

import pytest
from hypothesis import given, settings, strategies as st

from rating.scoring import Estimate, Mean, Probability, Standing, canonical_json, decimal_text, fold
from rating.scoring.quantiles import normal_quantile, t_quantile
from rating.scoring.standings.records import Records
from rating.scoring.standings.round import score_round
from tests.support.plain import as_written

from .builders import random_round


def test_keys_are_sorted_and_there_are_no_spaces() -> None:
    assert canonical_json({"b": [1, True, None], "a": "区"}) == ('{"a":"区","b":[1,true,null]}'.encode())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.0000005"), "1.000000"),
        (Decimal("1.0000015"), "1.000002"),
        (Decimal("-0.0000001"), "0.000000"),
        (Decimal(7), "7.000000"),
        (Decimal("1E+3"), "1000.000000"),
        (Probability("0.0125"), "0.012"),
        (Probability("0.0135"), "0.014"),
        (Probability("1E-9"), "0.000"),
        (Mean("62.65"), "62.6"),
    ],
)
def test_numbers_have_six_decimals_half_even_and_probabilities_three(value: Decimal, text: str) -> None:
    assert canonical_json(value) == f'"{text}"'.encode()
    assert decimal_text(value) == text


def test_enumerations_are_written_as_their_plain_value() -> None:
    assert canonical_json({Standing.RED: Standing.BLACK}) == b'{"red":"black"}'


def test_keys_are_sorted_as_the_standard_says_by_their_utf_16() -> None:
    """By code points the emoji would come last."""
    assert canonical_json({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


@pytest.mark.parametrize("value", [2**53, -(2**53), "\ud800"])
def test_what_other_languages_would_read_otherwise_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="safe integer|non-UTF-8"):
        canonical_json(value)


@pytest.mark.parametrize("value", [1.5, {1: 2}, b"x", object()])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        canonical_json(Decimal("NaN"))


plain = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(plain)
@settings(deadline=None)
def test_canonical_json_reads_back_as_what_was_written(value: object) -> None:
    written = canonical_json(value)
    assert json.loads(written) == value
    assert canonical_json(json.loads(written)) == written


def test_quantiles_are_rounded_to_eight_decimals() -> None:
    assert normal_quantile(Decimal("0.975")) == Decimal("1.95996398")
    assert t_quantile(10, Decimal("0.975")) == Decimal("2.22813885")


def test_the_callers_decimal_context_changes_nothing_and_is_left_alone() -> None:
    raw = random_round(3)
    expected = score_round(raw.rules, fold(raw.rules, raw.tallies()), Records())
    with localcontext() as context:
        context.prec = 5
        context.rounding = "ROUND_UP"
        found = score_round(raw.rules, fold(raw.rules, raw.tallies()), Records())
        written = as_written(found)
        assert getcontext().prec == 5
    assert written == as_written(expected)
    assert getcontext().prec == 28


def test_roots_and_quotients_carry_fifty_digits() -> None:
    root = Estimate(Decimal(50), Decimal(2), 3, False).standard_error
    assert root == Decimal("1.4142135623730950488016887242096980785696718753769")
