"""Writing a backup, and restoring one into an empty database."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade
from sqlalchemy.exc import DataError, IntegrityError

from rating.config import derived_key
from rating.errors import Conflict
from rating.extensions import db
from rating.upkeep.archive import Archive, BrokenBackup, Manifest, StoredTable, write_archive
from rating.upkeep.queries import count_rows, find_filled_table, list_open_rounds, read_rows, snapshot
from rating.upkeep.revisions import find_revision, is_known, newest_revision
from rating.upkeep.tables import Table, list_tables
from rating.wording import _l

Tell = Callable[[str], None]
TELL_EVERY = 500_000  # rows


# ---- backing up


def write_backup(path: Path, made_at: datetime, secret: str, tell: Tell) -> Manifest:
    """Write the whole database, as of one moment, to a new file that only its owner can read.

    What runs meanwhile is not blocked. Raises Conflict where the file exists already or the database is not at this
    version's revision; a backup that fails leaves no file.
    """
    _must_be_new(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with snapshot() as connection:
                empty = Manifest(
                    _revision(connection), made_at.isoformat(), list_open_rounds(connection), check(secret)
                )
                manifest = write_archive(file, empty, _contents(connection, tell), partial(make_seal, secret))
            file.flush()
            os.fsync(file.fileno())
        _must_be_new(path)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    _keep_name(path.parent)
    return manifest


def check(secret: str) -> str:
    """What shows whether two application keys are the same, and nothing else."""
    return derived_key(secret, "backup").hex()[:16]


def make_seal(secret: str, manifest: bytes) -> str:
    """The seal that only whoever has the application key can put on a manifest."""
    return hmac.digest(derived_key(secret, "seal of a backup"), manifest, "sha256").hex()


def _must_be_new(path: Path) -> None:
    if path.exists():
        raise Conflict(_l("%(file)s already exists; a backup is never overwritten.", file=path.name))
    if not path.absolute().parent.is_dir():
        raise Conflict(_l("There is no folder %(folder)s.", folder=path.parent))


def _keep_name(folder: Path) -> None:
    """Sync the directory, so that the file's name too is on the disk before the backup is reported."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _revision(connection: sa.Connection) -> str:
    if (found := find_revision(connection)) != newest_revision():
        raise Conflict(
            _l(
                "The database stands at revision %(found)s, this version needs %(newest)s: run “rating db upgrade”, "
                "or back up with the version that the database is from.",
                found=found,
                newest=newest_revision(),
            )
        )
    return newest_revision()


def _contents(connection: sa.Connection, tell: Tell) -> Iterator[tuple[Table, Iterator[list[Any]]]]:
    for table in list_tables():
        yield table, _told(table.name, read_rows(connection, table), tell)


def _told(name: str, rows: Iterable[Any], tell: Tell) -> Iterator[Any]:
    count = 0
    for count, row in enumerate(rows, start=1):
        yield row
        if count % TELL_EVERY == 0:
            tell(f"{name}: {count} rows …")
    if count:
        tell(f"{name}: {count} rows")


# ---- restoring


def restore_backup(path: Path, secret: str, tell: Tell) -> tuple[Manifest, bool]:
    """Fill an empty database from a backup, all or nothing, and bring it to this version's revision.

    The answer says, too, whether the seal shows that the backup was made under this application key and not changed.
    The backup is verified before the database is touched. Raises BrokenBackup, or Conflict where the database isn't
    empty or the backup is from a newer version.
    """
    with Archive(path) as archive:
        manifest = archive.manifest
        if not is_known(manifest.revision):
            raise Conflict(_l("This backup was made by a newer version. Restore it with that version."))
        tell("verifying the backup …")
        archive.verify()
        is_sealed = hmac.compare_digest(make_seal(secret, archive.under_seal), str(manifest.seal))
        _must_be_empty(manifest)
        tell(f"making the tables of revision {manifest.revision} …")
        upgrade(revision=manifest.revision)
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            for stored in manifest.tables:
                _fill(connection, stored, _told(stored.table.name, archive.rows(stored), tell))
            for stored in manifest.tables:
                _must_hold(connection, stored)
    if manifest.revision != newest_revision():
        tell(f"going on to revision {newest_revision()} …")
        upgrade()
    return manifest, is_sealed


def _must_be_empty(manifest: Manifest) -> None:
    names = {stored.table.name for stored in manifest.tables} | set(db.metadata.tables)
    with snapshot() as connection:
        revision = find_revision(connection)
        filled = find_filled_table(connection, names)
        there = bool(names & set(sa.inspect(connection).get_table_names()))
    if filled is not None:
        raise Conflict(
            _l("This database is not empty: there are rows in %(table)s. Nothing was changed.", table=filled)
        )
    if (revision is not None or there) and revision != manifest.revision:
        raise Conflict(_l("This database has tables of another revision. Restore into one without tables."))


def _fill(connection: sa.Connection, stored: StoredTable, rows: Iterable[dict[str, Any]]) -> None:
    table = stored.table
    ordered = rows if table.parent is None else _parents_first(rows, table.key[0], table.parent)
    try:
        for some in _batches(ordered, table.at_once):
            connection.execute(sa.insert(table.clause), some)
    except (IntegrityError, DataError) as error:
        raise BrokenBackup(
            _l("The database refuses a row of %(table)s; nothing was restored.", table=table.name)
        ) from error
    if connection.dialect.name != "sqlite" and table.columns[table.key[0]] == "integer" and len(table.key) == 1:
        _number_on(connection, table)


def _batches(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some


def _parents_first(rows: Iterable[dict[str, Any]], key: str, parent: str) -> Iterator[dict[str, Any]]:
    """Rows of one table that point to others of it, after those."""
    waiting, there = list(rows), {None}
    while ready := [row for row in waiting if row[parent] in there]:
        yield from ready
        there |= {row[key] for row in ready}
        waiting = [row for row in waiting if row[key] not in there]
    yield from waiting  # in a circle: the database says what is wrong with it


def _number_on(connection: sa.Connection, table: Table) -> None:
    """PostgreSQL goes on numbering behind the last row (a table whose keys are given has no sequence)."""
    key = table.clause.columns[table.key[0]]
    sequence = connection.scalar(sa.func.pg_get_serial_sequence(f'"{table.name}"', key.name).select())
    if sequence is not None:
        last = connection.scalar(sa.select(sa.func.max(key)))
        connection.execute(sa.select(sa.func.setval(sequence, last or 1, last is not None)))


def _must_hold(connection: sa.Connection, stored: StoredTable) -> None:
    if (found := count_rows(connection, stored.table)) != stored.rows:
        raise Conflict(
            _l(
                "%(table)s has %(found)s rows instead of %(rows)s; nothing was restored.",
                table=stored.table.name,
                found=found,
                rows=stored.rows,
            )
        )
