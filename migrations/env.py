"""How migrations run: on the application's own engine, whole or not at all, on both databases."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy.schema import SchemaItem

from rating.extensions import UtcDateTime, db


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column type as the plain one below it, so that old migrations don't depend on today's code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_object(
    _item: SchemaItem,
    name: str | None,
    kind: str,
    reflected: bool,
    _compared: SchemaItem | None,
) -> bool:
    """Leave alone a table that is not ours, in a database that others use too."""
    return not (kind == "table" and reflected and name not in db.metadata.tables)


def options() -> dict[str, Any]:
    """What every run has in common."""
    settings: dict[str, Any] = current_app.extensions["migrate"].configure_args
    return {
        **settings,
        "target_metadata": db.metadata,
        "render_item": render_item,
        "include_object": include_object,
        "compare_type": True,
        "transactional_ddl": True,
        "process_revision_directives": without_empty,
    }


def without_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """`rating db migrate` writes no file when the models and the migrations agree."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives.clear()


def run_offline() -> None:
    """Print the statements instead of running them."""
    context.configure(url=db.engine.url, literal_binds=True, **options())
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run the statements in one transaction, on the connection that was given or on one of the application's."""
    given: sa.Connection | sa.Engine = context.config.attributes.get("connection") or db.engine
    if isinstance(given, sa.Connection):
        run_on(given)
        return
    with given.connect().execution_options(writes=True) as connection:
        run_on(connection)


def run_on(connection: sa.Connection) -> None:
    """SQLite makes a table anew to change it; its foreign keys are looked at afterwards, not meanwhile."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        foreign_keys(connection, "OFF")
    context.configure(connection=connection, **options())
    with context.begin_transaction():
        context.run_migrations()
        if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            raise RuntimeError(f"after the migration these rows point to nothing: {broken[:20]}")
    if sqlite:
        foreign_keys(connection, "ON")


def foreign_keys(connection: sa.Connection, state: Literal["ON", "OFF"]) -> None:
    """SQLite ignores this within a transaction, so it goes to the driver before one begins."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA foreign_keys = {state}")


if context.is_offline_mode():
    run_offline()
else:
    run_online()
