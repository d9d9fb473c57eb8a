"""What may be done with a case now: asked of the flow chart, the duties and the rules, never decided here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain import deficiencies, permissions, verifications, workdays, workflow
from portal.domain.actor import Actor
from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.domain.workflow import Step
from portal.extensions import db
from portal.models.application import Application
from portal.models.objection import ObjectionGround
from portal.models.words import Finding, Route

APPLICANT = "申请人"

Why = Callable[["Case"], str]
When = Callable[["Case"], bool]


@dataclass(frozen=True, slots=True)
class Case:
    """A case as one officer sees it today."""

    application: Application
    grounds: Sequence[ObjectionGround]
    actor: Actor
    today: date


@dataclass(frozen=True, slots=True)
class Offer:
    """Something the present state allows. `why` says why not now; empty: it may be done."""

    key: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class _Act:
    step: Step
    label: str
    permission: Permission
    route: Route | None = None
    why: Why = lambda case: ""
    when: When = lambda case: True
    optional: bool = False
    """A case does not wait for it."""


def _still_missing(case: Case) -> str:
    return "；".join(verifications.missing(case.application, case.today))


def _nothing_untrue(case: Case) -> str:
    untrue = any(v.finding is not Finding.TRUE for v in case.application.verifications)
    return "" if untrue else "还没有核实不属实的记录"


def _grounds_open(case: Case) -> str:
    waiting = sum(ground.disposition is None for ground in case.grounds)
    return f"还有{waiting}条异议理由没有裁定" if waiting else ""


def _told_too_late(case: Case) -> str:
    answer = deficiencies.acceptance(case.application, workdays.load_calendar(db.session), case.today)
    return "告知期限已过，本件自收到之日起即为受理" if answer.by_silence else ""


def _list_unsigned(case: Case) -> bool:
    return deficiencies.waiting(case.application) is not None


def _not_the_drafter(case: Case) -> str:
    unsigned = deficiencies.waiting(case.application)
    return "拟稿人不能自己签署，请由另一人签署" if unsigned and unsigned.drawn_up_by_id == case.actor.account_id else ""


ACTS: dict[str, _Act] = {
    "deficiencies": _Act(
        Step.LIST_DEFICIENCIES, "一次性告知补正", Permission.ANSWER_APPLICANT, why=_told_too_late, optional=True
    ),
    "signature": _Act(
        Step.LIST_DEFICIENCIES,
        "签署再次告知",
        Permission.DECIDE,
        why=_not_the_drafter,
        when=_list_unsigned,
        optional=True,
    ),
    "verification": _Act(Step.CONFIRM_TRUE, "添加核实记录", Permission.VERIFY),
    "confirmation": _Act(Step.CONFIRM_TRUE, "确认核实属实", Permission.VERIFY, why=_still_missing),
    "rejection": _Act(Step.REJECT_UNTRUE, "核实不属实，不予办理", Permission.VERIFY, why=_nothing_untrue),
    "notice": _Act(Step.PUBLISH, "发布公示", Permission.PUBLISH_NOTICE, Route.NOTICE, _still_missing),
    "online-change": _Act(Step.CHANGE_ONLINE, "办理线上变更", Permission.DECIDE, Route.ONLINE_CHANGE),
    "retraction": _Act(Step.RETRACT, "撤回公示", Permission.PUBLISH_NOTICE),
    "ruling": _Act(Step.UPHOLD_OBJECTION, "裁定异议理由", Permission.DECIDE),
    "conclusion": _Act(Step.UPHOLD_OBJECTION, "审核办理", Permission.DECIDE, why=_grounds_open),
}


def offers(case: Case) -> dict[str, Offer]:
    """The acts that start from the case's state and belong to the actor's duties, each with what is against it now."""
    steps = workflow.possible(case.application)
    return {
        key: Offer(key, act.label, _refused(act, case))
        for key, act in ACTS.items()
        if act.step in steps
        and act.route in (None, case.application.route)
        and permissions.can(case.actor, act.permission)
        and act.when(case)
    }


def waiting_for(application: Application) -> list[str]:
    """By whom the case goes on, in the order of the flow chart: the names of duties, or the applicant."""
    steps = workflow.possible(application)
    acts = [
        act
        for act in ACTS.values()
        if act.step in steps and act.route in (None, application.route) and not act.optional
    ]
    duties = [workflow.MOVES[act.step].duty for act in acts] or [
        workflow.MOVES[step].duty for step in steps if step is not Step.WITHDRAW
    ]
    return list(dict.fromkeys(duty.label if duty else APPLICANT for duty in duties))


def _refused(act: _Act, case: Case) -> str:
    try:
        permissions.require_own(case.actor, act.permission, case.application.bureau)
        if act.permission is Permission.DECIDE:
            permissions.require_other_than_verifier(case.actor, case.application)
    except RuleViolation as refusal:
        return refusal.message
    return act.why(case)
