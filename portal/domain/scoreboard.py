"""办理情况 per bureau, from what is stored (rule E3): open notices, decided cases, their days, objections."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, cast, extract, func, select

from portal.clock import beijing_date
from portal.domain import policy
from portal.extensions import db
from portal.models.application import Application
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.objection import Objection, ObjectionGround
from portal.models.words import Disposition, NoticeStatus, Status, Tier


@dataclass(frozen=True, slots=True)
class Score:
    """A bureau together with the bureaus below it. Days are calendar days from receipt to decision."""

    code: str
    name: str
    tier: Tier
    open: int
    decided: int
    median_days: int | None
    objections: int
    grounds_ruled: int
    grounds_upheld: int


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """All bureaus in the order of the province's list, and from when to when was counted."""

    since: date
    until: date
    scores: list[Score]


def scoreboard(*, now: datetime) -> Scoreboard:
    """Count for every bureau. Four grouped questions, each a line per bureau; the caller keeps the answer."""
    # older decisions say little about how a bureau works today
    since = now - timedelta(days=policy.value("scoreboard.days", beijing_date(now)))
    open_notices = _counted(
        select(Notice.bureau_id, func.count()).where(Notice.status == NoticeStatus.OPEN).group_by(Notice.bureau_id)
    )
    days = _days_taken(since)
    objections = _counted(
        select(Notice.bureau_id, func.count())
        .select_from(Objection)
        .join(Notice, Objection.notice_id == Notice.id)
        .where(Objection.arrived_at >= since)
        .group_by(Notice.bureau_id)
    )
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
        select(Bureau.id, Bureau.code, Bureau.name, Bureau.tier, Bureau.path).order_by(Bureau.sort)
    ).all()
    scores = []
    for bureau in bureaus:
        ids = [each.id for each in bureaus if each.path.startswith(bureau.path)]
        taken = sum((days[each] for each in ids if each in days), Counter[int]())
        scores.append(
            Score(
                bureau.code,
                bureau.name,
                bureau.tier,
                open=_sum(open_notices, ids),
                decided=taken.total(),
                median_days=median(taken),
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


def _counted(query: Any) -> Counter[int]:
    return Counter(dict(db.session.execute(query).tuples().all()))


def _sum(counted: Counter[int], ids: Iterable[int]) -> int:
    return sum(counted[each] for each in ids)
