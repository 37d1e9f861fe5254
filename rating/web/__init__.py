"""What every view needs: the request, its language, access, errors, paging, forms, the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Addresses, forms' tokens, languages, templates, pages of errors, the log: before any room's pages."""
    from rating.extensions import babel, csrf
    from rating.web.addresses import PlainInteger
    from rating.web.errors import handle_errors
    from rating.web.language import choose_locale
    from rating.web.log import set_up_log
    from rating.web.templates import dress_templates

    set_up_log()
    app.url_map.converters["int"] = PlainInteger
    csrf.init_app(app)
    babel.init_app(app, locale_selector=choose_locale)
    dress_templates(app)
    handle_errors(app)
