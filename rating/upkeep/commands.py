"""rating backup, rating restore, rating doctor."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from rating.server.site import site_of
from rating.upkeep.doctor import examine
from rating.upkeep.findings import Verdict
from rating.upkeep.service import check, restore_backup, write_backup
from rating.web.request import now

ROUND_OPEN = (
    "Round {numbers} is open: this backup says which households have answered. Let few people have it. Delete the one "
    "before: two side by side show who answered in between. Delete this one 30 days after the round has closed at the "
    "latest."
)
OTHER_KEY = (
    "The application key here is not the one that this backup was made under: letters that were printed before don't "
    "work. Put that secret.key (or RATING_SECRET_KEY) in place."
)

NO_SEAL = (
    "This backup carries no seal of the key here: it was made by an older version, or somebody changed it. Restore it "
    "only if you know where it was kept."
)


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write the whole database, as of one moment, to FILE (a .zip); nothing has to be stopped.

    The application key is not in it: keep that apart. People who are signed in, and traces of networks, aren't either.
    """
    manifest = write_backup(file, now(), _secret(), _tell)
    if manifest.open_rounds:
        _tell(ROUND_OPEN.format(numbers=", ".join(map(str, manifest.open_rounds))))
    click.echo(f"{file}: {manifest.rows} rows of {len(manifest.tables)} tables, revision {manifest.revision}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def restore(file: Path) -> None:
    """Fill an empty database from FILE, which `rating backup` wrote on either kind of database."""
    manifest, is_sealed = restore_backup(file, _secret(), _tell)
    if manifest.key_check != check(_secret()):
        _tell(OTHER_KEY)
    elif not is_sealed:
        _tell(NO_SEAL)
    click.echo(f"restored {manifest.rows} rows of {len(manifest.tables)} tables, as of {manifest.made_at}")
    if is_sealed:
        click.echo("sealed under the application key here, and as it was written")


@click.command()
@with_appcontext
def doctor() -> None:
    """Check whether everything is as it should be, one line each; changes nothing. Exit code 1 if something is
    wrong.
    """
    findings = list(examine(current_app.config["DATA_DIR"], now(), site_of(current_app.config)))
    for found in findings:
        click.echo(f"{found.verdict:<8} {found.subject}: {found.words}")
    if any(found.verdict is Verdict.WRONG for found in findings):
        raise SystemExit(1)
