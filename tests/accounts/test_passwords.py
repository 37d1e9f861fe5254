"""Which passwords are taken: none that is common, soon guessed, or made of who it is for."""

from __future__ import annotations

import pytest
from flask import Flask

from rating.accounts.passwords import LONGEST, LONGEST_JUDGED, check_password
from rating.errors import Invalid

pytestmark = pytest.mark.sqlite_only(reason="a password is judged before it is stored")

COMMON = [
    "admin@123456", "P@ssw0rd1234", "5201314520", "1qaz2wsx3edc", "woaini1314520", "password123!", "qwertyuiop",
    "a123456789", "13800138000", "aaaaaaaaaaaa", "wuye123456", "wang19850312", "Abcd1234567", "iloveyou2026",
]  # fmt: skip
GOOD = [
    "correct horse battery staple",
    "k7#mPq9!zLw2",
    "窗外的雨下了三天三夜没停",
    "lamp-river-eleven",
    "s" + "ab cd ef " * 20,
]


@pytest.mark.parametrize("password", COMMON)
def test_what_anybody_would_try_is_refused(app: Flask, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_password(password, "zhangwei", "张伟")
    assert refused.value.field == "password"


@pytest.mark.parametrize("password", GOOD)
def test_what_nobody_would_guess_is_taken(app: Flask, password: str) -> None:
    check_password(password[:LONGEST], "zhangwei", "张伟")


def test_a_password_made_of_the_persons_own_name_is_refused(app: Flask) -> None:
    own = "ouyangxiadan 2"
    check_password(own, "bureau", "")
    with pytest.raises(Invalid, match="easy to guess"):
        check_password(own, "bureau", "ouyangxiadan")


@pytest.mark.parametrize("password", ["zhujianju.wuye", "2026zhujianju"])
def test_a_password_made_of_the_products_own_words_is_refused(app: Flask, password: str) -> None:
    with pytest.raises(Invalid, match="easy to guess"):
        check_password(password, "bureau", "")


def test_so_many_characters_are_judged_that_zxcvbn_is_never_slow(app: Flask) -> None:
    good = "k7#mPq9!zLw2"
    check_password("ab" * (LONGEST_JUDGED // 2 - 6) + good, "zhangwei", "张伟")
    with pytest.raises(Invalid, match="easy to guess"):
        check_password("abc" * (LONGEST_JUDGED // 2) + good, "zhangwei", "张伟")


@pytest.mark.parametrize("username", ["password", "is_register", "app", "known_1"])
def test_a_log_in_name_may_be_any_word(app: Flask, username: str) -> None:
    check_password(GOOD[0], username, username)


def test_one_that_is_short_says_how_long_it_must_be(app: Flask) -> None:
    with pytest.raises(Invalid, match="at least 10"):
        check_password("k7#mPq9!z", "zhangwei", "张伟")
