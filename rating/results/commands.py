"""rating round score."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from rating.access import SYSTEM
from rating.extensions import db
from rating.results.service import compute_scorecard
from rating.rounds.commands import round_group
from rating.rounds.queries import get_round
from rating.web.request import now


@round_group.command("score")
@click.argument("number", type=int)
@with_appcontext
def score_command(number: int) -> None:
    """Compute the scorecard of a closed round and freeze it."""
    stored = compute_scorecard(get_round(number), SYSTEM, now())
    line = f"Round {number} has scorecard {stored.sequence}, SHA-256 {stored.digest}."
    db.session.commit()
    click.echo(line)
