"""收件: an application comes in (rules S1–S8, S10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.clock import beijing_date
from portal.domain import identity_vault, outlook, permissions, policy, records, routing, workflow
from portal.domain.actor import PUBLIC, Actor
from portal.domain.attachments import StoredFile, attach
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotAllowedNow, RuleViolation
from portal.domain.permissions import Permission
from portal.domain.workflow import Step
from portal.extensions import db
from portal.models.application import Application, ApplicationChange
from portal.models.counter import next_number
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.words import Channel, DataLevel, Kind, Origin, Route, Section, Subject


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
    vault_id: int | None = None
    """Where the contact is kept already."""


@dataclass(frozen=True, slots=True)
class Papers:
    """What is handed in with an application: the stamped form, page by page, and what proves the content."""

    scan: Sequence[StoredFile] = ()
    evidence: Sequence[StoredFile] = ()


@dataclass(frozen=True, slots=True)
class _Wish:
    """What all cases of one intake share."""

    kind: Kind
    project: Project
    applicant: Applicant
    reason: str
    target_level: DataLevel | None
    papers: Papers
    channel: Channel
    actor: Actor
    now: datetime


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
    _may(project, requests, applicant, actor)
    changes = [_change(kind, project, request) for request in requests]
    wish = _Wish(kind, project, applicant, reason, target_level, Papers(), channel, actor, now)
    return _open(wish, changes, _common_route(kind, changes), fingerprint)


def receive_all(
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
    papers: Papers | None = None,
) -> list[Application]:
    """Take in everything one applicant asks for in one go, split into one case per subject and route (rule S7).

    Each case carries all the papers; the contact is kept once. Raises as `receive` does; nothing is taken in then.
    """
    _may(project, requests, applicant, actor)
    changes = [_change(kind, project, request) for request in requests]
    batches: dict[tuple[Subject, Route], list[ApplicationChange]] = {}
    for change in changes:
        key = change.section.subject, routing.route(kind, change.section, change.origin)
        batches.setdefault(key, []).append(change)
    if applicant.contact:
        vault_id = identity_vault.keep(applicant.contact, now=now)
        applicant = replace(applicant, contact=None, vault_id=vault_id)
    wish = _Wish(kind, project, applicant, reason, target_level, papers or Papers(), channel, actor, now)
    return [_open(wish, batch, route) for (_, route), batch in batches.items()]


def _may(project: Project, requests: Sequence[ChangeRequest], applicant: Applicant, actor: Actor) -> None:
    if actor is not PUBLIC:
        permissions.require_own(actor, Permission.RECEIVE_APPLICATION, project.bureau)
    if not requests:
        raise RuleViolation("请至少填写一个环节", rule="S7", field="section")
    if not applicant.name:
        raise RuleViolation("请填写申请单位", rule="S8", field="applicant_name")


def _open(wish: _Wish, changes: list[ApplicationChange], route_: Route, fingerprint: str | None = None) -> Application:
    """One case for changes of one route."""
    kind, project, applicant, now = wish.kind, wish.project, wish.applicant, wish.now
    for at, change in enumerate(changes, 1):
        change.position = at
    today = beijing_date(now)
    exception = outlook.pass_gate(kind, project, changes, today)
    if kind is Kind.LEVEL_UPGRADE:
        _check_upgrade(changes, wish.target_level)
    contact_id = identity_vault.keep(applicant.contact, now=now) if applicant.contact else applicant.vault_id
    application = Application(
        number=f"SQ{project.bureau.code}-{today.year}-{next_number(f'SQ{project.bureau.code}-{today.year}'):05d}",
        project=project,
        bureau=project.bureau,
        kind=kind,
        subject=changes[0].section.subject,
        route=route_,
        channel=wish.channel,
        applicant_name=applicant.name,
        applicant_code=applicant.code,
        contact_vault_id=contact_id,
        reason=wish.reason,
        target_level=wish.target_level if kind is Kind.LEVEL_UPGRADE else None,
        policy_exception_id=exception.id if exception else None,
        scan_sha256=wish.papers.scan[0].sha256 if wish.papers.scan else None,
        import_fingerprint=fingerprint,
        received_at=now,
        changes=changes,
    )
    files = [*wish.papers.scan, *wish.papers.evidence]
    workflow.begin(
        application,
        wish.actor,
        now=now,
        after={
            "changes": [digest(canonical_bytes(change.after)) for change in changes],
            **({"files": [file.sha256 for file in files]} if files else {}),
        },
        detail={
            "kind": kind.value,
            "route": route_.value,
            "sections": [change.section.value for change in changes],
            "channel": wish.channel.value,
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
    for file in files:
        attach(file, now=now, application_id=application.id)
    if route_ is Route.DRAWING_REVIEW_SYSTEM:
        workflow.move(
            application,
            Step.REFER,
            wish.actor,
            now=now,
            detail={"address": policy.value("drawing_review.address", today)},
        )
    return application


def _change(kind: Kind, project: Project, request: ChangeRequest) -> ApplicationChange:
    """The request beside what the record says now."""
    entry = db.session.scalar(
        select(RecordEntry)
        .where(
            RecordEntry.project_id == project.id,
            RecordEntry.section == request.section,
            RecordEntry.number == request.entry_number,
        )
        .with_for_update(read=True, of=RecordEntry)  # while somebody deletes or corrects it, this waits and sees it
        .execution_options(populate_existing=True)
    )
    where = f"{request.section.label} {request.entry_number}".strip()
    if entry is not None and entry.deleted_at is not None:
        raise RuleViolation(f"“{where}”已因不实被删除，不能再{kind.label}", rule="I3", field="entry_number")
    if kind is Kind.SUPPLEMENT and entry is not None:
        raise RuleViolation(f"档案中已有“{where}”，不能补录；如内容有误，请申请修正", rule="S2", field="entry_number")
    if kind is not Kind.SUPPLEMENT and entry is None:
        raise RuleViolation(f"档案中没有“{where}”，不能{kind.label}；请核对环节编号", rule="S2", field="entry_number")
    after = request.content if entry is None or kind is Kind.CORRECTION else entry.content
    if kind is Kind.CORRECTION and entry is not None and after == entry.content:
        raise RuleViolation(f"“{where}”与档案内容相同，没有需要修正的地方", rule="S2", field="content")
    return ApplicationChange(
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
