"""Sessions know when they were last used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_session_seen"
down_revision = "0007_cells"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.execute("DELETE FROM staff_session")  # everybody signs in again, as after a restore
    anew = "always" if op.get_context().dialect.name == "sqlite" else "never"  # else the column's text isn't a model's
    with op.batch_alter_table("staff_session", recreate=anew) as batch_op:
        batch_op.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False))


def downgrade() -> None:
    """Go back to the one before."""
    with op.batch_alter_table("staff_session") as batch_op:
        batch_op.drop_column("seen_at")
