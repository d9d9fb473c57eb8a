"""Search by any run of characters: the databases' own full-text index over pre-cut grams (see models/search.py)."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEARCHED = ("notice", "project")


def upgrade() -> None:
    for table in SEARCHED:
        if op.get_bind().dialect.name == "sqlite":
            _index_on_sqlite(table)
        else:
            op.execute(
                f"ALTER TABLE {table} ADD COLUMN tv tsvector GENERATED ALWAYS AS (to_tsvector('simple', grams)) STORED"
            )
            op.execute(f"CREATE INDEX ix_{table}_tv ON {table} USING gin (tv) WITH (fastupdate = off)")


def _index_on_sqlite(table: str) -> None:
    op.execute(
        f"CREATE VIRTUAL TABLE {table}_fts USING fts5(grams, content='{table}', content_rowid='id', tokenize='unicode61')"
    )
    add = f"INSERT INTO {table}_fts(rowid, grams) VALUES (new.id, new.grams);"
    drop = f"INSERT INTO {table}_fts({table}_fts, rowid, grams) VALUES ('delete', old.id, old.grams);"
    op.execute(f"CREATE TRIGGER {table}_fts_added AFTER INSERT ON {table} BEGIN {add} END")
    op.execute(f"CREATE TRIGGER {table}_fts_removed AFTER DELETE ON {table} BEGIN {drop} END")
    op.execute(f"CREATE TRIGGER {table}_fts_changed AFTER UPDATE OF grams ON {table} BEGIN {drop} {add} END")


def downgrade() -> None:
    for table in SEARCHED:
        if op.get_bind().dialect.name == "sqlite":
            for trigger in ("added", "removed", "changed"):
                op.execute(f"DROP TRIGGER {table}_fts_{trigger}")
            op.execute(f"DROP TABLE {table}_fts")
        else:
            op.execute(f"ALTER TABLE {table} DROP COLUMN tv")
