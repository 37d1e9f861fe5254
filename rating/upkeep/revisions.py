"""Which migration a database is at, and which ones this version of the product knows."""

from __future__ import annotations

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from rating.config import ROOT


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(ROOT / "migrations"))


def newest_revision() -> str:
    """The revision that this version works with."""
    return str(_scripts().get_current_head())


def is_known(revision: str) -> bool:
    """Whether this version can make a database of that revision."""
    try:
        return _scripts().get_revision(revision) is not None
    except CommandError:
        return False


def find_revision(connection: Connection) -> str | None:
    """The revision that a database is at; None where it was never migrated."""
    return MigrationContext.configure(connection).get_current_revision()
