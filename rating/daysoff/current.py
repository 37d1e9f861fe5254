"""The notices that the current transaction sees."""

from __future__ import annotations

from flask import has_app_context

from rating.calendar import Announced
from rating.daysoff.queries import find_announced
from rating.extensions import db

KEPT = "announced days off"


def current_notices() -> Announced:
    """What was entered; read once in a transaction, for the calendar asks about every day it counts."""
    if not has_app_context():
        return Announced()
    session = db.session()
    kept = session.info.get(KEPT)
    if kept is None or kept[0] is not session.get_transaction():
        found = find_announced()
        kept = session.info[KEPT] = (session.get_transaction(), found)
    announced: Announced = kept[1]
    return announced
