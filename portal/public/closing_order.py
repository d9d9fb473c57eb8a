"""Open notices by when their window ends, paged by key: end and id (design: the deadline is the hero)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import request
from sqlalchemy import Select, literal, tuple_

from portal import clock
from portal.extensions import UtcDateTime, reading
from portal.models.notice import Notice
from portal.web.paging import PAGE, Slice

Key = tuple[datetime, int]
_PLACE = tuple_(Notice.ends_at, Notice.id)


def page(query: Select[Any], values: Mapping[str, Any]) -> Slice[Any]:
    """One page of a query over open notices, those that end soonest first; rows must have `id` and `last_day`.

    ?later= and ?sooner= in the address name the row next to the page, as 2026-10-13.45; anything else asks nothing.
    """
    later, sooner = _key("later"), _key("sooner")
    if sooner is not None:
        query = query.where(_at(sooner) > _PLACE).order_by(Notice.ends_at.desc(), Notice.id.desc())
    else:
        if later is not None:
            query = query.where(_at(later) < _PLACE)
        query = query.order_by(Notice.ends_at, Notice.id)
    rows = list(reading().execute(query.limit(PAGE + 1), dict(values)).all())
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if sooner is not None:
        rows.reverse()
    has_later, has_sooner = (True, more) if sooner is not None else (more, later is not None)
    return Slice(
        rows,
        _address("later", rows[-1]) if rows and has_later else None,
        _address("sooner", rows[0]) if rows and has_sooner else None,
    )


def _at(key: Key) -> Any:
    return tuple_(literal(key[0], UtcDateTime()), literal(key[1]))


def _key(name: str) -> Key | None:
    day, _, number = request.args.get(name, "").partition(".")
    try:
        ends_at = clock.midnight_after(date.fromisoformat(day))
    except (ValueError, OverflowError):
        return None
    return (ends_at, int(number)) if number.isascii() and number.isdigit() and len(number) <= 15 else None


def _address(name: str, row: Any) -> str:
    kept = [(k, v) for k, v in request.args.items() if k not in ("later", "sooner", "before", "after")]
    return f"{request.path}?{urlencode([*kept, (name, f'{row.last_day.isoformat()}.{row.id}')])}"
