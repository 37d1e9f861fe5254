"""The site as one that answers and stores nothing, as a negative control: it shows receipts that it has not kept."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from rating.app import create_app
from rating.evaluations import receipt_views, views
from rating.evaluations.rated import Rated, find_rated
from rating.evaluations.service import Outcome
from rating.extensions import db
from rating.registry.models import Estate


def accept(*_form: Any) -> Outcome:
    """Say that it is counted."""
    return Outcome.COUNTED


def find_estate(_receipt_hash: bytes) -> Rated | None:
    """Believe every receipt; there is one estate only."""
    return find_rated(db.session.scalars(select(Estate.code)).one())


views.accept_evaluation = accept
receipt_views.find_rated_of_receipt = find_estate
app = create_app()
