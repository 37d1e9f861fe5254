"""The RentSafeTO example, from the folder of the project: `python -m docs.examples.rentsafe --settlements FILE`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from flask.cli import ScriptInfo, with_appcontext

from docs.examples.rentsafe.loading import Loaded, load_rentsafe, read_settled
from rating.app import create_app
from rating.cli import errors_as_sentences
from rating.extensions import db
from rating.releases.queries import list_listings
from rating.web.request import now

HERE = Path(__file__).parent


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=HERE)
@click.option("--settlements", type=click.Path(path_type=Path), help="What was decided about each bad row.")
@with_appcontext
@errors_as_sentences()
def rentsafe(folder: Path, settlements: Path | None) -> None:
    """Import the example into an empty database and publish a release for each cycle.

    The city's files are read from FOLDER, else from the example's own. Without settlements it stops with the list of
    all bad rows.
    """
    _say("reading and checking the rows")
    example = read_settled(folder, settlements)
    rulebook = (folder / "rulebook.yaml").read_text(encoding="utf-8")
    loaded = load_rentsafe(example, rulebook, now(), _say)
    db.session.commit()
    _tell(loaded)


def _say(text: str) -> None:
    click.echo(f"  {text} …", err=True)


def _tell(loaded: Loaded) -> None:
    click.echo(f"{loaded.rated} buildings of {loaded.companies} companies, {loaded.not_rated} more that are not rated.")
    imported = sum(loaded.imported.values())
    click.echo(f"{imported} evaluations imported; {loaded.without_company} more are of buildings that are not rated.")
    for release in loaded.releases:
        standings = Counter(listing.standing.value for listing in list_listings(release))
        told = ", ".join(f"{count} {standing}" for standing, count in sorted(standings.items()))
        click.echo(f"  /releases/{release.number}  {release.round.title_en}: {told}")


if __name__ == "__main__":
    rentsafe(obj=ScriptInfo(create_app=create_app))
