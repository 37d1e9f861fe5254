"""Which passwords are accepted."""

from __future__ import annotations

import unicodedata

from rating.errors import Invalid
from rating.wording import _l

SHORTEST = 10
LONGEST = 200
LONGEST_TYPED = 1_000  # an accepted password may be typed in more characters than it was chosen in, but not in these

# Those of ten characters and more near the top of every published list, without digits at the end.
COMMON = frozenset({
    "abcdefghij", "abcdefghijk", "adminadmin", "administrator", "asdfghjkl", "baseball", "changeme", "football",
    "iloveyou", "letmein", "password", "passwordpassword", "princess", "qazwsxedc", "qqqqqqqqqq", "qwerty",
    "qwertyuiop", "sunshine", "superman", "trustno", "welcome", "woaini", "woainiwoaini", "woaiwojia", "zhongguo",
    "zxcvbnm", "zxcvbnmasdfghjkl", "q1w2e3r4t5", "1q2w3e4r5t", "1qaz2wsx3edc", "1q2w3e4r5t6y", "qwer1234qwer",
    "abc123456789", "a123456789", "123456789a", "aa123456789", "asd123456789", "qq123456789", "wang123456",
    "1234qwerasdf",
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


def check_password(password: str, username: str) -> None:
    """Raise Invalid for a password that is too short, or one of the first that anybody would try."""
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


def is_common(password: str) -> bool:
    """Whether it is on a short list (digits and symbols at its end don't help), one character repeated, or a
    sequence.
    """
    plain = normalized(password).casefold()
    word = plain.rstrip("0123456789!@#$%.?*_-")
    rows = any(plain in row or plain in row[::-1] for row in ROWS)
    listed = word in COMMON | OWN_WORDS and len(plain) < len(word) + 8
    return plain in COMMON or listed or len(set(plain)) < 3 or rows
