"""The road of a case as both doors draw it: its steps, where it stands on them, and the tone of its status."""

from __future__ import annotations

from portal.models.application import Application
from portal.models.words import Route, Status

TONES = {
    Status.RECEIVED: "blue",
    Status.DEFICIENT: "amber",
    Status.VERIFIED: "blue",
    Status.ON_NOTICE: "amber",
    Status.CONTESTED: "amber",
    Status.AWAITING_RECHECK: "amber",
    Status.REPORTED: "blue",
    Status.APPROVED: "green",
    Status.REJECTED: "grey",
    Status.REFERRED: "grey",
    Status.WITHDRAWN: "grey",
}
_STEP_OF_STATUS = {
    Status.RECEIVED: 1,
    Status.DEFICIENT: 1,
    Status.VERIFIED: 2,
    Status.ON_NOTICE: 2,
    Status.CONTESTED: 3,
    Status.AWAITING_RECHECK: 3,
    Status.REPORTED: 3,
    Status.REFERRED: 1,
}
_STOPPED = (Status.REJECTED, Status.REFERRED, Status.WITHDRAWN)


def steps(application: Application) -> tuple[str, ...]:
    """The steps its route has (rule S4)."""
    if application.route is Route.ONLINE_CHANGE:
        return ("申请", "核实", "变更")
    if application.route is Route.DRAWING_REVIEW_SYSTEM:
        return ("申请", "转施工图审查系统")
    return ("申请", "核实", "公示", "办结")


def step(application: Application) -> int:
    """Where it stands; one past the last step once it is done; one that ended otherwise stops where it was."""
    if application.status is Status.APPROVED:
        return len(steps(application))
    if application.status in (Status.REJECTED, Status.WITHDRAWN):
        return min(3 if application.notices else 1, len(steps(application)) - 1)
    return _STEP_OF_STATUS[application.status]


def stopped(application: Application) -> str:
    """The word that marks a case which ended otherwise than approved; empty for any other."""
    return application.status.label if application.status in _STOPPED else ""
