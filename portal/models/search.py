"""Finding any run of two or more Chinese characters, on both databases, without an extension.

Text is cut into overlapping pairs of characters ("grams"), blank-separated; the databases' own full-text index then
finds a phrase of grams, which is exactly a substring. SQLite: an FTS5 table kept by triggers. PostgreSQL: a stored
tsvector.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, column, func, literal_column, select
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from portal.extensions import db

_RUN = re.compile(r"[0-9a-z]+|[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
COUNT_LIMIT = 1000
"""Hits beyond this are shown as 1000+: an exact count would cost more than the search."""
MOST_RUNS = 8
FACETS = {"city_id": "γ", "bureau_id": "β", "kind": "κ", "subject": "θ", "status": "τ"}
"""What a notice can also be searched by: columns whose values the database adds to its grams (migration 0002), each
behind a sign that nothing typed can contain, for grams are made of Chinese characters, digits and a to z."""


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


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: the ids of one page, newest first, and how many there are; COUNT_LIMIT + 1 means more."""

    ids: list[int]
    count: int


def matching(table: Any, words: str) -> ColumnElement[bool] | None:
    """Condition on `table` (with columns id and grams) that every run of `words` occurs in it.

    None if they hold nothing that can be searched (only punctuation). A single character is looked up as the beginning
    of a gram. For a page of a list that may be long, `find` is the quicker way.
    """
    wanted = _wanted(words, {})
    if not wanted:
        return None
    if db.engine.dialect.name == "sqlite":
        index = _fts(table)
        return table.id.in_(select(index.c.rowid).where(literal_column(index.name).op("MATCH")(wanted)))
    return _tv(table).op("@@")(cast(wanted, TSQUERY))


def find(
    table: Any,
    words: str,
    narrowed: Mapping[str, Any],
    *,
    limit: int,
    before: int | None = None,
    after: int | None = None,
) -> Found | None:
    """The newest rows in which every run of `words` occurs and whose columns have the values `narrowed` says.

    Columns may be those of FACETS. before, after: only ids below or above this one; with `after` those next to it.
    None if nothing is asked. Costs milliseconds whatever is asked, of a million rows too.
    """
    wanted = _wanted(words, narrowed)
    if not wanted:
        return None
    side = _Side(before, after, limit)
    return (
        _find_on_sqlite(table, wanted, side) if db.engine.dialect.name == "sqlite" else _Gin(table, wanted).find(side)
    )


def count_up_to_limit(query: Select[Any], values: Mapping[str, Any] | None = None) -> int:
    """How many rows `query` finds with `values` for its bound parameters, counting no further than COUNT_LIMIT + 1."""
    return int(db.session.connection().scalar(_counting(query), values) or 0)


@dataclass(frozen=True, slots=True)
class _Side:
    """Which ids a page is made of, counted from the newest down, or from `after` up."""

    before: int | None
    after: int | None
    limit: int

    def of(self, query: Select[Any], number: Any) -> Select[Any]:
        """`query` cut to this page by its id column `number`, the ids nearest to where one stands first."""
        if self.after is not None:
            return query.where(number > self.after).order_by(number.asc()).limit(self.limit)
        if self.before is not None:
            query = query.where(number < self.before)
        return query.order_by(number.desc()).limit(self.limit)

    def pick(self, ids: list[int]) -> list[int]:
        """This page of all `ids`."""
        if self.after is not None:
            return sorted(number for number in ids if number > self.after)[: self.limit][::-1]
        return sorted((n for n in ids if self.before is None or n < self.before), reverse=True)[: self.limit]


def _wanted(words: str, narrowed: Mapping[str, Any]) -> str:
    """The question in the language of the database's index; empty if nothing is asked."""
    asked = [[run[i : i + 2] for i in range(len(run) - 1)] or [run] for run in runs(words)[:MOST_RUNS]]
    asked += [[FACETS[column] + str(value).replace("_", "")] for column, value in narrowed.items()]
    if db.engine.dialect.name == "sqlite":
        return " AND ".join('"' + " ".join(phrase) + '"' + ("*" if len(phrase[0]) == 1 else "") for phrase in asked)
    return " & ".join(
        "(" + " <-> ".join(f"'{gram}'" + (":*" if len(gram) == 1 else "") for gram in phrase) + ")" for phrase in asked
    )


def _find_on_sqlite(table: Any, wanted: str, side: _Side) -> Found:
    """FTS5 keeps each gram's rows in the order of their ids, so the newest ones come first and at once."""
    index = _fts(table)
    hits = select(index.c.rowid).where(literal_column(index.name).op("MATCH")(wanted))
    ids = list(db.session.connection().scalars(side.of(hits, index.c.rowid)))
    if side.before is None and side.after is None and len(ids) < side.limit:
        return Found(ids, len(ids))
    # counted from the newest end, too: that is what is in memory
    return Found(side.pick(ids), count_up_to_limit(hits.order_by(index.c.rowid.desc())))


class _Gin:
    """PostgreSQL's index knows which rows hit, but in no order, and a gram that most rows have is slow to read from it.

    So the newest rows are looked at first. Words they show to be frequent are then read from the newest row down;
    others are rare enough for the index.
    """

    FIRST_LOOK = 2000
    FREQUENT = 0.1
    """Share of hits in the first look from which on COUNT_LIMIT of them are found sooner by reading on."""
    LONG_LOOK = 20_000

    def __init__(self, table: Any, wanted: str) -> None:
        self.table = table
        self.condition = _tv(table).op("@@")(cast(wanted, TSQUERY))

    def find(self, side: _Side) -> Found:
        """One page, and how many there are."""
        newest = self._newest(self.FIRST_LOOK, _Side(None, None, COUNT_LIMIT + 1))
        if len(newest) >= self.FREQUENT * self.FIRST_LOOK:
            newest = self._newest(self.LONG_LOOK, _Side(None, None, COUNT_LIMIT + 1))
        if len(newest) <= COUNT_LIMIT:
            some = list(
                db.session.connection().scalars(select(self.table.id).where(self.condition).limit(COUNT_LIMIT + 1))
            )
            if len(some) <= COUNT_LIMIT:
                return Found(side.pick(some), len(some))
        if side.before is None and side.after is None and len(newest) >= side.limit:
            return Found(newest[: side.limit], COUNT_LIMIT + 1)
        ids = self._newest(self.LONG_LOOK, side)
        if len(ids) < side.limit:
            ids = list(
                db.session.connection().scalars(side.of(select(self.table.id).where(self.condition), self.table.id))
            )
        return Found(side.pick(ids), COUNT_LIMIT + 1)

    def _newest(self, looked_at: int, side: _Side) -> list[int]:
        """Hits among the rows `side` begins with, `looked_at` of them at most."""
        number, tv = self.table.id, _tv(self.table)
        rows = (
            _Side(side.before, side.after, looked_at).of(select(number, tv.label("tv")), number).subquery("looked_at")
        )
        hits = select(rows.c.id).where(rows.c.tv.op("@@")(self.condition.right))
        return list(db.session.connection().scalars(side.of(hits, rows.c.id)))


@lru_cache
def _counting(query: Select[Any]) -> Select[Any]:
    """Made once for a query that is the same object each time."""
    return select(func.count()).select_from(query.limit(COUNT_LIMIT + 1).subquery())


def _fts(table: Any) -> Any:
    return sql_table(f"{table.__tablename__}_fts", column("rowid"))


def _tv(table: Any) -> Any:
    return literal_column(f"{table.__tablename__}.tv", TSVECTOR)
