"""The application: its rooms, and the layers of WSGI around it."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from rating import (
    accounts,
    adjustments,
    cases,
    checklist,
    daysoff,
    evaluations,
    explanations,
    gaps,
    jobs,
    pages,
    registry,
    releases,
    results,
    reviews,
    rounds,
    rulebooks,
    sheets,
    spotchecks,
    storage,
    tries,
    turnout,
    web,
)
from rating.config import ROOT, settings
from rating.web.hooks import hook_requests
from rating.web.log import log, masked_path
from rating.web.outermost import HeadAsGet, Outermost

ROOMS = (
    storage, web, tries, registry, accounts, jobs, daysoff, rulebooks, rounds, checklist, evaluations, sheets, reviews,
    adjustments, results, turnout, gaps, explanations, releases, spotchecks, cases, pages,
)  # fmt: skip


class Application(Flask):
    """Flask, but what it logs of a crash by itself names no address: some hold codes or invitations."""

    def log_exception(self, exc_info: Any) -> None:
        """One line in the application's own log."""
        log.error("request failed", path=masked_path(), exc_info=exc_info)


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """An application; `overrides` are settings that win over the environment's."""
    app = Application("rating", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(settings(overrides))
    for room in ROOMS:
        room.register(app)
    hook_requests(app)
    _wrap(app)
    return app


def _wrap(app: Flask) -> None:
    """Put the layers of WSGI around the application, the innermost first; each is what a request meets before it."""
    app.wsgi_app = HeadAsGet(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way
    if proxies := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]  # Flask's own way
    static = str(ROOT / "static")
    app.wsgi_app = WhiteNoise(app.wsgi_app, root=static, prefix="static/", allow_all_origins=False)  # type: ignore[method-assign]  # Flask's own way
    app.wsgi_app = Outermost(app, app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way
