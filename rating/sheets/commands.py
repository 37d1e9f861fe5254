"""rating import evaluations."""

from __future__ import annotations

from pathlib import Path

import click

from rating.access import SYSTEM
from rating.extensions import db
from rating.registry.commands import import_group
from rating.rounds.queries import get_round
from rating.sheets.importing import import_on_site
from rating.web.request import now
from rating.workbooks.reading import read_path


@import_group.command("evaluations")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--round", "number", type=int, required=True, help="The number of the open round.")
def import_evaluations_command(path: Path, number: int) -> None:
    """Import on-site evaluations from PATH: an .xlsx workbook, a .csv file, or a folder with evaluations.csv."""
    click.echo(f"Reading {path.name} …", err=True)
    sheets = read_path(path)
    click.echo(f"Checking {sum(len(sheet.rows) for sheet in sheets)} rows …", err=True)
    count = import_on_site(sheets, get_round(number), SYSTEM, now())
    db.session.commit()
    click.echo(f"Round {number}: {count} on-site evaluations imported")
