"""Finding any run of two or more Chinese characters, on both databases, without an extension.

Text is cut into overlapping pairs of characters ("grams"), blank-separated; the databases' own full-text index then
finds a phrase of grams, which is exactly a substring. SQLite: an FTS5 table kept by triggers. PostgreSQL: a stored
tsvector.
"""

from __future__ import annotations

import re
import unicodedata
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, cast, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from portal.extensions import db

_RUN = re.compile(r"[0-9a-z]+|[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
COUNT_LIMIT = 1000
"""Hits beyond this are shown as 1000+: an exact count would cost more than the search."""


def plain(text_: str) -> str:
    """The form in which text is compared: full-width folded, lower case."""
    return unicodedata.normalize("NFKC", text_).lower()


def runs(text_: str) -> list[str]:
    """Unbroken runs of letters and digits, or of Chinese characters; punctuation separates and is dropped."""
    return _RUN.findall(plain(text_))


def grams(*texts: str | None) -> str:
    """The grams of all texts, blank-separated; each run ends with its last character alone, so that one character
    is findable.
    """
    cut: list[str] = []
    for run in runs("\n".join(text_ for text_ in texts if text_)):
        cut.extend(map(add, run, run[1:]))
        cut.append(run[-1])
    return " ".join(cut)


def _phrases(query: str) -> list[list[str]]:
    return [[run[i : i + 2] for i in range(len(run) - 1)] or [run] for run in runs(query)[:8]]


def matching(table: Any, query: str) -> ColumnElement[bool] | None:
    """Condition on `table` (with columns id and grams) that every run of `query` occurs in it.

    None if the query holds nothing that can be searched (only punctuation). A single character is looked up as the
    beginning of a gram.
    """
    phrases = _phrases(query)
    if not phrases:
        return None
    name = table.__tablename__
    if db.engine.dialect.name == "sqlite":
        fts = literal_column(f"{name}_fts")
        wanted = " AND ".join('"' + " ".join(phrase) + '"' + ("*" if len(phrase[0]) == 1 else "") for phrase in phrases)
        hits = (
            select(literal_column("rowid"))
            .select_from(text(f"{name}_fts"))
            .where(fts.op("MATCH")(bindparam(None, wanted)))
        )
        return table.id.in_(hits)
    wanted = " & ".join(
        "(" + " <-> ".join(f"'{gram}'" + (":*" if len(gram) == 1 else "") for gram in phrase) + ")"
        for phrase in phrases
    )
    return literal_column(f"{name}.tv", TSVECTOR).op("@@")(cast(wanted, TSQUERY))


def count_up_to_limit(query: Select[Any]) -> int:
    """How many rows `query` finds, counting no further than COUNT_LIMIT + 1."""
    limited = query.order_by(None).limit(COUNT_LIMIT + 1).subquery()
    return int(db.session.scalar(select(func.count()).select_from(limited)) or 0)
