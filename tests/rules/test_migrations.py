"""The migrations make exactly the tables the models describe, on both databases, and can be taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import CheckConstraint, create_engine, inspect
from sqlalchemy.pool import NullPool

import portal.models  # noqa: F401  (makes every table known)
from portal.extensions import Base, db
from tests.support.databases import Databases

VERSIONS = Path(__file__).resolve().parents[2] / "portal" / "migrations" / "versions"
NOT_OURS = ("notice_fts", "project_fts", "company_fts", "alembic_version")


def shape(engine: Any) -> dict[str, dict[str, Any]]:
    """What a database says of its tables: columns with nullability, keys, uniques, indexes, checks."""
    asked = inspect(engine)
    return {
        table: {
            # the search column of PostgreSQL is written by hand: migration 0002
            "columns": {
                c["name"]: (str(c["type"]), c["nullable"]) for c in asked.get_columns(table) if c["name"] != "tv"
            },
            "primary": asked.get_pk_constraint(table)["constrained_columns"],
            "foreign": sorted(
                (tuple(k["constrained_columns"]), k["referred_table"]) for k in asked.get_foreign_keys(table)
            ),
            "unique": sorted(tuple(k["column_names"]) for k in asked.get_unique_constraints(table)),
            "indexes": sorted(
                (str(i["name"]), tuple(i["column_names"]), bool(i["unique"]))
                for i in asked.get_indexes(table)
                if "tv" not in i["column_names"] and not i.get("duplicates_constraint")
            ),
            "checks": sorted(str(k["name"]) for k in asked.get_check_constraints(table)),
        }
        for table in asked.get_table_names()
        if not table.startswith(NOT_OURS)
    }


def test_there_is_one_head_and_the_files_are_numbered_in_a_line(sqlite_app: Flask):
    script = ScriptDirectory(str(VERSIONS.parent))
    assert len(script.get_heads()) == 1
    names = sorted(path.stem for path in VERSIONS.glob("*.py"))
    chain = [revision.revision for revision in script.walk_revisions()][::-1]
    assert chain == [name.split("_")[0] for name in names]


def test_the_migrations_make_exactly_the_tables_of_the_models(app: Flask, tmp_path: Path, databases: Databases):
    migrated = shape(db.engine)
    db.session.remove()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: not (kind == "table" and name.startswith(NOT_OURS))}
        )
        differences = [
            each
            for each in compare_metadata(context, Base.metadata)
            if "tv" not in repr(each)  # search, by hand
        ]
    assert differences == []
    with databases.fresh(db.engine.dialect.name) as url:
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            _empty(connection)
            Base.metadata.create_all(connection)
        described = shape(engine)
        engine.dispose()
    assert migrated == described


def _empty(connection: Any) -> None:
    """Remove what the migrations made, guards included."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        return
    for kind in ("trigger", "table"):
        names = connection.exec_driver_sql(
            f"SELECT name FROM sqlite_master WHERE type = '{kind}' AND name NOT LIKE 'sqlite_%'"
        ).scalars()
        for name in sorted(names, key=len):  # a search table before its shadows, which go with it
            connection.exec_driver_sql(f'DROP {kind} IF EXISTS "{name}"')


def test_all_can_be_taken_back_and_made_again(app: Flask):
    before = shape(db.engine)
    guards = triggers()
    db.session.remove()
    flask_migrate.downgrade(revision="base")
    assert shape(db.engine) == {}
    assert triggers() == set()
    flask_migrate.upgrade()
    assert shape(db.engine) == before
    assert triggers() == guards


def triggers() -> set[str]:
    """Names of all triggers."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if db.engine.dialect.name == "sqlite"
        else "SELECT tgname || ' on ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
    )
    with db.engine.connect() as connection:
        return set(connection.exec_driver_sql(query).scalars())


@pytest.mark.rule("T2", "N2", "N7", "A4")
def test_the_guards_stand_on_the_tables_they_guard(app: Flask):
    found = " ".join(triggers())
    for guard in ("trail_entry_refuses", "record_version_refuses", "publication_sighting_refuses",
                  "notice_is_frozen", "notice_is_kept",
                  "application_decided_by_another", "verification_by_another"):  # fmt: skip
        assert guard in found


def test_every_constraint_carries_a_name_that_a_migration_can_find():
    nameless = [
        f"{table.name}: {constraint}"
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if constraint.name is None or (isinstance(constraint, CheckConstraint) and not str(constraint.name))
    ]
    assert nameless == []
