"""Long work: asked for in a request, done by `rating work` in a process with limits, its result to download."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.jobs import views

    app.register_blueprint(views.bp)
