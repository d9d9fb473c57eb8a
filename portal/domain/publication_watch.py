"""公示监测: each look at a notice goes into its ledger; a gap in its window is found and stops its closing (N7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select

from portal.clock import beijing_date
from portal.domain import policy, trail
from portal.domain.actor import Actor
from portal.domain.errors import NotAllowedNow
from portal.domain.trail import Event
from portal.extensions import db, insert, lock
from portal.models.notice import Notice
from portal.models.publication_sighting import PublicationGap, PublicationSighting
from portal.models.words import NoticeStatus, Role, SightingOutcome, SightingPlace


class Pace(NamedTuple):
    """How long after a look comes the next: as a rule, and where the notice was not seen."""

    every: timedelta
    again: timedelta


def how_often(now: datetime) -> Pace:
    """As it is set on the day of `now`."""
    minutes = policy.values(beijing_date(now), "watch.every_minutes", "watch.again_minutes")
    return Pace(*(timedelta(minutes=each) for each in minutes))


def judge(http_status: int | None, content_hash: str, published_hash: str) -> SightingOutcome:
    """What it means that a place answered with this status and showed content of this fingerprint."""
    if http_status is None or http_status >= 500 or http_status == 429:
        return SightingOutcome.UNREACHABLE
    if http_status != 200 or not content_hash:
        return SightingOutcome.ABSENT
    return SightingOutcome.SEEN if content_hash == published_hash else SightingOutcome.DIFFERENT


def due(now: datetime, pace: Pace) -> ColumnElement[bool]:
    """Notices it is time to look at: open, and not looked at for the interval; sooner where the last look failed."""
    return and_(
        Notice.status == NoticeStatus.OPEN,
        or_(
            Notice.looked_at.is_(None),
            Notice.looked_at <= now - pace.every,
            and_(Notice.unseen_since.is_not(None), Notice.looked_at <= now - pace.again),
        ),
    )


def note(
    notice_id: int,
    place: SightingPlace,
    *,
    http_status: int | None,
    content_hash: str,
    milliseconds: int,
    pace: Pace,
    actor: Actor,
    now: datetime,
) -> SightingOutcome:
    """Write down what a look at `now` saw, and with it where a gap begins, is found or ends.

    Raises NotAllowedNow if the notice is not open any more, or somebody else looked at it meanwhile.
    """
    notice = lock(Notice, notice_id)
    if db.session.scalar(select(Notice.id).where(Notice.id == notice_id, due(now, pace))) is None:
        raise NotAllowedNow("公示已经结束，或者刚刚监测过", rule="N7")
    outcome = judge(http_status, content_hash, notice.content_hash)
    insert(
        PublicationSighting,
        notice_id=notice.id,
        at=now,
        place=place,
        outcome=outcome,
        http_status=http_status,
        content_hash=content_hash,
        milliseconds=milliseconds,
    )
    notice.looked_at = now
    seen = outcome is SightingOutcome.SEEN
    if not seen and notice.unseen_since is None:
        notice.unseen_since = now
    if notice.unseen_since is not None:
        _measure(notice, notice.unseen_since, ended=seen, actor=actor, now=now)
    if seen:
        notice.sightings, notice.last_seen_at, notice.unseen_since = notice.sightings + 1, now, None
    return outcome


def interrupted(notice: Notice) -> bool:
    """True while a gap in the window is in the way of its closing: one that waits for a person, or one that is not over
    and reaches into the window for longer than is tolerated.
    """
    if notice.gap_undecided:
        return True
    return notice.unseen_since is not None and _too_long(notice, notice.unseen_since, notice.ends_at)


def _measure(notice: Notice, began_at: datetime, *, ended: bool, actor: Actor, now: datetime) -> None:
    """Make a gap of the looks that failed since `began_at`, once they cover too much of the window; end it if it has
    one.
    """
    gap = db.session.scalar(
        select(PublicationGap).where(PublicationGap.notice_id == notice.id, PublicationGap.began_at == began_at)
    )
    if gap is None and _too_long(notice, began_at, now):
        gap = PublicationGap(notice_id=notice.id, began_at=began_at)
        db.session.add(gap)
        notice.gaps, notice.gap_undecided = notice.gaps + 1, True
        trail.record(
            Event.PUBLICATION_GAP_FOUND,
            actor=actor,
            now=now,
            subject=("notice", notice.reference),
            case=notice.application.number,
            bureau=notice.bureau.code,
            acting_as=Role.SYSTEM.value,
            after={"since": began_at.isoformat()},
            detail={"notice": notice.reference},
        )
    if gap is not None and ended:
        gap.ended_at = now


def _too_long(notice: Notice, began_at: datetime, until: datetime) -> bool:
    """Whether this much of the window is more than what is tolerated."""
    within = min(until, notice.ends_at) - began_at
    return within > timedelta(minutes=policy.value("watch.tolerated_minutes", beijing_date(began_at)))
