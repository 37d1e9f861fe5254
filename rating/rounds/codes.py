"""Household codes: 16 digits, the last a check digit, stored only as a keyed hash."""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from collections.abc import Sequence

from stdnum import damm
from stdnum.exceptions import ValidationError

from rating.errors import NotFound
from rating.wording import _l

DIGITS = 16


class MistypedCode(NotFound):
    """The check digit is wrong: a typing mistake, found before the database is asked."""


def new_code() -> str:
    """A random code of 16 digits; the last is Damm's check digit, which catches any one wrong or swapped digit."""
    payload = f"{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}d}"
    return f"{payload}{damm.calc_check_digit(payload)}"


def shuffled(codes: Sequence[str]) -> list[str]:
    """Codes in a random order: a letter's place in the pile must not tell its household number."""
    return secrets.SystemRandom().sample(codes, len(codes))


def grouped(code: str) -> str:
    """'1234 5678 9012 3456', as letters print it."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(typed: str) -> str:
    """The 16 digits of what somebody typed, pasted or scanned: the code, words around it, or the letter's address.

    Full-width digits are digits, and whatever isn't one is passed over: 16 must be left, with the right check digit.
    Raises MistypedCode.
    """
    plain = unicodedata.normalize("NFKC", typed).rpartition("/h/")[2]
    code = "".join(re.findall("[0-9]", plain))
    if len(code) != DIGITS:
        raise MistypedCode(_l("A code has 16 digits. Please check it against your letter."), field="code")
    try:
        damm.validate(code)
    except ValidationError as error:
        raise MistypedCode(
            _l("One of the digits is not right. Please check the code against your letter."), field="code"
        ) from error
    return code


def code_hash(key: bytes, code: str) -> bytes:
    """HMAC-SHA-256 of a code under the application's code key, 32 bytes."""
    return hmac.digest(key, code.encode(), "sha256")
