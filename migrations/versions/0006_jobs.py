"""Long jobs, worked off by `rating work`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_jobs"
down_revision = "0005_event_chain"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "done",
                "failed",
                name="state_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=32), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "failure",
            sa.Enum(
                "error",
                "refused",
                "time",
                "memory",
                "interrupted",
                name="failure_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("file_name", sa.String(length=120), nullable=True),
        sa.Column("media_type", sa.String(length=80), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(state = 'done') = (result IS NOT NULL)", name=op.f("ck_job_result_when_done")),
        sa.CheckConstraint("(state = 'failed') = (failure IS NOT NULL)", name=op.f("ck_job_failure_when_failed")),
        sa.CheckConstraint(
            "(state = 'running') = (worker IS NOT NULL) AND (state = 'running') = (seen_at IS NOT NULL)",
            name=op.f("ck_job_worker_while_running"),
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'failed')) = (ended_at IS NOT NULL)", name=op.f("ck_job_ended_when_over")
        ),
        sa.CheckConstraint("attempts BETWEEN 0 AND 2", name=op.f("ck_job_attempts_few")),
        sa.CheckConstraint("done >= 0 AND done <= total", name=op.f("ck_job_progress_within")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user_account.id"], name=op.f("fk_job_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_ended_at"), ["ended_at"], unique=False)
        batch_op.create_index("ix_job_state_id", ["state", "id"], unique=False)


def downgrade() -> None:
    """Go back to the one before."""
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_state_id")
        batch_op.drop_index(batch_op.f("ix_job_ended_at"))
        batch_op.drop_index(batch_op.f("ix_job_asked_by_id"))

    op.drop_table("job")
