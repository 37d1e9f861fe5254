"""SHA-256 of a draft, and with a release that of the draft that was signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_draft_digest"
down_revision = "0008_session_seen"
branch_labels = None
depends_on = None

KEPT = "a release is never changed; publish another one"


def protect() -> None:
    """Make the trigger of `release` anew: SQLite drops it with the table, which is made anew to change it."""
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER release_refuses_update BEFORE UPDATE ON release BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
        )


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("release_draft", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest", sa.String(length=64), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_release_draft_digest_whole"), "length(digest) = 64")
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.add_column(sa.Column("draft_digest", sa.String(length=64), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_release_signed_digest_whole"), "length(draft_digest) = 64")
    protect()


def downgrade() -> None:
    """Go back to the one before."""
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_release_signed_digest_whole"), type_="check")
        batch_op.drop_column("draft_digest")
    with op.batch_alter_table("release_draft", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_release_draft_digest_whole"), type_="check")
        batch_op.drop_column("digest")
    protect()
