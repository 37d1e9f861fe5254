"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)  # a Monday, nine o'clock in Shanghai


class Clock:
    """The application's clock in tests: call it for the time, `set` or `advance` it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def set(self, moment: datetime) -> None:
        """Go to an aware moment."""
        if moment.tzinfo is None:
            raise ValueError("the clock needs an aware datetime")
        self.now = moment.astimezone(UTC)

    def advance(self, **delta: float) -> None:
        """Go on by a timedelta's arguments: `clock.advance(days=3)`."""
        self.now += timedelta(**delta)
