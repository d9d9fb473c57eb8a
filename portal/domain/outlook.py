"""What will become of a wish, told before its form is filled: route, gate, and the next door (rules S2, S4, S5, S7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from portal.domain import policy, records, routing, sections
from portal.domain.errors import RuleViolation
from portal.domain.routing import Gate, GateAnswer, chinese
from portal.extensions import db
from portal.models.application import Application, ApplicationChange
from portal.models.policy import PolicyException
from portal.models.project import Project
from portal.models.words import Kind, Origin, Route, Section

OPEN_BY_EXCEPTION = "省厅已批准例外，可以补录"


@dataclass(frozen=True, slots=True)
class Outlook:
    """How one section entry would go.

    route: None if there is none. gate: of a supplement. refused: why it goes no further, empty if it does; because: of
    a closed gate, the clause in plain words. system: where the drawing review is corrected. running: number of the
    case that changes the entry already.
    """

    route: Route | None = None
    gate: GateAnswer | None = None
    refused: str = ""
    system: str = ""
    running: str = ""
    because: str = ""

    @property
    def open(self) -> bool:
        """True if an application may be filled in."""
        return self.route is not None and not self.refused and not self.running


def outlook(
    kind: Kind,
    section: Section,
    origin: Origin,
    entry_number: str,
    *,
    project: Project | None,
    accepted_on: date | None,
    today: date,
) -> Outlook:
    """Route and gate of one entry (rules S4, S5), and whether a running case holds it (rule S7).

    project: None for one nobody knows yet; accepted_on: what is said of its acceptance then.
    """
    try:
        route = routing.route(kind, section, origin)
    except RuleViolation as refusal:
        return Outlook(refused=refusal.message)
    gate = _foreseen(section, project, accepted_on, today) if kind is Kind.SUPPLEMENT else None
    return Outlook(
        route,
        gate,
        gate.reason if gate and gate.gate in (Gate.CLOSED, Gate.NEVER) else "",
        policy.value("drawing_review.address", today) if route is Route.DRAWING_REVIEW_SYSTEM else "",
        _holder(project, section, entry_number) if project is not None else "",
        _because(accepted_on, today) if gate and gate.gate is Gate.CLOSED else "",
    )


def pass_gate(kind: Kind, project: Project, changes: Sequence[ApplicationChange], on: date) -> PolicyException | None:
    """Let a supplement received on `on` through the gate, or refuse it with the clause (rule S5).

    Returns the exception it went through by, if any. A missing date is asked for in the one-time deficiency notice.
    """
    if kind is not Kind.SUPPLEMENT:
        return None
    used = None
    for change in changes:
        dated = sections.section_date(change.section, change.after)
        answer = routing.supplement_gate(change.section, dated, project.accepted_on, on)
        if answer.gate in (Gate.OPEN, Gate.UNDECIDABLE):
            continue
        if answer.gate is Gate.NEVER:
            # an exception moves the last day, not the section's own
            raise RuleViolation(answer.reason, rule="S5", field="section")
        exception = _exception(project, change.section)
        if exception is None:
            raise RuleViolation(answer.reason, rule="S5", field="section")
        used = exception
    return used


def _foreseen(section: Section, project: Project | None, accepted_on: date | None, today: date) -> GateAnswer:
    """What the gate will say; if a date is missing but none could open it any more, that is said at once."""
    answer = routing.supplement_gate(section, None, accepted_on, today)
    if answer.gate is Gate.UNDECIDABLE:
        latest = policy.day("supplement.section_before", today) - timedelta(days=1)
        at_best = routing.supplement_gate(section, latest, accepted_on, today)
        answer = at_best if at_best.gate is Gate.CLOSED else answer
    if answer.gate is Gate.CLOSED and project is not None and _exception(project, section) is not None:
        return GateAnswer(Gate.OPEN, OPEN_BY_EXCEPTION)
    return answer


def _because(accepted_on: date | None, today: date) -> str:
    """Which of the two clauses closed it, in words a citizen understands."""
    accepted_before = policy.day("supplement.accepted_before", today)
    if accepted_on is not None and accepted_on < accepted_before:
        which = f"{chinese(accepted_before)}前已经竣工验收的项目"
    else:
        which = f"日期在{chinese(policy.day('supplement.section_before', today))}之前的环节"
    last_day = chinese(policy.day("supplement.last_day", today))
    return (
        f"因为按省住房城乡建设厅关于工程数据信息管理的通知，{which}应在{last_day}前完成补录，"
        "此后的信息在线上办理业务时同步生成"
    )


def _exception(project: Project, section: Section) -> PolicyException | None:
    return db.session.scalar(
        select(PolicyException).where(
            PolicyException.project_id == project.id,
            PolicyException.section == section,
            PolicyException.confirmed_by.is_not(None),
        )
    )


def _holder(project: Project, section: Section, entry_number: str) -> str:
    claim = records.entry_key(project, section, entry_number)
    holder = select(Application.number).join(ApplicationChange).where(ApplicationChange.claim == claim)
    return db.session.scalar(holder) or ""
