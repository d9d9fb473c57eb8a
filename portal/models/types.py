"""Column types the tables share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Enum, Integer

from portal.models.words import Word

# SQLite numbers rows by itself only for a plain INTEGER PRIMARY KEY
Id = BigInteger().with_variant(Integer, "sqlite")


def word(enum: type[Word]) -> Enum:
    """A column that holds a member of `enum` as its value, and a CHECK that nothing else gets in."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        name=f"is_{enum.__name__.lower()}",
        length=40,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


def values(*members: Any) -> str:
    """SQL list of enum values, for the condition of a partial index."""
    return ", ".join(f"'{member.value}'" for member in members)
