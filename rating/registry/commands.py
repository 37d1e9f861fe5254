"""rating import …"""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from rating.access import SYSTEM
from rating.extensions import db
from rating.registry.imports.service import import_register
from rating.web.request import now
from rating.workbooks.reading import read_path


@click.group("import", cls=AppGroup)
def import_group() -> None:
    """Import the register, a rulebook or on-site evaluations."""


@import_group.command("register")
@click.argument("path", type=click.Path(path_type=Path))
def import_register_command(path: Path) -> None:
    """Import the register from PATH: an .xlsx workbook, or a folder of .csv files named as the sheets."""
    click.echo(f"Reading {path.name} …", err=True)
    sheets = read_path(path)
    click.echo(f"Checking {sum(len(sheet.rows) for sheet in sheets)} rows …", err=True)
    summary = import_register(sheets, SYSTEM, now())
    db.session.commit()
    for sheet in summary.sheets:
        click.echo(f"{sheet.label}: {sheet.added} added, {sheet.updated} updated, {sheet.unchanged} unchanged")
