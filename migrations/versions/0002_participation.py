"""Participation as one row an estate, so that none lies beside an evaluation; what is marked stays marked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MARKS = "length(replace({row}.answered, '0', ''))"
MARKS_NOBODY = f"{MARKS.format(row='NEW')} <= {MARKS.format(row='OLD')}"
ONCE = "a household answers once"


def upgrade() -> None:
    """Go to this revision."""
    found = op.get_bind().execute(
        sa.text(
            "SELECT p.rated_estate_id, p.household_number, e.households FROM participation p "
            "JOIN rated_estate e ON e.id = p.rated_estate_id"
        )
    )
    answered: dict[int, list[str]] = {}
    for rated_estate_id, number, households in found:
        marks = answered.setdefault(rated_estate_id, ["0"] * households)
        marks.extend("0" * (number - len(marks)))
        marks[number - 1] = "1"
    op.drop_table("participation")
    made = op.create_table(
        "participation",
        sa.Column("rated_estate_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("answered", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "replace(replace(answered, '0', ''), '1', '') = ''", name=op.f("ck_participation_answered_or_not")
        ),
        sa.ForeignKeyConstraint(
            ["rated_estate_id"], ["rated_estate.id"], name=op.f("fk_participation_rated_estate_id")
        ),
        sa.PrimaryKeyConstraint("rated_estate_id", name=op.f("pk_participation")),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(
        made, [{"rated_estate_id": estate, "answered": "".join(marks)} for estate, marks in sorted(answered.items())]
    )
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER participation_marks_once BEFORE UPDATE ON participation "
            f"WHEN {MARKS_NOBODY} BEGIN SELECT RAISE(ABORT, '{ONCE}'); END"
        )
    else:
        op.execute(
            "CREATE TRIGGER participation_marks_once BEFORE UPDATE ON participation "
            f"FOR EACH ROW WHEN ({MARKS_NOBODY}) EXECUTE FUNCTION refuse_change('{ONCE}')"
        )


def downgrade() -> None:
    """Go back to the one before."""
    answered = op.get_bind().execute(sa.text("SELECT rated_estate_id, answered FROM participation")).all()
    op.drop_table("participation")
    made = op.create_table(
        "participation",
        sa.Column("rated_estate_id", sa.Integer(), nullable=False),
        sa.Column("household_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rated_estate_id"], ["rated_estate.id"], name=op.f("fk_participation_rated_estate_id")
        ),
        sa.PrimaryKeyConstraint("rated_estate_id", "household_number", name=op.f("pk_participation")),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(
        made,
        [
            {"rated_estate_id": estate, "household_number": number}
            for estate, marks in answered
            for number, mark in enumerate(marks, start=1)
            if mark == "1"
        ],
    )
