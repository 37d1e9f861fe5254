"""rating round check, rating round open."""

from __future__ import annotations

from collections.abc import Iterable

import click
from flask import current_app

from rating.access import SYSTEM
from rating.checklist.checks import check_draft
from rating.checklist.queries import Check
from rating.checklist.service import open_checked_round, sort_checks
from rating.checklist.wording import WORDS
from rating.extensions import db
from rating.rounds.commands import round_group
from rating.rounds.queries import get_round
from rating.server.site import site_of
from rating.web.request import now, today


@round_group.command("check")
@click.argument("number", type=int)
def check_command(number: int) -> None:
    """Show what would make a drafted round unfair."""
    must, think, fine = sort_checks(check_draft(get_round(number), today(), site_of(current_app.config)))
    _tell("must be fixed", must)
    _tell("worth considering", think)
    click.echo(f"In order: {len(fine)} of {len(must) + len(think) + len(fine)} points.")


def _tell(verdict: str, checks: Iterable[Check]) -> None:
    for check in checks:
        click.echo(f"{WORDS[check.key][0]} ({verdict})")
        for item in check.items:
            click.echo(f"  {item.name}" + (f": {item.detail}" if str(item.detail) else ""))


@round_group.command("open")
@click.argument("number", type=int)
@click.option("--reason", default="", help="Needed where points of the checklist that must be fixed are still open.")
def open_command(number: int, reason: str) -> None:
    """Freeze the roster of a drafted round and open it; its checklist is kept with it."""
    roster = open_checked_round(get_round(number), reason, today(), SYSTEM, now(), site_of(current_app.config))
    db.session.commit()
    click.echo(f"Round {number} is open: {len(roster.rated)} estates, {len(roster.left_out)} left out.")
    for estate, why in roster.left_out:
        click.echo(f"  {estate.code} {estate.name}: {why}")
