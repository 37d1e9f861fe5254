"""rating import …"""

from __future__ import annotations

import click
from flask.cli import AppGroup


@click.group("import", cls=AppGroup)
def import_group() -> None:
    """Import the register, a rulebook, on-site evaluations or an example."""
