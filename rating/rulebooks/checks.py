"""What a value of a rulebook's file must be, told by codes: checks and fields that the file's schemas are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Sized
from enum import StrEnum
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.exceptions import SCHEMA

from rating.rulebooks.faults import FileCode
from rating.scoring import rule_fault

Check = Callable[[Any], None]
_OF_A_SCHEMA: dict[str, str] = {"unknown": FileCode.UNKNOWN, "type": FileCode.NOT_NAMED}


def refused(code: StrEnum, place: str = SCHEMA, **values: object) -> ValidationError:
    """A fault by its code, with what its sentence needs, at a field or at the whole."""
    return ValidationError([rule_fault(code, **values)], place)


def between(least: int, most: int) -> Check:
    """A whole number within bounds, both included."""

    def check(value: int) -> None:
        if not least <= value <= most:
            raise refused(FileCode.NOT_BETWEEN, least=least, most=most)

    return check


def one_of(*names: str) -> Check:
    """One of these names."""

    def check(value: str) -> None:
        if value not in names:
            raise refused(FileCode.NOT_ONE_OF, names=", ".join(names))

    return check


def equal(wanted: object) -> Check:
    """This value and no other."""

    def check(value: object) -> None:
        if value != wanted:
            raise refused(FileCode.OTHER_VALUE, value=wanted)

    return check


def filled(value: Sized) -> None:
    """Something, not an empty text or list."""
    if not value:
        raise refused(FileCode.EMPTY)


def is_key(value: str) -> None:
    """A key: a small letter, then small letters, digits and underscores, 40 at most."""
    if re.fullmatch(r"[a-z][a-z0-9_]{0,39}", value) is None:
        raise refused(FileCode.NO_KEY)


def codes(otherwise: FileCode) -> dict[str, str | list[Any] | dict[Any, Any]]:
    """What a field says: codes in place of the library's sentences."""
    named = {"required": FileCode.MISSING, "null": FileCode.EMPTY}
    return {key: named.get(key, otherwise) for key in (*named, "invalid", "invalid_utf8", "too_large", "type")}


class Str(fields.Str):
    """A text."""

    default_error_messages = codes(FileCode.NO_TEXT)


class Int(fields.Int):
    """A whole number."""

    default_error_messages = codes(FileCode.NO_WHOLE_NUMBER)


class List(fields.List[Any]):
    """A list."""

    default_error_messages = codes(FileCode.NO_LIST)


class Dict(fields.Dict):
    """Named values."""

    default_error_messages = codes(FileCode.NOT_NAMED)


class Nested(fields.Nested):
    """Named values of a schema."""

    default_error_messages = codes(FileCode.NOT_NAMED)


class Strict(Schema):
    """A schema that refuses a name that it doesn't know."""

    error_messages = _OF_A_SCHEMA

    class Meta:
        """How unknown names are met."""

        unknown = RAISE
