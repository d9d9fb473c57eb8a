"""Paging by key: page one thousand costs what page one costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from sqlalchemy import Select, bindparam

from portal.extensions import db, reading

Item = TypeVar("Item")
PAGE = 20


@dataclass(frozen=True, slots=True)
class Slice(Generic[Item]):
    """One page of a list, newest first, and where its neighbours are (None: there is none)."""

    items: list[Item]
    older_url: str | None
    newer_url: str | None


def newest_first(
    query: Select[*tuple[Any, ...]],
    id_column: Any,
    *,
    size: int = PAGE,
    values: Mapping[str, Any] | None = None,
    plain: bool = False,
) -> Slice[Any]:
    """One page of `query` by descending `id_column`, as ?before= or ?after= in the address asks.

    Rows must have an attribute `id`. A key that is no number counts as none. values: of the query's bound parameters;
    a query that is the same object each time is worked out only once, which takes longer than to run it. plain: it asks
    for columns, not for objects.
    """
    before, after = asked()
    side = "after" if after is not None else "before" if before is not None else "first"
    page = _page_of(query, id_column, side, size + 1)
    keys = {"before": before, "after": after, **(values or {})}
    # a list of columns needs none of what the session does for objects
    rows = list((reading() if plain else db.session).execute(page, keys).all())
    return slice_of(rows if after is None else rows[::-1], size=size)


def asked() -> tuple[int | None, int | None]:
    """The keys ?before= and ?after= of the address; never both, None for one that is not there or is no number."""
    typed = request.args.to_dict()  # its own `get` makes an exception of what is not there
    after = _key(typed.get("after", ""))
    return (_key(typed.get("before", "")) if after is None else None), after


def slice_of(rows: list[Any], *, size: int = PAGE) -> Slice[Any]:
    """The page the address asks for, of its rows, newest first, and one more beyond it if there is one."""
    before, after = asked()
    if after is not None:
        more_newer, more_older, rows = len(rows) > size, True, rows[-size:]
    else:
        more_newer, more_older, rows = before is not None, len(rows) > size, rows[:size]
    return Slice(
        rows,
        _address("before", rows[-1].id) if rows and more_older else None,
        _address("after", rows[0].id) if rows and more_newer else None,
    )


@lru_cache(maxsize=200)
def _page_of(query: Select[*tuple[Any, ...]], id_column: Any, side: str, limit: int) -> Select[*tuple[Any, ...]]:
    if side == "after":
        return query.where(id_column > bindparam("after")).order_by(id_column.asc()).limit(limit)
    if side == "before":
        query = query.where(id_column < bindparam("before"))
    return query.order_by(id_column.desc()).limit(limit)


def _key(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 15 else None


def _address(name: str, key: int) -> str:
    # not by url_for: it would take ?_scheme= or ?endpoint= of a hostile address for its own parameters
    kept = [(k, v) for k, v in request.args.items() if k not in ("before", "after")]
    return f"{request.path}?{urlencode([*kept, (name, key)])}"
