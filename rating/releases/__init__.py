"""Preview, sign-off and the numbered release."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.releases import views

    app.register_blueprint(views.bp)
