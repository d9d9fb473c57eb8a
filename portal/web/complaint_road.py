"""The road of a complaint as both doors draw it: its steps, where it stands, and how it stopped (rule C4)."""

from __future__ import annotations

from portal.domain import complaint_moves
from portal.models.complaint import Complaint
from portal.models.words import ComplaintStage, ComplaintStatus

WITHDRAWN = "已撤回"
ROUNDS = {
    ComplaintStage.ANSWER: "调查",
    ComplaintStage.REOPENED: "重办",
    ComplaintStage.REVIEW: "复查",
    ComplaintStage.FINAL_REVIEW: "复核",
}
STEP_OF_STATUS = {
    ComplaintStatus.RECEIVED: 1,
    ComplaintStatus.PASSED_ON: 1,
    ComplaintStatus.REGISTERED: 2,
    ComplaintStatus.NOT_ACCEPTED: 2,
    ComplaintStatus.INVESTIGATING: 3,
    ComplaintStatus.RE_EXAMINING: 3,
    ComplaintStatus.CONCLUDED: 4,
    ComplaintStatus.RE_EXAMINED: 4,
    ComplaintStatus.CLOSED: 5,
}
TONES = {
    ComplaintStatus.RECEIVED: "amber",
    ComplaintStatus.PASSED_ON: "amber",
    ComplaintStatus.REGISTERED: "amber",
    ComplaintStatus.INVESTIGATING: "blue",
    ComplaintStatus.RE_EXAMINING: "blue",
    ComplaintStatus.CONCLUDED: "green",
    ComplaintStatus.RE_EXAMINED: "green",
    ComplaintStatus.CLOSED: "grey",
    ComplaintStatus.NOT_ACCEPTED: "grey",
}


def steps(complaint: Complaint) -> tuple[str, ...]:
    """The names of the steps, short enough for five on a phone; the fourth is called after the round under way."""
    last = complaint.rounds[-1].stage if complaint.rounds else ComplaintStage.ANSWER
    return "收到", "登记", "受理", ROUNDS[last], "办结"


def stopped(complaint: Complaint) -> str:
    """How it ended before it was answered; empty if it did not."""
    if complaint_moves.is_outside(complaint):
        return "已转送其他单位"
    if complaint.status is ComplaintStatus.NOT_ACCEPTED:
        return complaint.status.label
    unanswered = not complaint.rounds or complaint.rounds[-1].answered_at is None
    return WITHDRAWN if complaint.status is ComplaintStatus.CLOSED and unanswered else ""


def step(complaint: Complaint) -> int:
    """Where the stepper stands, one past the last step at the end; what was taken back stays where it was."""
    if complaint.status is ComplaintStatus.CLOSED and stopped(complaint):
        return 3 if complaint.rounds else 1
    return STEP_OF_STATUS[complaint.status]
