"""Closing a round."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.reviews import queue_views, views

    for pages in (queue_views, views):
        app.register_blueprint(pages.bp)
