"""Records of companies with their evidence: additions, deductions, vetoes, overdue commitments."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages."""
    from rating.adjustments import views

    app.register_blueprint(views.bp)
