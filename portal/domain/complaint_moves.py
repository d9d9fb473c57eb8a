"""The states of a complaint and the moves between them, as data; the one writer of its status (rule C4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from portal.domain import trail
from portal.domain.actor import PUBLIC, Actor
from portal.domain.errors import NotAllowedNow
from portal.domain.trail import Event
from portal.models.complaint import Complaint
from portal.models.words import ComplaintStatus, Role


class Step(Enum):
    """A move a complaint can make."""

    REGISTER = "register"
    ACCEPT = "accept"
    REFUSE = "refuse"
    PASS_ON = "pass_on"
    EXTEND = "extend"
    CONCLUDE = "conclude"
    CONCLUDE_REVIEW = "conclude_review"
    CONCLUDE_FINAL_REVIEW = "conclude_final_review"
    RATE = "rate"
    CLOSE_BY_RATING = "close_by_rating"
    REOPEN = "reopen"
    ASK_REVIEW = "ask_review"
    ASK_FINAL_REVIEW = "ask_final_review"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Move:
    """From where to where (None: it stays), and what the trail calls it."""

    sources: frozenset[ComplaintStatus]
    target: ComplaintStatus | None
    event: Event


_S = ComplaintStatus
_ARRIVED = {_S.RECEIVED, _S.PASSED_ON}
_UNDECIDED = {*_ARRIVED, _S.REGISTERED}


def _move(sources: set[ComplaintStatus], target: ComplaintStatus | None, event: Event) -> Move:
    return Move(frozenset(sources), target, event)


MOVES: dict[Step, Move] = {
    # C3: within 15 days the filer is told one of three things
    Step.REGISTER: _move(_ARRIVED, _S.REGISTERED, Event.COMPLAINT_REGISTERED),
    Step.ACCEPT: _move({_S.REGISTERED}, _S.INVESTIGATING, Event.COMPLAINT_ACCEPTED),
    Step.REFUSE: _move(_UNDECIDED, _S.NOT_ACCEPTED, Event.COMPLAINT_REFUSED),
    Step.PASS_ON: _move(_UNDECIDED, _S.PASSED_ON, Event.COMPLAINT_PASSED_ON),
    # C3: answered in 60 days, extended once; a re-examination is not
    Step.EXTEND: _move({_S.INVESTIGATING}, None, Event.COMPLAINT_EXTENDED),
    Step.CONCLUDE: _move({_S.INVESTIGATING}, _S.CONCLUDED, Event.COMPLAINT_CONCLUDED),
    Step.CONCLUDE_REVIEW: _move({_S.RE_EXAMINING}, _S.RE_EXAMINED, Event.COMPLAINT_CONCLUDED),
    Step.CONCLUDE_FINAL_REVIEW: _move({_S.RE_EXAMINING}, _S.CLOSED, Event.COMPLAINT_CONCLUDED),
    # C5
    Step.RATE: _move({_S.CONCLUDED}, None, Event.COMPLAINT_RATED),
    Step.CLOSE_BY_RATING: _move({_S.CONCLUDED}, _S.CLOSED, Event.COMPLAINT_RATED),
    Step.REOPEN: _move({_S.CONCLUDED}, _S.INVESTIGATING, Event.COMPLAINT_REOPENED),
    # C3: 复查, then 复核
    Step.ASK_REVIEW: _move({_S.CONCLUDED}, _S.RE_EXAMINING, Event.COMPLAINT_REVIEW_ASKED),
    Step.ASK_FINAL_REVIEW: _move({_S.RE_EXAMINED}, _S.RE_EXAMINING, Event.COMPLAINT_REVIEW_ASKED),
    Step.WITHDRAW: _move({*_UNDECIDED, _S.INVESTIGATING, _S.RE_EXAMINING}, _S.CLOSED, Event.COMPLAINT_WITHDRAWN),
}

ENDED = frozenset({_S.NOT_ACCEPTED, _S.CLOSED})
"""States in which nothing more happens to a complaint."""


def can(complaint: Complaint, step: Step) -> bool:
    """Whether the step starts from the present status, whoever may take it."""
    if is_outside(complaint):
        return step is Step.REGISTER  # it came back
    return complaint.status in MOVES[step].sources


def is_outside(complaint: Complaint) -> bool:
    """Whether it was passed on to somebody outside this portal: nothing is owed here any more (rule C3)."""
    return complaint.status is ComplaintStatus.PASSED_ON and complaint.due_on is None


def move(
    complaint: Complaint,
    step: Step,
    actor: Actor,
    *,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Take one step, or refuse. The only place that writes Complaint.status.

    What it says in the trail belongs to no case: a case's history is read by the bureau complained about (rule C2).
    Raises NotAllowedNow if the step does not start from the present status.
    """
    if not can(complaint, step):
        raise NotAllowedNow(f"当前状态为“{complaint.status.label}”，不能执行此操作", rule="C4")
    move_ = MOVES[step]
    was = complaint.status
    complaint.status = move_.target or was
    record(
        complaint,
        move_.event,
        actor,
        now=now,
        before={"status": was.value},
        after={"status": complaint.status.value, **(after or {})},
        detail=detail,
    )


def record(
    complaint: Complaint,
    event: Event,
    actor: Actor,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write a line of the complaint's own history."""
    trail.record(
        event,
        actor=actor,
        now=now,
        subject=("complaint", complaint.number),
        bureau=complaint.bureau.code,
        acting_as=None if actor is PUBLIC else _duty(complaint).value,
        before=before,
        after=after,
        detail=detail,
    )


def _duty(complaint: Complaint) -> Role:
    """As what an officer acts on it: its desk says so."""
    return Role.DISCIPLINE_OFFICER if complaint.by_discipline else Role.COMPLAINT_HANDLER
