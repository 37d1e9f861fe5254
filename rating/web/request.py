"""The request: its clock, its actor, and what no request may contain."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import current_app, g, request
from flask_security import current_user
from werkzeug.exceptions import BadRequest

from rating.access import ANONYMOUS, Actor
from rating.config import derived_key

USER = "_user_id"  # Flask-Login's mark in the session of somebody who has signed in
SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The app's clock: an aware UTC datetime."""
    moment: datetime = current_app.config["CLOCK"]()
    return moment


def today() -> date:
    """The day in Shanghai."""
    return now().astimezone(SHANGHAI).date()


def current_actor() -> Actor:
    """Who acts in this request; ANONYMOUS for residents and the public."""
    if "actor" not in g:
        user = current_user
        g.actor = user.actor(today()) if user and user.is_authenticated else ANONYMOUS
    actor: Actor = g.actor
    return actor


def code_key() -> bytes:
    """The key under which household codes are hashed."""
    return derived_key(str(current_app.config["SECRET_KEY"]), "household code")


def refuse_nul() -> None:
    """Refuse NUL characters: no text that a person types or scans has one, and databases refuse it in their own
    words.
    """
    given = [request.args] if request.method in {"GET", "HEAD"} else [request.args, request.form]
    if "\x00" in request.path or any(
        "\x00" in text for one in given for pair in one.items(multi=True) for text in pair
    ):
        raise BadRequest
