"""Household codes; no database."""

from __future__ import annotations

import pytest

from rating.rounds.codes import MistypedCode, code_hash, grouped, new_code, read_code


def test_a_new_code_has_16_digits_and_reads_back() -> None:
    code = new_code()
    assert len(code) == 16
    assert read_code(grouped(code)) == code


@pytest.mark.parametrize("place", range(16))
def test_any_one_wrong_digit_is_caught_before_the_database_is_asked(place: int) -> None:
    code = new_code()
    for step in range(1, 10):
        wrong = code[:place] + str((int(code[place]) + step) % 10) + code[place + 1 :]
        with pytest.raises(MistypedCode):
            read_code(wrong)


@pytest.mark.parametrize("place", range(15))
def test_two_swapped_neighbours_are_caught(place: int) -> None:
    code = "4840848034059069"
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped == code:
        assert read_code(swapped) == code
        return
    with pytest.raises(MistypedCode):
        read_code(swapped)


def test_a_hash_depends_on_the_key() -> None:
    assert code_hash(b"one", "4840848034059069") != code_hash(b"two", "4840848034059069")
