"""Sub-districts, communities, estates, companies, contracts and committees; their import."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.registry import views
    from rating.registry.editing import views as editing
    from rating.registry.imports import views as imports

    for pages in (views, editing, imports):
        app.register_blueprint(pages.bp)
