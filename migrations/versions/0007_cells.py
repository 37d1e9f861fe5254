"""Where each estate's evaluations stood in a scorecard; groups of receipt lists.

Scorecards of the form before this one let single answers be worked out (they weighed folded estates by their
households), and can't be carried over: what they lack was not kept.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_cells"
down_revision = "0006_jobs"
branch_labels = None
depends_on = None

PROTECTED = ("scorecard_cell", "scorecard_uncounted")
MESSAGE = "a scorecard and what was computed with it never change"


def protect() -> None:
    """Let the database itself refuse to change or delete these rows."""
    for table in PROTECTED:
        for action in ("UPDATE", "DELETE"):
            how = f"CREATE TRIGGER {table}_refuses_{action.lower()} BEFORE {action} ON {table} "
            if op.get_context().dialect.name == "sqlite":
                op.execute(f"{how} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END")
            else:
                op.execute(f"{how} FOR EACH ROW EXECUTE FUNCTION refuse_change('{MESSAGE}')")


def hold_no_scorecard() -> None:
    """Refuse a database with scorecards of the earlier form."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM scorecard")).scalar():
        raise RuntimeError(
            "This database holds scorecards of an earlier form, from which single answers can be worked out. They can't "
            "be carried over: keep a backup for the record and begin with an empty database (the demonstration: "
            "make demo-reset)."
        )


def upgrade() -> None:
    """Go to this revision."""
    hold_no_scorecard()
    op.create_table(
        "scorecard_cell",
        sa.Column("scorecard_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rated_estate_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group_number", sa.Integer(), nullable=True),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.CheckConstraint("group_number >= 0", name=op.f("ck_scorecard_cell_group_not_negative")),
        sa.CheckConstraint("received >= 0", name=op.f("ck_scorecard_cell_received_not_negative")),
        sa.CheckConstraint("NOT left_out OR group_number IS NULL", name=op.f("ck_scorecard_cell_left_out_of_cells")),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecard.id"], name=op.f("fk_scorecard_cell_scorecard_id")),
        sa.ForeignKeyConstraint(
            ["rated_estate_id"], ["rated_estate.id"], name=op.f("fk_scorecard_cell_rated_estate_id")
        ),
        sa.PrimaryKeyConstraint("scorecard_id", "rated_estate_id", name=op.f("pk_scorecard_cell")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "scorecard_uncounted",
        sa.Column("scorecard_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "never_flagged",
                "accepted",
                "not_accepted",
                "set_aside",
                name="state_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('not_accepted', 'set_aside')", name=op.f("ck_scorecard_uncounted_state_uncounted")
        ),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecard.id"], name=op.f("fk_scorecard_uncounted_scorecard_id")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_scorecard_uncounted_evaluation_id")
        ),
        sa.PrimaryKeyConstraint("scorecard_id", "evaluation_id", name=op.f("pk_scorecard_uncounted")),
        sqlite_with_rowid=False,
    )
    protect()
    group_receipt_lists()


UNIQUE = ("release_id", "company_id", "estate_id")
CHECKS = {
    "group_of_a_company": "group_number IS NULL OR company_id IS NOT NULL",
    "estate_or_group": "estate_id IS NULL OR group_number IS NULL",
    "group_positive": "group_number >= 1",
}
REFUSED = "a release is never changed; publish another one"


def group_receipt_lists() -> None:
    """Let a receipt list be one of a company's groups."""
    with op.batch_alter_table("receipt_list") as batch_op:
        batch_op.add_column(sa.Column("group_number", sa.Integer(), nullable=True))
        batch_op.drop_constraint("uq_receipt_list_" + "_".join(UNIQUE), type_="unique")
        columns = [*UNIQUE, "group_number"]
        batch_op.create_unique_constraint("uq_receipt_list_" + "_".join(columns), columns)
        for name, condition in CHECKS.items():
            batch_op.create_check_constraint(op.f(f"ck_receipt_list_{name}"), condition)
    protect_lists_again()


def protect_lists_again() -> None:
    """SQLite changes a table by writing another, without the triggers of the first."""
    if op.get_context().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER receipt_list_refuses_{action.lower()} BEFORE {action} ON receipt_list "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )


def downgrade() -> None:
    """Go back to the revision before, which can't read the scorecards of this one."""
    with op.batch_alter_table("receipt_list") as batch_op:
        for name in CHECKS:
            batch_op.drop_constraint(op.f(f"ck_receipt_list_{name}"), type_="check")
        batch_op.drop_constraint("uq_receipt_list_" + "_".join([*UNIQUE, "group_number"]), type_="unique")
        batch_op.create_unique_constraint("uq_receipt_list_" + "_".join(UNIQUE), list(UNIQUE))
        batch_op.drop_column("group_number")
    protect_lists_again()
    for table in reversed(PROTECTED):
        op.drop_table(table)
