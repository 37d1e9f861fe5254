"""Who gave what to accounts and who confirmed it; what was given so far is taken over from the event log, once."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004_second_person"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = ("added", "invited", "granted", "linked", "role_ended", "deactivated", "reactivated")
ROLES = ("bureau", "subdistrict", "community", "committee", "company", "reviewer", "helper", "auditor")
KEPT = "what was given to an account stays as it was recorded"
SAME = ("id", "user_id", "kind", "role", "place", "given_by", "given_at", "waits")
CHANGED = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in SAME)
DECIDED = "OLD.decision IS NOT NULL"

# The triggers of user_grant as they stand since the first migration: SQLite drops them with the table.
AUDITS_ALONE = """
    SELECT 1 FROM user_grant other
    WHERE other.user_id = NEW.user_id AND other.id <> NEW.id
    AND (other.role = 'auditor') <> (NEW.role = 'auditor')
    AND other.ended_at IS NULL AND NEW.ended_at IS NULL
    AND (other.ends_on IS NULL OR other.ends_on >= NEW.starts_on)
    AND (NEW.ends_on IS NULL OR NEW.ends_on >= other.starts_on)
"""
ALONE = "an auditor holds no other role at the same time"

LETTING_IN = {
    "user.added": "added",
    "user.invited": "invited",
    "invitation.issued": "linked",
    "role.granted": "granted",
}


def _is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def protect() -> None:
    """Let the database itself keep the rows: none goes, and the one change is the decision, once."""
    if _is_sqlite():
        op.execute(
            "CREATE TRIGGER access_change_refuses_delete BEFORE DELETE ON access_change "
            f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
        )
        op.execute(
            f"CREATE TRIGGER access_change_refuses_update BEFORE UPDATE ON access_change WHEN {DECIDED} OR {CHANGED} "
            f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
        )
        return
    op.execute(
        "CREATE TRIGGER access_change_refuses_delete BEFORE DELETE ON access_change "
        f"FOR EACH ROW EXECUTE FUNCTION refuse_change('{KEPT}')"
    )
    op.execute(
        "CREATE TRIGGER access_change_refuses_update BEFORE UPDATE ON access_change "
        f"FOR EACH ROW WHEN ({DECIDED} OR {CHANGED}) EXECUTE FUNCTION refuse_change('{KEPT}')"
    )


def audit_alone() -> None:
    """Make the triggers of user_grant anew after SQLite has made its table anew."""
    if _is_sqlite():
        for action in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER user_grant_audits_alone_{action.lower()} AFTER {action} ON user_grant "
                f"WHEN EXISTS ({AUDITS_ALONE}) BEGIN SELECT RAISE(ABORT, '{ALONE}'); END"
            )


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "access_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="kind_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum(*ROLES, name="role_known", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("given_by", sa.Integer(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "confirmed", "refused", name="decision_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_access_change_decision_whole"),
        ),
        sa.CheckConstraint(
            "decision <> 'confirmed' OR (decided_by <> given_by AND decided_by <> user_id)",
            name=op.f("ck_access_change_confirmed_by_a_third"),
        ),
        sa.CheckConstraint("decision <> 'refused' OR waits", name=op.f("ck_access_change_only_what_waits_is_refused")),
        sa.CheckConstraint("decided_at >= given_at", name=op.f("ck_access_change_decided_after_given")),
        sa.CheckConstraint(
            "kind = 'role_ended' OR given_by <> user_id", name=op.f("ck_access_change_giver_is_another")
        ),
        sa.CheckConstraint(
            "given_by IS NOT NULL OR (NOT waits AND decision IS NULL)", name=op.f("ck_access_change_waits_for_a_giver")
        ),
        sa.CheckConstraint(
            "kind IN ('added', 'invited', 'granted', 'linked') OR (NOT waits AND decision IS NULL)",
            name=op.f("ck_access_change_only_what_is_given_waits"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('granted', 'role_ended') OR role IS NOT NULL", name=op.f("ck_access_change_role_is_told")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f("fk_access_change_decided_by")),
        sa.ForeignKeyConstraint(["given_by"], ["user_account.id"], name=op.f("fk_access_change_given_by")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_access_change_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_change")),
    )
    op.create_index(op.f("ix_access_change_given_by"), "access_change", ["given_by"], unique=False)
    op.create_index(op.f("ix_access_change_user_id"), "access_change", ["user_id"], unique=False)
    op.create_table(
        "account_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["change_id"], ["access_change.id"], name=op.f("fk_account_notice_change_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_account_notice_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_notice")),
        sa.UniqueConstraint("user_id", "change_id", name=op.f("uq_account_notice_user_id_change_id")),
    )
    op.create_index(op.f("ix_account_notice_change_id"), "account_notice", ["change_id"], unique=False)
    for table in ("user_grant", "invitation"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("change_id", sa.Integer(), nullable=True))
    _take_over()
    for table in ("user_grant", "invitation"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("change_id", existing_type=sa.Integer(), nullable=False)
            batch_op.create_foreign_key(batch_op.f(f"fk_{table}_change_id"), "access_change", ["change_id"], ["id"])
            batch_op.create_index(batch_op.f(f"ix_{table}_change_id"), ["change_id"], unique=False)
    audit_alone()
    protect()


# ---- what was given before, as the log tells it


def _take_over() -> None:
    """A row for everything that was given; what the log tells nothing of counts as given by nobody."""
    connection = op.get_bind()
    grants = connection.execute(sa.text("SELECT id, role, user_id, starts_on FROM user_grant ORDER BY id")).all()
    known = {grant.id: grant for grant in grants}
    newest_link: dict[int, int] = {}
    of_grant: dict[int, int] = {}
    for event in _events(connection):
        kind, user_id = LETTING_IN[event.kind], int(event.subject.removeprefix("user:"))
        grant = known.get((event.data or {}).get("grant")) if kind == "granted" else None
        if kind == "granted" and grant is None:
            continue
        giver = event.actor_id if event.actor_id != user_id else None
        change_id = _insert(connection, user_id, kind, grant.role if grant else None, giver, event.at)
        if grant is not None:
            of_grant[grant.id] = change_id
        if kind == "linked":
            newest_link[user_id] = change_id
    for grant in grants:
        if grant.id not in of_grant:
            began = datetime.combine(_day(grant.starts_on), time(), UTC)
            of_grant[grant.id] = _insert(connection, grant.user_id, "granted", grant.role, None, began)
    _point(connection, "user_grant", "id", of_grant)
    for user_id in connection.execute(sa.text("SELECT user_id FROM invitation")).scalars().all():
        if user_id not in newest_link:
            newest_link[user_id] = _insert(connection, user_id, "linked", None, None, datetime.now(UTC))
    _point(connection, "invitation", "user_id", newest_link)


def _events(connection: sa.Connection) -> list[Any]:
    event = sa.table(
        "event",
        sa.column("id", sa.Integer()),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("actor_id", sa.Integer()),
        sa.column("kind", sa.String()),
        sa.column("subject", sa.String()),
        sa.column("data", sa.JSON()),
    )
    mine = event.c.kind.in_(LETTING_IN), event.c.subject.startswith("user:")
    return list(connection.execute(sa.select(event).where(*mine).order_by(event.c.id)))


def _day(value: Any) -> Any:
    return datetime.fromisoformat(value).date() if isinstance(value, str) else value


CHANGE = sa.table(
    "access_change",
    sa.column("id", sa.Integer()),
    sa.column("user_id", sa.Integer()),
    sa.column("kind", sa.String()),
    sa.column("role", sa.String()),
    sa.column("place", sa.String()),
    sa.column("given_by", sa.Integer()),
    sa.column("given_at", sa.DateTime(timezone=True)),
    sa.column("waits", sa.Boolean()),
    sa.column("reason", sa.Text()),
)


def _insert(
    connection: sa.Connection, user_id: int, kind: str, role: str | None, given_by: int | None, given_at: datetime
) -> int:
    row = {"user_id": user_id, "kind": kind, "role": role, "place": "", "given_by": given_by, "given_at": given_at}
    statement = sa.insert(CHANGE).values(**row, waits=False, reason="").returning(CHANGE.c.id)
    return int(connection.execute(statement).scalar_one())


def _point(connection: sa.Connection, table: str, key: str, changes: dict[int, int]) -> None:
    rows = [{"key": one, "change": change_id} for one, change_id in changes.items()]
    if rows:
        connection.execute(sa.text(f"UPDATE {table} SET change_id = :change WHERE {key} = :key"), rows)  # noqa: S608  # two constants


def downgrade() -> None:
    """Go back to the one before."""
    for table in ("invitation", "user_grant"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_change_id"))
            batch_op.drop_constraint(batch_op.f(f"fk_{table}_change_id"), type_="foreignkey")
            batch_op.drop_column("change_id")
    audit_alone()
    op.drop_table("account_notice")
    op.drop_table("access_change")
