"""How rows are reached: engines, constant statements, and the queue of an SQLite file's writers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """The database of RATING_DATABASE_URL, on an engine that writes and one that only reads."""
    from rating.storage.engines import open_database

    open_database(app)
