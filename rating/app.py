"""The application: wiring and nothing else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import structlog
from flask import Flask, url_for
from flask_babel import gettext
from sqlalchemy.engine import make_url
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from rating.accounts.account_views import bp as account
from rating.accounts.security import secure
from rating.accounts.views import bp as accounts
from rating.accounts.waiting_views import bp as waiting
from rating.adjustments.views import bp as adjustments
from rating.cases.views import bp as followups
from rating.checklist.views import bp as checklist
from rating.config import ROOT, settings
from rating.evaluations.entrance_views import bp as entrance
from rating.evaluations.receipt_views import bp as receipt
from rating.evaluations.views import bp as evaluations
from rating.explanations.views import bp as what_if
from rating.extensions import babel, csrf, db, migrate
from rating.gaps.views import bp as gaps
from rating.jobs.views import bp as jobs
from rating.pages.audit_views import bp as audit_pages
from rating.pages.desks.views import bp as desks
from rating.pages.desks.wording import workspaces
from rating.pages.directory_views import bp as directory
from rating.pages.notice_views import bp as notices
from rating.pages.probe_views import bp as probes
from rating.pages.receipts.views import bp as receipts
from rating.pages.rulebook_views import bp as rulebook_pages
from rating.pages.scorecard_views import bp as scorecards
from rating.pages.styleguide_views import bp as styleguide
from rating.pages.views import bp as pages
from rating.registry.editing.views import bp as records
from rating.registry.imports.views import bp as imports
from rating.registry.views import bp as registry
from rating.releases.views import bp as releases
from rating.results.body_views import bp as bodies
from rating.results.views import bp as results
from rating.reviews.queue_views import bp as review
from rating.reviews.views import bp as reviews
from rating.rounds.print_views import bp as prints
from rating.rounds.views import bp as rounds
from rating.rulebooks.views import bp as rulebooks
from rating.server import sizes
from rating.sheets.import_views import bp as on_site
from rating.sheets.views import bp as sheets
from rating.spotchecks.views import bp as spot_checks
from rating.storage import engines as database
from rating.tries.counters import count_tries
from rating.turnout.views import bp as turnout
from rating.web.access import check_access, keep_private
from rating.web.addresses import PlainInteger
from rating.web.errors import handle_errors
from rating.web.headers import go_to_tls, set_headers
from rating.web.language import (
    choose_locale,
    day,
    lang_url,
    language,
    moment,
    remember_choices,
    said,
    text_size,
    text_url,
    told,
)
from rating.web.log import log, log_request, masked_path, start_timer
from rating.web.outermost import HeadAsGet, Outermost
from rating.web.request import current_actor, refuse_nul, today

BLUEPRINTS = (
    pages,
    directory,
    receipts,
    notices,
    probes,
    desks,
    scorecards,
    checklist,
    audit_pages,
    accounts,
    waiting,
    account,
    registry,
    records,
    imports,
    rulebooks,
    rulebook_pages,
    jobs,
    rounds,
    prints,
    evaluations,
    entrance,
    receipt,
    sheets,
    on_site,
    reviews,
    review,
    results,
    adjustments,
    bodies,
    gaps,
    turnout,
    what_if,
    releases,
    spot_checks,
    followups,
    styleguide,
)
# Letter, form and receipt: a ticket in a signed cookie is all that they go by (see rating.evaluations.views).
WITHOUT_ACCOUNTS = frozenset({"evaluations", "own_receipt"})


class Application(Flask):
    """Flask, but what it logs of a crash by itself names no address: some hold codes or invitations."""

    def log_exception(self, exc_info: Any) -> None:
        """One line in the application's own log."""
        log.error("request failed", path=masked_path(), exc_info=exc_info)


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """An application; `overrides` are settings that win over the environment's."""
    app = Application("rating", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(settings(overrides))
    app.url_map.converters["int"] = PlainInteger
    _log_lines()
    _open_database(app)
    csrf.init_app(app)
    count_tries(app)
    babel.init_app(app, locale_selector=choose_locale)
    secure(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _leave_hooks_to_blueprints(app, app.blueprints.keys() - WITHOUT_ACCOUNTS)
    # Who may send this comes first, then how much; only then is a form read.
    for look in (start_timer, go_to_tls, check_access, sizes.limit_body, sizes.count_fields, refuse_nul):
        app.before_request(look)
    for dress in (set_headers, keep_private, remember_choices, log_request):
        app.after_request(dress)
    handle_errors(app)
    _dress_templates(app)
    app.wsgi_app = HeadAsGet(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way
    if proxies := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]  # Flask's own way
    static = str(ROOT / "static")
    app.wsgi_app = WhiteNoise(app.wsgi_app, root=static, prefix="static/", allow_all_origins=False)  # type: ignore[method-assign]  # Flask's own way
    app.wsgi_app = Outermost(app, app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way
    return app


def _open_database(app: Flask) -> None:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        **database.engine_options(url),
        **app.config.get("SQLALCHEMY_ENGINE_OPTIONS", {}),
    }
    app.config["SQLALCHEMY_BINDS"] = {database.READING: database.reading_options(url)}
    db.init_app(app)
    app.teardown_appcontext(database.let_go)
    sqlite = make_url(url).get_backend_name() == "sqlite"
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=sqlite)
    with app.app_context():
        database.prepare(db.engine)
        database.prepare_reading(db.engines[database.READING])


def _leave_hooks_to_blueprints(app: Flask, names: Collection[str]) -> None:
    """Let what extensions have hooked to every request so far (tokens, accounts, limits) be done for these alone.

    It is half of what a small request costs, and a resident's way has no use for any of it.
    """
    for hooks in (app.before_request_funcs, app.after_request_funcs):
        of_all = hooks.pop(None, [])
        for name in names:
            hooks[name] = [*of_all, *hooks.get(name, [])]


def _dress_templates(app: Flask) -> None:
    app.jinja_env.filters.update(said=said, told=told, day=day, moment=moment)
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
            "workspaces": workspaces(actor),
            "sign_in_url": url_for("security.login"),
            "sign_out_url": url_for("security.logout"),
        }


def _log_lines() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Never a frame's local variables: they hold keys, tickets and answers.
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
