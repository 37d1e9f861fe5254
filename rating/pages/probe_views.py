"""What machines ask: does the process run, can it serve, what may be crawled."""

from __future__ import annotations

from functools import cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from rating.access import PUBLIC, allow
from rating.config import ROOT
from rating.extensions import db, limiter

bp = Blueprint("probes", __name__)

NOT_CRAWLED = (
    "/e/",
    "/h/",
    "/search",
    "/sign-in",
    "/bureau",
    "/subdistrict",
    "/committee",
    "/company/",
    "/audit",
    "/workspace",
)


@cache
def _head() -> str | None:
    """The newest migration that this version of the program knows."""
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()


def is_migrated() -> bool:
    """Whether the database is at the newest migration; raises SQLAlchemyError where it can't be reached."""
    context = MigrationContext.configure(db.session.connection())
    return context.get_current_revision() == _head()


@bp.get("/healthz")
@allow(PUBLIC)
@limiter.exempt
def healthz() -> Response:
    """The process runs."""
    return _said("ok", 200)


@bp.get("/readyz")
@allow(PUBLIC)
@limiter.exempt
def readyz() -> Response:
    """The database can be reached and is migrated; 503 otherwise, with what is wrong."""
    try:
        if not is_migrated():
            return _said("the database is not migrated to this version", 503)
    except SQLAlchemyError:
        db.session.rollback()
        return _said("the database can't be reached", 503)
    return _said("ok", 200)


def _said(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, mimetype="text/plain", headers={"Cache-Control": "no-store"})


@bp.get("/robots.txt")
@allow(PUBLIC)
def robots() -> Response:
    """Everything public may be crawled; releases past their display themselves say noindex."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_CRAWLED)]
    return Response("\n".join(lines) + "\n", mimetype="text/plain", headers={"Cache-Control": "public, max-age=3600"})
