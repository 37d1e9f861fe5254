"""Which passwords are accepted."""

from __future__ import annotations

import unicodedata
from functools import cache

from flask_security.utils import password_complexity_validator

from rating.errors import Invalid
from rating.wording import _l

SHORTEST = 10
LONGEST = 200
LONGEST_TYPED = 1_000  # an accepted password may be typed in more characters than it was chosen in, but not in these

COMMONEST = 3_000  # so many of the commonest passwords of the world are looked at, by zxcvbn's list (MIT licence)
# zxcvbn takes seconds for a long row of signs that stand for letters: so many are judged, and what is good for them is
# good for more.
LONGEST_JUDGED = 32
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
            _l("This password is easy to guess. Choose a longer one, for example three or four unrelated words."),
            field="password",
        )


def is_soon_guessed(password: str, username: str, name: str) -> bool:
    """Whether Flask-Security's check thinks so: in under 10^8 guesses of somebody who knows whose it is, and where.

    It asks zxcvbn; what it says in English is told by check_password in the reader's language.
    """
    known = {f"known_{n}": word for n, word in enumerate((username, name, *sorted(OWN_WORDS)))}
    return password_complexity_validator(normalized(password)[:LONGEST_JUDGED], is_register=True, **known) is not None


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
