"""The first schema, and the triggers that keep published and logged rows as they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What has been loaded, computed, published or logged stays as it is. (SQLite drops a table's triggers with the table:
# a later migration that makes one of these tables anew has to call for its triggers again.)
PROTECTED = (
    ("rulebook", "UPDATE", "a loaded rulebook never changes; load another version"),
    ("scorecard", "UPDATE", "a scorecard is frozen; compute another one"),
    ("release", "UPDATE", "a release is never changed; publish another one"),
    ("listing", "UPDATE", "a listing is never changed; publish another release"),
    ("event", "UPDATE", "the event log can only be appended to"),
    ("event", "DELETE", "the event log can only be appended to"),
)

AUDITS_ALONE = """
    SELECT 1 FROM user_grant other
    WHERE other.user_id = NEW.user_id AND other.id <> NEW.id
    AND (other.role = 'auditor') <> (NEW.role = 'auditor')
    AND other.ended_at IS NULL AND NEW.ended_at IS NULL
    AND (other.ends_on IS NULL OR other.ends_on >= NEW.starts_on)
    AND (NEW.ends_on IS NULL OR NEW.ends_on >= other.starts_on)
"""
ALONE = "an auditor holds no other role at the same time"


def protect() -> None:
    """Let the database itself refuse to change or delete these rows."""
    if op.get_context().dialect.name == "sqlite":
        for table, action, message in PROTECTED:
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        for action in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER user_grant_audits_alone_{action.lower()} AFTER {action} ON user_grant "
                f"WHEN EXISTS ({AUDITS_ALONE}) BEGIN SELECT RAISE(ABORT, '{ALONE}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = TG_ARGV[0]; END $$"
    )
    for table, action, message in PROTECTED:
        op.execute(
            f'CREATE TRIGGER {table}_refuses_{action.lower()} BEFORE {action} ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION refuse_change('{message}')"
        )
    op.execute(
        "CREATE FUNCTION audits_alone() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF EXISTS ({AUDITS_ALONE}) THEN RAISE EXCEPTION USING ERRCODE = 'restrict_violation', "
        f"MESSAGE = '{ALONE}'; END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER user_grant_audits_alone AFTER INSERT OR UPDATE ON user_grant "
        "FOR EACH ROW EXECUTE FUNCTION audits_alone()"
    )


def unprotect() -> None:
    """Take the triggers away again."""
    for table, action, _message in PROTECTED:
        on_table = "" if op.get_context().dialect.name == "sqlite" else f' ON "{table}"'
        op.execute(f"DROP TRIGGER {table}_refuses_{action.lower()}{on_table}")
    if op.get_context().dialect.name == "sqlite":
        for action in ("insert", "update"):
            op.execute(f"DROP TRIGGER user_grant_audits_alone_{action}")
        return
    op.execute("DROP TRIGGER user_grant_audits_alone ON user_grant")
    op.execute("DROP FUNCTION audits_alone()")
    op.execute("DROP FUNCTION refuse_change()")


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "company",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_company_not_its_own_parent")),
        sa.ForeignKeyConstraint(["parent_id"], ["company.id"], name=op.f("fk_company_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint("code", name=op.f("uq_company_code")),
    )
    op.create_index(op.f("ix_company_parent_id"), "company", ["parent_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_at"), "event", ["at"], unique=False)
    op.create_index(op.f("ix_event_kind"), "event", ["kind"], unique=False)
    op.create_index(op.f("ix_event_subject"), "event", ["subject"], unique=False)
    op.create_table(
        "rulebook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_rulebook_version_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulebook")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_rulebook_key_version")),
    )
    op.create_table(
        "subdistrict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subdistrict")),
        sa.UniqueConstraint("code", name=op.f("uq_subdistrict_code")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_user_account_fs_uniquifier")),
        sa.UniqueConstraint("username", name=op.f("uq_user_account_username")),
    )
    op.create_table(
        "adjustment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "commendation",
                "finding",
                "veto",
                "overdue_commitment",
                name="kind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("points", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("severity", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("case_number", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'commendation' AND points > 0) OR (kind = 'finding' AND points < 0) OR (kind IN ('veto', 'overdue_commitment') AND points = 0)",
            name=op.f("ck_adjustment_points_fit_kind"),
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_adjustment_valid_days_in_order")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_adjustment_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
        sa.UniqueConstraint("kind", "source", "case_number", name=op.f("uq_adjustment_kind_source_case_number")),
    )
    op.create_index(op.f("ix_adjustment_company_id"), "adjustment", ["company_id"], unique=False)
    op.create_table(
        "community",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("subdistrict_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_community_subdistrict_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
        sa.UniqueConstraint("code", name=op.f("uq_community_code")),
    )
    op.create_index(op.f("ix_community_subdistrict_id"), "community", ["subdistrict_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("expires_at > issued_at", name=op.f("ck_invitation_days_in_order")),
        sa.CheckConstraint("used_at >= issued_at AND used_at < expires_at", name=op.f("ck_invitation_used_in_time")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_invitation_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title_zh", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=80), nullable=False),
        sa.Column("rulebook_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "open",
                "closed",
                "preview",
                "published",
                "archived",
                name="state_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("trial", sa.Boolean(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("rated_from", sa.Date(), nullable=False),
        sa.Column("rated_to", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("previewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("preview_ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_round_open_days_in_order")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_round_number_positive")),
        sa.CheckConstraint("rated_to >= rated_from", name=op.f("ck_round_rated_days_in_order")),
        sa.ForeignKeyConstraint(
            ["rulebook_id"], ["rulebook.id"], name=op.f("fk_round_rulebook_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("number", name=op.f("uq_round_number")),
    )
    op.create_index(
        "uq_round_one_open",
        "round",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "staff_session",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_staff_session_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_staff_session")),
    )
    op.create_index(op.f("ix_staff_session_expires_at"), "staff_session", ["expires_at"], unique=False)
    op.create_index(op.f("ix_staff_session_user_id"), "staff_session", ["user_id"], unique=False)
    op.create_table(
        "estate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("grid", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("households_total", sa.Integer(), nullable=False),
        sa.Column("households_lived_in", sa.Integer(), nullable=False),
        sa.Column("built_year", sa.Integer(), nullable=True),
        sa.Column("fee", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("renovated", sa.Boolean(), nullable=False),
        sa.Column("has_lifts", sa.Boolean(), nullable=False),
        sa.Column("has_cctv_or_entry_doors", sa.Boolean(), nullable=False),
        sa.Column("has_greenery", sa.Boolean(), nullable=False),
        sa.Column("company_runs_water_supply", sa.Boolean(), nullable=False),
        sa.Column("not_rated_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("fee >= 0", name=op.f("ck_estate_fee_not_negative")),
        sa.CheckConstraint(
            "households_lived_in BETWEEN 1 AND households_total",
            name=op.f("ck_estate_households_lived_in_within_total"),
        ),
        sa.CheckConstraint("households_total >= 1", name=op.f("ck_estate_households_total_positive")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_estate_community_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estate")),
        sa.UniqueConstraint("code", name=op.f("uq_estate_code")),
    )
    op.create_index(op.f("ix_estate_community_id"), "estate", ["community_id"], unique=False)
    op.create_table(
        "scorecard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("rulebook_digest", sa.String(length=64), nullable=False),
        sa.Column("tallies", sa.Text(), nullable=False),
        sa.Column("records", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_scorecard_digest_whole")),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_scorecard_sequence_positive")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_scorecard_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard")),
        sa.UniqueConstraint("round_id", "sequence", name=op.f("uq_scorecard_round_id_sequence")),
    )
    op.create_table(
        "committee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("estate_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("term_starts_on", sa.Date(), nullable=False),
        sa.Column("term_ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "term_ends_on IS NULL OR term_ends_on >= term_starts_on", name=op.f("ck_committee_term_in_order")
        ),
        sa.ForeignKeyConstraint(["estate_id"], ["estate.id"], name=op.f("fk_committee_estate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee")),
        sa.UniqueConstraint("estate_id", name=op.f("uq_committee_estate_id")),
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("estate_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("manager", sa.String(length=60), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_contract_days_in_order")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_contract_company_id")),
        sa.ForeignKeyConstraint(["estate_id"], ["estate.id"], name=op.f("fk_contract_estate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint(
            "estate_id", "company_id", "starts_on", name=op.f("uq_contract_estate_id_company_id_starts_on")
        ),
    )
    op.create_index(op.f("ix_contract_company_id"), "contract", ["company_id"], unique=False)
    op.create_index(op.f("ix_contract_estate_id"), "contract", ["estate_id"], unique=False)
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("scorecard_id", sa.Integer(), nullable=False),
        sa.Column("drafted_by", sa.Integer(), nullable=False),
        sa.Column("signed_by", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("shown_until", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("set_aside", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "counted >= 0 AND set_aside >= 0 AND rejected >= 0", name=op.f("ck_release_counts_not_negative")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_release_number_positive")),
        sa.CheckConstraint("received = counted + set_aside + rejected", name=op.f("ck_release_received_reconciles")),
        sa.CheckConstraint("shown_until >= published_on", name=op.f("ck_release_shown_after_publishing")),
        sa.CheckConstraint("signed_by <> drafted_by", name=op.f("ck_release_two_people")),
        sa.ForeignKeyConstraint(["drafted_by"], ["user_account.id"], name=op.f("fk_release_drafted_by")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_release_round_id")),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecard.id"], name=op.f("fk_release_scorecard_id")),
        sa.ForeignKeyConstraint(["signed_by"], ["user_account.id"], name=op.f("fk_release_signed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("number", name=op.f("uq_release_number")),
        sa.UniqueConstraint("scorecard_id", name=op.f("uq_release_scorecard_id")),
    )
    op.create_index(op.f("ix_release_round_id"), "release", ["round_id"], unique=False)
    op.create_table(
        "release_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scorecard_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Integer(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["drafted_by"], ["user_account.id"], name=op.f("fk_release_draft_drafted_by")),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecard.id"], name=op.f("fk_release_draft_scorecard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_draft")),
        sa.UniqueConstraint("scorecard_id", name=op.f("uq_release_draft_scorecard_id")),
    )
    op.create_table(
        "user_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "bureau",
                "subdistrict",
                "community",
                "committee",
                "company",
                "reviewer",
                "helper",
                "auditor",
                name="role_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subdistrict_id", sa.Integer(), nullable=True),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("estate_id", sa.Integer(), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "((role IN ('subdistrict')) = (subdistrict_id IS NOT NULL)) AND ((role IN ('community', 'reviewer')) = (community_id IS NOT NULL)) AND ((role IN ('committee', 'helper')) = (estate_id IS NOT NULL)) AND ((role IN ('company')) = (company_id IS NOT NULL))",
            name=op.f("ck_user_grant_scope_fits_role"),
        ),
        sa.CheckConstraint("role <> 'helper' OR ends_on IS NOT NULL", name=op.f("ck_user_grant_helper_has_last_day")),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_user_grant_days_in_order")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_user_grant_community_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_user_grant_company_id")),
        sa.ForeignKeyConstraint(["estate_id"], ["estate.id"], name=op.f("fk_user_grant_estate_id")),
        sa.ForeignKeyConstraint(["subdistrict_id"], ["subdistrict.id"], name=op.f("fk_user_grant_subdistrict_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_grant_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_grant")),
        sa.UniqueConstraint(
            "user_id",
            "role",
            "subdistrict_id",
            "community_id",
            "estate_id",
            "company_id",
            "starts_on",
            name=op.f("uq_user_grant_user_id_role_subdistrict_id_community_id_estate_id_company_id_starts_on"),
        ),
    )
    op.create_index(op.f("ix_user_grant_user_id"), "user_grant", ["user_id"], unique=False)
    op.create_table(
        "listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "red",
                "black",
                "watch",
                "ordinary",
                "insufficient",
                name="standing_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "standing <> 'insufficient' OR place IS NULL", name=op.f("ck_listing_insufficient_unranked")
        ),
        sa.CheckConstraint("place >= 1", name=op.f("ck_listing_place_positive")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_listing_company_id")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_listing_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint("release_id", "company_id", name=op.f("uq_listing_release_id_company_id")),
    )
    op.create_index(op.f("ix_listing_company_id"), "listing", ["company_id"], unique=False)
    op.create_table(
        "rated_estate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("estate_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("committee_id", sa.Integer(), nullable=True),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("manager", sa.String(length=60), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.CheckConstraint("households >= 1", name=op.f("ck_rated_estate_households_positive")),
        sa.ForeignKeyConstraint(["committee_id"], ["committee.id"], name=op.f("fk_rated_estate_committee_id")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_rated_estate_community_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_rated_estate_company_id")),
        sa.ForeignKeyConstraint(["estate_id"], ["estate.id"], name=op.f("fk_rated_estate_estate_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_rated_estate_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rated_estate")),
        sa.UniqueConstraint("round_id", "estate_id", name=op.f("uq_rated_estate_round_id_estate_id")),
    )
    op.create_index(op.f("ix_rated_estate_community_id"), "rated_estate", ["community_id"], unique=False)
    op.create_index(op.f("ix_rated_estate_company_id"), "rated_estate", ["company_id"], unique=False)
    op.create_index(op.f("ix_rated_estate_estate_id"), "rated_estate", ["estate_id"], unique=False)
    op.create_table(
        "dispute_count",
        sa.Column("rated_estate_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count >= 1", name=op.f("ck_dispute_count_count_positive")),
        sa.ForeignKeyConstraint(
            ["rated_estate_id"], ["rated_estate.id"], name=op.f("fk_dispute_count_rated_estate_id")
        ),
        sa.PrimaryKeyConstraint("rated_estate_id", name=op.f("pk_dispute_count")),
    )
    op.create_table(
        "evaluation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rated_estate_id", sa.Integer(), nullable=False),
        sa.Column(
            "direction",
            sa.Enum(
                "resident_to_company",
                "committee_to_company",
                "company_to_committee",
                "company_self",
                name="direction_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "own",
                "paper",
                "helper",
                "on_site",
                "imported",
                name="channel_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rater", sa.String(length=20), nullable=True),
        sa.Column("marks", sa.String(length=80), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("receipt_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(direction = 'resident_to_company') = (rater IS NULL)", name=op.f("ck_evaluation_rater_only_of_bodies")
        ),
        sa.CheckConstraint(
            "(direction = 'resident_to_company') = (receipt_hash IS NOT NULL)",
            name=op.f("ck_evaluation_receipt_only_of_residents"),
        ),
        sa.CheckConstraint(
            "direction <> 'resident_to_company' OR channel <> 'own' OR entered_by IS NULL",
            name=op.f("ck_evaluation_residents_unnamed"),
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 1000000", name=op.f("ck_evaluation_score_within_scale")),
        sa.ForeignKeyConstraint(["entered_by"], ["user_account.id"], name=op.f("fk_evaluation_entered_by")),
        sa.ForeignKeyConstraint(["rated_estate_id"], ["rated_estate.id"], name=op.f("fk_evaluation_rated_estate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint(
            "rated_estate_id", "direction", "rater", name=op.f("uq_evaluation_rated_estate_id_direction_rater")
        ),
        sa.UniqueConstraint("receipt_hash", name=op.f("uq_evaluation_receipt_hash")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_evaluation_tally", "evaluation", ["direction", "rated_estate_id", "score", "marks"], unique=False
    )
    op.create_table(
        "household_code",
        sa.Column("rated_estate_id", sa.Integer(), nullable=False),
        sa.Column("household_number", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("household_number >= 1", name=op.f("ck_household_code_household_number_positive")),
        sa.ForeignKeyConstraint(
            ["rated_estate_id"], ["rated_estate.id"], name=op.f("fk_household_code_rated_estate_id")
        ),
        sa.PrimaryKeyConstraint("rated_estate_id", "household_number", name=op.f("pk_household_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_household_code_code_hash")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "participation",
        sa.Column("rated_estate_id", sa.Integer(), nullable=False),
        sa.Column("household_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rated_estate_id"], ["rated_estate.id"], name=op.f("fk_participation_rated_estate_id")
        ),
        sa.PrimaryKeyConstraint("rated_estate_id", "household_number", name=op.f("pk_participation")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sign_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rated_estate_id", sa.Integer(), nullable=False),
        sa.Column("scorecard_id", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(length=20), nullable=False),
        sa.Column(
            "decision",
            sa.Enum("signed", "remarked", name="decision_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decision = 'signed' OR length(remark) > 0", name=op.f("ck_sign_off_remark_has_text")),
        sa.CheckConstraint("party IN ('committee', 'community')", name=op.f("ck_sign_off_party_known")),
        sa.CheckConstraint("length(remark) <= 1000", name=op.f("ck_sign_off_remark_not_too_long")),
        sa.ForeignKeyConstraint(["rated_estate_id"], ["rated_estate.id"], name=op.f("fk_sign_off_rated_estate_id")),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecard.id"], name=op.f("fk_sign_off_scorecard_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_sign_off_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_off")),
        sa.UniqueConstraint(
            "rated_estate_id", "scorecard_id", "party", name=op.f("uq_sign_off_rated_estate_id_scorecard_id_party")
        ),
    )
    op.create_index(op.f("ix_sign_off_scorecard_id"), "sign_off", ["scorecard_id"], unique=False)
    op.create_table(
        "talk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "notified",
                "postponed",
                "held",
                "absent",
                name="state_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("notice_number", sa.String(length=60), nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=False),
        sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("postponed_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("postponement_reason", sa.Text(), nullable=False),
        sa.Column("late_reason", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column(
            "form",
            sa.Enum("in_person", "video", name="form_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("issuer", sa.String(length=160), nullable=False),
        sa.Column("joint_issuers", sa.String(length=200), nullable=False),
        sa.Column("summoned", sa.String(length=200), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("absent_on", sa.Date(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conducted_by", sa.String(length=200), nullable=False),
        sa.Column("minuted_by", sa.String(length=200), nullable=False),
        sa.Column("attended_by", sa.String(length=200), nullable=False),
        sa.Column(
            "attendance",
            sa.Enum(
                "head", "authorised", name="attendance_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("company_said", sa.Text(), nullable=False),
        sa.Column("required", sa.Text(), nullable=False),
        sa.Column("to_bring", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("service_note", sa.Text(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("formalities", sa.Text(), nullable=False),
        sa.Column("verbatim", sa.Text(), nullable=False),
        sa.Column("internal_note", sa.Text(), nullable=False),
        sa.Column("notified_by", sa.Integer(), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state <> 'postponed' OR postponed_from IS NOT NULL) AND (postponed_from IS NULL OR (scheduled_at > postponed_from AND length(postponement_reason) > 0))",
            name=op.f("ck_talk_postponement_is_later_with_reason"),
        ),
        sa.CheckConstraint("state <> 'absent' OR absent_on IS NOT NULL", name=op.f("ck_talk_absence_has_day")),
        sa.CheckConstraint(
            "state <> 'held' OR (held_at IS NOT NULL AND length(findings) > 0)", name=op.f("ck_talk_held_is_recorded")
        ),
        sa.CheckConstraint("ended_at > held_at", name=op.f("ck_talk_end_after_start")),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_talk_listing_id")),
        sa.ForeignKeyConstraint(["notified_by"], ["user_account.id"], name=op.f("fk_talk_notified_by")),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_talk_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk")),
        sa.UniqueConstraint("listing_id", name=op.f("uq_talk_listing_id")),
        sa.UniqueConstraint("notice_number", name=op.f("uq_talk_notice_number")),
    )
    op.create_table(
        "turnout_day",
        sa.Column("rated_estate_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "own",
                "paper",
                "helper",
                "on_site",
                "imported",
                name="channel_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count >= 1", name=op.f("ck_turnout_day_count_positive")),
        sa.ForeignKeyConstraint(["rated_estate_id"], ["rated_estate.id"], name=op.f("fk_turnout_day_rated_estate_id")),
        sa.PrimaryKeyConstraint("rated_estate_id", "day", "channel", name=op.f("pk_turnout_day")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "commitment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("talk_id", sa.Integer(), nullable=False),
        sa.Column("estate_id", sa.Integer(), nullable=True),
        sa.Column("indicator", sa.String(length=80), nullable=False),
        sa.Column(
            "party",
            sa.Enum(
                "company",
                "committee",
                "community",
                "handed_over",
                name="party_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("owner_post", sa.String(length=80), nullable=False),
        sa.Column("handed_over_to", sa.String(length=160), nullable=False),
        sa.Column("handed_over_number", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "urgent",
                "hazardous",
                "ordinary",
                "fund",
                name="kind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("interim", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("reported_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind NOT IN ('hazardous', 'fund') OR length(interim) > 0",
            name=op.f("ck_commitment_long_kinds_have_interim"),
        ),
        sa.CheckConstraint(
            "party <> 'handed_over' OR length(handed_over_to) > 0", name=op.f("ck_commitment_handed_over_to_a_body")
        ),
        sa.CheckConstraint("done_on >= made_on", name=op.f("ck_commitment_done_after_made")),
        sa.CheckConstraint("done_on IS NULL OR length(evidence) > 0", name=op.f("ck_commitment_done_has_evidence")),
        sa.CheckConstraint("due_on >= made_on", name=op.f("ck_commitment_due_after_made")),
        sa.ForeignKeyConstraint(["estate_id"], ["estate.id"], name=op.f("fk_commitment_estate_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f("fk_commitment_recorded_by")),
        sa.ForeignKeyConstraint(["reported_by"], ["user_account.id"], name=op.f("fk_commitment_reported_by")),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_commitment_talk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
    )
    op.create_index(op.f("ix_commitment_estate_id"), "commitment", ["estate_id"], unique=False)
    op.create_index(op.f("ix_commitment_talk_id"), "commitment", ["talk_id"], unique=False)
    op.create_table(
        "reinspection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("inspected_on", sa.Date(), nullable=False),
        sa.Column("inspector_id", sa.Integer(), nullable=False),
        sa.Column("inspector_post", sa.String(length=80), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.CheckConstraint("length(findings) > 0", name=op.f("ck_reinspection_findings_given")),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_reinspection_commitment_id")),
        sa.ForeignKeyConstraint(["inspector_id"], ["user_account.id"], name=op.f("fk_reinspection_inspector_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reinspection")),
    )
    op.create_index(op.f("ix_reinspection_commitment_id"), "reinspection", ["commitment_id"], unique=False)
    protect()


def downgrade() -> None:
    """Go back to the one before."""
    unprotect()
    op.drop_index(op.f("ix_reinspection_commitment_id"), table_name="reinspection")
    op.drop_table("reinspection")
    op.drop_index(op.f("ix_commitment_talk_id"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_estate_id"), table_name="commitment")
    op.drop_table("commitment")
    op.drop_table("turnout_day")
    op.drop_table("talk")
    op.drop_index(op.f("ix_sign_off_scorecard_id"), table_name="sign_off")
    op.drop_table("sign_off")
    op.drop_table("participation")
    op.drop_table("household_code")
    op.drop_index("ix_evaluation_tally", table_name="evaluation")
    op.drop_table("evaluation")
    op.drop_table("dispute_count")
    op.drop_index(op.f("ix_rated_estate_estate_id"), table_name="rated_estate")
    op.drop_index(op.f("ix_rated_estate_company_id"), table_name="rated_estate")
    op.drop_index(op.f("ix_rated_estate_community_id"), table_name="rated_estate")
    op.drop_table("rated_estate")
    op.drop_index(op.f("ix_listing_company_id"), table_name="listing")
    op.drop_table("listing")
    op.drop_index(op.f("ix_user_grant_user_id"), table_name="user_grant")
    op.drop_table("user_grant")
    op.drop_table("release_draft")
    op.drop_index(op.f("ix_release_round_id"), table_name="release")
    op.drop_table("release")
    op.drop_index(op.f("ix_contract_estate_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_company_id"), table_name="contract")
    op.drop_table("contract")
    op.drop_table("committee")
    op.drop_table("scorecard")
    op.drop_index(op.f("ix_estate_community_id"), table_name="estate")
    op.drop_table("estate")
    op.drop_index(op.f("ix_staff_session_user_id"), table_name="staff_session")
    op.drop_index(op.f("ix_staff_session_expires_at"), table_name="staff_session")
    op.drop_table("staff_session")
    op.drop_index(
        "uq_round_one_open",
        table_name="round",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("round")
    op.drop_table("invitation")
    op.drop_index(op.f("ix_community_subdistrict_id"), table_name="community")
    op.drop_table("community")
    op.drop_index(op.f("ix_adjustment_company_id"), table_name="adjustment")
    op.drop_table("adjustment")
    op.drop_table("user_account")
    op.drop_table("subdistrict")
    op.drop_table("rulebook")
    op.drop_index(op.f("ix_event_subject"), table_name="event")
    op.drop_index(op.f("ix_event_kind"), table_name="event")
    op.drop_index(op.f("ix_event_at"), table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_company_parent_id"), table_name="company")
    op.drop_table("company")
