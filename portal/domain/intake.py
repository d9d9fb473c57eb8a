"""收件: an application comes in (rules S1–S8, S10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.clock import beijing_date
from portal.domain import identity_vault, permissions, policy, records, routing, sections, workflow
from portal.domain.actor import PUBLIC, Actor
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotAllowedNow, RuleViolation
from portal.domain.permissions import Permission
from portal.domain.routing import Gate
from portal.domain.workflow import Step
from portal.extensions import db
from portal.models.application import Application, ApplicationChange
from portal.models.counter import next_number
from portal.models.policy import PolicyException
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.words import Channel, DataLevel, Kind, Origin, Route, Section


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """One section entry as the applicant wants it. `content` is canonical (`sections.parse`); `origin` is believed
    for new entries only.
    """

    section: Section
    entry_number: str
    origin: Origin
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks. `contact` (name, phone, e-mail of a person) goes into the vault and nowhere else."""

    name: str
    code: str = ""
    contact: dict[str, str] | None = None


def receive(
    kind: Kind,
    project: Project,
    requests: Sequence[ChangeRequest],
    applicant: Applicant,
    *,
    channel: Channel,
    actor: Actor,
    now: datetime,
    reason: str = "",
    target_level: DataLevel | None = None,
    fingerprint: str | None = None,
) -> Application:
    """Take in one application; afterwards it stands in its bureau's queue, or is referred where it belongs.

    Raises RuleViolation (S2 kind, S4 route, S5 gate, S7 mixed routes), NotAllowed or NotFound (A5), NotAllowedNow
    if an entry is already being changed by a running case.
    """
    if actor is not PUBLIC:
        permissions.require_own(actor, Permission.RECEIVE_APPLICATION, project.bureau)
    if not requests:
        raise RuleViolation("请至少填写一个环节", rule="S7", field="section")
    if not applicant.name:
        raise RuleViolation("请填写申请单位", rule="S8", field="applicant_name")
    changes = [_change(kind, project, request, at) for at, request in enumerate(requests, 1)]
    route_ = _common_route(kind, changes)
    exception = _gate(kind, project, changes, now)
    if kind is Kind.LEVEL_UPGRADE:
        _check_upgrade(changes, target_level)

    today = beijing_date(now)
    application = Application(
        number=f"SQ{project.bureau.code}-{today.year}-{next_number(f'SQ{project.bureau.code}-{today.year}'):05d}",
        project=project,
        bureau=project.bureau,
        kind=kind,
        subject=changes[0].section.subject,
        route=route_,
        channel=channel,
        applicant_name=applicant.name,
        applicant_code=applicant.code,
        contact_vault_id=identity_vault.keep(applicant.contact, now=now) if applicant.contact else None,
        reason=reason,
        target_level=target_level if kind is Kind.LEVEL_UPGRADE else None,
        policy_exception_id=exception.id if exception else None,
        import_fingerprint=fingerprint,
        received_at=now,
        changes=changes,
    )
    workflow.begin(
        application,
        actor,
        now=now,
        after={"changes": [digest(canonical_bytes(change.after)) for change in changes]},
        detail={
            "kind": kind.value,
            "route": route_.value,
            "sections": [change.section.value for change in changes],
            "channel": channel.value,
            "project": project.number,
            "exception": exception.id if exception else None,
        },
    )
    db.session.add(application)
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        raise _collision(error, fingerprint) from error
    if route_ is Route.DRAWING_REVIEW_SYSTEM:
        workflow.move(
            application,
            Step.REFER,
            actor,
            now=now,
            detail={"address": policy.value("drawing_review.address", today)},
        )
    return application


def _change(kind: Kind, project: Project, request: ChangeRequest, position: int) -> ApplicationChange:
    """The request beside what the record says now."""
    entry = db.session.scalar(
        select(RecordEntry).where(
            RecordEntry.project_id == project.id,
            RecordEntry.section == request.section,
            RecordEntry.number == request.entry_number,
        )
    )
    where = f"{request.section.label} {request.entry_number}".strip()
    if kind is Kind.SUPPLEMENT and entry is not None:
        raise RuleViolation(f"档案中已有“{where}”，不能补录；如内容有误，请申请修正", rule="S2", field="entry_number")
    if kind is not Kind.SUPPLEMENT and entry is None:
        raise RuleViolation(f"档案中没有“{where}”，不能{kind.label}；请核对环节编号", rule="S2", field="entry_number")
    after = request.content if entry is None or kind is Kind.CORRECTION else entry.content
    if kind is Kind.CORRECTION and entry is not None and after == entry.content:
        raise RuleViolation(f"“{where}”与档案内容相同，没有需要修正的地方", rule="S2", field="content")
    return ApplicationChange(
        position=position,
        section=request.section,
        entry_number=request.entry_number,
        entry=entry,
        base_version=entry.version if entry else None,
        origin=entry.origin if entry else request.origin,
        before=entry.content if entry else None,
        after=after,
        claim=records.entry_key(project, request.section, request.entry_number),
    )


def _common_route(kind: Kind, changes: list[ApplicationChange]) -> Route:
    """The one route of all changes (rule S4); sections of different subjects or routes are separate applications
    (rule S7).
    """
    routes = {routing.route(kind, change.section, change.origin) for change in changes}
    if len(routes) > 1 or len({change.section.subject for change in changes}) > 1:
        named = "、".join(sorted(route.label for route in routes))
        raise RuleViolation(f"所选环节的办理路径不同，请分开申请：{named}", rule="S7", field="section")
    return routes.pop()


def _gate(kind: Kind, project: Project, changes: list[ApplicationChange], now: datetime) -> PolicyException | None:
    """Let a supplement through the gate, or refuse it with the clause (rule S5). Returns the exception it went
    through by, if any.
    """
    if kind is not Kind.SUPPLEMENT:
        return None
    used = None
    for change in changes:
        dated = sections.section_date(change.section, change.after)
        answer = routing.supplement_gate(change.section, dated, project.accepted_on, beijing_date(now))
        if answer.gate in (Gate.OPEN, Gate.UNDECIDABLE):
            continue  # what is missing is asked for in the one-time deficiency notice
        if answer.gate is Gate.NEVER:
            # an exception moves the last day, not the section's own
            raise RuleViolation(answer.reason, rule="S5", field="section")
        exception = db.session.scalar(
            select(PolicyException).where(
                PolicyException.project_id == project.id,
                PolicyException.section == change.section,
                PolicyException.confirmed_by.is_not(None),
            )
        )
        if exception is None:
            raise RuleViolation(answer.reason, rule="S5", field="section")
        used = exception
    return used


def _check_upgrade(changes: list[ApplicationChange], target: DataLevel | None) -> None:
    if target is None or target is DataLevel.D:
        raise RuleViolation("请选择申请提升到的等级（A、B 或 C）", rule="L2", field="target_level")
    for change in changes:
        if change.entry is not None and change.entry.level.value <= target.value:
            raise RuleViolation(
                f"{change.section.label} {change.entry_number} 现为{change.entry.level.label}，"
                f"无需提升到{target.label}",
                rule="L2",
                field="target_level",
            )


def _collision(error: IntegrityError, fingerprint: str | None) -> RuleViolation:
    if fingerprint is not None and "fingerprint" in str(error.orig):
        return NotAllowedNow("该行以前已经导入过", rule="S8")
    return NotAllowedNow("同一环节已有正在办理的申请，请等它办结", rule="S7", field="entry_number")
