"""What follows a black listing: talks, commitments and re-inspections."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.cases import commitment_views, talk_views, views  # noqa: F401  # their addresses are the blueprint's
    from rating.cases.step_views import bp

    app.register_blueprint(bp)
