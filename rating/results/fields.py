"""The kinds of values that a published part has, beside marshmallow's own."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any

from marshmallow import fields

from rating.scoring.canonical import decimal_text


class Number(fields.Field[Decimal]):
    """A number that isn't whole, as canonical decimal text."""

    def _serialize(self, value: Decimal | None, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else decimal_text(value)


class Codes(fields.Field[AbstractSet[str]]):
    """A set of codes, in order."""

    def _serialize(self, value: AbstractSet[str] | None, attr: str | None, obj: Any, **_: Any) -> list[str]:
        return sorted(str(code) for code in value or ())


def by_key(values: fields.Field[Any]) -> fields.Dict:
    """One value each of a direction, a standing, an indicator or a mark."""
    return fields.Dict(keys=fields.String(), values=values)
