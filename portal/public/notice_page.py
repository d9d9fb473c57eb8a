"""What the page of one notice shows: the frozen content, its window day by day, and what became of it.

Rules N1, N2, N6, T7.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from portal import clock
from portal.domain import notices, policy, trail, workdays
from portal.extensions import db
from portal.models.application import Application
from portal.models.notice import Notice, WindowChange
from portal.models.trail_entry import case_history
from portal.models.words import DataLevel, Kind, NoticeStatus, Status
from portal.public.comparison import compare
from portal.public.notice_list import chip
from portal.web.filters import day_weekday, moment

LOADED_WITH = (undefer(Notice.content), joinedload(Notice.bureau), joinedload(Notice.application))


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the case stands: place on the stepper (4: done), what happens next in a sentence, where it stopped."""

    step: int
    next: str
    stopped: str = ""


def build(notice: Notice) -> dict[str, Any]:
    """Everything the template of a notice needs, so that it asks nothing itself."""
    said = json.loads(notice.content)
    today = clock.today()
    calendar = workdays.load_calendar(db.session)
    published = clock.beijing_date(notice.published_at)
    words, tone = chip(notice.status, notice.last_day, today, calendar, provisional=notice.provisional)
    is_open = notice.status is NoticeStatus.OPEN and (notice.provisional or clock.now() < notice.ends_at)
    level = said["target_level"] if said["kind"] == Kind.LEVEL_UPGRADE else notice.bureau.level.value
    others = (
        select(Notice.id, Notice.reference, Notice.status, Notice.published_at)
        .where(Notice.application_id == notice.application_id, Notice.id != notice.id)
        .order_by(Notice.id)
    )
    return {
        "said": said,
        "changes": [compare(change, DataLevel(level)) for change in said["changes"]],
        "window": workdays.window_until(
            published,
            notice.last_day,
            calendar,
            provisional=notice.provisional,
            length=policy.value("notice.working_days", published),
        ),
        "left": workdays.working_days_left(today, notice.last_day, calendar),
        "chip": words,
        "tone": tone,
        "is_open": is_open,
        "complaint_bureau": None if is_open else notice.bureau.parent or notice.bureau,
        "moved": db.session.scalars(
            select(WindowChange).where(WindowChange.notice_id == notice.id).order_by(WindowChange.id)
        ).all(),
        "others": db.session.execute(others).all(),
        "history": [(entry, trail.facts(entry)) for entry in db.session.scalars(case_history(said["application"]))],
        "progress": progress_of(notice, notice.application),
    }


def progress_of(notice: Notice, application: Application) -> Progress:
    """Where the case of this notice stands, and what happens next, by whom, until when."""
    if notice.status is NoticeStatus.OPEN:
        return Progress(2, _while_open(notice, application))
    bureau, closed = notice.bureau.name, moment(notice.closed_at or notice.ends_at)
    if notice.status is NoticeStatus.RETRACTED:
        return Progress(
            2, f"本公示已于{closed}撤回，不再作为办理依据；内容更正后须重新公示，公示期重新计算。", "已撤回"
        )
    if application.status is Status.CONTESTED:
        return Progress(
            3,
            f"公示期内有人提出异议。现由{bureau}核实人员以外的人员逐条裁定并答复异议人；每一条都有裁定之前，不会办结。",
        )
    if application.status is Status.REJECTED:
        return Progress(3, f"经裁定异议成立，{bureau}决定不予办理，业绩档案保持原样。", "不予办理")
    if application.status is Status.REPORTED:
        return Progress(3, "本级公示已经结束，已上报上一级住房城乡建设主管部门审核。")
    if notice.status is NoticeStatus.CLOSED_CONTESTED:
        return Progress(4, f"经裁定异议均不成立，{bureau}已按公示内容办结，写入业绩档案。")
    return Progress(4, f"公示期满无异议，已于{closed}按公示内容办结，写入业绩档案。")


def _while_open(notice: Notice, application: Application) -> str:
    contested = f"有异议的，由{notice.bureau.name}核实人员以外的人员逐条裁定，裁定前不会办结。"
    clear = "报上一级住房城乡建设主管部门审核" if notices.goes_up(application) else "按公示内容办结，写入业绩档案"
    if notice.provisional:
        return (
            f"截止日为暂定：{notice.last_day.year}年放假安排公布、截止日确定之前，不会结束公示，也不会办结。"
            f"期满无异议的，{clear}；{contested}"
        )
    grace = policy.value("notice.grace_minutes", notice.last_day)
    if clock.now() < notice.ends_at:
        until = f"公示到{day_weekday(notice.last_day)}24:00。"
        return f"{until}期满无异议的，系统在{grace}分钟后{clear}；{contested}"
    return f"公示期已满，系统正在办理结束手续：无异议的，{clear}；{contested}"
