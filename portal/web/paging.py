"""Paging by key: page one thousand costs what page one costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from sqlalchemy import Select

from portal.extensions import db

Item = TypeVar("Item")
PAGE = 20


@dataclass(frozen=True, slots=True)
class Slice(Generic[Item]):
    """One page of a list, newest first, and where its neighbours are (None: there is none)."""

    items: list[Item]
    older_url: str | None
    newer_url: str | None


def newest_first(query: Select[Any], id_column: Any, *, size: int = PAGE) -> Slice[Any]:
    """One page of `query` by descending `id_column`, as ?before= or ?after= in the address asks.

    Rows must have an attribute `id`. A key that is no number counts as none.
    """
    before, after = asked()
    if after is not None:
        query = query.where(id_column > after).order_by(id_column.asc())
    elif before is not None:
        query = query.where(id_column < before).order_by(id_column.desc())
    else:
        query = query.order_by(id_column.desc())
    rows = list(db.session.execute(query.limit(size + 1)).all())
    return slice_of(rows if after is None else rows[::-1], size=size)


def asked() -> tuple[int | None, int | None]:
    """The keys ?before= and ?after= of the address; never both, None for one that is not there or is no number."""
    after = _key("after")
    return (_key("before") if after is None else None), after


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


def _key(name: str) -> int | None:
    typed = request.args.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 15 else None


def _address(name: str, key: int) -> str:
    # not by url_for: it would take ?_scheme= or ?endpoint= of a hostile address for its own parameters
    kept = [(k, v) for k, v in request.args.items() if k not in ("before", "after")]
    return f"{request.path}?{urlencode([*kept, (name, key)])}"
