"""How many have answered, and how many answers are still needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.turnout import views

    app.register_blueprint(views.bp)
