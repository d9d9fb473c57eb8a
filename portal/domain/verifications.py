"""核实: finding out whether what was applied for is true (rules V3, V4, V5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from portal.clock import beijing_date
from portal.domain import outbox, permissions, routing, sections, texts, trail, workflow
from portal.domain.actor import Actor
from portal.domain.attachments import StoredFile, attach
from portal.domain.errors import NotAllowedNow, RuleViolation
from portal.domain.permissions import Permission
from portal.domain.routing import Gate
from portal.domain.trail import Event
from portal.domain.workflow import Step
from portal.extensions import db, lock
from portal.models.application import Application
from portal.models.counter import next_number
from portal.models.supervision_case import SupervisionCase
from portal.models.verification import Verification
from portal.models.words import Finding, Kind, Matter, Role, Status, VerificationMethod

OWED_OUTSIDE_HOUSING = (Matter.PROJECT_APPROVAL, Matter.COMMENCEMENT_REPORT, Matter.COMPLETION_ACCEPTANCE)
"""What must be verified one by one for 非房建市政类 (rule V4)."""


def record(
    application: Application,
    *,
    method: VerificationMethod,
    matter: Matter,
    day: date,
    persons: str,
    finding: Finding,
    note: str,
    files: Sequence[StoredFile] = (),
    actor: Actor,
    now: datetime,
) -> Verification:
    """Add one act of fact-finding to a case under verification (rule V3).

    Raises RuleViolation for an incomplete one or a day that has not come, NotAllowed, NotFound, NotAllowedNow.
    """
    permissions.require_own(actor, Permission.VERIFY, application.bureau)
    lock(Application, application.id)
    if application.status is not Status.RECEIVED:
        raise NotAllowedNow(f"当前状态为“{application.status.label}”，不能再添加核实记录", rule="V3")
    if day > beijing_date(now):
        raise RuleViolation("核实日期不能晚于今天", rule="V3", field="day")
    if not persons.strip():
        raise RuleViolation("请填写核实人员", rule="V3", field="persons")
    note = texts.require(note, texts.OPINION, "请写明核实情况", rule="V3", field="note")
    verification = Verification(
        application=application,
        method=method,
        matter=matter,
        day=day,
        persons=persons.strip(),
        finding=finding,
        note=note,
        verifier_id=actor.account_id,
        created_at=now,
    )
    db.session.add(verification)
    db.session.flush()
    for file in files:
        attach(file, now=now, verification_id=verification.id)
    trail.record(
        Event.VERIFICATION_RECORDED,
        actor=actor,
        now=now,
        subject=("verification", str(verification.id)),
        case=application.number,
        acting_as=Role.VERIFIER.value,
        after={"files": [file.sha256 for file in files]},
        detail={
            "method": method.value,
            "matter": matter.value,
            "day": day.isoformat(),
            "finding": finding.value,
            "files": len(files),
        },
    )
    return verification


def missing(application: Application, today: date) -> list[str]:
    """What still keeps this case from being called verified, in words (rules S5, V3, V4). Empty: nothing."""
    true = {v.matter for v in application.verifications if v.finding is Finding.TRUE}
    owed: list[Matter] = [Matter.CONTENT]
    if not application.project.sector.is_housing_or_municipal:
        owed += OWED_OUTSIDE_HOUSING
    gaps = [f"还没有核实“{matter.label}”属实的记录" for matter in owed if matter not in true]
    if any(v.finding is not Finding.TRUE for v in application.verifications):
        gaps.append("已有核实不属实的记录")
    return gaps + _undecidable(application, today)


def _undecidable(application: Application, today: date) -> list[str]:
    """Supplements whose section carries no date: whether they are still open cannot be told (rule S5)."""
    if application.kind is not Kind.SUPPLEMENT:
        return []
    answers = [
        routing.supplement_gate(
            change.section, sections.section_date(change.section, change.after), application.project.accepted_on, today
        )
        for change in application.changes
    ]
    return [answer.reason for answer in answers if answer.gate is Gate.UNDECIDABLE]


def confirm_true(application: Application, *, actor: Actor, now: datetime) -> None:
    """The content is verified: the case may go on notice. Raises RuleViolation naming what is missing (rules V3,
    V4).
    """
    permissions.require_own(actor, Permission.VERIFY, application.bureau)
    lock(Application, application.id)
    gaps = missing(application, beijing_date(now))
    if gaps:
        raise RuleViolation("；".join(gaps), rule="V3")
    workflow.move(application, Step.CONFIRM_TRUE, actor, now=now)


def reject_untrue(application: Application, reason: str, *, actor: Actor, now: datetime) -> SupervisionCase | None:
    """Untrue: the application is rejected with its reason; deliberate falsification opens a supervision case (rule
    V5).
    """
    permissions.require_own(actor, Permission.VERIFY, application.bureau)
    lock(Application, application.id)
    findings = {verification.finding for verification in application.verifications}
    if not findings & {Finding.UNTRUE, Finding.FALSIFIED}:
        raise RuleViolation("还没有核实不属实的记录，不能以不属实为由不予办理", rule="V5")
    application.decision_text = texts.require(reason, texts.REASON, "请写明不予办理的理由", rule="V5")
    workflow.move(application, Step.REJECT_UNTRUE, actor, now=now, detail={"reason": application.decision_text})
    outbox.tell_applicant(application, "rejected", now=now)
    if Finding.FALSIFIED not in findings:
        return None
    year = beijing_date(now).year
    case = SupervisionCase(
        number=f"JD{application.bureau.code}-{year}-{next_number(f'JD{application.bureau.code}-{year}'):04d}",
        application=application,
        bureau_id=application.bureau_id,
        reason=reason.strip(),
        opened_by=actor.name,
        opened_at=now,
    )
    db.session.add(case)
    trail.record(
        Event.SUPERVISION_CASE_OPENED,
        actor=actor,
        now=now,
        subject=("supervision_case", case.number),
        case=application.number,
        acting_as=Role.VERIFIER.value,
        detail={"number": case.number},
    )
    return case
