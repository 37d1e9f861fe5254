"""Reading the event log."""

from __future__ import annotations

from rating.audit.chain import Head, read_head
from rating.extensions import db


def find_head() -> Head | None:
    """The last event that is in the log, by number and hash; None where there is none yet."""
    head = read_head(db.session())
    return head if head.number else None
