"""公示监测记录 as both doors show it: every look, newest first, where nobody looked, and the gaps (rule N7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain import policy
from portal.extensions import db
from portal.models.notice import Notice
from portal.models.publication_sighting import PublicationGap, PublicationSighting, gaps_of
from portal.models.words import NoticeStatus, SightingOutcome
from portal.web.paging import Slice, newest_first

KEYS = ("watch.every_minutes", "watch.again_minutes", "watch.tolerated_minutes")
_older = aliased(PublicationSighting)
_LEDGER = select(
    *PublicationSighting.__table__.c,
    select(_older.at)
    .where(_older.notice_id == PublicationSighting.notice_id, _older.id < PublicationSighting.id)
    .order_by(_older.id.desc())
    .limit(1)
    .scalar_subquery()
    .label("before"),
).where(PublicationSighting.notice_id == bindparam("notice"))


@dataclass(frozen=True, slots=True)
class Line:
    """One look. in_gap: it belongs to a gap. unwatched: hours before it in which nobody looked, where they are many."""

    sighting: Row[Any]
    in_gap: bool
    unwatched: int


def build(notice: Notice | Row[Any]) -> dict[str, Any]:
    """What the templates of a ledger need: one page of its lines as the address asks, the gaps, and the policy."""
    gaps = db.session.scalars(gaps_of(notice.id)).all()
    every, again, tolerated = policy.values(clock.today(), *KEYS)
    found: Slice[Row[Any]] = newest_first(_LEDGER, PublicationSighting.id, values={"notice": notice.id}, plain=True)
    last = notice.looked_at if notice.status is NoticeStatus.OPEN else None
    return {
        "lines": [
            Line(each, _in_gap(each, gaps), _unwatched(each.before or notice.published_at, each.at, every))
            for each in found.items
        ],
        "gaps": gaps,
        "unwatched_now": _unwatched(last, clock.now(), every) if last is not None else 0,
        "older_url": found.older_url,
        "newer_url": found.newer_url,
        "every": every,
        "again": again,
        "tolerated": tolerated,
    }


def _in_gap(sighting: Row[Any], gaps: Sequence[PublicationGap]) -> bool:
    return sighting.outcome is not SightingOutcome.SEEN and any(
        gap.began_at <= sighting.at and (gap.ended_at is None or sighting.at < gap.ended_at) for gap in gaps
    )


def _unwatched(since: datetime, until: datetime, every: int) -> int:
    """Whole hours between two looks, if that is more than twice the interval; 0: no time without looks to speak of."""
    between = until - since
    return int(between.total_seconds() // 3600) if between > 2 * timedelta(minutes=every) else 0
