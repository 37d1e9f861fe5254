"""Tallies, adjustments and the frozen scorecard."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.results import body_views, views

    for pages in (body_views, views):
        app.register_blueprint(pages.bp)
