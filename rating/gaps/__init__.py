"""Estates where residents and committee differ widely, and what a check of both found."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.gaps import views

    app.register_blueprint(views.bp)
