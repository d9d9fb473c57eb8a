"""The states of an application and the moves between them, as data; the one writer of its status.

Each move names its sources, its target and the trail event it leaves. Who may make it is asked by the verb that
makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from portal.domain import trail
from portal.domain.actor import Actor
from portal.domain.errors import NotAllowedNow
from portal.domain.trail import Event
from portal.models.application import Application
from portal.models.words import Role, Status


class Step(Enum):
    """A move an application can make."""

    RECEIVE = "receive"
    REFER = "refer"
    LIST_DEFICIENCIES = "list_deficiencies"
    SUPPLY = "supply"
    WITHDRAW = "withdraw"
    CONFIRM_TRUE = "confirm_true"
    REJECT_UNTRUE = "reject_untrue"
    PUBLISH = "publish"
    RETRACT = "retract"
    CLOSE_CLEAR = "close_clear"
    CLOSE_CLEAR_UPGRADE = "close_clear_upgrade"
    CLOSE_CONTESTED = "close_contested"
    CHANGE_ONLINE = "change_online"
    DISMISS_OBJECTIONS = "dismiss_objections"
    DISMISS_OBJECTIONS_UPGRADE = "dismiss_objections_upgrade"
    UPHOLD_OBJECTION = "uphold_objection"
    DISMISS_OBJECTIONS_WAIT = "dismiss_objections_wait"
    WAIT_OVER = "wait_over"
    WAIT_OVER_UPGRADE = "wait_over_upgrade"
    RECHECK_OVERTURNS = "recheck_overturns"


@dataclass(frozen=True, slots=True)
class Move:
    """From where to where, and what the trail calls it. No source: the application begins with it."""

    sources: frozenset[Status]
    target: Status
    event: Event
    duty: Role | None
    """Whose move it is; None: the applicant's."""


def _move(sources: set[Status], target: Status, event: Event, duty: Role | None) -> Move:
    return Move(frozenset(sources), target, event, duty)


MOVES: dict[Step, Move] = {
    Step.RECEIVE: _move(set(), Status.RECEIVED, Event.APPLICATION_RECEIVED, Role.CLERK),
    # S4: an online drawing review is corrected elsewhere; the referral ends the case here
    Step.REFER: _move({Status.RECEIVED}, Status.REFERRED, Event.APPLICATION_REFERRED, Role.CLERK),
    # V1, V2
    Step.LIST_DEFICIENCIES: _move({Status.RECEIVED}, Status.DEFICIENT, Event.DEFICIENCIES_LISTED, Role.CLERK),
    Step.SUPPLY: _move({Status.DEFICIENT}, Status.RECEIVED, Event.DEFICIENCIES_SUPPLIED, None),
    # before the decision the applicant may take back what he asked for
    Step.WITHDRAW: _move(
        {
            Status.RECEIVED,
            Status.DEFICIENT,
            Status.VERIFIED,
            Status.ON_NOTICE,
            Status.CONTESTED,
            Status.AWAITING_RECHECK,
            Status.REPORTED,
        },
        Status.WITHDRAWN,
        Event.APPLICATION_WITHDRAWN,
        None,
    ),
    # V3, V5
    Step.CONFIRM_TRUE: _move({Status.RECEIVED}, Status.VERIFIED, Event.APPLICATION_VERIFIED, Role.VERIFIER),
    Step.REJECT_UNTRUE: _move({Status.RECEIVED}, Status.REJECTED, Event.APPLICATION_REJECTED, Role.VERIFIER),
    # N1, N2
    Step.PUBLISH: _move({Status.VERIFIED}, Status.ON_NOTICE, Event.NOTICE_PUBLISHED, Role.PUBLISHER),
    Step.RETRACT: _move({Status.ON_NOTICE}, Status.VERIFIED, Event.NOTICE_RETRACTED, Role.PUBLISHER),
    # N9: the machine may say yes only when no one said no
    Step.CLOSE_CLEAR: _move({Status.ON_NOTICE}, Status.APPROVED, Event.NOTICE_CLOSED_WITHOUT_OBJECTION, Role.SYSTEM),
    Step.CLOSE_CLEAR_UPGRADE: _move(
        {Status.ON_NOTICE}, Status.REPORTED, Event.NOTICE_CLOSED_WITHOUT_OBJECTION, Role.SYSTEM
    ),
    Step.CLOSE_CONTESTED: _move({Status.ON_NOTICE}, Status.CONTESTED, Event.NOTICE_CLOSED_WITH_OBJECTION, Role.SYSTEM),
    # S4: what online business generated is changed promptly, without a notice
    Step.CHANGE_ONLINE: _move({Status.VERIFIED}, Status.APPROVED, Event.APPLICATION_APPROVED, Role.DECIDER),
    # O5, O6
    Step.DISMISS_OBJECTIONS: _move({Status.CONTESTED}, Status.APPROVED, Event.APPLICATION_APPROVED, Role.DECIDER),
    Step.DISMISS_OBJECTIONS_UPGRADE: _move(
        {Status.CONTESTED}, Status.REPORTED, Event.APPLICATION_REPORTED, Role.DECIDER
    ),
    Step.UPHOLD_OBJECTION: _move({Status.CONTESTED}, Status.REJECTED, Event.APPLICATION_REJECTED, Role.DECIDER),
    # O7: a person has decided; the approval waits until nobody can ask for a re-check, or the re-check confirmed
    Step.DISMISS_OBJECTIONS_WAIT: _move(
        {Status.CONTESTED}, Status.AWAITING_RECHECK, Event.APPROVAL_WAITS, Role.DECIDER
    ),
    Step.WAIT_OVER: _move({Status.AWAITING_RECHECK}, Status.APPROVED, Event.APPLICATION_APPROVED, Role.SYSTEM),
    Step.WAIT_OVER_UPGRADE: _move({Status.AWAITING_RECHECK}, Status.REPORTED, Event.APPLICATION_REPORTED, Role.SYSTEM),
    Step.RECHECK_OVERTURNS: _move({Status.AWAITING_RECHECK}, Status.REJECTED, Event.APPLICATION_REJECTED, Role.DECIDER),
}

DECIDED = frozenset({Status.APPROVED, Status.REJECTED, Status.REFERRED, Status.WITHDRAWN})
"""States in which nothing more happens to an application."""


def begin(
    application: Application, actor: Actor, *, now: datetime, detail: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Give a new application its first status and write the first line of its history."""
    move_ = MOVES[Step.RECEIVE]
    application.status = move_.target
    _record(application, move_, actor, now, before=None, after=after, detail=detail)


def move(
    application: Application,
    step: Step,
    actor: Actor,
    *,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Take one step, or refuse. The only place that writes Application.status.

    Raises NotAllowedNow if the step does not start from the present status.
    """
    move_ = MOVES[step]
    if application.status not in move_.sources:
        raise NotAllowedNow(f"当前状态为“{application.status.label}”，不能执行此操作")
    was = application.status
    application.status = move_.target
    if move_.target in DECIDED:
        application.decided_at = now
        for change in application.changes:
            change.claim = None
    _record(
        application, move_, actor, now, before={"status": was.value, **(before or {})}, after=after or {}, detail=detail
    )


def possible(application: Application) -> list[Step]:
    """The steps that start from the present status, whoever may take them."""
    return [step for step, move_ in MOVES.items() if application.status in move_.sources]


def _record(
    application: Application,
    move_: Move,
    actor: Actor,
    now: datetime,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    detail: Mapping[str, Any] | None,
) -> None:
    trail.record(
        move_.event,
        actor=actor,
        now=now,
        subject=("application", application.number),
        case=application.number,
        bureau=application.bureau.code,
        acting_as=move_.duty.value if move_.duty else None,
        before=before,
        after={"status": move_.target.value, **after},
        detail=detail,
    )
