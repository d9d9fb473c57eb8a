"""补正: the applicant answers a one-time deficiency notice, every item of it, in one go (rules V1, V2, S5).

What he writes and uploads on the way is kept with the items, so that an error, a lost connection or another day loses
nothing; nobody in the office sees it before he sends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from portal.clock import beijing_date
from portal.domain import checklists, outlook, permissions, sections, workflow
from portal.domain.actor import PUBLIC, Actor
from portal.domain.attachments import StoredFile, attach
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.checklists import Requirement
from portal.domain.errors import NotAllowedNow, RuleViolation
from portal.domain.permissions import Permission
from portal.domain.workflow import Step
from portal.extensions import db, lock
from portal.models.application import Application, ApplicationChange
from portal.models.attachment import Attachment
from portal.models.deficiency import DeficiencyItem, DeficiencyNotice
from portal.models.words import Kind, Status

LONGEST_ANSWER, LONGEST_VALUE = 2000, 600
MOST_FILES = 10
"""Per item."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one item: words, the new value of the field asked for (as typed), files. One of them suffices."""

    text: str = ""
    value: str = ""
    files: Sequence[StoredFile] = ()


def keep(
    notice: DeficiencyNotice, answers: Mapping[int, Answer], *, now: datetime, dropped: int = 0
) -> list[RuleViolation]:
    """Keep what was written so far, by the item's id; new files join those kept before, `dropped` goes.

    Returns what could not be kept: files beyond MOST_FILES. Raises NotAllowedNow if the case does not wait for this
    list.
    """
    _waits_for(notice)
    refused = []
    for item in notice.items:
        answer = answers.get(item.id)
        if answer is None:
            continue
        # what is longer is refused when it is sent; the form shows all of it meanwhile
        item.answer = answer.text.strip()[:LONGEST_ANSWER]
        item.answered_with = answer.value.strip()[:LONGEST_VALUE]
        known = {file.sha256 for file in item.files}
        new = [file for file in answer.files if file.sha256 not in known]
        if len(item.files) + len(new) > MOST_FILES:
            refused.append(
                RuleViolation(
                    f"第{item.position}项最多上传{MOST_FILES}个文件，请先移除不需要的",
                    rule="V1",
                    field=f"files-{item.id}",
                )
            )
            continue
        for file in new:
            attach(file, now=now, deficiency_item_id=item.id)
    ids = [item.id for item in notice.items]
    db.session.execute(delete(Attachment).where(Attachment.id == dropped, Attachment.deficiency_item_id.in_(ids)))
    db.session.flush()
    for item in notice.items:
        db.session.expire(item, ["files"])
    return refused


def gaps(notice: DeficiencyNotice) -> list[RuleViolation]:
    """Everything that keeps the kept answers from being sent, each naming its item's field (rules V1, S10, S2)."""
    found = [
        RuleViolation(
            f"第{item.position}项还没有补正：请填写、上传文件，或者说明情况",
            rule="V1",
            field=f"text-{item.id}",
        )
        for item in notice.items
        if not (item.answer or item.answered_with or item.files)
    ]
    for change, items in _asked(notice):
        found += _read(notice.application, change, items)[1]
    return found


def resubmit(notice: DeficiencyNotice, *, actor: Actor, now: datetime) -> None:
    """Send the kept answers: the case goes back to the officer, its content as it is now wanted (rule V1).

    actor: PUBLIC, or an officer who takes them in at the desk. Raises the first of `gaps`, RuleViolation if a date
    shows the supplement to be closed (rule S5), NotAllowedNow if the case does not wait for this list, NotAllowed.
    """
    application = notice.application
    if actor is not PUBLIC:
        permissions.require_own(actor, Permission.ANSWER_APPLICANT, application.bureau)
    _waits_for(notice)
    for gap in gaps(notice):
        raise gap
    before = _digests(application)
    for change, items in _asked(notice):
        content, _ = _read(application, change, items)
        change.after = content
        for key, item in items.items():
            item.answered_with = sections.display(change.section, key, content[key])[:LONGEST_VALUE]
    outlook.pass_gate(application.kind, application.project, application.changes, beijing_date(application.received_at))
    scan = next((item.files[0] for item in notice.items if item.about == checklists.SCAN and item.files), None)
    if scan is not None:  # it replaces the one before
        application.scan_sha256 = scan.sha256
    notice.answered_at = now
    files = [file.sha256 for item in notice.items for file in item.files]
    workflow.move(
        application,
        Step.SUPPLY,
        actor,
        now=now,
        before={"changes": before},
        after={"changes": _digests(application), "files": files},
        detail={"list": notice.number, "items": len(notice.items), "files": len(files)},
    )


def _waits_for(notice: DeficiencyNotice) -> None:
    application = lock(Application, notice.application.id)
    if application.status is not Status.DEFICIENT or notice.answered_at is not None or notice.issued_at is None:
        raise NotAllowedNow(f"当前状态为“{application.status.label}”，没有需要补正的内容", rule="V1")


def _asked(notice: DeficiencyNotice) -> list[tuple[ApplicationChange, dict[str, DeficiencyItem]]]:
    """The changes that get new values, each with the items that give them, by field."""
    known: Mapping[str, Requirement] = checklists.by_key(notice.application)
    by_change: dict[int, dict[str, DeficiencyItem]] = {}
    for item in notice.items:
        asked = known.get(item.about)
        if asked is not None and asked.change is not None and asked.field and item.answered_with:
            by_change.setdefault(asked.change, {})[asked.field] = item
    return [
        (change, by_change[change.position]) for change in notice.application.changes if change.position in by_change
    ]


def _read(
    application: Application, change: ApplicationChange, items: Mapping[str, DeficiencyItem]
) -> tuple[dict[str, Any], list[RuleViolation]]:
    """The change's content with the values these items give, and what is wrong with them; nothing else of it moves."""
    typed = {key: item.answered_with for key, item in items.items()}
    content, problems = sections.parse(
        change.section, {**change.after, **typed}, missing="warning", project_number=application.project.number
    )
    wrong = [
        RuleViolation(
            f"第{items[problem.key].position}项：{problem.message}", rule="S10", field=f"value-{items[problem.key].id}"
        )
        for problem in problems
        if problem.key in items and (problem.severity == "error" or content[problem.key] is None)
    ]
    after = {**change.after, **{key: content[key] for key in typed}}
    if not wrong and application.kind is Kind.CORRECTION and after == change.before:
        first = next(iter(items.values()))
        wrong.append(
            RuleViolation(
                "补正后的内容与档案相同，没有需要修正的地方；不再申请的，可以撤回", rule="S2", field=f"value-{first.id}"
            )
        )
    return after, wrong


def _digests(application: Application) -> list[str]:
    return [digest(canonical_bytes(change.after)) for change in application.changes]
