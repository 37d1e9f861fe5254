"""How migrations run: on the application's own engine, whole or not at all, on both databases."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.util import CommandError
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
    try:
        run_whole(connection)
    finally:
        if sqlite:
            foreign_keys(connection, "ON")


def run_whole(connection: sa.Connection) -> None:
    """All of it or, where rows would be lost or point to nothing, nothing."""
    context.configure(connection=connection, **options())
    before = context.get_context().get_current_revision()
    filled = set() if is_up() or may_lose_rows() else filled_columns(connection)
    connection.rollback()
    with context.begin_transaction():
        context.run_migrations()
        if filled and is_back(before, context.get_context().get_current_revision()):
            refuse_loss(filled, filled_columns(connection))
        sqlite = connection.dialect.name == "sqlite"
        if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            raise RuntimeError(f"after the migration these rows point to nothing: {broken[:20]}")


def is_up() -> bool:
    """Whether it goes to the newest revision, so that nothing needs to be looked through; False if nobody says."""
    try:
        return context.get_revision_argument() == context.get_head_revision()
    except KeyError:
        return False


def is_back(before: str | None, after: str | None) -> bool:
    """Whether a database that was at one revision is now at an earlier one."""
    newest_first = [one.revision for one in context.script.walk_revisions()]
    return before is not None and (after is None or newest_first.index(after) > newest_first.index(before))


def may_lose_rows() -> bool:
    """Whether whoever goes back has said that what is stored may be lost: `-x lose=rows`."""
    return context.get_x_argument(as_dictionary=True).get("lose") == "rows"


def filled_columns(connection: sa.Connection) -> set[str]:
    """The tables that have rows, and their columns that say anything."""
    found = set()
    there = sa.inspect(connection)
    for name in set(there.get_table_names()) & db.metadata.tables.keys():
        table = sa.table(name)
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            found.add(name)
            for column in (sa.column(each["name"]) for each in there.get_columns(name)):
                says = column.is_not(None) & (sa.cast(column, sa.Text) != "")
                if connection.execute(sa.select(sa.literal(1)).select_from(table).where(says).limit(1)).first():
                    found.add(f"{name}.{column.name}")
    return found


def refuse_loss(before: set[str], after: set[str]) -> None:
    """Raise CommandError, so that nothing is changed, where rows or values would be gone."""
    tables = sorted(name for name in before - after if "." not in name)
    columns = sorted(name for name in before - after if "." in name and name.partition(".")[0] not in tables)
    if lost := [*tables, *columns]:
        raise CommandError(
            f"going back would lose what is stored in {', '.join(lost)}; nothing was changed. Restore a backup of that "
            "version instead, or say that it may be lost: -x lose=rows"
        )


def foreign_keys(connection: sa.Connection, state: Literal["ON", "OFF"]) -> None:
    """SQLite ignores this within a transaction, so it goes to the driver before one begins."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA foreign_keys = {state}")


if context.is_offline_mode():
    run_offline()
else:
    run_online()
