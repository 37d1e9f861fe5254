"""On-site sheets: those that committees, communities and companies fill in, and files of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.sheets import import_views, views

    for pages in (import_views, views):
        app.register_blueprint(pages.bp)
