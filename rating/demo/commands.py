"""rating demo: migrate, load the city once, print who can do what, serve."""

from __future__ import annotations

import gc
import json
import os
import secrets
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select

from rating.access import SYSTEM
from rating.accounts.models import User
from rating.audit.models import Event
from rating.audit.service import record
from rating.demo.loading import Loader
from rating.demo.people import LOGINS, PASSWORD
from rating.extensions import db
from rating.registry.models import Estate
from rating.web.request import code_key, now, today

BEGAN = "demo.began"  # the mark, in the database itself, of one that is a demonstration's and nobody's else


@click.command()
@click.option(
    "--today", "day", type=click.DateTime(["%Y-%m-%d"]), help="The city's present day; by default the real one."
)
@click.option("--reset", is_flag=True, help="Throw the demonstration away first and begin again.")
@click.option("--load-only", is_flag=True, help="Load, print and stop; don't serve.")
@click.option("--port", type=int, envvar="PORT", default=8000, show_default="PORT or 8000")
@with_appcontext
def demo(day: Any, reset: bool, load_only: bool, port: int) -> None:
    """Serve the demonstration city; continues with an existing one."""
    _refuse_others()
    if reset:
        _clear()
    _migrate()
    known = _known()
    if known is None:
        _clear()
        _migrate()
        known = _load(day.date() if day else today(), fixed=day is not None)
    _print(known, port)
    if not load_only:
        _serve(known, port)


def _migrate() -> None:
    click.echo("migrating the database …", err=True)
    try:
        upgrade()
    except RuntimeError as error:  # a migration says why it can't migrate this database
        raise click.ClickException(str(error)) from error


def _notes_file() -> Path:
    folder: Path = current_app.config["DATA_DIR"]
    return folder / "demo.json"


def _mark() -> str | None:
    """The number that this database's demonstration was given when its loading began."""
    if not inspect(db.engine).has_table(Event.__tablename__):
        return None
    # Two columns that the table has had from the first, so that an older database can be told too.
    found = db.session.scalar(select(Event.subject).where(Event.kind == BEGAN).limit(1))
    db.session.rollback()  # else migrating would wait for this transaction
    return found


def _known() -> dict[str, str] | None:
    """What a visitor needs to know about the demonstration in this database, if it was loaded completely."""
    notes = _notes_file()
    known: dict[str, str] = json.loads(notes.read_text()) if notes.exists() else {}
    return known if known.get("mark") == _mark() is not None else None


def _refuse_others() -> None:
    """Refuse a database that is in use for anything but a demonstration, before anything is changed in it."""
    migrated = inspect(db.engine).has_table(Event.__tablename__)
    if migrated and _mark() is None and any(db.session.scalar(select(one.id).limit(1)) for one in (User, Estate)):
        raise click.ClickException("This database is in use and is not the demonstration's; nothing was changed.")
    db.session.rollback()


def _clear() -> None:
    """Empty a demonstration's database, completely or half loaded."""
    if _mark() is not None:
        click.echo("clearing the demonstration …", err=True)
        downgrade(revision="base", x_arg="lose=rows")


def _load(day: date, *, fixed: bool) -> dict[str, str]:
    started = time.perf_counter()
    mark = f"demo:{secrets.token_hex(8)}"
    record(SYSTEM, BEGAN, mark, now())
    db.session.commit()
    gc.freeze()  # what is imported stays: looking through it over and over takes a tenth of the time
    loaded = Loader(day, code_key(), lambda text: click.echo(f"  {text} …", err=True)).load()
    chosen = {"mark": mark, "today": day.isoformat(), "fixed": day.isoformat() if fixed else ""}
    known: dict[str, str] = chosen | asdict(loaded)
    _notes_file().write_text(json.dumps(known, ensure_ascii=False))
    click.echo(f"the city stands after {time.perf_counter() - started:.0f} s", err=True)
    return known


def _print(known: dict[str, str], port: int) -> None:
    base = f"http://127.0.0.1:{port}"
    code = known["household_code"]
    lines = [
        "",
        f"{known['city_zh']} · {known['city_en']}",
        f"  public lists              {base}/",
        f"  an estate's poster        {base}/e/{known['estate_code']}   ({known['estate_name']})",
        f"  a household's code        {code}   {base}/h/{code.replace(' ', '')}",
        f"  staff sign-in             {base}/sign-in   password: {PASSWORD}",
        *(f"      {username:<12} {what}" for username, what in LOGINS),
        "",
    ]
    click.echo("\n".join(lines))


def _serve(known: dict[str, str], port: int) -> None:
    os.environ.setdefault("RATING_CITY_ZH", known["city_zh"])
    os.environ.setdefault("RATING_CITY_EN", known["city_en"])
    os.environ.setdefault("RATING_CONTACT_PHONE", "0000-2000000")
    os.environ["RATING_DEMONSTRATION"] = "1"
    os.environ["PORT"] = str(port)
    os.environ["RATING_DATA_DIR"] = str(current_app.config["DATA_DIR"])  # whole, wherever the server begins
    if known["fixed"]:
        os.environ.setdefault("RATING_TODAY", known["fixed"])
    if known["today"] != today().isoformat() and "RATING_TODAY" not in os.environ:
        click.echo(f"(loaded on {known['today']}; `make demo-reset` brings its dates up to today)")
    sys.stdout.flush()
    # It goes when this process does, which becomes the server's.
    worker = [sys.executable, "-m", "rating.cli", "work", "--with-parent"]
    subprocess.Popen(worker, stdin=subprocess.DEVNULL)  # noqa: S603  # our own module
    os.execv(sys.executable, [sys.executable, "-m", "rating.cli", "serve", "--port", str(port)])  # noqa: S606  # our own module
