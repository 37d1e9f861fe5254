"""The forms in every direction, participation, receipts and turnout."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.evaluations import entrance_views, receipt_views, views

    for pages in (entrance_views, receipt_views, views):
        app.register_blueprint(pages.bp)
