"""A round's life, its frozen roster, household codes, posters and letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.rounds import print_views, views

    for pages in (print_views, views):
        app.register_blueprint(pages.bp)
