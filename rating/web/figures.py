"""Figures as pages show them."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

CENTS = Decimal("0.01")
FULL = Decimal(100)


def points(value: str | Decimal | None) -> str | None:
    """A number with two decimals, half-even, as pages round; None stays None."""
    if value is None:
        return None
    rounded = Decimal(value).quantize(CENTS, ROUND_HALF_EVEN)
    return str(abs(rounded) if rounded.is_zero() else rounded)


def shown_score(value: str | Decimal | None) -> str | None:
    """A score or bound as displayed: two decimals, limited to 0..100 (adjustments can carry it beyond)."""
    return None if value is None else points(max(Decimal(0), min(FULL, Decimal(value))))


def percent(share: str | Decimal | None) -> str | None:
    """A share from 0 to 1 as whole per cent, '37 %'."""
    return None if share is None else f"{(FULL * Decimal(share)).quantize(Decimal(1), ROUND_HALF_EVEN)}%"


def plain(value: str | Decimal | None) -> str:
    """A setting or a count as people write it: 60, 2.5; '–' for none."""
    if value is None:
        return "–"
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
