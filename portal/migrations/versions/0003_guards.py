"""What the database itself refuses: changing the trail (T2), a record version or a notice's content (N2, N9), what was
seen of a notice (N7), deciding what one has verified (A4)."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("trail_entry", "record_version", "publication_sighting")
FROZEN = ("reference", "application_id", "bureau_id", "content", "content_hash", "published_at")
UNIQUE = {
    "trail_entry": ("id = new.id",),
    "record_version": ("id = new.id", "entry_id = new.entry_id AND version = new.version"),
    "publication_sighting": ("id = new.id",),
    "notice": ("id = new.id", "reference = new.reference"),
}
"""Tables of which nothing may be replaced, and what makes two rows of them the same; an index answers each."""
OWN_VERIFICATION = "SELECT 1 FROM verification v WHERE v.application_id = new.id AND v.verifier_id = new.decided_by_id"
OWN_DECISION = "SELECT 1 FROM application a WHERE a.id = new.application_id AND a.decided_by_id = new.verifier_id"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def _sqlite() -> None:
    for table in APPEND_ONLY:
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append only'); END"
            )
    # REPLACE would remove a row without asking the triggers above; a number that was given out is never given again
    for table, keys in UNIQUE.items():
        there = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key})" for key in keys)
        op.execute(
            f"CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table} WHEN {there} "
            f"BEGIN SELECT RAISE(ABORT, '{table} refuses replacement'); END"
        )
    changed = " OR ".join(f"new.{column} IS NOT old.{column}" for column in FROZEN)
    op.execute(
        f"CREATE TRIGGER notice_is_frozen BEFORE UPDATE ON notice WHEN {changed} "
        "BEGIN SELECT RAISE(ABORT, 'a published notice is frozen'); END"
    )
    op.execute(
        "CREATE TRIGGER notice_is_kept BEFORE DELETE ON notice "
        "BEGIN SELECT RAISE(ABORT, 'a published notice is kept'); END"
    )
    op.execute(
        "CREATE TRIGGER application_decided_by_another BEFORE UPDATE OF decided_by_id ON application "
        f"WHEN EXISTS ({OWN_VERIFICATION}) "
        "BEGIN SELECT RAISE(ABORT, 'the verifier of a case does not decide it'); END"
    )
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER verification_by_another_{event.lower()} BEFORE {event} ON verification "
            f"WHEN EXISTS ({OWN_DECISION}) "
            "BEGIN SELECT RAISE(ABORT, 'the verifier of a case does not decide it'); END"
        )


def _postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% refuses %', TG_TABLE_NAME, TG_ARGV[0]; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change('change: append only')"
        )
    for table in (*APPEND_ONLY, "notice"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('truncation')"
        )
    changed = " OR ".join(f"new.{column} IS DISTINCT FROM old.{column}" for column in FROZEN)
    op.execute(
        f"CREATE TRIGGER notice_is_frozen BEFORE UPDATE ON notice FOR EACH ROW WHEN ({changed}) "
        "EXECUTE FUNCTION refuse_change('change: frozen')"
    )
    op.execute(
        "CREATE TRIGGER notice_is_kept BEFORE DELETE ON notice "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change('removal: kept')"
    )
    for function, found in (("refuse_own_verification", OWN_VERIFICATION), ("refuse_own_decision", OWN_DECISION)):
        op.execute(
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS ({found}) THEN "
            "RAISE EXCEPTION 'the verifier of a case does not decide it'; END IF; RETURN new; END $$"
        )
    op.execute(
        "CREATE TRIGGER application_decided_by_another BEFORE UPDATE OF decided_by_id ON application "
        "FOR EACH ROW EXECUTE FUNCTION refuse_own_verification()"
    )
    op.execute(
        "CREATE TRIGGER verification_by_another BEFORE INSERT OR UPDATE ON verification "
        "FOR EACH ROW EXECUTE FUNCTION refuse_own_decision()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        names = [f"{table}_refuses_{event}" for table in APPEND_ONLY for event in ("update", "delete")]
        names += [f"{table}_refuses_replace" for table in UNIQUE]
        for name in (*names, "notice_is_frozen", "notice_is_kept"):
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TRIGGER application_decided_by_another")
        for event in ("insert", "update"):
            op.execute(f"DROP TRIGGER verification_by_another_{event}")
        return
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_refuses_change ON {table}")
    for table in (*APPEND_ONLY, "notice"):
        op.execute(f"DROP TRIGGER {table}_refuses_truncate ON {table}")
    op.execute("DROP TRIGGER notice_is_frozen ON notice")
    op.execute("DROP TRIGGER notice_is_kept ON notice")
    op.execute("DROP TRIGGER application_decided_by_another ON application")
    op.execute("DROP TRIGGER verification_by_another ON verification")
    op.execute("DROP FUNCTION refuse_own_decision()")
    op.execute("DROP FUNCTION refuse_own_verification()")
    op.execute("DROP FUNCTION refuse_change()")
