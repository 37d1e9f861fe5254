"""Fixtures of the review's tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from rating.audit.models import Event
from rating.extensions import db


@pytest.fixture
def see_events(app: Flask) -> Callable[[str], list[Event]]:
    """`see_events(kind)` are the events of a kind so far, oldest first."""

    def look(kind: str) -> list[Event]:
        return list(db.session.scalars(select(Event).where(Event.kind == kind).order_by(Event.number)))

    return look
