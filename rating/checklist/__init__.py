"""What would make a round unfair, looked at before it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.checklist import views

    app.register_blueprint(views.bp)
