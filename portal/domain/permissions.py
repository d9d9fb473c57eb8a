"""Who may do what: one table, permission to duties (rules A3, A4, A5)."""

from __future__ import annotations

from enum import StrEnum

from portal.domain.actor import Actor
from portal.domain.errors import NotAllowed, NotFound
from portal.models.application import Application
from portal.models.bureau import Bureau
from portal.models.words import Role, Tier


class Permission(StrEnum):
    """A thing a duty allows; a good thing to grep for."""

    SEE_CASES = "see_cases"
    RECEIVE_APPLICATION = "receive_application"
    ANSWER_APPLICANT = "answer_applicant"
    VERIFY = "verify"
    PUBLISH_NOTICE = "publish_notice"
    DECIDE = "decide"
    SEE_ESCALATIONS = "see_escalations"
    SUPERVISE = "supervise"
    SEE_RECORDS = "see_records"
    IMPORT = "import"
    SEE_CALENDAR = "see_calendar"
    CHANGE_CALENDAR = "change_calendar"
    OPEN_EXCEPTION = "open_exception"
    PUBLISH_CIRCULAR = "publish_circular"
    HANDLE_COMPLAINT = "handle_complaint"


CASE_WORK = frozenset({Role.CLERK, Role.VERIFIER, Role.PUBLISHER, Role.DECIDER, Role.COMPLAINT_HANDLER, Role.INSPECTOR})
READERS = CASE_WORK | {Role.AUDITOR}

DUTIES: dict[Permission, frozenset[Role]] = {
    Permission.SEE_CASES: READERS,
    Permission.RECEIVE_APPLICATION: frozenset({Role.CLERK}),
    Permission.ANSWER_APPLICANT: frozenset({Role.CLERK, Role.VERIFIER}),
    Permission.VERIFY: frozenset({Role.VERIFIER}),
    Permission.PUBLISH_NOTICE: frozenset({Role.PUBLISHER}),
    Permission.DECIDE: frozenset({Role.DECIDER}),
    Permission.SEE_ESCALATIONS: READERS | {Role.DISCIPLINE_OFFICER},
    Permission.SUPERVISE: frozenset({Role.DECIDER, Role.DISCIPLINE_OFFICER}),
    Permission.SEE_RECORDS: READERS,
    Permission.IMPORT: frozenset({Role.CLERK}),
    Permission.SEE_CALENDAR: READERS | {Role.CALENDAR_OWNER, Role.ACCOUNT_ADMINISTRATOR},
    Permission.CHANGE_CALENDAR: frozenset({Role.CALENDAR_OWNER}),
    Permission.OPEN_EXCEPTION: frozenset({Role.DECIDER}),
    Permission.PUBLISH_CIRCULAR: frozenset({Role.DECIDER}),
    Permission.HANDLE_COMPLAINT: frozenset({Role.COMPLAINT_HANDLER, Role.DISCIPLINE_OFFICER}),
}
PROVINCE_ONLY = frozenset({Permission.CHANGE_CALENDAR, Permission.OPEN_EXCEPTION, Permission.PUBLISH_CIRCULAR})


def can(actor: Actor, permission: Permission) -> bool:
    """True if one of the actor's duties allows it, whatever the case."""
    if permission in PROVINCE_ONLY and actor.tier is not Tier.PROVINCE:
        return False
    return actor.has(*DUTIES[permission])


def require(actor: Actor, permission: Permission) -> None:
    """Raise NotAllowed unless one of the actor's duties allows it."""
    if not can(actor, permission):
        raise NotAllowed("您的岗位没有此项权限，请联系本单位账号管理员", rule="A3")


def require_in(actor: Actor, permission: Permission, bureau: Bureau) -> None:
    """The permission, and that `bureau` is the actor's own or below it; a bureau outside does not exist for him
    (rule A5).
    """
    if actor.bureau_path is None or not bureau.path.startswith(actor.bureau_path):
        raise NotFound("没有找到您要的内容", rule="A5")
    require(actor, permission)


def require_own(actor: Actor, permission: Permission, bureau: Bureau) -> None:
    """The permission, and that the case is handled by the actor's own bureau: seeing below is not acting below
    (rules S3, A5).
    """
    require_in(actor, permission, bureau)
    if bureau.id != actor.bureau_id:
        raise NotAllowed(f"此件由{bureau.name}办理，上级单位可以查看和督办，不能代为办理", rule="S3")


def require_other_than_verifier(actor: Actor, application: Application) -> None:
    """Whoever verified a case does not decide it (rule A4)."""
    if actor.user_id in {verification.verifier_id for verification in application.verifications}:
        raise NotAllowed("您核实过此件，不能再由您审核办理，请由其他人员办理", rule="A4")
