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

from sqlalchemy import ColumnElement, Select, TextClause, cast, column, func, literal_column, select, text
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from portal.extensions import db, reading

_RUN = re.compile(r"[0-9a-z]+|[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
COUNT_LIMIT = 500
"""Hits beyond this are shown as 500+: an exact count would cost more than the search."""
MOST_RUNS = 8
FIRST_LOOK, LONG_LOOK = 1000, 20_000
FREQUENT = 0.03
"""Share of hits in the first look from which on reading on finds COUNT_LIMIT of them sooner than the index."""
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
        index = sql_table(f"{table.__tablename__}_fts", column("rowid"))
        return table.id.in_(select(index.c.rowid).where(literal_column(index.name).op("MATCH")(wanted)))
    return literal_column(f"{table.__tablename__}.tv", TSVECTOR).op("@@")(cast(wanted, TSQUERY))


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
    look = _find_on_sqlite if db.engine.dialect.name == "sqlite" else _find_on_postgresql
    return look(table.__tablename__, wanted, _Side(before, after, limit))


def count_up_to_limit(query: Select[Any], values: Mapping[str, Any] | None = None) -> int:
    """How many rows `query` finds with `values` for its bound parameters, counting no further than COUNT_LIMIT + 1."""
    return int(reading().scalar(_counting(query), values) or 0)


@dataclass(frozen=True, slots=True)
class _Side:
    """Which ids a page is made of, counted from the newest down, or from `after` up."""

    before: int | None
    after: int | None
    limit: int

    @property
    def cut(self) -> tuple[str, str]:
        """SQL: which ids, and in which order, those nearest to where one stands first."""
        if self.after is not None:
            return "id > :after", "ORDER BY id"
        return ("TRUE" if self.before is None else "id < :before"), "ORDER BY id DESC"

    def pick(self, ids: list[int]) -> list[int]:
        """This page of all `ids`, newest first."""
        if self.after is not None:
            return sorted(number for number in ids if number > self.after)[: self.limit][::-1]
        return sorted((n for n in ids if self.before is None or n < self.before), reverse=True)[: self.limit]


ALL_COUNTED = _Side(None, None, COUNT_LIMIT + 1)


def _wanted(words: str, narrowed: Mapping[str, Any]) -> str:
    """The question in the language of the database's index; empty if nothing is asked."""
    asked = [[run[i : i + 2] for i in range(len(run) - 1)] or [run] for run in runs(words)[:MOST_RUNS]]
    asked += [[FACETS[column] + str(value).replace("_", "")] for column, value in narrowed.items()]
    if db.engine.dialect.name == "sqlite":
        return " AND ".join('"' + " ".join(phrase) + '"' + ("*" if len(phrase[0]) == 1 else "") for phrase in asked)
    return " & ".join(
        "(" + " <-> ".join(f"'{gram}'" + (":*" if len(gram) == 1 else "") for gram in phrase) + ")" for phrase in asked
    )


# The queries below are text: to work one out from its parts, anew for each search, takes longer than to run it.
def _ids(query: str, side: _Side, **values: Any) -> list[int]:
    keys = {"before": side.before, "after": side.after, "limit": side.limit}
    values |= {key: value for key, value in keys.items() if f":{key}" in query}
    return list(reading().scalars(_as_text(query), values))


def _find_on_sqlite(name: str, wanted: str, side: _Side) -> Found:
    """FTS5 keeps each gram's rows in the order of their ids, so the newest ones come first and at once."""
    which, order = (part.replace("id", "rowid") for part in side.cut)
    hits = f"SELECT rowid FROM {name}_fts WHERE {name}_fts MATCH :wanted"
    ids = _ids(f"{hits} AND {which} {order} LIMIT :limit", side, wanted=wanted)
    if side.before is None and side.after is None and len(ids) < side.limit:
        return Found(ids, len(ids))
    # counted from the newest end, too: that is what is in memory
    counting = f"SELECT count(*) FROM ({hits} ORDER BY rowid DESC LIMIT :limit)"
    return Found(side.pick(ids), *_ids(counting, ALL_COUNTED, wanted=wanted))


def _find_on_postgresql(name: str, wanted: str, side: _Side) -> Found:
    """GIN knows which rows hit, but in no order, and to gather all that a frequent gram has takes it long: 260 ms for a
    quarter of a million rows, of which then 500 are wanted. To look at a row takes 2 µs.

    So a few of the newest rows are looked at first. What they show to be frequent is counted from the newest row
    down, all else by the index. Then only the page may be missing.
    """
    newest = _newest(name, wanted, FIRST_LOOK, ALL_COUNTED)
    hits = f"SELECT id FROM {name} WHERE tv @@ CAST(:wanted AS tsquery)"
    if len(newest) < FREQUENT * FIRST_LOOK:
        some = _ids(f"{hits} LIMIT :limit", ALL_COUNTED, wanted=wanted)
    else:
        some = newest = _newest(name, wanted, LONG_LOOK, ALL_COUNTED)
        if len(some) <= COUNT_LIMIT:  # frequent of late only, or the table is small
            some = _ids(f"{hits} LIMIT :limit", ALL_COUNTED, wanted=wanted)
    if len(some) <= COUNT_LIMIT:
        return Found(side.pick(some), len(some))
    if side.before is None and side.after is None and len(newest) >= side.limit:
        return Found(newest[: side.limit], COUNT_LIMIT + 1)
    ids = _newest(name, wanted, LONG_LOOK, side)
    if len(ids) < side.limit:
        which, order = side.cut
        # OFFSET 0: without it the planner may walk down the ids, past all that do not hit
        ids = _ids(f"SELECT id FROM ({hits} OFFSET 0) AS hits WHERE {which} {order} LIMIT :limit", side, wanted=wanted)
    return Found(side.pick(ids), COUNT_LIMIT + 1)


def _newest(name: str, wanted: str, looked_at: int, side: _Side) -> list[int]:
    """Hits among the rows `side` begins with, `looked_at` of them at most."""
    which, order = side.cut
    rows = f"SELECT id, tv FROM {name} WHERE {which} {order} LIMIT :looked_at"
    hits = f"SELECT id FROM ({rows}) AS looked_at WHERE tv @@ CAST(:wanted AS tsquery) {order} LIMIT :limit"
    return _ids(hits, side, wanted=wanted, looked_at=looked_at)


@lru_cache
def _as_text(query: str) -> TextClause:
    return text(query)


@lru_cache
def _counting(query: Select[Any]) -> Select[Any]:
    """Made once for a query that is the same object each time."""
    return select(func.count()).select_from(query.limit(COUNT_LIMIT + 1).subquery())
