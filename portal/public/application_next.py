"""What happens next to an application, by whom, until when: one sentence for its applicant (rules V1, N9, O6, S4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.domain import deficiencies, notices, policy
from portal.domain.workdays import Calendar, Limit
from portal.models.application import Application
from portal.models.words import Route, Status
from portal.public.notice_page import progress_of
from portal.web.filters import day_weekday


@dataclass(frozen=True, slots=True)
class Next:
    """The sentence; `done`: nothing more happens, so it tells what came of it."""

    text: str
    done: bool = False


def next_of(case: Application, calendar: Calendar, today: date) -> Next:
    """The sentence for the case as it stands on `today`."""
    who = case.bureau.name
    match case.status:
        case Status.RECEIVED:
            return Next(_received(case, calendar, today))
        case Status.DEFICIENT:
            return Next(
                f"请您按下面的告知书逐项补正，一次送出。补正后由{who}继续办理，等待补正的时间不计入办理期限；"
                "不再申请的，可以撤回。"
            )
        case Status.VERIFIED if case.route is Route.ONLINE_CHANGE:
            return Next(f"{who}已核实属实，由核实人员以外的人员办理变更，不需要公示。")
        case Status.VERIFIED if case.notices:
            return Next(f"公示已撤回。{who}更正后重新公示，公示期重新计算。")
        case Status.VERIFIED:
            days = policy.value("notice.working_days", today)
            return Next(f"{who}已核实属实，接下来公示{days}个工作日；期满无异议的自动办结。")
        case Status.REFERRED:
            system = policy.value("drawing_review.address", today)
            return Next(f"此项不在本平台办理，已登记转出，请到{system}办理。", done=True)
        case Status.WITHDRAWN:
            return Next("您已撤回申请，业绩档案保持原样。需要时可以重新申请。", done=True)
        case Status.REJECTED if not case.notices:
            return Next(f"{who}不予办理，业绩档案保持原样。", done=True)
        case Status.APPROVED if not case.notices:
            return Next(f"{who}已办理变更，写入业绩档案。", done=True)
    notice = case.notices[-1]
    told = progress_of(notice, case.status, who, goes_up=notices.goes_up(case))
    return Next(told.next, done=case.status in (Status.APPROVED, Status.REJECTED))


def limit_words(limit: Limit) -> str:
    """不晚于2026年10月13日（星期二）, and whether that is provisional (rule N5)."""
    return f"不晚于{day_weekday(limit.last_day)}" + ("（暂定）" if limit.provisional else "")


def _received(case: Application, calendar: Calendar, today: date) -> str:
    answer = deficiencies.acceptance(case, calendar, today)
    who = case.bureau.name
    if answer.by_silence and answer.accepted_on:
        return f"没有在期限内告知补正，自{day_weekday(answer.accepted_on)}起即为受理。{who}正在核实。"
    again = "补正已收到。" if deficiencies.issued(case) else ""
    return (
        f"{again}{who}正在核实。需要补正的，{limit_words(answer.tell_until)}一次告知全部内容；"
        "逾期没有告知的，自收到之日起即为受理。"
    )
