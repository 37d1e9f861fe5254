"""rating round close."""

from __future__ import annotations

import click

from rating.access import SYSTEM
from rating.extensions import db
from rating.reviews.erasing import erase_deleted
from rating.reviews.service import close_round
from rating.rounds.commands import round_group
from rating.rounds.queries import get_round
from rating.web.request import now, today


@round_group.command("close")
@click.argument("number", type=int)
@click.option("--reason", default="", help="Needed before the round's last day is over.")
def close_command(number: int, reason: str) -> None:
    """Close a round: no more evaluations are accepted, participations are deleted."""
    round_ = get_round(number)
    close_round(round_, SYSTEM, now(), early_reason=reason, today_is_past=today() > round_.closes_on)
    db.session.commit()
    erase_deleted(SYSTEM, now(), thoroughly=True)
    db.session.commit()
    click.echo(f"Round {number} is closed.")
