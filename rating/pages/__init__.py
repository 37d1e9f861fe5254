"""What reads across rooms: the public site and each role's first screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Its pages, and on every page the desks of whoever has signed in."""
    from rating.pages import (
        audit_views,
        directory_views,
        notice_views,
        probe_views,
        rulebook_views,
        scorecard_views,
        styleguide_views,
        views,
    )
    from rating.pages.desks import views as desks
    from rating.pages.desks.wording import workspaces
    from rating.pages.receipts import views as receipts
    from rating.web.request import current_actor

    for pages in (
        views, directory_views, notice_views, receipts, rulebook_views, scorecard_views, audit_views, desks,
        probe_views, styleguide_views,
    ):  # fmt: skip
        app.register_blueprint(pages.bp)

    @app.context_processor
    def menu() -> dict[str, Any]:
        return {"workspaces": workspaces(current_actor())}
