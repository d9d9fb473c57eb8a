"""All tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "application_receipt",
        sa.Column("id", Id, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_application_receipt_number")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_application_receipt_token_hash")),
    )
    op.create_table(
        "bureau",
        sa.Column("id", Id, nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("area_name", sa.String(length=40), nullable=False),
        sa.Column(
            "tier",
            sa.Enum("province", "city", "county", name="is_tier", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("parent_id", Id, nullable=True),
        sa.Column("path", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["bureau.id"], name=op.f("fk_bureau_parent_id_bureau")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau")),
        sa.UniqueConstraint("code", name=op.f("uq_bureau_code")),
        sa.UniqueConstraint("path", name=op.f("uq_bureau_path")),
    )
    op.create_table(
        "calendar_order",
        sa.Column("id", Id, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "applied",
                "rejected",
                name="is_orderstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=60), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status <> 'applied' OR (confirmed_by IS NOT NULL AND confirmed_at IS NOT NULL AND confirmed_by <> proposed_by)",
            name=op.f("ck_calendar_order_two_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_order")),
    )
    op.create_index(op.f("ix_calendar_order_year"), "calendar_order", ["year"], unique=False)
    op.create_index(
        "uq_calendar_order_waiting",
        "calendar_order",
        ["year"],
        unique=True,
        sqlite_where=sa.text("status = 'proposed'"),
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_table(
        "company",
        sa.Column("id", Id, nullable=False),
        sa.Column("code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("grams", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint("code", name=op.f("uq_company_code")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "job_run",
        sa.Column("id", Id, nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
    )
    op.create_index("ix_job_run_job", "job_run", ["job", "id"], unique=False)
    op.create_table(
        "limit_count",
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("what", "key", "hour", name=op.f("pk_limit_count")),
    )
    op.create_index("ix_limit_count_hour", "limit_count", ["hour"], unique=False)
    op.create_table(
        "policy",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("clause", sa.String(length=300), nullable=False),
        sa.Column("entered_by", sa.String(length=60), nullable=False),
        sa.Column("confirmed_by", sa.String(length=60), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("key", "valid_from", name=op.f("uq_policy_key_valid_from")),
    )
    op.create_table(
        "trail_entry",
        sa.Column("id", Id, nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("bureau_code", sa.String(length=12), nullable=True),
        sa.Column("case_number", sa.String(length=40), nullable=True),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_ref", sa.String(length=160), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail_entry")),
    )
    op.create_index("ix_trail_entry_case", "trail_entry", ["case_number", "id"], unique=False)
    op.create_index("ix_trail_entry_subject", "trail_entry", ["subject_kind", "subject_ref", "id"], unique=False)
    op.create_table(
        "vault_entry",
        sa.Column("id", Id, nullable=False),
        sa.Column("pseudonym", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_entry")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_vault_entry_pseudonym")),
    )
    op.create_table(
        "account",
        sa.Column("id", Id, nullable=False),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("display_name", sa.String(length=40), nullable=False),
        sa.Column("department", sa.String(length=60), nullable=False),
        sa.Column("bureau_id", Id, nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_key", sa.String(length=64), nullable=True),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_account_bureau_id_bureau")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_index(op.f("ix_account_bureau_id"), "account", ["bureau_id"], unique=False)
    op.create_table(
        "alert_subscription",
        sa.Column("id", Id, nullable=False),
        sa.Column(
            "topic",
            sa.Enum(
                "bureau",
                "project",
                "company",
                "word",
                name="is_alerttopic",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "pace",
            sa.Enum("at_once", "daily", name="is_alertpace", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("address_print", sa.String(length=64), nullable=False),
        sa.Column("vault_entry_id", Id, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["vault_entry_id"], ["vault_entry.id"], name=op.f("fk_alert_subscription_vault_entry_id_vault_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_subscription")),
        sa.UniqueConstraint(
            "address_print", "topic", "key", name=op.f("uq_alert_subscription_address_print_topic_key")
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_alert_subscription_token_hash")),
    )
    op.create_index("ix_alert_subscription_found", "alert_subscription", ["topic", "key", "confirmed_at"], unique=False)
    op.create_index(
        "ix_alert_subscription_unconfirmed", "alert_subscription", ["confirmed_at", "asked_at"], unique=False
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "workday",
                "weekend",
                "statutory_holiday",
                "make_up_workday",
                name="is_daykind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("order_id", Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["calendar_order.id"], name=op.f("fk_calendar_day_order_id_calendar_order")
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_index(op.f("ix_calendar_day_order_id"), "calendar_day", ["order_id"], unique=False)
    op.create_table(
        "circular",
        sa.Column("id", Id, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=20000), nullable=False),
        sa.Column("copied_to", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("bureau_id", Id, nullable=False),
        sa.Column("published_by", sa.String(length=60), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_circular_bureau_id_bureau")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circular")),
        sa.UniqueConstraint("number", name=op.f("uq_circular_number")),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("vault_entry_id", Id, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["vault_entry_id"], ["vault_entry.id"], name=op.f("fk_outbox_message_vault_entry_id_vault_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_message_key")),
    )
    op.create_index("ix_outbox_message_due", "outbox_message", ["sent_at", "due_at"], unique=False)
    op.create_table(
        "project",
        sa.Column("id", Id, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("area_code", sa.String(length=6), nullable=False),
        sa.Column("township", sa.String(length=40), nullable=False),
        sa.Column("bureau_id", Id, nullable=False),
        sa.Column(
            "sector",
            sa.Enum(
                "housing",
                "municipal",
                "other_power",
                "other_aviation",
                "other_mining",
                "other_metallurgy",
                "other_farming_forestry",
                "other",
                name="is_sector",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "undertaking",
            sa.Enum(
                "general",
                "specialist_subcontract",
                name="is_undertaking",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("owner_name", sa.String(length=200), nullable=False),
        sa.Column("owner_code", sa.String(length=18), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grams", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_project_bureau_id_bureau")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("number", name=op.f("uq_project_number")),
    )
    op.create_index("ix_project_bureau", "project", ["bureau_id", "id"], unique=False)
    op.create_table(
        "import_batch",
        sa.Column("id", Id, nullable=False),
        sa.Column("template", sa.String(length=20), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "uploaded",
                "checked",
                "importing",
                "done",
                "refused",
                name="is_importstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("store_key", sa.String(length=120), nullable=False),
        sa.Column("bureau_id", Id, nullable=False),
        sa.Column("uploaded_by_id", Id, nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("processed", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_import_batch_bureau_id_bureau")),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["account.id"], name=op.f("fk_import_batch_uploaded_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(op.f("ix_import_batch_bureau_id"), "import_batch", ["bureau_id"], unique=False)
    op.create_table(
        "participation",
        sa.Column("id", Id, nullable=False),
        sa.Column("company_id", Id, nullable=False),
        sa.Column("project_id", Id, nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_participation_company_id_company")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_participation_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
        sa.UniqueConstraint(
            "project_id", "company_id", "role", name=op.f("uq_participation_project_id_company_id_role")
        ),
    )
    op.create_index("ix_participation_company", "participation", ["company_id", "project_id"], unique=False)
    op.create_table(
        "policy_exception",
        sa.Column("id", Id, nullable=False),
        sa.Column("project_id", Id, nullable=False),
        sa.Column(
            "section",
            sa.Enum(
                "basics",
                "bidding",
                "drawing_review",
                "contract",
                "construction_permit",
                "completion_acceptance",
                "acceptance_filing",
                "technical_indicators",
                "safety_assessment",
                "quality_assessment",
                name="is_section",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=60), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_policy_exception_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_exception")),
    )
    op.create_index(op.f("ix_policy_exception_project_id"), "policy_exception", ["project_id"], unique=False)
    op.create_table(
        "record_entry",
        sa.Column("id", Id, nullable=False),
        sa.Column("project_id", Id, nullable=False),
        sa.Column(
            "section",
            sa.Enum(
                "basics",
                "bidding",
                "drawing_review",
                "contract",
                "construction_permit",
                "completion_acceptance",
                "acceptance_filing",
                "technical_indicators",
                "safety_assessment",
                "quality_assessment",
                name="is_section",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column(
            "origin",
            sa.Enum("online", "offline", name="is_origin", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "business",
                "registered",
                "supplemented",
                "shared",
                name="is_datasource",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "level",
            sa.Enum("A", "B", "C", "D", name="is_datalevel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_record_entry_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_entry")),
        sa.UniqueConstraint("project_id", "section", "number", name=op.f("uq_record_entry_project_id_section_number")),
    )
    op.create_table(
        "application",
        sa.Column("id", Id, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("project_id", Id, nullable=False),
        sa.Column("bureau_id", Id, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "supplement",
                "correction",
                "level_upgrade",
                name="is_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "subject",
            sa.Enum(
                "assessment", "project_record", name="is_subject", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "route",
            sa.Enum(
                "notice",
                "online_change",
                "drawing_review_system",
                name="is_route",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "deficient",
                "verified",
                "on_notice",
                "contested",
                "awaiting_recheck",
                "reported",
                "approved",
                "rejected",
                "referred",
                "withdrawn",
                name="is_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "clerk", "import", "online", name="is_channel", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("applicant_name", sa.String(length=200), nullable=False),
        sa.Column("applicant_code", sa.String(length=18), nullable=False),
        sa.Column("contact_vault_id", Id, nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column(
            "target_level",
            sa.Enum("A", "B", "C", "D", name="is_datalevel", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("policy_exception_id", Id, nullable=True),
        sa.Column("receipt_id", Id, nullable=True),
        sa.Column("scan_sha256", sa.String(length=64), nullable=True),
        sa.Column("import_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", Id, nullable=True),
        sa.Column("decision_text", sa.String(length=2000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_application_bureau_id_bureau")),
        sa.ForeignKeyConstraint(
            ["contact_vault_id"], ["vault_entry.id"], name=op.f("fk_application_contact_vault_id_vault_entry")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_application_decided_by_id_account")),
        sa.ForeignKeyConstraint(
            ["policy_exception_id"],
            ["policy_exception.id"],
            name=op.f("fk_application_policy_exception_id_policy_exception"),
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_application_project_id_project")),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["application_receipt.id"], name=op.f("fk_application_receipt_id_application_receipt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("import_fingerprint", name=op.f("uq_application_import_fingerprint")),
        sa.UniqueConstraint("number", name=op.f("uq_application_number")),
    )
    op.create_index("ix_application_applicant", "application", ["applicant_code", "id"], unique=False)
    op.create_index(op.f("ix_application_project_id"), "application", ["project_id"], unique=False)
    op.create_index("ix_application_queue", "application", ["bureau_id", "status", "id"], unique=False)
    op.create_index(op.f("ix_application_receipt_id"), "application", ["receipt_id"], unique=False)
    op.create_table(
        "import_problem",
        sa.Column("id", Id, nullable=False),
        sa.Column("batch_id", Id, nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("column", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("is_error", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_problem_batch_id_import_batch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problem")),
    )
    op.create_index("ix_import_problem_list", "import_problem", ["batch_id", "id"], unique=False)
    op.create_table(
        "import_row",
        sa.Column("id", Id, nullable=False),
        sa.Column("batch_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "good",
                "bad",
                "duplicate",
                "imported",
                name="is_rowstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parsed", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("result", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id_import_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_import_row_batch_id_number")),
    )
    op.create_index("ix_import_row_state", "import_row", ["batch_id", "state", "id"], unique=False)
    op.create_table(
        "record_remedy",
        sa.Column("id", Id, nullable=False),
        sa.Column("entry_id", Id, nullable=False),
        sa.Column(
            "remedy",
            sa.Enum("delete", "correct", name="is_remedy", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("bureau_id", Id, nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_record_remedy_bureau_id_bureau")),
        sa.ForeignKeyConstraint(["entry_id"], ["record_entry.id"], name=op.f("fk_record_remedy_entry_id_record_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_remedy")),
    )
    op.create_index(op.f("ix_record_remedy_entry_id"), "record_remedy", ["entry_id"], unique=False)
    op.create_index("ix_record_remedy_list", "record_remedy", ["remedy", "id"], unique=False)
    op.create_table(
        "application_change",
        sa.Column("id", Id, nullable=False),
        sa.Column("application_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "section",
            sa.Enum(
                "basics",
                "bidding",
                "drawing_review",
                "contract",
                "construction_permit",
                "completion_acceptance",
                "acceptance_filing",
                "technical_indicators",
                "safety_assessment",
                "quality_assessment",
                name="is_section",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("entry_number", sa.String(length=80), nullable=False),
        sa.Column("entry_id", Id, nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column(
            "origin",
            sa.Enum("online", "offline", name="is_origin", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("claim", sa.String(length=160), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_change_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["record_entry.id"], name=op.f("fk_application_change_entry_id_record_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_change")),
        sa.UniqueConstraint("claim", name=op.f("uq_application_change_claim")),
    )
    op.create_index(
        op.f("ix_application_change_application_id"), "application_change", ["application_id"], unique=False
    )
    op.create_table(
        "deficiency_notice",
        sa.Column("id", Id, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("application_id", Id, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("drawn_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_up_by_id", Id, nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("signed_by_id", Id, nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reason = '' OR issued_at IS NULL OR (signed_by_id IS NOT NULL AND signed_by_id <> drawn_up_by_id)",
            name=op.f("ck_deficiency_notice_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_deficiency_notice_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["drawn_up_by_id"], ["account.id"], name=op.f("fk_deficiency_notice_drawn_up_by_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["account.id"], name=op.f("fk_deficiency_notice_signed_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deficiency_notice")),
        sa.UniqueConstraint("application_id", "round", name=op.f("uq_deficiency_notice_application_id_round")),
        sa.UniqueConstraint("number", name=op.f("uq_deficiency_notice_number")),
    )
    op.create_table(
        "notice",
        sa.Column("id", Id, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("application_id", Id, nullable=False),
        sa.Column("bureau_id", Id, nullable=False),
        sa.Column("city_id", Id, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "supplement",
                "correction",
                "level_upgrade",
                name="is_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "subject",
            sa.Enum(
                "assessment", "project_record", name="is_subject", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "closed_clear",
                "closed_contested",
                "retracted",
                name="is_noticestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=60), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("calendar_version", sa.String(length=40), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retraction_reason", sa.String(length=1000), nullable=False),
        sa.Column("sightings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unseen_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gaps", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gap_undecided", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("grams", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_notice_application_id_application")
        ),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_notice_bureau_id_bureau")),
        sa.ForeignKeyConstraint(["city_id"], ["bureau.id"], name=op.f("fk_notice_city_id_bureau")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("reference", name=op.f("uq_notice_reference")),
    )
    op.create_index(op.f("ix_notice_application_id"), "notice", ["application_id"], unique=False)
    op.create_index("ix_notice_bureau_list", "notice", ["bureau_id", "id"], unique=False)
    op.create_index("ix_notice_city_list", "notice", ["city_id", "id"], unique=False)
    op.create_index("ix_notice_due", "notice", ["status", "ends_at", "id"], unique=False)
    op.create_index("ix_notice_kind_list", "notice", ["kind", "id"], unique=False)
    op.create_index("ix_notice_open_places", "notice", ["status", "city_id", "last_day"], unique=False)
    op.create_index("ix_notice_status_list", "notice", ["status", "id"], unique=False)
    op.create_index("ix_notice_subject_list", "notice", ["subject", "id"], unique=False)
    op.create_index("ix_notice_tally", "notice", ["bureau_id", "city_id", "kind", "subject", "status"], unique=False)
    op.create_table(
        "publication_gap",
        sa.Column("id", Id, nullable=False),
        sa.Column("notice_id", Id, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decision",
            sa.Enum(
                "extended", "accepted", name="is_gapdecision", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_publication_gap_notice_id_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_gap")),
    )
    op.create_index(op.f("ix_publication_gap_notice_id"), "publication_gap", ["notice_id"], unique=False)
    op.create_index("ix_publication_gap_undecided", "publication_gap", ["decision", "id"], unique=False)
    op.create_table(
        "publication_sighting",
        sa.Column("id", Id, nullable=False),
        sa.Column("notice_id", Id, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "place",
            sa.Enum("page", name="is_sightingplace", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "seen",
                "absent",
                "different",
                "unreachable",
                name="is_sightingoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_publication_sighting_notice_id_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_sighting")),
    )
    op.create_index("ix_publication_sighting_ledger", "publication_sighting", ["notice_id", "id"], unique=False)
    op.create_table(
        "recheck_wait",
        sa.Column("id", Id, nullable=False),
        sa.Column("application_id", Id, nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_recheck_wait_application_id_application")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recheck_wait")),
        sa.UniqueConstraint("application_id", name=op.f("uq_recheck_wait_application_id")),
    )
    op.create_index("ix_recheck_wait_due", "recheck_wait", ["ended_at", "ends_at"], unique=False)
    op.create_table(
        "supervision_case",
        sa.Column("id", Id, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("application_id", Id, nullable=False),
        sa.Column("bureau_id", Id, nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("opened_by", sa.String(length=60), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_supervision_case_application_id_application")
        ),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_supervision_case_bureau_id_bureau")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_case")),
        sa.UniqueConstraint("application_id", name=op.f("uq_supervision_case_application_id")),
        sa.UniqueConstraint("number", name=op.f("uq_supervision_case_number")),
    )
    op.create_index(op.f("ix_supervision_case_bureau_id"), "supervision_case", ["bureau_id"], unique=False)
    op.create_table(
        "verification",
        sa.Column("id", Id, nullable=False),
        sa.Column("application_id", Id, nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "site_visit",
                "archive_check",
                "data_sharing",
                "joint_review",
                name="is_verificationmethod",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "matter",
            sa.Enum(
                "content",
                "project_approval",
                "commencement_report",
                "completion_acceptance",
                name="is_matter",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("persons", sa.String(length=200), nullable=False),
        sa.Column(
            "finding",
            sa.Enum(
                "true", "untrue", "falsified", name="is_finding", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("verifier_id", Id, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_verification_application_id_application")
        ),
        sa.ForeignKeyConstraint(["verifier_id"], ["account.id"], name=op.f("fk_verification_verifier_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    op.create_index(op.f("ix_verification_application_id"), "verification", ["application_id"], unique=False)
    op.create_table(
        "alert_match",
        sa.Column("subscription_id", Id, nullable=False),
        sa.Column("notice_id", Id, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_alert_match_notice_id_notice")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["alert_subscription.id"],
            name=op.f("fk_alert_match_subscription_id_alert_subscription"),
        ),
        sa.PrimaryKeyConstraint("subscription_id", "notice_id", name=op.f("pk_alert_match")),
    )
    op.create_index("ix_alert_match_due", "alert_match", ["due_at", "subscription_id"], unique=False)
    op.create_table(
        "deficiency_item",
        sa.Column("id", Id, nullable=False),
        sa.Column("deficiency_notice_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=160), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("answer", sa.String(length=2000), nullable=False),
        sa.Column("answered_with", sa.String(length=600), nullable=False),
        sa.ForeignKeyConstraint(
            ["deficiency_notice_id"],
            ["deficiency_notice.id"],
            name=op.f("fk_deficiency_item_deficiency_notice_id_deficiency_notice"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deficiency_item")),
    )
    op.create_index(
        op.f("ix_deficiency_item_deficiency_notice_id"), "deficiency_item", ["deficiency_notice_id"], unique=False
    )
    op.create_table(
        "fresh_notice",
        sa.Column("notice_id", Id, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_fresh_notice_notice_id_notice")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_fresh_notice")),
    )
    op.create_table(
        "intake_ticket",
        sa.Column("id", Id, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "objection",
                "complaint",
                "application",
                name="is_purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("notice_id", Id, nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holds_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_intake_ticket_notice_id_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_ticket")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_intake_ticket_token_hash")),
    )
    op.create_index("ix_intake_ticket_abandoned", "intake_ticket", ["used_at", "holds_until"], unique=False)
    op.create_index("ix_intake_ticket_holding", "intake_ticket", ["notice_id", "used_at", "holds_until"], unique=False)
    op.create_table(
        "notice_company",
        sa.Column("code", sa.String(length=18), nullable=False),
        sa.Column("notice_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_company_notice_id_notice")),
        sa.PrimaryKeyConstraint("code", "notice_id", name=op.f("pk_notice_company")),
    )
    op.create_table(
        "record_version",
        sa.Column("id", Id, nullable=False),
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "level",
            sa.Enum("A", "B", "C", "D", name="is_datalevel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("level_from", sa.String(length=60), nullable=False),
        sa.Column("application_id", Id, nullable=True),
        sa.Column("notice_id", Id, nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_record_version_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["record_entry.id"], name=op.f("fk_record_version_entry_id_record_entry")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_record_version_notice_id_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_version")),
        sa.UniqueConstraint("entry_id", "version", name=op.f("uq_record_version_entry_id_version")),
    )
    op.create_table(
        "window_change",
        sa.Column("id", Id, nullable=False),
        sa.Column("notice_id", Id, nullable=False),
        sa.Column("old_last_day", sa.Date(), nullable=False),
        sa.Column("new_last_day", sa.Date(), nullable=False),
        sa.Column("was_provisional", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_window_change_notice_id_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window_change")),
    )
    op.create_index(op.f("ix_window_change_notice_id"), "window_change", ["notice_id"], unique=False)
    op.create_table(
        "complaint",
        sa.Column("id", Id, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "matter",
            sa.Enum(
                "false_record",
                "tampering",
                "staff_conduct",
                "delay",
                "notice",
                "other",
                name="is_complaintmatter",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "target",
            sa.Enum(
                "notice",
                "project",
                "company",
                "bureau",
                "person",
                "other",
                name="is_complainttarget",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("notice_id", Id, nullable=True),
        sa.Column("project_id", Id, nullable=True),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("described", sa.String(length=500), nullable=False),
        sa.Column("against_id", Id, nullable=True),
        sa.Column("ticket_id", Id, nullable=True),
        sa.Column("bureau_id", Id, nullable=False),
        sa.Column("by_discipline", sa.Boolean(), nullable=False),
        sa.Column(
            "identity_mode",
            sa.Enum(
                "real_name",
                "confidential",
                "anonymous",
                name="is_identitymode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("vault_entry_id", Id, nullable=True),
        sa.Column("text", sa.String(length=50000), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "registered",
                "not_accepted",
                "passed_on",
                "investigating",
                "concluded",
                "re_examining",
                "re_examined",
                "closed",
                name="is_complaintstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("told", sa.String(length=2000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["against_id"], ["bureau.id"], name=op.f("fk_complaint_against_id_bureau")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_complaint_bureau_id_bureau")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_complaint_notice_id_notice")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_complaint_project_id_project")),
        sa.ForeignKeyConstraint(["ticket_id"], ["intake_ticket.id"], name=op.f("fk_complaint_ticket_id_intake_ticket")),
        sa.ForeignKeyConstraint(
            ["vault_entry_id"], ["vault_entry.id"], name=op.f("fk_complaint_vault_entry_id_vault_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("number", name=op.f("uq_complaint_number")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_complaint_ticket_id")),
    )
    op.create_index("ix_complaint_desk", "complaint", ["bureau_id", "by_discipline", "id"], unique=False)
    op.create_index("ix_complaint_due", "complaint", ["bureau_id", "by_discipline", "due_on", "id"], unique=False)
    op.create_index(op.f("ix_complaint_notice_id"), "complaint", ["notice_id"], unique=False)
    op.create_index(op.f("ix_complaint_project_id"), "complaint", ["project_id"], unique=False)
    op.create_table(
        "objection",
        sa.Column("id", Id, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("notice_id", Id, nullable=False),
        sa.Column("ticket_id", Id, nullable=True),
        sa.Column(
            "identity_mode",
            sa.Enum(
                "real_name",
                "confidential",
                "anonymous",
                name="is_identitymode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("vault_entry_id", Id, nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "answered",
                "withdrawn",
                name="is_filingstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recheck_last_day", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_objection_notice_id_notice")),
        sa.ForeignKeyConstraint(["ticket_id"], ["intake_ticket.id"], name=op.f("fk_objection_ticket_id_intake_ticket")),
        sa.ForeignKeyConstraint(
            ["vault_entry_id"], ["vault_entry.id"], name=op.f("fk_objection_vault_entry_id_vault_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("number", name=op.f("uq_objection_number")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_objection_ticket_id")),
    )
    op.create_index(op.f("ix_objection_notice_id"), "objection", ["notice_id"], unique=False)
    op.create_index("ix_objection_waiting", "objection", ["status", "arrived_at", "id"], unique=False)
    op.create_table(
        "complaint_recusal",
        sa.Column("id", Id, nullable=False),
        sa.Column("complaint_id", Id, nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_complaint_recusal_account_id_account")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_recusal_complaint_id_complaint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_recusal")),
        sa.UniqueConstraint("complaint_id", "account_id", name=op.f("uq_complaint_recusal_complaint_id_account_id")),
    )
    op.create_index(op.f("ix_complaint_recusal_complaint_id"), "complaint_recusal", ["complaint_id"], unique=False)
    op.create_table(
        "complaint_round",
        sa.Column("id", Id, nullable=False),
        sa.Column("complaint_id", Id, nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "answer",
                "reopened",
                "review",
                "final_review",
                name="is_complaintstage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("bureau_id", Id, nullable=False),
        sa.Column("by_discipline", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.String(length=2000), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("extension", sa.String(length=1000), nullable=True),
        sa.Column(
            "finding",
            sa.Enum(
                "substantiated",
                "partly",
                "unsubstantiated",
                name="is_complaintfinding",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("outcome", sa.String(length=4000), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", Id, nullable=True),
        sa.Column(
            "rating",
            sa.Enum(
                "solved",
                "partly_solved",
                "not_solved",
                name="is_rating",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("rating_note", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["account.id"], name=op.f("fk_complaint_round_answered_by_id_account")
        ),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_complaint_round_bureau_id_bureau")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_round_complaint_id_complaint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_round")),
        sa.UniqueConstraint("complaint_id", "stage", name=op.f("uq_complaint_round_complaint_id_stage")),
    )
    op.create_index(op.f("ix_complaint_round_complaint_id"), "complaint_round", ["complaint_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", Id, nullable=False),
        sa.Column("objection_id", Id, nullable=True),
        sa.Column("complaint_id", Id, nullable=True),
        sa.Column("application_id", Id, nullable=True),
        sa.Column("from_filer", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", Id, nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN objection_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN complaint_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN application_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_message_one_filing"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_account_id_account")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_message_application_id_application")
        ),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_message_complaint_id_complaint")),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"], name=op.f("fk_message_objection_id_objection")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_application_id"), "message", ["application_id"], unique=False)
    op.create_index(op.f("ix_message_complaint_id"), "message", ["complaint_id"], unique=False)
    op.create_index(op.f("ix_message_objection_id"), "message", ["objection_id"], unique=False)
    op.create_table(
        "objection_ground",
        sa.Column("id", Id, nullable=False),
        sa.Column("objection_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("fingerprint", sa.String(length=128), nullable=False),
        sa.Column(
            "disposition",
            sa.Enum(
                "upheld",
                "dismissed",
                "inadmissible",
                name="is_disposition",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("disposition_reason", sa.String(length=2000), nullable=False),
        sa.Column("aside_by_id", Id, nullable=True),
        sa.Column("aside_reason", sa.String(length=2000), nullable=False),
        sa.Column("ruled_by_id", Id, nullable=True),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["aside_by_id"], ["account.id"], name=op.f("fk_objection_ground_aside_by_id_account")),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objection.id"], name=op.f("fk_objection_ground_objection_id_objection")
        ),
        sa.ForeignKeyConstraint(["ruled_by_id"], ["account.id"], name=op.f("fk_objection_ground_ruled_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection_ground")),
    )
    op.create_index(op.f("ix_objection_ground_objection_id"), "objection_ground", ["objection_id"], unique=False)
    op.create_table(
        "recheck",
        sa.Column("id", Id, nullable=False),
        sa.Column("objection_id", Id, nullable=False),
        sa.Column("bureau_id", Id, nullable=False),
        sa.Column("reason", sa.String(length=4000), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decide_by", sa.Date(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "confirmed",
                "overturned",
                name="is_recheckoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("outcome_reason", sa.String(length=2000), nullable=False),
        sa.Column("decided_by_id", Id, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_recheck_bureau_id_bureau")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_recheck_decided_by_id_account")),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"], name=op.f("fk_recheck_objection_id_objection")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recheck")),
        sa.UniqueConstraint("objection_id", name=op.f("uq_recheck_objection_id")),
    )
    op.create_index("ix_recheck_queue", "recheck", ["bureau_id", "outcome", "id"], unique=False)
    op.create_table(
        "escalation",
        sa.Column("id", Id, nullable=False),
        sa.Column("objection_id", Id, nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "warning",
                "due",
                "overdue",
                name="is_limitstep",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("from_bureau_id", Id, nullable=False),
        sa.Column("bureau_id", Id, nullable=False),
        sa.Column("by_discipline", sa.Boolean(), nullable=False),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "instructed",
                "returned",
                name="is_escalationoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("outcome_text", sa.String(length=2000), nullable=False),
        sa.Column("acted_by_id", Id, nullable=True),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["acted_by_id"], ["account.id"], name=op.f("fk_escalation_acted_by_id_account")),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name=op.f("fk_escalation_bureau_id_bureau")),
        sa.ForeignKeyConstraint(["from_bureau_id"], ["bureau.id"], name=op.f("fk_escalation_from_bureau_id_bureau")),
        sa.ForeignKeyConstraint(["objection_id"], ["objection.id"], name=op.f("fk_escalation_objection_id_objection")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("objection_id", "step", name=op.f("uq_escalation_objection_id_step")),
    )
    op.create_index("ix_escalation_from", "escalation", ["from_bureau_id", "id"], unique=False)
    op.create_index("ix_escalation_queue", "escalation", ["bureau_id", "by_discipline", "outcome", "id"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", Id, nullable=False),
        sa.Column("ground_id", Id, nullable=True),
        sa.Column("complaint_id", Id, nullable=True),
        sa.Column("verification_id", Id, nullable=True),
        sa.Column("application_id", Id, nullable=True),
        sa.Column("deficiency_item_id", Id, nullable=True),
        sa.Column("message_id", Id, nullable=True),
        sa.Column("ticket_id", Id, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("store_key", sa.String(length=120), nullable=False),
        sa.Column("original_key", sa.String(length=120), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_attachment_application_id_application")
        ),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_attachment_complaint_id_complaint")),
        sa.ForeignKeyConstraint(
            ["deficiency_item_id"],
            ["deficiency_item.id"],
            name=op.f("fk_attachment_deficiency_item_id_deficiency_item"),
        ),
        sa.ForeignKeyConstraint(
            ["ground_id"], ["objection_ground.id"], name=op.f("fk_attachment_ground_id_objection_ground")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_attachment_message_id_message")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["intake_ticket.id"], name=op.f("fk_attachment_ticket_id_intake_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verification.id"], name=op.f("fk_attachment_verification_id_verification")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_application_id"), "attachment", ["application_id"], unique=False)
    op.create_index(op.f("ix_attachment_complaint_id"), "attachment", ["complaint_id"], unique=False)
    op.create_index(op.f("ix_attachment_deficiency_item_id"), "attachment", ["deficiency_item_id"], unique=False)
    op.create_index(op.f("ix_attachment_ground_id"), "attachment", ["ground_id"], unique=False)
    op.create_index(op.f("ix_attachment_message_id"), "attachment", ["message_id"], unique=False)
    op.create_index(op.f("ix_attachment_ticket_id"), "attachment", ["ticket_id"], unique=False)
    op.create_index(op.f("ix_attachment_verification_id"), "attachment", ["verification_id"], unique=False)
    op.create_table(
        "public_copy",
        sa.Column("id", Id, nullable=False),
        sa.Column("application_id", Id, nullable=False),
        sa.Column("original_id", Id, nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_public_copy_application_id_application")
        ),
        sa.ForeignKeyConstraint(["original_id"], ["attachment.id"], name=op.f("fk_public_copy_original_id_attachment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_copy")),
        sa.UniqueConstraint("original_id", name=op.f("uq_public_copy_original_id")),
    )
    op.create_index(op.f("ix_public_copy_application_id"), "public_copy", ["application_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_public_copy_application_id"), table_name="public_copy")
    op.drop_table("public_copy")
    op.drop_index(op.f("ix_attachment_verification_id"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_ticket_id"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_message_id"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_ground_id"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_deficiency_item_id"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_complaint_id"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_application_id"), table_name="attachment")
    op.drop_table("attachment")
    op.drop_index("ix_escalation_queue", table_name="escalation")
    op.drop_index("ix_escalation_from", table_name="escalation")
    op.drop_table("escalation")
    op.drop_index("ix_recheck_queue", table_name="recheck")
    op.drop_table("recheck")
    op.drop_index(op.f("ix_objection_ground_objection_id"), table_name="objection_ground")
    op.drop_table("objection_ground")
    op.drop_index(op.f("ix_message_objection_id"), table_name="message")
    op.drop_index(op.f("ix_message_complaint_id"), table_name="message")
    op.drop_index(op.f("ix_message_application_id"), table_name="message")
    op.drop_table("message")
    op.drop_index(op.f("ix_complaint_round_complaint_id"), table_name="complaint_round")
    op.drop_table("complaint_round")
    op.drop_index(op.f("ix_complaint_recusal_complaint_id"), table_name="complaint_recusal")
    op.drop_table("complaint_recusal")
    op.drop_index("ix_objection_waiting", table_name="objection")
    op.drop_index(op.f("ix_objection_notice_id"), table_name="objection")
    op.drop_table("objection")
    op.drop_index(op.f("ix_complaint_project_id"), table_name="complaint")
    op.drop_index(op.f("ix_complaint_notice_id"), table_name="complaint")
    op.drop_index("ix_complaint_due", table_name="complaint")
    op.drop_index("ix_complaint_desk", table_name="complaint")
    op.drop_table("complaint")
    op.drop_index(op.f("ix_window_change_notice_id"), table_name="window_change")
    op.drop_table("window_change")
    op.drop_table("record_version")
    op.drop_table("notice_company")
    op.drop_index("ix_intake_ticket_holding", table_name="intake_ticket")
    op.drop_index("ix_intake_ticket_abandoned", table_name="intake_ticket")
    op.drop_table("intake_ticket")
    op.drop_table("fresh_notice")
    op.drop_index(op.f("ix_deficiency_item_deficiency_notice_id"), table_name="deficiency_item")
    op.drop_table("deficiency_item")
    op.drop_index("ix_alert_match_due", table_name="alert_match")
    op.drop_table("alert_match")
    op.drop_index(op.f("ix_verification_application_id"), table_name="verification")
    op.drop_table("verification")
    op.drop_index(op.f("ix_supervision_case_bureau_id"), table_name="supervision_case")
    op.drop_table("supervision_case")
    op.drop_index("ix_recheck_wait_due", table_name="recheck_wait")
    op.drop_table("recheck_wait")
    op.drop_index("ix_publication_sighting_ledger", table_name="publication_sighting")
    op.drop_table("publication_sighting")
    op.drop_index("ix_publication_gap_undecided", table_name="publication_gap")
    op.drop_index(op.f("ix_publication_gap_notice_id"), table_name="publication_gap")
    op.drop_table("publication_gap")
    op.drop_index("ix_notice_tally", table_name="notice")
    op.drop_index("ix_notice_subject_list", table_name="notice")
    op.drop_index("ix_notice_status_list", table_name="notice")
    op.drop_index("ix_notice_open_places", table_name="notice")
    op.drop_index("ix_notice_kind_list", table_name="notice")
    op.drop_index("ix_notice_due", table_name="notice")
    op.drop_index("ix_notice_city_list", table_name="notice")
    op.drop_index("ix_notice_bureau_list", table_name="notice")
    op.drop_index(op.f("ix_notice_application_id"), table_name="notice")
    op.drop_table("notice")
    op.drop_table("deficiency_notice")
    op.drop_index(op.f("ix_application_change_application_id"), table_name="application_change")
    op.drop_table("application_change")
    op.drop_index("ix_record_remedy_list", table_name="record_remedy")
    op.drop_index(op.f("ix_record_remedy_entry_id"), table_name="record_remedy")
    op.drop_table("record_remedy")
    op.drop_index("ix_import_row_state", table_name="import_row")
    op.drop_table("import_row")
    op.drop_index("ix_import_problem_list", table_name="import_problem")
    op.drop_table("import_problem")
    op.drop_index(op.f("ix_application_receipt_id"), table_name="application")
    op.drop_index("ix_application_queue", table_name="application")
    op.drop_index(op.f("ix_application_project_id"), table_name="application")
    op.drop_index("ix_application_applicant", table_name="application")
    op.drop_table("application")
    op.drop_table("record_entry")
    op.drop_index(op.f("ix_policy_exception_project_id"), table_name="policy_exception")
    op.drop_table("policy_exception")
    op.drop_index("ix_participation_company", table_name="participation")
    op.drop_table("participation")
    op.drop_index(op.f("ix_import_batch_bureau_id"), table_name="import_batch")
    op.drop_table("import_batch")
    op.drop_index("ix_project_bureau", table_name="project")
    op.drop_table("project")
    op.drop_index("ix_outbox_message_due", table_name="outbox_message")
    op.drop_table("outbox_message")
    op.drop_table("circular")
    op.drop_index(op.f("ix_calendar_day_order_id"), table_name="calendar_day")
    op.drop_table("calendar_day")
    op.drop_index("ix_alert_subscription_unconfirmed", table_name="alert_subscription")
    op.drop_index("ix_alert_subscription_found", table_name="alert_subscription")
    op.drop_table("alert_subscription")
    op.drop_index(op.f("ix_account_bureau_id"), table_name="account")
    op.drop_table("account")
    op.drop_table("vault_entry")
    op.drop_index("ix_trail_entry_subject", table_name="trail_entry")
    op.drop_index("ix_trail_entry_case", table_name="trail_entry")
    op.drop_table("trail_entry")
    op.drop_table("policy")
    op.drop_index("ix_limit_count_hour", table_name="limit_count")
    op.drop_table("limit_count")
    op.drop_index("ix_job_run_job", table_name="job_run")
    op.drop_table("job_run")
    op.drop_table("counter")
    op.drop_table("company")
    op.drop_index(
        "uq_calendar_order_waiting",
        table_name="calendar_order",
        sqlite_where=sa.text("status = 'proposed'"),
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.drop_index(op.f("ix_calendar_order_year"), table_name="calendar_order")
    op.drop_table("calendar_order")
    op.drop_table("bureau")
    op.drop_table("application_receipt")
