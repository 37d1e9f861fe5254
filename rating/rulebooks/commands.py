"""rating import rulebook."""

from __future__ import annotations

from pathlib import Path

import click

from rating.access import SYSTEM
from rating.errors import Invalid
from rating.extensions import db
from rating.registry.commands import import_group
from rating.rulebooks.service import load_rulebook
from rating.web.request import now
from rating.wording import _l


@import_group.command("rulebook")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_rulebook_command(file: Path) -> None:
    """Load a rulebook from FILE, in the form of the one that comes with the product."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(_l("“%(name)s” is not text in UTF-8.", name=file.name)) from error
    rulebook = load_rulebook(text, SYSTEM, now())
    db.session.commit()
    click.echo(f"Rulebook {rulebook.key}, version {rulebook.version}: {rulebook.content.title.en}")
