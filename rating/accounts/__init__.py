"""Users, grants (a role on a scope) and staff sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Sign-in, sessions and pages."""
    from rating.accounts import account_views, views, waiting_views
    from rating.accounts.security import secure

    secure(app)
    for pages in (account_views, waiting_views, views):
        app.register_blueprint(pages.bp)
