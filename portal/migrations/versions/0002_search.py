"""Search by any run of characters, and by what a list is narrowed by: the databases' own full-text index over pre-cut
grams (see models/search.py).
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEARCHED = {
    "notice": {"city_id": "γ", "bureau_id": "β", "kind": "κ", "subject": "θ", "status": "τ"},
    "project": {},
    "company": {},
}
"""The tables, and the columns whose values are searched too, each behind its sign."""


def upgrade() -> None:
    for table, facets in SEARCHED.items():
        if op.get_bind().dialect.name == "sqlite":
            _index_on_sqlite(table, facets)
        else:
            _index_on_postgresql(table, facets)


def _text(facets: dict[str, str], row: str = "") -> str:
    """SQL of what is indexed of a row: its grams, then its facets, each one word."""
    signed = [f"' {sign}' || replace(cast({row}{column} AS varchar), '_', '')" for column, sign in facets.items()]
    return " || ".join([f"{row}grams", *signed])


def _index_on_postgresql(table: str, facets: dict[str, str]) -> None:
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN tv tsvector "
        f"GENERATED ALWAYS AS (to_tsvector('simple', {_text(facets)})) STORED"
    )
    # within the row, not beside it: to look at a row again is four times as quick
    op.execute(f"ALTER TABLE {table} ALTER COLUMN tv SET STORAGE MAIN")
    op.execute(f"CREATE INDEX ix_{table}_tv ON {table} USING gin (tv) WITH (fastupdate = off)")


def _index_on_sqlite(table: str, facets: dict[str, str]) -> None:
    op.execute(f"CREATE VIEW {table}_searched AS SELECT id, {_text(facets)} AS grams FROM {table}")
    op.execute(
        f"CREATE VIRTUAL TABLE {table}_fts USING fts5("
        f"grams, content='{table}_searched', content_rowid='id', columnsize=0, tokenize='unicode61')"
    )
    add = f"INSERT INTO {table}_fts(rowid, grams) VALUES (new.id, {_text(facets, 'new.')});"
    drop = f"INSERT INTO {table}_fts({table}_fts, rowid, grams) VALUES ('delete', old.id, {_text(facets, 'old.')});"
    changed = ", ".join(["grams", *facets])
    op.execute(f"CREATE TRIGGER {table}_fts_added AFTER INSERT ON {table} BEGIN {add} END")
    op.execute(f"CREATE TRIGGER {table}_fts_removed AFTER DELETE ON {table} BEGIN {drop} END")
    op.execute(f"CREATE TRIGGER {table}_fts_changed AFTER UPDATE OF {changed} ON {table} BEGIN {drop} {add} END")


def downgrade() -> None:
    for table in SEARCHED:
        if op.get_bind().dialect.name == "sqlite":
            for trigger in ("added", "removed", "changed"):
                op.execute(f"DROP TRIGGER {table}_fts_{trigger}")
            op.execute(f"DROP TABLE {table}_fts")
            op.execute(f"DROP VIEW {table}_searched")
        else:
            op.execute(f"ALTER TABLE {table} DROP COLUMN tv")
