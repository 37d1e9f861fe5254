"""Which names look like another, and in what way."""

import pytest

from docs.examples.rentsafe.spellings import Likeness, find_suspicions, key_of


@pytest.mark.parametrize(
    "other",
    [
        "Gold Seal Management",
        "GOLD SEAL MANAGEMENT, INC.",
        "Goldseal  Management Ltd",
        "C/O GOLD SEAL MANAGEMENTS",
        "The Gold Seal Management Corporation",
    ],
)
def test_case_spaces_punctuation_plurals_and_legal_forms_make_no_other_name(other: str) -> None:
    assert key_of(other) == key_of("GOLD SEAL MANAGEMENT INC.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("D & D Management", "D AND D MANAGEMENT"),
        ("T.A.S.K. Homes", "TASK HOMES"),
        ("A CORPORATION", "A COROPORATION"),
        ("O'SHANTER", "OSHANTER"),
    ],
)
def test_signs_and_slips_in_a_legal_form_make_no_other_name(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


def test_numbers_make_another_name() -> None:
    assert key_of("2054128 ONTARIO LTD") != key_of("2054138 ONTARIO LTD")


def suspected(*names: str) -> dict[str, tuple[Likeness, str]]:
    return {name: (one.likeness, one.like) for name, one in find_suspicions(names).items()}


def test_the_spelling_of_most_rows_stands() -> None:
    assert suspected("SIGNET INC", "SIGNET INC", "SIGNET INC.") == {"SIGNET INC.": (Likeness.SAME, "SIGNET INC")}


def test_a_slip_is_seen_by_the_word_that_is_rarer_in_the_whole_register() -> None:
    names = ["DEL MANAGMENT", "DEL MANAGMENT", "DEL MANAGEMENT", "RONCI MANAGEMENT", "PARK MANAGEMENT"]
    assert suspected(*names) == {"DEL MANAGMENT": (Likeness.SLIP, "DEL MANAGEMENT")}


@pytest.mark.parametrize(
    ("one", "other"), [("EZ HOMES", "OZ HOMES"), ("2585276 ONTARIO", "2585277 ONTARIO"), ("MAYA HOMES", "MAYER HOMES")]
)
def test_short_words_and_numbers_are_not_taken_for_slips(one: str, other: str) -> None:
    assert suspected(one, other, other) == {}


def test_initials_are_seen() -> None:
    names = ["TCH", "TORONTO COMMUNITY HOUSING CORPORATION"]
    assert suspected(*names) == {"TCH": (Likeness.INITIALS, "TORONTO COMMUNITY HOUSING CORPORATION")}


def test_of_two_names_of_which_one_begins_the_other_the_rarer_is_suspected() -> None:
    assert suspected("AKELIUS", "AKELIUS CANADA", "AKELIUS CANADA") == {
        "AKELIUS": (Likeness.BEGINNING, "AKELIUS CANADA")
    }
    assert suspected("AKELIUS", "AKELIUS", "AKELIUS CANADA") == {"AKELIUS CANADA": (Likeness.BEGINNING, "AKELIUS")}


def test_every_spelling_of_a_suspected_name_is_told_the_same_target() -> None:
    names = ["GREEWIN CORP.", "GREEWIN CORP", *["GREENWIN CORP."] * 3, "GREENWIN"]
    assert suspected(*names) == {
        "GREEWIN CORP.": (Likeness.SLIP, "GREENWIN CORP."),
        "GREEWIN CORP": (Likeness.SLIP, "GREENWIN CORP."),
        "GREENWIN": (Likeness.SAME, "GREENWIN CORP."),
    }
