"""rating round …: later rooms add closing, scoring, previewing and publishing."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from rating.access import SYSTEM
from rating.extensions import db
from rating.rounds.queries import get_round
from rating.rounds.service import open_round
from rating.server.site import site_of
from rating.web.request import now


@click.group("round", cls=AppGroup)
def round_group() -> None:
    """Open, close, score, preview and publish a round."""


@round_group.command("open")
@click.argument("number", type=int)
def open_command(number: int) -> None:
    """Freeze the roster of a drafted round and open it."""
    site_of(current_app.config).require_fit()
    roster = open_round(get_round(number), SYSTEM, now())
    db.session.commit()
    click.echo(f"Round {number} is open: {len(roster.rated)} estates, {len(roster.left_out)} left out.")
    for estate, reason in roster.left_out:
        click.echo(f"  {estate.code} {estate.name}: {reason}")
