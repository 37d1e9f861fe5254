"""What every template knows."""

from __future__ import annotations

from typing import Any

from flask import Flask, url_for
from flask_babel import gettext

from rating.web.addresses import this_address_with
from rating.web.language import day, lang_url, language, moment, said, text_size, text_url, told
from rating.web.request import current_actor, today


def dress_templates(app: Flask) -> None:
    """Filters, and what every page shows of the site and of the request."""
    app.jinja_env.filters.update(said=said, told=told, day=day, moment=moment)
    app.jinja_env.globals["this_address_with"] = this_address_with
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def frame() -> dict[str, Any]:
        actor = current_actor()
        return {
            "site_name": gettext("Property service ratings"),
            "city_name": app.config["CITY_EN"] if language() == "en" else app.config["CITY_ZH"],
            "demonstration": app.config["DEMONSTRATION"],
            "contact_phone": app.config["CONTACT_PHONE"],
            "language": language(),
            "lang_url": lang_url,
            "text_size": text_size(),
            "text_url": text_url,
            "today": today(),
            "actor": actor if actor.user_id is not None else None,
            "sign_in_url": url_for("security.login"),
            "sign_out_url": url_for("security.logout"),
        }
