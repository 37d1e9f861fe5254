"""Yearly notices of days off and make-up workdays, entered by the bureau before the calendar's package has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages; from now on the calendar asks for what was entered."""
    from rating.calendar import consult
    from rating.daysoff import views
    from rating.daysoff.current import current_notices

    app.register_blueprint(views.bp)
    consult(current_notices)
