"""Why a score is what it is, and what another rulebook would have made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.explanations import views

    app.register_blueprint(views.bp)
