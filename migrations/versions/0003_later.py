"""What came after the first: flags and reviews, sealed values, records with evidence, counters of guesses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# What has been recorded stays as it is. (SQLite drops a table's triggers with the table.)
PROTECTED: tuple[tuple[str, str, str], ...] = (
    ("flag", "UPDATE", "a flag stays as it was set"),
    ("flag", "DELETE", "a flag stays as it was set"),
    ("review", "UPDATE", "a review is final"),
    ("review", "DELETE", "a review is final"),
    ("sealed_value", "UPDATE", "what was sealed at the close is never changed"),
    ("sealed_value", "DELETE", "what was sealed at the close is kept"),
    ("receipt_list", "UPDATE", "a release is never changed; publish another one"),
    ("receipt_list", "DELETE", "a release is never changed; publish another one"),
    ("listed_receipt", "UPDATE", "a release is never changed; publish another one"),
    ("listed_receipt", "DELETE", "a release is never changed; publish another one"),
    ("spot_check", "UPDATE", "what a spot check found stays as it is"),
    ("spot_check", "DELETE", "what a spot check found stays as it is"),
    ("gap_check", "UPDATE", "the check of a gap is final"),
    ("gap_check", "DELETE", "the check of a gap is final"),
    ("city_contrast", "UPDATE", "a scorecard and what was computed with it never change"),
    ("city_contrast", "DELETE", "a scorecard and what was computed with it never change"),
)


def protect() -> None:
    """Let the database itself refuse to change or delete these rows."""
    for table, action, message in PROTECTED:
        if op.get_context().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        else:
            op.execute(
                f'CREATE TRIGGER {table}_refuses_{action.lower()} BEFORE {action} ON "{table}" '
                f"FOR EACH ROW EXECUTE FUNCTION refuse_change('{message}')"
            )


def unprotect() -> None:
    """Take the triggers away again."""
    for table, action, _message in PROTECTED:
        on_table = "" if op.get_context().dialect.name == "sqlite" else f' ON "{table}"'
        op.execute(f"DROP TRIGGER {table}_refuses_{action.lower()}{on_table}")


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "stored_file",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("kept_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "media_type IN ('application/pdf', 'image/jpeg', 'image/png')", name=op.f("ck_stored_file_media_type_known")
        ),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_stored_file_digest_whole")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_stored_file")),
    )
    op.create_table(
        "try_count",
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tries >= 1", name=op.f("ck_try_count_tries_positive")),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_try_count")),
    )
    with op.batch_alter_table("try_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_try_count_ends_at"), ["ends_at"], unique=False)

    op.create_table(
        "adjustment_evidence",
        sa.Column("adjustment_id", sa.Integer(), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["adjustment_id"], ["adjustment.id"], name=op.f("fk_adjustment_evidence_adjustment_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_digest"], ["stored_file.digest"], name=op.f("fk_adjustment_evidence_file_digest")
        ),
        sa.PrimaryKeyConstraint("adjustment_id", "file_digest", name=op.f("pk_adjustment_evidence")),
    )
    with op.batch_alter_table("adjustment_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adjustment_evidence_file_digest"), ["file_digest"], unique=False)

    op.create_table(
        "city_contrast",
        sa.Column("scorecard_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("late", "helper", name="kind_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("difference", sa.Numeric(precision=10, scale=6), nullable=False),
        sa.Column("lower", sa.Numeric(precision=10, scale=6), nullable=False),
        sa.Column("upper", sa.Numeric(precision=10, scale=6), nullable=False),
        sa.Column("estates", sa.Integer(), nullable=False),
        sa.Column("first_count", sa.Integer(), nullable=False),
        sa.Column("second_count", sa.Integer(), nullable=False),
        sa.Column("is_beyond", sa.Boolean(), nullable=False),
        sa.CheckConstraint("difference BETWEEN lower AND upper", name=op.f("ck_city_contrast_difference_within")),
        sa.CheckConstraint(
            "estates >= 1 AND first_count >= 2 AND second_count >= 2", name=op.f("ck_city_contrast_counts_enough")
        ),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecard.id"], name=op.f("fk_city_contrast_scorecard_id")),
        sa.PrimaryKeyConstraint("scorecard_id", "kind", name=op.f("pk_city_contrast")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "receipt_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("estate_id", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count >= 1", name=op.f("ck_receipt_list_count_positive")),
        sa.CheckConstraint(
            "estate_id IS NULL OR company_id IS NOT NULL", name=op.f("ck_receipt_list_estate_of_a_company")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_receipt_list_number_positive")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_receipt_list_company_id")),
        sa.ForeignKeyConstraint(["estate_id"], ["estate.id"], name=op.f("fk_receipt_list_estate_id")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_receipt_list_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_list")),
        sa.UniqueConstraint(
            "release_id", "company_id", "estate_id", name=op.f("uq_receipt_list_release_id_company_id_estate_id")
        ),
        sa.UniqueConstraint("release_id", "number", name=op.f("uq_receipt_list_release_id_number")),
    )
    op.create_table(
        "spot_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=80), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("matching", sa.Integer(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("checked_by", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("length(note) <= 500", name=op.f("ck_spot_check_note_not_too_long")),
        sa.CheckConstraint("length(seed) BETWEEN 1 AND 80", name=op.f("ck_spot_check_seed_given")),
        sa.CheckConstraint("matching BETWEEN 0 AND opened", name=op.f("ck_spot_check_matching_among_opened")),
        sa.CheckConstraint("opened BETWEEN 1 AND 200", name=op.f("ck_spot_check_opened_within_sample")),
        sa.ForeignKeyConstraint(["checked_by"], ["user_account.id"], name=op.f("fk_spot_check_checked_by")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_spot_check_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
        sa.UniqueConstraint("release_id", "seed", name=op.f("uq_spot_check_release_id_seed")),
    )
    op.create_table(
        "gap_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rated_estate_id", sa.Integer(), nullable=False),
        sa.Column("residents", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("on_site", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column(
            "finding",
            sa.Enum(
                "explained",
                "sheet_wrong",
                "not_clear",
                name="finding_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "checked_as",
            sa.Enum(
                "subdistrict", "bureau", name="checked_as_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("checked_by", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(note) BETWEEN 1 AND 1000", name=op.f("ck_gap_check_note_given")),
        sa.ForeignKeyConstraint(["checked_by"], ["user_account.id"], name=op.f("fk_gap_check_checked_by")),
        sa.ForeignKeyConstraint(["rated_estate_id"], ["rated_estate.id"], name=op.f("fk_gap_check_rated_estate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_check")),
        sa.UniqueConstraint(
            "rated_estate_id", "residents", "on_site", name=op.f("uq_gap_check_rated_estate_id_residents_on_site")
        ),
    )
    with op.batch_alter_table("gap_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gap_check_checked_by"), ["checked_by"], unique=False)

    op.create_table(
        "listed_receipt",
        sa.Column("receipt_list_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("receipt_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("check_value", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("length(check_value) = 32", name=op.f("ck_listed_receipt_check_value_whole")),
        sa.CheckConstraint("length(receipt_hash) = 32", name=op.f("ck_listed_receipt_receipt_hash_whole")),
        sa.ForeignKeyConstraint(
            ["receipt_list_id"], ["receipt_list.id"], name=op.f("fk_listed_receipt_receipt_list_id")
        ),
        sa.PrimaryKeyConstraint("receipt_list_id", "receipt_hash", name=op.f("pk_listed_receipt")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deduction",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("indicator", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=True),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 500", name=op.f("ck_deduction_reason_given")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_deduction_evaluation_id")),
        sa.ForeignKeyConstraint(["file_digest"], ["stored_file.digest"], name=op.f("fk_deduction_file_digest")),
        sa.PrimaryKeyConstraint("evaluation_id", "indicator", name=op.f("pk_deduction")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("deduction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deduction_file_digest"), ["file_digest"], unique=False)

    op.create_table(
        "flag",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "same_answers", "same_comment", name="kind_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("cluster", sa.Integer(), nullable=False),
        sa.CheckConstraint("cluster >= 1", name=op.f("ck_flag_cluster_positive")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_flag_evaluation_id")),
        sa.PrimaryKeyConstraint("evaluation_id", "kind", name=op.f("pk_flag")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "accepted", "rejected", name="decision_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "same_hand",
                "code_misused",
                "machine_made",
                name="reason_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(decision = 'rejected') = (reason IS NOT NULL)", name=op.f("ck_review_rejection_has_reason")
        ),
        sa.CheckConstraint("length(note) <= 500", name=op.f("ck_review_note_short")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_review_evaluation_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["user_account.id"], name=op.f("fk_review_reviewer_id")),
        sa.PrimaryKeyConstraint("evaluation_id", name=op.f("pk_review")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_reviewer_id"), ["reviewer_id"], unique=False)

    op.create_table(
        "sealed_value",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=32), nullable=False),
        sa.Column("value", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("length(nonce) = 32", name=op.f("ck_sealed_value_nonce_whole")),
        sa.CheckConstraint("length(value) = 32", name=op.f("ck_sealed_value_value_whole")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_sealed_value_evaluation_id")),
        sa.PrimaryKeyConstraint("evaluation_id", name=op.f("pk_sealed_value")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "trace",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("network", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_trace_evaluation_id")),
        sa.PrimaryKeyConstraint("evaluation_id", name=op.f("pk_trace")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("adjustment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "state",
                sa.Enum(
                    "proposed",
                    "confirmed",
                    "refused",
                    "withdrawn",
                    name="state_known",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                server_default="confirmed",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("recorded_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("decided_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("closing_reason", sa.Text(), server_default="", nullable=False))
        batch_op.create_index(batch_op.f("ix_adjustment_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_adjustment_recorded_by"), ["recorded_by"], unique=False)
        batch_op.create_check_constraint(batch_op.f("ck_adjustment_two_people"), "decided_by <> recorded_by")
        batch_op.create_check_constraint(
            batch_op.f("ck_adjustment_decided_by_somebody"),
            "(state = 'proposed') = (decided_by IS NULL AND recorded_by IS NOT NULL)",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_adjustment_withdrawal_has_reason"), "state <> 'withdrawn' OR length(closing_reason) > 0"
        )
        batch_op.create_foreign_key(batch_op.f("fk_adjustment_decided_by"), "user_account", ["decided_by"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_adjustment_recorded_by"), "user_account", ["recorded_by"], ["id"])

    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evaluation_tally"))
        batch_op.create_index(
            "ix_evaluation_residents",
            ["rated_estate_id", "score", "marks"],
            unique=False,
            sqlite_where=sa.text("direction = 'resident_to_company'"),
            postgresql_where=sa.text("direction = 'resident_to_company'"),
        )

    protect()


def downgrade() -> None:
    """Go back to the one before."""
    unprotect()
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_evaluation_residents",
            sqlite_where=sa.text("direction = 'resident_to_company'"),
            postgresql_where=sa.text("direction = 'resident_to_company'"),
        )
        batch_op.create_index(
            batch_op.f("ix_evaluation_tally"), ["direction", "rated_estate_id", "score", "marks"], unique=False
        )

    with op.batch_alter_table("adjustment", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_adjustment_two_people"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_adjustment_decided_by_somebody"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_adjustment_withdrawal_has_reason"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_adjustment_state_known"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_adjustment_recorded_by"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_adjustment_decided_by"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_adjustment_recorded_by"))
        batch_op.drop_index(batch_op.f("ix_adjustment_decided_by"))
        batch_op.drop_column("closing_reason")
        batch_op.drop_column("decided_at")
        batch_op.drop_column("decided_by")
        batch_op.drop_column("recorded_at")
        batch_op.drop_column("recorded_by")
        batch_op.drop_column("state")

    op.drop_table("trace")
    op.drop_table("sealed_value")
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_reviewer_id"))

    op.drop_table("review")
    op.drop_table("flag")
    with op.batch_alter_table("deduction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deduction_file_digest"))

    op.drop_table("deduction")
    op.drop_table("listed_receipt")
    with op.batch_alter_table("gap_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gap_check_checked_by"))

    op.drop_table("gap_check")
    op.drop_table("spot_check")
    op.drop_table("receipt_list")
    op.drop_table("city_contrast")
    with op.batch_alter_table("adjustment_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_adjustment_evidence_file_digest"))

    op.drop_table("adjustment_evidence")
    with op.batch_alter_table("try_count", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_try_count_ends_at"))

    op.drop_table("try_count")
    op.drop_table("stored_file")
