"""The event log becomes a chain: numbers without gaps, and hashes; releases carry its head."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005_event_chain"
down_revision = "0004_second_person"
branch_labels = None
depends_on = None

AT_ONCE = 5_000
# SQLite drops a table's triggers with the table; on PostgreSQL events must be numbered before they are held again.
PROTECTED = (
    ("event", "UPDATE", "the event log can only be appended to"),
    ("event", "DELETE", "the event log can only be appended to"),
    ("release", "UPDATE", "a release is never changed; publish another one"),
)
LOG_HEAD_WHOLE = "(log_number IS NULL) = (log_hash IS NULL) AND log_number >= 1 AND length(log_hash) = 32"


def is_sqlite() -> bool:
    """Whether this runs on SQLite."""
    return op.get_context().dialect.name == "sqlite"


def protect() -> None:
    """Let the database itself refuse to change or delete these rows."""
    for table, action, message in PROTECTED:
        head = f'CREATE TRIGGER {table}_refuses_{action.lower()} BEFORE {action} ON "{table}" '
        if is_sqlite():
            op.execute(f"{head} BEGIN SELECT RAISE(ABORT, '{message}'); END")
        else:
            op.execute(f"{head} FOR EACH ROW EXECUTE FUNCTION refuse_change('{message}')")


def unprotect() -> None:
    """Take the triggers away."""
    for table, action, _message in PROTECTED:
        on_table = "" if is_sqlite() else f' ON "{table}"'
        op.execute(f"DROP TRIGGER {table}_refuses_{action.lower()}{on_table}")


def upgrade() -> None:
    """Go to this revision."""
    unprotect()
    with op.batch_alter_table("event") as batch_op:
        batch_op.add_column(sa.Column("hash", sa.LargeBinary(length=32), nullable=True))
        batch_op.alter_column("id", new_column_name="number", existing_type=sa.Integer(), existing_nullable=False)
    if not is_sqlite():
        op.execute("ALTER TABLE event ALTER COLUMN number DROP DEFAULT")
        op.execute("DROP SEQUENCE event_id_seq")
    chain_events()
    with op.batch_alter_table("event") as batch_op:
        batch_op.alter_column("hash", nullable=False, existing_type=sa.LargeBinary(length=32))
        batch_op.create_check_constraint(batch_op.f("ck_event_hash_whole"), "length(hash) = 32")
    with op.batch_alter_table("release") as batch_op:
        batch_op.add_column(sa.Column("log_number", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("log_hash", sa.LargeBinary(length=32), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_release_log_head_whole"), LOG_HEAD_WHOLE)
    protect()


def downgrade() -> None:
    """Go back to the one before."""
    unprotect()
    with op.batch_alter_table("release") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_release_log_head_whole"), type_="check")
        batch_op.drop_column("log_hash")
        batch_op.drop_column("log_number")
    with op.batch_alter_table("event") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_event_hash_whole"), type_="check")
        batch_op.drop_column("hash")
        batch_op.alter_column("number", new_column_name="id", existing_type=sa.Integer(), existing_nullable=False)
    if not is_sqlite():
        op.execute("CREATE SEQUENCE event_id_seq AS integer OWNED BY event.id")
        op.execute("ALTER TABLE event ALTER COLUMN id SET DEFAULT nextval('event_id_seq')")
        op.execute("SELECT setval('event_id_seq', coalesce(max(id), 1), max(id) IS NOT NULL) FROM event")
    protect()


# ---- numbering what is there, as the version of this revision does

EVENT = sa.table(
    "event",
    sa.column("number", sa.Integer()),
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(name) for name in ("actor_id", "actor_name", "kind", "subject", "reason")),
    sa.column("data", sa.JSON()),
    sa.column("hash", sa.LargeBinary()),
)


def chain_events() -> None:
    """Give each event its number and hash, in the order in which they were written."""
    connection, last, before = op.get_bind(), 0, bytes(32)
    numbering = (
        sa.update(EVENT)
        .where(EVENT.c.number == sa.bindparam("was"))
        .values(number=sa.bindparam("becomes"), hash=sa.bindparam("its_hash"))
    )
    for rows in list_events(connection):
        changes = []
        for row in rows:
            last += 1
            before = hashlib.sha256(before + canonical(last, row)).digest()
            changes.append({"was": row.number, "becomes": last, "its_hash": before})
        connection.execute(numbering, changes)  # upwards, and never above where it was: no number is met twice


def list_events(connection: sa.Connection) -> Iterator[list[Any]]:
    """All events in order, some at a time."""
    seen = -1
    some = sa.select(EVENT).order_by(EVENT.c.number).limit(AT_ONCE)
    while rows := list(connection.execute(some.where(EVENT.c.number > seen))):
        seen = rows[-1].number
        yield rows


def canonical(number: int, row: Any) -> bytes:
    """What an event says, as bytes."""
    at = row.at.replace(tzinfo=UTC) if row.at.tzinfo is None else row.at.astimezone(UTC)
    names = ("actor_id", "actor_name", "kind", "subject", "reason", "data")
    content = {name: getattr(row, name) for name in names}
    content |= {"number": number, "at": at.isoformat(timespec="microseconds")}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
