"""补正: the applicant answers a one-time deficiency notice, every item of it, in one go (rules V1, V2, S5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.clock import beijing_date
from portal.domain import checklists, outlook, sections, workflow
from portal.domain.actor import Actor
from portal.domain.attachments import StoredFile, attach
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.checklists import Requirement
from portal.domain.errors import NotAllowedNow, RuleViolation
from portal.domain.workflow import Step
from portal.extensions import lock
from portal.models.application import Application, ApplicationChange
from portal.models.deficiency import DeficiencyItem, DeficiencyNotice
from portal.models.words import Kind, Status

LONGEST_ANSWER = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one item: words, the new value of the field asked for (as typed), files. One of them suffices."""

    text: str = ""
    value: str = ""
    files: Sequence[StoredFile] = ()


def resubmit(notice: DeficiencyNotice, answers: Mapping[int, Answer], *, actor: Actor, now: datetime) -> None:
    """Answer every item of the list; the case goes back to the officer, its content as it is now wanted (rule V1).

    answers: by the item's id. Raises RuleViolation naming the item that has none, a value that is none, or a date that
    shows the supplement to be closed (rule S5); NotAllowedNow if the case does not wait for this list.
    """
    application = notice.application
    lock(Application, application.id)
    if application.status is not Status.DEFICIENT or notice.answered_at is not None or notice.issued_at is None:
        raise NotAllowedNow(f"当前状态为“{application.status.label}”，没有需要补正的内容", rule="V1")
    known = checklists.by_key(application)
    values: dict[int, dict[str, str]] = {}
    for item in notice.items:
        answer = answers.get(item.id, Answer())
        _check(item, answer)
        asked = known.get(item.about)
        if asked is not None and asked.change is not None and asked.field and answer.value.strip():
            values.setdefault(asked.change, {})[asked.field] = answer.value
    before = _digests(application)
    for change in application.changes:
        if change.position in values:
            _rewrite(application, change, values[change.position], _items(notice, known, change.position))
    outlook.pass_gate(application.kind, application.project, application.changes, beijing_date(application.received_at))
    files = _keep(notice, answers, known, now)
    notice.answered_at = now
    workflow.move(
        application,
        Step.SUPPLY,
        actor,
        now=now,
        before={"changes": before},
        after={"changes": _digests(application), "files": [file.sha256 for file in files]},
        detail={"list": notice.number, "items": len(notice.items), "files": len(files)},
    )


def _check(item: DeficiencyItem, answer: Answer) -> None:
    if not answer.text.strip() and not answer.value.strip() and not answer.files:
        raise RuleViolation(
            f"第{item.position}项“{item.label}”还没有补正：请填写、上传文件，或者说明情况",
            rule="V1",
            field=f"text-{item.id}",
        )
    if len(answer.text) > LONGEST_ANSWER:
        raise RuleViolation(
            f"第{item.position}项的说明超过{LONGEST_ANSWER}字，请精简或改为上传附件", rule="V1", field=f"text-{item.id}"
        )


def _items(notice: DeficiencyNotice, known: Mapping[str, Requirement], position: int) -> dict[str, DeficiencyItem]:
    """The items that ask for fields of one change, by field."""
    return {
        known[item.about].field: item
        for item in notice.items
        if item.about in known and known[item.about].field and known[item.about].change == position
    }


def _rewrite(
    application: Application, change: ApplicationChange, typed: Mapping[str, str], items: Mapping[str, DeficiencyItem]
) -> None:
    """Put the new values into the change; nothing else of it moves."""
    raw: dict[str, Any] = {**change.after, **typed}
    content, problems = sections.parse(
        change.section, raw, missing="warning", project_number=application.project.number
    )
    for problem in problems:
        if problem.severity == "error" and problem.key in typed:
            item = items[problem.key]
            raise RuleViolation(f"第{item.position}项：{problem.message}", rule="S10", field=f"value-{item.id}")
    after = {**change.after, **{key: content[key] for key in typed}}
    if application.kind is Kind.CORRECTION and after == change.before:
        first = next(iter(items.values()))
        raise RuleViolation(
            "补正后的内容与档案相同，没有需要修正的地方；不再申请的，可以撤回", rule="S2", field=f"value-{first.id}"
        )
    change.after = after
    for key in typed:
        items[key].answered_with = sections.display(change.section, key, after[key])[:600]


def _keep(
    notice: DeficiencyNotice, answers: Mapping[int, Answer], known: Mapping[str, Requirement], now: datetime
) -> list[StoredFile]:
    """Words and files to their items; a new stamped application replaces the one before."""
    kept: list[StoredFile] = []
    for item in notice.items:
        answer = answers.get(item.id, Answer())
        item.answer = answer.text.strip()
        for file in answer.files:
            attach(file, now=now, deficiency_item_id=item.id)
            kept.append(file)
        if item.about == checklists.SCAN and answer.files:
            notice.application.scan_sha256 = answer.files[0].sha256
    return kept


def _digests(application: Application) -> list[str]:
    return [digest(canonical_bytes(change.after)) for change in application.changes]
