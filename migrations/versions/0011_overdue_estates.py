"""At which estate a company's work is overdue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_overdue_estates"
down_revision = "0010_days_off"
branch_labels = None
depends_on = None


def kept() -> sa.Column[str]:
    """SQLite makes the table anew, and would write this default in another way than the model."""
    return sa.Column("closing_reason", sa.Text(), server_default="", nullable=False)


FILL = """
    UPDATE adjustment SET estate_id = (
        SELECT estate_id FROM commitment WHERE CAST(commitment.id AS TEXT) = adjustment.case_number
    ) WHERE kind = 'overdue_commitment'
"""


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("adjustment", schema=None, reflect_args=[kept()]) as batch_op:
        batch_op.add_column(sa.Column("estate_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_adjustment_estate_id"), ["estate_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_adjustment_estate_id"), "estate", ["estate_id"], ["id"])
        batch_op.create_check_constraint(
            batch_op.f("ck_adjustment_estate_of_overdue_work"), "estate_id IS NULL OR kind = 'overdue_commitment'"
        )
    op.execute(FILL)


def downgrade() -> None:
    """Go back to the one before."""
    with op.batch_alter_table("adjustment", schema=None, reflect_args=[kept()]) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_adjustment_estate_of_overdue_work"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_adjustment_estate_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_adjustment_estate_id"))
        batch_op.drop_column("estate_id")
