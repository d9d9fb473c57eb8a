"""据实删除或修正: what is done about a record entry that turned out untrue (rule I3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal.domain import companies, permissions, personal_data, texts, trail
from portal.domain.actor import Actor
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotAllowedNow, RuleViolation, Stale
from portal.domain.permissions import Permission
from portal.domain.records import entry_key
from portal.domain.trail import Event
from portal.extensions import db, lock
from portal.models.application import Application, ApplicationChange
from portal.models.bureau import Bureau
from portal.models.record import RecordEntry, RecordVersion
from portal.models.remedy import RecordRemedy
from portal.models.words import Remedy, Role


def delete_entry(
    entry: RecordEntry, reason: str, *, seen: int | None = None, actor: Actor, now: datetime
) -> RecordRemedy:
    """Take an untrue entry out of the record; its tombstone says when, by whom and why (rule I3).

    By a decider of the project's bureau or of one above. seen: the version he looked at (None: the present one). The
    versions stay for the office, the public sees the tombstone and no content; whom nothing else in the record names
    takes part in the project no longer. Raises RuleViolation without a reason fit to publish, NotAllowedNow if it is
    gone already or a running case is about it, Stale if it has changed, NotAllowed, NotFound.
    """
    entry, bureau, reason = _begin(entry, reason, seen, actor)
    entry.deleted_at = now
    companies.renote(entry.project, entry.section, entry.content, None)
    remedy = _note(entry, Remedy.DELETE, entry.version, reason, bureau, actor, now)
    _tell(Event.RECORD_DELETED, entry, reason, bureau, actor, now, {"version": entry.version}, None)
    return remedy


def correct_entry(
    entry: RecordEntry,
    content: dict[str, Any],
    reason: str,
    *,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> RecordRemedy:
    """Put an untrue entry right by decision; it gets the level of the bureau that decided (rules I3, L1).

    content: the whole of the entry in canonical form. By whom, and what it raises: as `delete_entry`; also
    RuleViolation if nothing would change.
    """
    entry, bureau, reason = _begin(entry, reason, seen, actor)
    if content == entry.content:
        raise RuleViolation("更正后的内容与档案相同，没有需要更正的地方", rule="I3", field="content")
    untrue, said = entry.version, entry.content
    data = canonical_bytes(content)
    before = {"version": untrue, "level": entry.level.value, "content": digest(canonical_bytes(said))}
    entry.version, entry.content, entry.level = untrue + 1, content, bureau.level
    db.session.add(
        RecordVersion(
            entry=entry,
            version=entry.version,
            content=data,
            content_hash=digest(data),
            level=entry.level,
            level_from=bureau.name,
            decided_by=actor.name,
            created_at=now,
        )
    )
    companies.renote(entry.project, entry.section, said, content)
    remedy = _note(entry, Remedy.CORRECT, untrue, reason, bureau, actor, now)
    after = {"version": entry.version, "level": entry.level.value, "content": digest(data)}
    _tell(Event.RECORD_CORRECTED, entry, reason, bureau, actor, now, before, after)
    return remedy


def running_case(entry: RecordEntry) -> str | None:
    """Number of the undecided application that is about this entry, if there is one."""
    key = entry_key(entry.project, entry.section, entry.number)
    return db.session.scalar(
        select(Application.number)
        .join(ApplicationChange, ApplicationChange.application_id == Application.id)
        .where(ApplicationChange.claim == key)
    )


def _begin(entry: RecordEntry, reason: str, seen: int | None, actor: Actor) -> tuple[RecordEntry, Bureau, str]:
    """The entry, locked; the bureau that decides; the reason, fit to publish."""
    permissions.require_in(actor, Permission.DECIDE, entry.project.bureau)
    entry = lock(RecordEntry, entry.id)
    if entry.deleted_at is not None:
        raise NotAllowedNow("这条档案已经删除", rule="I3")
    if seen is not None and entry.version != seen:
        raise Stale("这条档案刚刚有了新的内容，请核对最新情况后再决定", rule="I3")
    if running := running_case(entry):
        raise NotAllowedNow(f"这条档案有正在办理的申请{running}，请先办结或不予办理", rule="I3")
    reason = reason.strip().rstrip("。")
    reason = texts.require(reason, texts.PUBLISHED_REASON, "请写明理由", "，理由将公开", rule="I3")
    personal_data.require_none(reason, "理由", field="reason")
    return entry, db.session.get_one(Bureau, actor.bureau_id), reason


def _note(
    entry: RecordEntry, kind: Remedy, untrue: int, reason: str, bureau: Bureau, actor: Actor, now: datetime
) -> RecordRemedy:
    remedy = RecordRemedy(
        entry=entry,
        remedy=kind,
        version=untrue,
        reason=reason,
        bureau=bureau,
        decided_by=actor.name,
        decided_at=now,
    )
    db.session.add(remedy)
    return remedy


def _tell(
    event: Event,
    entry: RecordEntry,
    reason: str,
    bureau: Bureau,
    actor: Actor,
    now: datetime,
    before: dict[str, Any],
    after: dict[str, Any] | None,
) -> None:
    detail = {
        "project": entry.project.number,
        "section": entry.section.value,
        "entry": entry.number,
        "version": entry.version,
        "reason": reason,
    }
    trail.record(
        event,
        actor=actor,
        now=now,
        subject=("record", entry_key(entry.project, entry.section, entry.number)),
        bureau=bureau.code,
        acting_as=Role.DECIDER.value,
        before=before,
        after=after,
        detail=detail | ({"level": entry.level.value} if after else {}),
    )
