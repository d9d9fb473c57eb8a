"""办理情况 per bureau, from what is stored (rule E3): open notices, decided cases and their days, what is overdue,
applications told everything at once (rule V2), objections. Each number can be counted again from the trail.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, cast, extract, func, select
from sqlalchemy.orm import aliased

from portal.clock import beijing_date
from portal.domain import policy
from portal.domain.ladder import OBJECTION_ANSWER
from portal.domain.scores import Score, Scoreboard
from portal.extensions import db
from portal.models.application import Application
from portal.models.bureau import Bureau
from portal.models.complaint import Complaint
from portal.models.deficiency import DeficiencyNotice
from portal.models.escalation import waiting_for_answer
from portal.models.notice import Notice
from portal.models.objection import Objection, ObjectionGround
from portal.models.words import Disposition, LimitStep, NoticeStatus, Status


def scoreboard(*, now: datetime) -> Scoreboard:
    """Count for every bureau. Grouped questions, each a line per bureau; the caller keeps the answer."""
    # older decisions say little about how a bureau works today
    since = now - timedelta(days=policy.value("scoreboard.days", beijing_date(now)))
    open_notices = _counted(
        select(Notice.bureau_id, func.count()).where(Notice.status == NoticeStatus.OPEN).group_by(Notice.bureau_id)
    )
    overdue = _overdue(now)
    days = _days_taken(since)
    told, told_again = _told(since)
    objections = _counted(_per_bureau(select(Notice.bureau_id, func.count())).where(Objection.arrived_at >= since))
    ruled: dict[Disposition | None, Counter[int]] = defaultdict(Counter)
    rulings = (
        select(ObjectionGround.disposition, Notice.bureau_id, func.count())
        .join(Objection, ObjectionGround.objection_id == Objection.id)
        .join(Notice, Objection.notice_id == Notice.id)
        .where(ObjectionGround.ruled_at >= since)
        .group_by(ObjectionGround.disposition, Notice.bureau_id)
    )
    for disposition, bureau_id, count in db.session.execute(rulings):
        ruled[disposition][bureau_id] = count
    everything_ruled = sum(ruled.values(), Counter[int]())

    bureaus = db.session.execute(
        select(
            Bureau.id, Bureau.code, Bureau.name, Bureau.area_name, Bureau.tier, Bureau.parent_id, Bureau.path
        ).order_by(Bureau.sort)
    ).all()
    codes = {bureau.id: bureau.code for bureau in bureaus}
    scores = []
    for bureau in bureaus:
        ids = [each.id for each in bureaus if each.path.startswith(bureau.path)]
        taken = sum((days[each] for each in ids if each in days), Counter[int]())
        scores.append(
            Score(
                bureau.code,
                bureau.name,
                bureau.area_name,
                bureau.tier,
                codes.get(bureau.parent_id),
                open=_sum(open_notices, ids),
                overdue=_sum(overdue, ids),
                decided=taken.total(),
                median_days=median(taken),
                told=_sum(told, ids),
                told_once=_sum(told, ids) - _sum(told_again, ids),
                objections=_sum(objections, ids),
                grounds_ruled=_sum(everything_ruled, ids),
                grounds_upheld=_sum(ruled[Disposition.UPHELD], ids),
            )
        )
    return Scoreboard(beijing_date(since), beijing_date(now), scores)


def median(histogram: Counter[int]) -> int | None:
    """The lower median of values counted; None of nothing."""
    left = (histogram.total() + 1) // 2
    for value in sorted(histogram):
        left -= histogram[value]
        if left <= 0 < histogram[value]:
            return value
    return None


def _days_taken(since: datetime) -> dict[int, Counter[int]]:
    """Per bureau how many cases took how many whole days: a few hundred lines, of a million cases too."""
    decided, received = Application.decided_at, Application.received_at
    if db.engine.dialect.name == "sqlite":
        days = cast(func.julianday(decided) - func.julianday(received), Integer)
    else:
        days = cast(func.floor(extract("epoch", decided - received) / 86400), Integer)
    query = (
        select(Application.bureau_id, days, func.count())
        .where(decided >= since, Application.status.in_((Status.APPROVED, Status.REJECTED)))
        .group_by(Application.bureau_id, days)
    )
    taken: dict[int, Counter[int]] = defaultdict(Counter)
    for bureau_id, length, count in db.session.execute(query):
        taken[bureau_id][max(length, 0)] += count
    return taken


def _overdue(now: datetime) -> Counter[int]:
    """Per bureau how many objections (rule O8) and complaints (rule C3) wait for an answer past their limit."""
    today = beijing_date(now)
    waiting = waiting_for_answer(OBJECTION_ANSWER.began_before(LimitStep.OVERDUE, today)).order_by(None)
    arrived = _per_bureau(select(Notice.bureau_id, func.count())).where(Objection.id.in_(waiting))
    late = select(Complaint.bureau_id, func.count()).where(Complaint.due_on < today).group_by(Complaint.bureau_id)
    return _counted(arrived) + _counted(late)


def _told(since: datetime) -> tuple[Counter[int], Counter[int]]:
    """Per bureau how many applications were first told what they lack, and how many of them were told again."""
    again = aliased(DeficiencyNotice)
    second = select(again.id).where(
        again.application_id == DeficiencyNotice.application_id, again.round == 2, again.issued_at.is_not(None)
    )
    first = (
        select(Application.bureau_id, func.count())
        .select_from(DeficiencyNotice)
        .join(Application, DeficiencyNotice.application_id == Application.id)
        .where(DeficiencyNotice.round == 1, DeficiencyNotice.issued_at >= since)
        .group_by(Application.bureau_id)
    )
    return _counted(first), _counted(first.where(second.exists()))


def _per_bureau(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Of objections, by the bureau of their notice."""
    return query.select_from(Objection).join(Notice, Objection.notice_id == Notice.id).group_by(Notice.bureau_id)


def _counted(query: Any) -> Counter[int]:
    return Counter({row[0]: row[1] for row in db.session.execute(query)})


def _sum(counted: Counter[int], ids: Iterable[int]) -> int:
    return sum(counted[each] for each in ids)
