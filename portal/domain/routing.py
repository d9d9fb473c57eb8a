"""Which bureau, which route, and whether a supplement is still open (rules S3, S4, S5). Rules as tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from sqlalchemy import select

from portal.domain import divisions, policy
from portal.domain.errors import RuleViolation
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.words import Kind, Origin, Route, Section, Subject

ONLINE_BUSINESS = frozenset(
    {Section.DRAWING_REVIEW, Section.CONSTRUCTION_PERMIT, Section.COMPLETION_ACCEPTANCE, Section.ACCEPTANCE_FILING}
)
"""Sections that online business generates by itself."""

CORRECTION_OF_ONLINE: dict[Section, Route] = {
    Section.DRAWING_REVIEW: Route.DRAWING_REVIEW_SYSTEM,
    Section.CONSTRUCTION_PERMIT: Route.ONLINE_CHANGE,
    Section.COMPLETION_ACCEPTANCE: Route.ONLINE_CHANGE,
    Section.ACCEPTANCE_FILING: Route.ONLINE_CHANGE,
}


def route(kind: Kind, section: Section, origin: Origin) -> Route:
    """The route of one section (rules S2, S4). Raises RuleViolation where no application of this kind exists."""
    if section.subject is Subject.ASSESSMENT and kind is Kind.LEVEL_UPGRADE:
        raise RuleViolation("安全质量标准化考评结果只办理补录和修正，没有等级提升", rule="S2", field="kind")
    if kind is Kind.LEVEL_UPGRADE:
        return Route.NOTICE
    if origin is Origin.OFFLINE or section not in ONLINE_BUSINESS:
        return Route.NOTICE
    if kind is Kind.SUPPLEMENT:
        raise RuleViolation(
            f"{section.label}信息在线上办理业务时同步生成，不能补录；请在线上办理{section.label}业务",
            rule="S4",
            field="origin",
        )
    return CORRECTION_OF_ONLINE[section]


def locality_bureau(area_code: str, township: str = "") -> Bureau:
    """The bureau of the project's locality (rule S3). Raises RuleViolation naming the code it does not know; never
    guesses.
    """
    code = divisions.bureau_code(area_code, township)
    bureau = db.session.scalar(select(Bureau).where(Bureau.code == code))
    if bureau is None:
        raise RuleViolation(
            f"区划代码 {area_code} 对应的住建部门尚未设置，请联系省住建厅", rule="S3", field="area_code"
        )
    return bureau


class Gate(Enum):
    """What the supplement gate says (rule S5)."""

    OPEN = "open"
    CLOSED = "closed"
    NEVER = "never"
    UNDECIDABLE = "undecidable"


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """The gate's answer and its reason in words a citizen understands."""

    gate: Gate
    reason: str


def supplement_gate(section: Section, section_date: date | None, accepted_on: date | None, today: date) -> GateAnswer:
    """Whether a section may still be supplemented on `today` (rule S5).

    accepted_on: day of the project's completion acceptance, None if it has not been accepted. The bounds "before"
    are exclusive, the last day is inclusive; all three are dated policy. Assessments know no gate.
    """
    if section.subject is Subject.ASSESSMENT:
        return GateAnswer(Gate.OPEN, "考评结果补录不受截止日期限制")
    accepted_before = policy.day("supplement.accepted_before", today)
    section_before = policy.day("supplement.section_before", today)
    last_day = policy.day("supplement.last_day", today)
    if accepted_on is None or accepted_on >= accepted_before:
        if section_date is None:
            return GateAnswer(Gate.UNDECIDABLE, f"缺少{section.label}的日期，无法判断能否补录，请补正日期")
        if section_date >= section_before:
            return GateAnswer(
                Gate.NEVER,
                f"{section.label}日期为{chinese(section_date)}，{chinese(section_before)}（含）以后的信息应在线上办理业务时同步生成，不能补录",
            )
    if today > last_day:
        clause = policy.clause("supplement.last_day", today)
        return GateAnswer(Gate.CLOSED, f"补录已于{chinese(last_day)}截止（{clause}）；如信息有误，可以申请修正")
    return GateAnswer(Gate.OPEN, f"可以补录，截止{chinese(last_day)}（含当日）")


def chinese(day: date) -> str:
    """2026年10月13日."""
    return f"{day.year}年{day.month}月{day.day}日"
