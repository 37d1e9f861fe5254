"""Failed tries of codes, receipts and passwords: who may try how often, and where it is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Counters in the application's database."""
    from rating.tries.counters import count_tries

    count_tries(app)
