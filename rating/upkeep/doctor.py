"""The doctor: looks at everything an operator can fix, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from rating.extensions import db
from rating.server.site import Site
from rating.upkeep.engines import look_at_engine
from rating.upkeep.findings import Finding, ok, wrong
from rating.upkeep.queries import snapshot
from rating.upkeep.recomputing import look_at_log, look_at_results
from rating.upkeep.records import look_at_letters, look_at_records
from rating.upkeep.revisions import find_revision, newest_revision
from rating.upkeep.surroundings import (
    key_made_at,
    look_at_borrowed_day,
    look_at_folder,
    look_at_key,
    look_at_printing,
    look_at_site,
)


def examine(folder: Path, now: datetime, site: Site) -> Iterator[Finding]:
    """All findings; `folder` is the data folder, `site` how residents reach it."""
    yield look_at_key(folder)
    yield from look_at_folder(folder)
    yield from look_at_borrowed_day()
    yield look_at_site(site)
    yield look_at_printing()
    try:
        with snapshot() as connection:
            yield from _look_at_database(connection, folder, now)
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        yield wrong("database", f"can't be read: {' '.join(str(cause).split())}")


def _look_at_database(connection: sa.Connection, folder: Path, now: datetime) -> Iterator[Finding]:
    yield from look_at_engine(connection)
    found, newest = find_revision(connection), newest_revision()
    if found != newest:
        yield wrong("database", f"stands at revision {found}, this version needs {newest}: run “rating db upgrade”")
        return
    if missing := set(db.metadata.tables) - set(sa.inspect(connection).get_table_names()):
        yield wrong("database", f"lacks tables of revision {found}: {', '.join(sorted(missing))}")
        return
    yield ok("database", f"{connection.dialect.name}, revision {found}")
    yield look_at_log(connection)
    yield from look_at_records(connection, now)
    yield from look_at_results()
    yield from look_at_letters(connection, key_made_at(folder))
