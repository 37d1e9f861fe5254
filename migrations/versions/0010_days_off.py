"""Notices of days off that the bureau enters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_days_off"
down_revision = "0009_draft_digest"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "days_off_notice",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("year BETWEEN 2004 AND 2199", name=op.f("ck_days_off_notice_year_computable")),
        sa.CheckConstraint("length(source) BETWEEN 1 AND 80", name=op.f("ck_days_off_notice_source_given")),
        sa.ForeignKeyConstraint(["entered_by"], ["user_account.id"], name=op.f("fk_days_off_notice_entered_by")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_days_off_notice")),
    )
    op.create_index(op.f("ix_days_off_notice_entered_by"), "days_off_notice", ["entered_by"])
    op.create_table(
        "noticed_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["year"], ["days_off_notice.year"], name=op.f("fk_noticed_day_year"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_noticed_day")),
    )
    op.create_index(op.f("ix_noticed_day_year"), "noticed_day", ["year"])


def downgrade() -> None:
    """Go back to the one before."""
    op.drop_table("noticed_day")
    op.drop_table("days_off_notice")
