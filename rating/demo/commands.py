"""rating demo: migrate, load the city once, print who can do what, serve."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from rating.accounts.models import User
from rating.demo.loading import Loader
from rating.demo.people import LOGINS, PASSWORD
from rating.extensions import db
from rating.web import code_key, today


@click.command()
@click.option(
    "--today", "day", type=click.DateTime(["%Y-%m-%d"]), help="The city's present day; by default the real one."
)
@click.option("--load-only", is_flag=True, help="Load, print and stop; don't serve.")
@click.option("--port", type=int, default=lambda: int(os.environ.get("PORT") or 8000), show_default="PORT or 8000")
@with_appcontext
def demo(day: Any, load_only: bool, port: int) -> None:
    """Serve the demonstration city; what is there already is gone on with."""
    click.echo("migrating the database …", err=True)
    upgrade()
    notes = _notes_file()
    if not notes.exists() and db.session.scalar(select(User.id).limit(1)) is not None:
        raise click.ClickException("This database is in use and is not the demonstration's; nothing was changed.")
    if notes.exists() and not json.loads(notes.read_text()):
        click.echo("an earlier loading was interrupted; beginning again …", err=True)
        downgrade(revision="base")
        upgrade()
        notes.unlink()
    if not notes.exists():
        _load(day.date() if day else today(), notes)
    known = json.loads(notes.read_text())
    _print(known, port)
    if not load_only:
        _serve(known, port)


def _notes_file() -> Path:
    folder: Path = current_app.config["DATA_DIR"]
    return folder / "demo.json"


def _load(day: date, notes: Path) -> None:
    started = time.perf_counter()
    notes.write_text("{}")  # tells a later run that this database is the demonstration's, and not yet whole
    loaded = Loader(day, code_key(), lambda text: click.echo(f"  {text} …", err=True)).load()
    known = {
        "today": day.isoformat(),
        "city_zh": loaded.city,
        "city_en": loaded.city_en,
        "estate_code": loaded.estate_code,
        "estate_name": loaded.estate_name,
        "household_code": loaded.household_code,
    }
    notes.write_text(json.dumps(known, ensure_ascii=False))
    click.echo(f"the city stands after {time.perf_counter() - started:.0f} s", err=True)


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
    os.environ["PORT"] = str(port)
    if known["today"] != today().isoformat() and "RATING_TODAY" not in os.environ:
        click.echo(f"(loaded on {known['today']}; `make demo-reset` brings its dates up to today)")
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "rating.cli", "serve", "--port", str(port)])  # noqa: S606  # our own module
