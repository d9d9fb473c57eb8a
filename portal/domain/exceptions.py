"""例外: a supplement let through after the last day, by the province and two people, for a published reason (rule
S5).
"""

from __future__ import annotations

from datetime import datetime

from portal.domain import permissions, texts, trail
from portal.domain.actor import Actor
from portal.domain.errors import NotAllowed, NotAllowedNow
from portal.domain.permissions import Permission
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.policy import PolicyException
from portal.models.project import Project
from portal.models.words import Section


def propose(project: Project, section: Section, reason: str, *, actor: Actor, now: datetime) -> PolicyException:
    """Ask for an exception; nothing opens before a second person confirms it. Raises NotAllowed, RuleViolation."""
    permissions.require(actor, Permission.OPEN_EXCEPTION)
    why = texts.require(reason, texts.EXCEPTION, "请写明例外的理由", "，理由将公开", rule="S5")
    exception = PolicyException(
        project_id=project.id, section=section, reason=why, proposed_by=actor.name, proposed_at=now
    )
    db.session.add(exception)
    db.session.flush()
    _record(Event.EXCEPTION_PROPOSED, exception, project, actor, now)
    return exception


def confirm(exception: PolicyException, project: Project, *, actor: Actor, now: datetime) -> None:
    """Open the gate for one section of one project. Raises NotAllowed for the proposer himself, NotAllowedNow if it
    is open already.
    """
    permissions.require(actor, Permission.OPEN_EXCEPTION)
    if exception.confirmed_by is not None:
        raise NotAllowedNow("该例外已经批准")
    if exception.proposed_by == actor.name:
        raise NotAllowed("提请人不能自己批准例外，请由另一人批准", rule="S5")
    exception.confirmed_by, exception.confirmed_at = actor.name, now
    _record(Event.EXCEPTION_CONFIRMED, exception, project, actor, now, proposed_by=exception.proposed_by)


def _record(
    event: Event, exception: PolicyException, project: Project, actor: Actor, now: datetime, **more: str
) -> None:
    trail.record(
        event,
        actor=actor,
        now=now,
        subject=("policy_exception", str(exception.id)),
        acting_as="decider",
        after={"confirmed": exception.confirmed_by is not None},
        detail={"project": project.number, "section": exception.section.value, "reason": exception.reason, **more},
    )
