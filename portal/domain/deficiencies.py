"""一次性告知: everything missing told at once, and the applicant's answer to it item by item (rules V1, V2).

Whether an application counts as accepted because nobody told the applicant anything in time is derived, not marked
by a job: it follows from the day of receipt, the lists and the calendar alone, so no missed run can make it wrong and a
changed calendar needs no repair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.clock import beijing_date
from portal.domain import checklists, outbox, permissions, policy, texts, trail, workdays, workflow
from portal.domain.actor import Actor
from portal.domain.checklists import Requirement
from portal.domain.errors import NotAllowed, NotAllowedNow, RuleViolation
from portal.domain.permissions import Permission
from portal.domain.trail import Event
from portal.domain.workdays import Calendar, Limit
from portal.domain.workflow import Step
from portal.extensions import db, lock
from portal.models.application import Application
from portal.models.counter import next_number
from portal.models.deficiency import DeficiencyItem, DeficiencyNotice
from portal.models.words import Role, Status


@dataclass(frozen=True, slots=True)
class Acceptance:
    """受理: from which day, if it is, and until when the applicant must be told what is missing (rule V1)."""

    tell_until: Limit
    accepted_on: date | None
    by_silence: bool


def acceptance(application: Application, calendar: Calendar, today: date) -> Acceptance:
    """Whether the application is accepted: complete and gone on, or nothing was told in time (rule V1).

    The days count from receipt, or from the day the last list was answered; so does acceptance.
    """
    lists = issued(application)
    from_day = beijing_date(application.received_at)
    if lists and lists[-1].answered_at is not None:
        from_day = beijing_date(lists[-1].answered_at)
    limit = workdays.limit(from_day, policy.value("deficiency.working_days", from_day), calendar)
    if application.status is Status.DEFICIENT:
        return Acceptance(limit, None, by_silence=False)
    gone_on = application.status is not Status.RECEIVED
    silent = not gone_on and today > limit.last_day and not limit.provisional
    return Acceptance(limit, from_day if gone_on or silent else None, by_silence=silent)


def issued(application: Application) -> list[DeficiencyNotice]:
    """The lists the applicant was told, oldest first."""
    return [each for each in application.deficiency_notices if each.issued_at is not None]


def waiting(application: Application) -> DeficiencyNotice | None:
    """A further list that waits for its second signature, if there is one that may still be issued."""
    if application.status is not Status.RECEIVED:
        return None
    return next((each for each in application.deficiency_notices if each.issued_at is None), None)


def not_concerned(application: Application, about: Sequence[str]) -> list[str]:
    """Which of these keys the last resubmission did not touch: for a first list, none (rule V2)."""
    before = issued(application)
    changed = {item.about for item in before[-1].items} if before else set()
    return [key for key in about if before and key not in changed]


def draw_up(
    application: Application, notes: Mapping[str, str], reason: str = "", *, actor: Actor, now: datetime
) -> DeficiencyNotice:
    """Tell the applicant everything that is missing: the case waits for him, and this time does not count (rule V1).

    notes: key of the checklist to what exactly is to be supplied (may be empty). A further list may name only what
    the resubmission changed; anything else needs a public reason and waits for a second person's `sign` (rule V2);
    drawn up again it takes the place of the unsigned one.
    Raises RuleViolation for an empty list, an unknown key or a missing reason, NotAllowedNow after the working days of
    V1 or in another state, NotAllowed, NotFound.
    """
    permissions.require_own(actor, Permission.ANSWER_APPLICANT, application.bureau)
    lock(Application, application.id)
    _in_time(application, now)
    known = checklists.by_key(application)
    if not notes:
        raise RuleViolation("请至少选择一项需要补正的内容", rule="V1", field="about")
    if set(notes) - set(known):
        raise RuleViolation("清单中有不属于本件的内容，请重新选择", rule="V1", field="about")
    if any(len(note) > texts.NOTE.longest for note in notes.values()):
        raise RuleViolation(f"每项说明{texts.NOTE.too_long}", rule="V1", field="about")
    why, extra = "", not_concerned(application, list(notes))
    if extra:
        named = "、".join(known[key].label for key in extra)
        asked = f"补正须一次告知，“{named}”不在申请人补正过的内容之内；确需再次告知的，请写明理由"
        then = "，理由将公开，由另一人签署后送达"
        why = texts.require(reason.strip().rstrip("。"), texts.PUBLISHED_REASON, asked, then, rule="V2")
    unsigned = waiting(application)
    if unsigned is not None:
        _tear_up(unsigned)
    notice = _write(application, known, notes, why, actor, now)
    if extra:
        trail.record(
            Event.DEFICIENCIES_DRAWN_UP,
            actor=actor,
            now=now,
            subject=("deficiency_notice", notice.number),
            case=application.number,
            acting_as=Role.CLERK.value,
            detail={"list": notice.number, "items": len(notice.items), "round": notice.round, "reason": why},
        )
    else:
        _issue(notice, actor, now)
    return notice


def sign(notice: DeficiencyNotice, *, actor: Actor, now: datetime) -> None:
    """The second person signs a further list, and it is in force (rule V2). Raises NotAllowed for who drew it up."""
    application = notice.application
    permissions.require_own(actor, Permission.DECIDE, application.bureau)
    lock(Application, application.id)
    if notice.issued_at is not None:
        raise NotAllowedNow("这份告知书已经签署送达", rule="V2")
    if notice.drawn_up_by_id == actor.account_id:
        raise NotAllowed("拟稿人不能自己签署，请由另一人签署", rule="V2")
    _in_time(application, now)
    notice.signed_by_id = actor.account_id
    _issue(notice, actor, now)


def _in_time(application: Application, now: datetime) -> None:
    if application.status is not Status.RECEIVED:
        raise NotAllowedNow(f"当前状态为“{application.status.label}”，不能再告知补正", rule="V1")
    today = beijing_date(now)
    answer = acceptance(application, workdays.load_calendar(db.session), today)
    if answer.by_silence:
        last = answer.tell_until.last_day
        raise NotAllowedNow(
            f"告知期限已于{last.year}年{last.month}月{last.day}日届满，逾期未告知的，自收到之日起即为受理，不能再要求补正",
            rule="V1",
        )


def _tear_up(notice: DeficiencyNotice) -> None:
    """Make room for another list of the same round; that this one was drawn up stays in the trail."""
    for item in notice.items:
        db.session.delete(item)
    db.session.delete(notice)
    db.session.flush()
    db.session.expire(notice.application, ["deficiency_notices"])


def _write(
    application: Application,
    known: Mapping[str, Requirement],
    notes: Mapping[str, str],
    reason: str,
    actor: Actor,
    now: datetime,
) -> DeficiencyNotice:
    prefix = f"BZ{application.bureau.code}-{beijing_date(now).year}"
    notice = DeficiencyNotice(
        number=f"{prefix}-{next_number(prefix):05d}",
        application=application,
        round=len(issued(application)) + 1,
        drawn_up_at=now,
        drawn_up_by_id=actor.account_id,
        reason=reason,
        items=[
            DeficiencyItem(position=at, about=key, label=_label(known[key]), note=notes[key].strip())
            for at, key in enumerate((key for key in known if key in notes), 1)
        ],
    )
    db.session.add(notice)
    db.session.flush()
    return notice


def _label(asked: Requirement) -> str:
    return asked.label if asked.change is None else f"{asked.group}：{asked.label}"


def _issue(notice: DeficiencyNotice, actor: Actor, now: datetime) -> None:
    notice.issued_at = now
    said = {"list": notice.number, "items": len(notice.items), "round": notice.round, "reason": notice.reason}
    signed = {"signed_by": actor.name} if notice.signed_by_id else {}
    workflow.move(notice.application, Step.LIST_DEFICIENCIES, actor, now=now, detail=said | signed)
    outbox.tell_applicant(notice.application, "deficient", now=now, cause=notice.number)
