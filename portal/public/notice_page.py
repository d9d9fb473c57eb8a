"""What the page of one notice shows: the frozen content, its window day by day, and what became of it.

Rules N1, N2, N6, T7.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Executable, Row, Subquery, bindparam, exists, select, true
from sqlalchemy.orm import aliased

from portal import clock
from portal.domain import notice_content, policy, trail, workdays
from portal.domain.notices import goes_up_from
from portal.extensions import db, reading
from portal.models.application import Application
from portal.models.bureau import LEVEL_OF_TIER, Bureau
from portal.models.calendar_day import calendar_stamp
from portal.models.notice import Notice, WindowChange
from portal.models.policy import policy_stamp
from portal.models.trail_entry import TrailEntry
from portal.models.words import DataLevel, Kind, NoticeStatus, Status
from portal.public.comparison import compare
from portal.public.notice_list import chip
from portal.web.addresses import url_for
from portal.web.filters import day_weekday, moment


def _labelled(name: str, stamp: Subquery) -> list[Any]:
    return [column.label(f"{name}_{at}") for at, column in enumerate(stamp.c)]


# Plain columns and queries made once: objects and working a query out each take longer than the database does.
_THIS: BindParameter[Any] = bindparam("notice")
_CASE: BindParameter[Any] = bindparam("case")
_above, _other = aliased(Bureau), aliased(Notice)
_calendar, _settings = calendar_stamp().subquery(), policy_stamp().subquery()
_NOTICE = (
    select(
        *(column for column in Notice.__table__.c if column.name not in ("grams", "version")),
        Bureau.name.label("bureau"),
        Bureau.tier,
        _above.name.label("bureau_above"),
        Application.status.label("case_status"),
        Application.target_level,
        exists().where(WindowChange.notice_id == Notice.id).label("was_moved"),
        exists().where(_other.application_id == Notice.application_id, _other.id != Notice.id).label("has_others"),
        *_labelled("calendar", _calendar),
        *_labelled("settings", _settings),
    )
    .join(Bureau, Notice.bureau_id == Bureau.id)
    .outerjoin(_above, Bureau.parent_id == _above.id)
    .join(Application, Notice.application_id == Application.id)
    .join(_calendar, true())
    .join(_settings, true())
    .where(Notice.reference == bindparam("reference"))
)
_MOVED = select(*WindowChange.__table__.c).where(WindowChange.notice_id == _THIS).order_by(WindowChange.id)
_OTHERS = (
    select(Notice.id, Notice.reference, Notice.status, Notice.published_at, Notice.closed_at, Notice.retraction_reason)
    .where(Notice.application_id == _CASE, Notice.id != _THIS)
    .order_by(Notice.id)
)
_HISTORY = (
    select(TrailEntry.event, TrailEntry.at, TrailEntry.body)
    .where(TrailEntry.case_number == _CASE)
    .order_by(TrailEntry.id)
)
InForce = Callable[[str, date], Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the case stands: place on the stepper (4: done), what happens next in a sentence, where it stopped."""

    step: int
    next: str
    stopped: str = ""


def find(reference: str) -> Row[Any] | None:
    """The notice with this reference and what its page needs of its bureau and its case, or None."""
    found = _rows(_NOTICE, reference=reference[:40])
    return found[0] if found else None


def build(notice: Row[Any]) -> dict[str, Any]:
    """Everything the template of a notice (from `find`) needs, so that it asks nothing itself."""
    said = json.loads(notice.content)
    today = clock.today()
    calendar = workdays.load_calendar(db.session, _stamp(notice, "calendar"))
    setting = policy.in_force(_stamp(notice, "settings"))
    published = clock.beijing_date(notice.published_at)
    words, tone = chip(notice.status, notice.last_day, today, calendar, provisional=notice.provisional)
    is_open = takes_objections(notice)
    level = level_of(notice, said)
    others = _rows(_OTHERS, notice=notice.id, case=notice.application_id) if notice.has_others else []
    return {
        "notice": notice,
        "said": said,
        "changes": [compare(change, level) for change in said["changes"]],
        "window": workdays.window_until(
            published,
            notice.last_day,
            calendar,
            provisional=notice.provisional,
            length=setting("notice.working_days", published),
        ),
        "left": workdays.working_days_left(today, notice.last_day, calendar),
        "chip": words,
        "tone": tone,
        "is_open": is_open,
        "complaint_bureau": None if is_open else notice.bureau_above or notice.bureau,
        "moved": _rows(_MOVED, notice=notice.id) if notice.was_moved else [],
        "others": others,
        "replaces": next((each for each in reversed(others) if each.id < notice.id and each.retraction_reason), None),
        "replaced_by": next((each for each in reversed(others) if each.id > notice.id), None),
        "time_left": _time_left(notice.ends_at) if is_open and not notice.provisional else "",
        **_papers(notice.reference),
        "copies": notice_content.public_evidence(said),
        "history": [(entry, trail.facts(entry)) for entry in _rows(_HISTORY, case=said["application"])],
        "progress": progress_of(
            notice,
            notice.case_status,
            notice.bureau,
            goes_up=goes_up_from(LEVEL_OF_TIER[notice.tier], notice.kind, notice.target_level),
            setting=setting,
        ),
    }


def _stamp(notice: Row[Any], name: str) -> tuple[Any, ...]:
    return tuple(notice._mapping[f"{name}_{at}"] for at in range(3))


def takes_objections(notice: Row[Any]) -> bool:
    """True while an objection to this notice is taken as one (rules O1, N5)."""
    return notice.status is NoticeStatus.OPEN and (notice.provisional or clock.now() < notice.ends_at)


def level_of(notice: Row[Any], said: Mapping[str, Any]) -> DataLevel:
    """The level the entries of this notice have once it is approved (rule L1)."""
    return DataLevel(said["target_level"]) if notice.kind is Kind.LEVEL_UPGRADE else LEVEL_OF_TIER[notice.tier]


def _time_left(ends_at: datetime) -> str:
    """Days and hours until the end; no minutes, so that the page stays the same for an hour."""
    hours = int((ends_at - clock.now()).total_seconds() // 3600)
    if hours < 1:
        return "不到1小时"
    days, hours = divmod(hours, 24)
    return f"还有{days}天{hours}小时" if days else f"还有{hours}小时"


def _papers(reference: str) -> dict[str, str]:
    """Addresses of what can be taken away (portal.public.posters); one is worked out, four differ in their end."""
    stem = url_for("public.notices.show", reference=reference)
    return {
        "qr_url": f"{stem}/qr.svg",
        "calendar_url": f"{stem}/window.ics",
        "poster_url": f"{stem}/poster",
        "sheet_url": f"{stem}/poster.pdf",
        "evidence_url": f"{stem}/evidence",
    }


def progress_of(
    notice: Notice | Row[Any], case: Status, bureau: str, *, goes_up: bool, setting: InForce = policy.value
) -> Progress:
    """Where the case of this notice stands, and what happens next, by whom, until when.

    case: the application's status; bureau: the name of the one that handles it; goes_up: `notices.goes_up` of it;
    setting: says what is in force.
    """
    if notice.status is NoticeStatus.OPEN:
        return Progress(2, _while_open(notice, bureau, goes_up=goes_up, setting=setting))
    if case is Status.WITHDRAWN:
        step = 2 if notice.status is NoticeStatus.RETRACTED else 3
        return Progress(step, "申请单位已撤回申请，此件不再办理，业绩档案保持原样。", "申请已撤回")
    closed = moment(notice.closed_at or notice.ends_at)
    if notice.status is NoticeStatus.RETRACTED:
        return Progress(
            2, f"本公示已于{closed}撤回，不再作为办理依据；内容更正后须重新公示，公示期重新计算。", "已撤回"
        )
    if case is Status.CONTESTED:
        return Progress(
            3,
            f"公示期内有人提出异议。现由{bureau}核实人员以外的人员逐条裁定并答复异议人；每一条都有裁定之前，不会办结。",
        )
    if case is Status.AWAITING_RECHECK:
        return Progress(
            3,
            f"经{bureau}裁定，异议均不成立。异议人可以向上一级申请复核；期满无人申请，或者复核维持的，按公示内容办结。",
        )
    if case is Status.REJECTED:
        return Progress(3, f"经裁定异议成立，{bureau}决定不予办理，业绩档案保持原样。", "不予办理")
    if case is Status.REPORTED:
        return Progress(3, "本级公示已经结束，已上报上一级住房城乡建设主管部门审核。")
    if notice.status is NoticeStatus.CLOSED_CONTESTED:
        return Progress(4, f"经裁定异议均不成立，{bureau}已按公示内容办结，写入业绩档案。")
    return Progress(4, f"公示期满无异议，已于{closed}按公示内容办结，写入业绩档案。")


def _while_open(notice: Notice | Row[Any], bureau: str, *, goes_up: bool, setting: InForce) -> str:
    contested = f"有异议的，由{bureau}核实人员以外的人员逐条裁定，裁定前不会办结。"
    clear = "报上一级住房城乡建设主管部门审核" if goes_up else "按公示内容办结，写入业绩档案"
    if notice.provisional:
        return (
            f"截止日为暂定：{notice.last_day.year}年放假安排公布、截止日确定之前，不会结束公示，也不会办结。"
            f"期满无异议的，{clear}；{contested}"
        )
    grace = setting("notice.grace_minutes", notice.last_day)
    until = f"公示到{day_weekday(notice.last_day)}24:00。" if clock.now() < notice.ends_at else "公示期已满，"
    if notice.gap_undecided:
        return f"{until}公示曾经中断，由{bureau}决定延长还是说明理由后不延长；决定之前不会结束公示，也不会办结。"
    if clock.now() < notice.ends_at:
        return f"{until}期满无异议的，系统在{grace}分钟后{clear}；{contested}"
    return f"{until}系统正在办理结束手续：无异议的，{clear}；{contested}"


def _rows(query: Executable, **values: Any) -> list[Row[Any]]:
    return list(reading().execute(query, values).all())
