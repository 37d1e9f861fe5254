"""In which order a table's and its indexes' entries lie in the database's files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from rating.extensions import db
from tests.support.sqlite_pages import Entry, SqliteFile

KEYS = {"evaluation": "id", "trace": "evaluation_id"}
Pages = list[list[UUID]]


def layouts(table: str) -> dict[str, Pages]:
    """The evaluations on each page of a table and of its indexes that hold any, what was written first first."""
    db.session.commit()
    found = _of_sqlite(table) if db.engine.dialect.name == "sqlite" else _of_postgresql(table)
    return {name: pages for name, pages in found.items() if any(pages)}


def _of_sqlite(table: str) -> dict[str, Pages]:
    raw = db.engine.raw_connection()
    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    file = SqliteFile(Path(str(db.engine.url.database)))
    return {
        name: [[_evaluation(entry) for entry in sorted(page, key=lambda one: -one.offset)] for page in file.pages(root)]
        for name, root in file.roots(table).items()
    }


def _evaluation(entry: Entry) -> UUID:
    """Each entry holds its evaluation's key: 32 hexadecimal digits, as nothing else does."""
    texts = (value for value in entry.columns if isinstance(value, bytes))
    return next(UUID(value.decode()) for value in texts if re.fullmatch(rb"[0-9a-f]{32}", value))


def _of_postgresql(table: str) -> dict[str, Pages]:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pageinspect")
        rows = connection.exec_driver_sql(f"SELECT ctid::text, {KEYS[table]} FROM {table} ORDER BY {table}.ctid").all()
        at = {row[0]: row[1] for row in rows}
        indexes = f"SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = '{table}'::regclass"
        found = {table: [list(at.values())]}
        found |= {name: list(_leaves(connection, name, at)) for name in connection.exec_driver_sql(indexes).scalars()}
        connection.exec_driver_sql("DROP EXTENSION pageinspect")
    return found


def _leaves(connection: Connection, index: str, at: dict[str, UUID]) -> Iterator[list[UUID]]:
    """A B-tree's leaves; PostgreSQL too fills a page from its end, and each entry's pointer says where it lies."""
    blocks = connection.exec_driver_sql(f"SELECT pg_relation_size('{index}') / 8192").scalar_one()
    for block in range(1, blocks):
        if connection.exec_driver_sql(f"SELECT type FROM bt_page_stats('{index}', {block})").scalar_one() != "l":
            continue
        page = bytes(connection.exec_driver_sql(f"SELECT get_raw_page('{index}', {block})").scalar_one())
        items = connection.exec_driver_sql(
            f"SELECT itemoffset, htid::text, tids::text[] FROM bt_page_items('{index}', {block})"
        ).all()
        lying = sorted(items, key=lambda item: -_offset(page, item[0]))
        yield [at[tid] for _number, one, many in lying for tid in (many or [one]) if tid in at]


def _offset(page: bytes, number: int) -> int:
    """Where an entry lies: the lower 15 bits of its pointer, of four bytes each behind the page's header of 24."""
    start = 24 + 4 * (number - 1)
    return int.from_bytes(page[start : start + 4], "little") & 0x7FFF
