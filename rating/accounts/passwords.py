"""Which passwords are accepted."""

from __future__ import annotations

import unicodedata
from functools import cache

from rating.errors import Invalid
from rating.wording import _l

SHORTEST = 10
LONGEST = 200
LONGEST_TYPED = 1_000  # an accepted password may be typed in more characters than it was chosen in, but not in these

COMMONEST = 3_000  # so many of the commonest passwords of the world are looked at, by zxcvbn's list (MIT licence)
LEAST_SCORE = 3  # of 4: "safely unguessable", from 10^8 guesses on
LONGEST_JUDGED = 72  # zxcvbn looks at no more signs: what is good for so many is good for more
# What is as common in China, without digits at the end.
CHINESE_HABITS = frozenset({
    "1314520", "5201314", "5211314", "7758258", "7758521", "aini", "changeme", "nihao", "qwer1234qwer", "tianxia",
    "wang123456", "woaini", "woainiwoaini", "woaiwojia", "woshishui", "wodemima", "zhongguo", "zxcvbnmasdfghjkl",
})  # fmt: skip
# What the product, its offices and its roles are called: the first that anybody would try here, not elsewhere.
OWN_WORDS = frozenset({
    "auditor", "bureau", "committee", "community", "company", "fangguanju", "fuwupingjia", "fuwuqiye", "heibang",
    "hongbang", "hongheibang", "housingbureau", "housingoffice", "jiandu", "jiedao", "jumin", "pingjia",
    "propertyrating", "propertyratings", "propertyservice", "propertyservicerating", "propertyserviceratings",
    "rating", "ratings", "redandblack", "redlist", "blacklist", "reviewer", "shequ", "subdistrict", "weiyuanhui",
    "wuguanhui", "wuye", "wuyefuwu", "wuyefuwupingjia", "wuyegongsi", "wuyeguanli", "wuyepingjia", "xiaoqu",
    "yeweihui", "zhujianju",
})  # fmt: skip
ROWS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz")


def normalized(password: str) -> str:
    """The form in which a password is hashed and checked: Flask-Security's own (NFKD)."""
    return unicodedata.normalize("NFKD", password)


def can_be_one(typed: str) -> bool:
    """Whether what is typed can be a password at all; anything longer isn't hashed (hashing refuses 4,097
    characters).
    """
    return len(typed) <= LONGEST_TYPED


def check_password(password: str, username: str, name: str = "") -> None:
    """Raise Invalid for a password that is too short, one of the first that anybody would try, or soon guessed."""
    if len(password) < SHORTEST:
        raise Invalid(_l("A password needs at least %(n)s characters.", n=SHORTEST), field="password")
    if len(password) > LONGEST:
        raise Invalid(_l("A password has at most %(n)s characters.", n=LONGEST), field="password")
    if is_common(password):
        raise Invalid(
            _l("This password is among the first that anybody would try. Choose another one."), field="password"
        )
    if username.casefold() in password.casefold():
        raise Invalid(_l("The password must not contain the log-in name."), field="password")
    if is_soon_guessed(password, username, name):
        raise Invalid(
            _l("This password would soon be guessed. Take a longer one: three or four words without a connection."),
            field="password",
        )


def is_soon_guessed(password: str, username: str, name: str) -> bool:
    """Whether zxcvbn thinks so: in fewer than 10^8 guesses, by somebody who knows whose it is.

    Flask-Security asks the same of it, but only within a request, and tells the answer in English.
    """
    from zxcvbn import zxcvbn

    judged = zxcvbn(normalized(password)[:LONGEST_JUDGED], user_inputs=[username, name])
    return bool(judged["score"] < LEAST_SCORE)


@cache
def _commonest() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"][:COMMONEST])


def is_common(password: str) -> bool:
    """Whether it is on a list (digits and signs at its end don't help), one sign again and again, or a row."""
    plain = normalized(password).casefold()
    word = plain.rstrip("0123456789!@#$%.?*_-")
    rows = any(plain in row or plain in row[::-1] for row in ROWS)
    listed = CHINESE_HABITS | OWN_WORDS | _commonest()
    return plain in listed or (word in listed and len(plain) < len(word) + 8) or len(set(plain)) < 3 or rows
