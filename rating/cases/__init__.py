"""What follows a black listing: talks, commitments and re-inspections."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.cases import views

    app.register_blueprint(views.bp)
