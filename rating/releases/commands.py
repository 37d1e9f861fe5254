"""rating round preview, rating round publish."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from rating.access import SYSTEM
from rating.extensions import db
from rating.releases.queries import find_draft, get_user
from rating.releases.service import draft_release, publish_release, start_preview
from rating.reviews.erasing import erase_deleted
from rating.rounds.commands import round_group
from rating.rounds.queries import get_round
from rating.web.request import now, today


@round_group.command("preview")
@click.argument("number", type=int)
@with_appcontext
def preview_command(number: int) -> None:
    """Show a round's scorecard to committees, communities and companies."""
    round_ = get_round(number)
    start_preview(round_, SYSTEM, now())
    until = round_.preview_ends_on
    db.session.commit()
    erase_deleted(SYSTEM, now())
    db.session.commit()
    click.echo(f"Round {number} is in preview until {until}.")


@round_group.command("publish")
@click.argument("number", type=int)
@click.option("--drafter", required=True, metavar="USERNAME", help="Who drafts the release, if nobody has.")
@click.option("--signer", required=True, metavar="USERNAME", help="Who signs it: somebody else.")
@click.option("--note", default="", help="A note at the head of the release.")
@with_appcontext
def publish_command(number: int, drafter: str, signer: str, note: str) -> None:
    """Draft and sign a round's release, once its preview is over."""
    round_ = get_round(number)
    draft = find_draft(round_) or draft_release(round_, note, get_user(drafter).actor(today()), now())
    release = publish_release(draft, draft.digest, get_user(signer).actor(today()), now())
    line = f"Release {release.number} is published: round {number}, shown until {release.shown_until}.\n"
    line += f"SHA-256 of the draft that was signed: {release.draft_digest}"
    db.session.commit()
    click.echo(line)
