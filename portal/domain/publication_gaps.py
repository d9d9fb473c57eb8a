"""公示中断: a person decides what a gap in the window means, and only then it is closed (rule N7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from portal.clock import beijing_date
from portal.domain import notices, permissions, texts, trail, workdays
from portal.domain.actor import Actor
from portal.domain.canonical import digest
from portal.domain.errors import NotAllowedNow
from portal.domain.permissions import Permission
from portal.domain.trail import Event
from portal.domain.windows import Limit
from portal.extensions import db, lock
from portal.models.notice import Notice
from portal.models.publication_sighting import PublicationGap, gaps_of
from portal.models.words import GapDecision, NoticeStatus, Role


def undecided(notice: Notice) -> list[PublicationGap]:
    """The gaps of this notice that wait for a person."""
    return list(db.session.scalars(gaps_of(notice.id).where(PublicationGap.decision.is_(None))))


def days_lost(notice: Notice, gaps: Iterable[PublicationGap]) -> int:
    """On how many working days of its window the notice was not seen; at least one, whatever the gaps lie on."""
    calendar = workdays.load_calendar(db.session)
    touched: set[date] = set()
    for gap in gaps:
        day, last = beijing_date(gap.began_at), beijing_date(gap.ended_at or notice.ends_at)
        while day <= min(last, notice.last_day):
            if day >= notice.first_day and calendar.day(day).kind.is_working:
                touched.add(day)
            day += timedelta(days=1)
    return max(1, len(touched))


def proposal(notice: Notice, gaps: Iterable[PublicationGap], *, now: datetime) -> Limit:
    """Until when the window would last: longer by the days lost, counted from its last day, or from today if later."""
    start = max(notice.last_day, beijing_date(now))
    return workdays.limit(start, days_lost(notice, gaps), workdays.load_calendar(db.session))


def extend(notice: Notice, reason: str, *, actor: Actor, now: datetime) -> None:
    """Prolong the window by the working days lost; objections are taken until its new end (rules N6, N7).

    Raises as `accept` does, and NotAllowedNow where the new end would lie in a year nobody knows yet (rule N5).
    """
    notice, gaps, said = _to_decide(notice, reason, actor=actor)
    notices.settle(notice, actor=actor, now=now)
    until = proposal(notice, gaps, now=now)
    if until.provisional:
        raise NotAllowedNow(f"{until.last_day.year}年放假安排尚未公布，公布后才能延长", rule="N5")
    notices.move_end(
        notice,
        until.last_day,
        f"公示期内公示曾经中断，延长{days_lost(notice, gaps)}个工作日：{said}",
        provisional=False,
        acting_as=Role.DECIDER,
        actor=actor,
        now=now,
    )
    _decide(notice, gaps, GapDecision.EXTENDED, said, actor=actor, now=now)


def accept(notice: Notice, reason: str, *, actor: Actor, now: datetime) -> None:
    """Let the window end as published although the notice was not seen for a while; the reason is public (rule N7).

    Raises NotAllowed for another bureau's officer or the verifier of the case, NotAllowedNow where nothing waits or the
    notice still is not seen, RuleViolation without a reason.
    """
    notice, gaps, said = _to_decide(notice, reason, actor=actor)
    trail.record(
        Event.PUBLICATION_GAP_ACCEPTED,
        actor=actor,
        now=now,
        subject=("notice", notice.reference),
        case=notice.application.number,
        bureau=notice.bureau.code,
        acting_as=Role.DECIDER.value,
        after={"reason": digest(said.encode())},
        detail={"notice": notice.reference, "reason": said},
    )
    _decide(notice, gaps, GapDecision.ACCEPTED, said, actor=actor, now=now)


def _to_decide(notice: Notice, reason: str, *, actor: Actor) -> tuple[Notice, list[PublicationGap], str]:
    """The notice, held, with its gaps that wait and the reason; or a refusal."""
    permissions.require_own(actor, Permission.DECIDE, notice.bureau)
    permissions.require_other_than_verifier(actor, notice.application)
    notice = lock(Notice, notice.id)
    if notice.status is not NoticeStatus.OPEN:
        raise NotAllowedNow("公示已经结束", rule="N7")
    if not notice.gap_undecided:
        raise NotAllowedNow("没有等待决定的公示中断", rule="N7")
    if notice.unseen_since is not None:
        raise NotAllowedNow("公示仍未恢复正常，恢复后才能决定", rule="N7")
    said = texts.require(reason.strip().rstrip("。"), texts.GAP, "请写明理由", "，理由将公开", rule="N7")
    return notice, undecided(notice), said


def _decide(
    notice: Notice,
    gaps: Iterable[PublicationGap],
    decision: GapDecision,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    for gap in gaps:
        gap.decision, gap.reason, gap.decided_at, gap.decided_by = decision, reason, now, actor.name
    notice.gap_undecided = False
