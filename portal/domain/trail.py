"""全过程留痕: the only way anything enters the trail (rules T1, T2, T7). Form of an entry: docs/trail-format.md."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from portal.domain.actor import Actor
from portal.domain.canonical import canonical_bytes
from portal.extensions import insert
from portal.models.trail_entry import TrailEntry
from portal.models.words import Word

FORMAT = 1


class Event(Word):
    """What can happen, in the past tense; the label heads its line in a history."""

    APPLICATION_RECEIVED = "application_received", "收件"
    APPLICATION_REFERRED = "application_referred", "转出"
    VERIFICATION_RECORDED = "verification_recorded", "核实"
    APPLICATION_VERIFIED = "application_verified", "核实属实"
    APPLICATION_REJECTED = "application_rejected", "不予办理"
    APPLICATION_APPROVED = "application_approved", "办结"
    APPLICATION_REPORTED = "application_reported", "上报"
    SUPERVISION_CASE_OPENED = "supervision_case_opened", "移送监督"
    NOTICE_PUBLISHED = "notice_published", "公示"
    NOTICE_RETRACTED = "notice_retracted", "撤回公示"
    WINDOW_MOVED = "window_moved", "公示期调整"
    NOTICE_CLOSED_WITHOUT_OBJECTION = "notice_closed_without_objection", "公示期满无异议"
    NOTICE_CLOSED_WITH_OBJECTION = "notice_closed_with_objection", "公示期满有异议"
    RECORD_WRITTEN = "record_written", "写入档案"
    RECORD_IMPORTED = "record_imported", "存量导入"
    OBJECTION_FILED = "objection_filed", "提出异议"
    GROUND_RULED = "ground_ruled", "异议裁定"
    OBJECTION_ANSWERED = "objection_answered", "答复异议"
    COMPLAINT_FILED = "complaint_filed", "投诉举报"
    EXCEPTION_PROPOSED = "exception_proposed", "提请例外"
    EXCEPTION_CONFIRMED = "exception_confirmed", "批准例外"
    POLICY_CHANGED = "policy_changed", "政策设置变更"
    CALENDAR_ORDER_PROPOSED = "calendar_order_proposed", "提交放假安排"
    CALENDAR_ORDER_APPLIED = "calendar_order_applied", "启用放假安排"
    CALENDAR_SEEDED = "calendar_seeded", "载入工作日历"
    ACCOUNT_CREATED = "account_created", "开通账号"
    SIGNED_IN = "signed_in", "登录"
    SIGN_IN_REFUSED = "sign_in_refused", "登录被拒"
    SIGNED_OUT = "signed_out", "退出"
    IMPORT_UPLOADED = "import_uploaded", "上传导入文件"
    IMPORT_FINISHED = "import_finished", "导入完成"


# What an event may say besides who, when and what: anything else is refused, so that nothing personal slips in.
DETAILS: dict[Event, frozenset[str]] = {
    Event.APPLICATION_RECEIVED: frozenset({"kind", "route", "sections", "channel", "project", "exception"}),
    Event.APPLICATION_REFERRED: frozenset({"address"}),
    Event.VERIFICATION_RECORDED: frozenset({"method", "matter", "day", "finding", "files"}),
    Event.APPLICATION_REJECTED: frozenset({"reason"}),
    Event.APPLICATION_APPROVED: frozenset({"reason"}),
    Event.APPLICATION_REPORTED: frozenset({"to"}),
    Event.SUPERVISION_CASE_OPENED: frozenset({"number"}),
    Event.NOTICE_PUBLISHED: frozenset({"notice", "first_day", "last_day", "provisional"}),
    Event.NOTICE_RETRACTED: frozenset({"notice", "reason"}),
    Event.WINDOW_MOVED: frozenset({"notice", "old_last_day", "new_last_day", "reason"}),
    Event.NOTICE_CLOSED_WITHOUT_OBJECTION: frozenset({"notice"}),
    Event.NOTICE_CLOSED_WITH_OBJECTION: frozenset({"notice", "objections"}),
    Event.RECORD_WRITTEN: frozenset({"project", "section", "entry", "version", "level"}),
    Event.RECORD_IMPORTED: frozenset({"project", "section", "entry", "level", "batch"}),
    Event.OBJECTION_FILED: frozenset({"notice", "grounds", "files", "identity"}),
    Event.GROUND_RULED: frozenset({"objection", "ground", "disposition"}),
    Event.OBJECTION_ANSWERED: frozenset({"objection"}),
    Event.COMPLAINT_FILED: frozenset({"notice", "handled_by", "files", "identity"}),
    Event.EXCEPTION_PROPOSED: frozenset({"project", "section", "reason"}),
    Event.EXCEPTION_CONFIRMED: frozenset({"project", "section", "reason", "proposed_by"}),
    Event.POLICY_CHANGED: frozenset({"key", "valid_from", "clause", "confirmed_by"}),
    Event.CALENDAR_ORDER_PROPOSED: frozenset({"year", "title", "url", "days", "changed"}),
    Event.CALENDAR_ORDER_APPLIED: frozenset({"year", "title", "url", "days", "changed", "proposed_by"}),
    Event.CALENDAR_SEEDED: frozenset({"years"}),
    Event.ACCOUNT_CREATED: frozenset({"roles"}),
    Event.IMPORT_UPLOADED: frozenset({"template", "rows"}),
    Event.IMPORT_FINISHED: frozenset({"imported", "bad", "duplicate"}),
}


def record(
    event: Event,
    *,
    actor: Actor,
    now: datetime,
    subject: tuple[str, str],
    case: str | None = None,
    bureau: str | None = None,
    acting_as: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down that `event` happened, in the present transaction (rule T1).

    subject: kind and public reference of what it happened to; case: application number, if it belongs to one;
    bureau: code of the bureau for which it happened, the actor's own unless said otherwise; acting_as: the duty that
    was exercised;
    before, after: references and hashes, no personal data; detail: the keys the event may carry (DETAILS). Raises
    ValueError for any other key.
    """
    surplus = set(detail or {}) - DETAILS.get(event, frozenset())
    if surplus:
        raise ValueError(f"{event} does not carry {sorted(surplus)}")
    bureau = bureau or actor.bureau_code
    body = canonical_bytes(
        {
            "v": FORMAT,
            "event": event.value,
            "at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "actor": actor.name,
            "as": acting_as,
            "bureau": bureau,
            "subject": {"kind": subject[0], "ref": subject[1]},
            "case": case,
            "before": dict(before) if before is not None else None,
            "after": dict(after) if after is not None else None,
            "detail": dict(detail or {}),
        }
    )
    salt = secrets.token_bytes(16)
    insert(
        TrailEntry,
        event=event.value,
        at=now,
        actor=actor.name,
        bureau_code=bureau,
        case_number=case,
        subject_kind=subject[0],
        subject_ref=subject[1],
        body=body,
        salt=salt,
        commitment=commitment(salt, body),
    )


def commitment(salt: bytes, body: bytes) -> bytes:
    """SHA-256 of the 16 salt bytes followed by the body: what an entry is known by in public."""
    return hashlib.sha256(salt + body).digest()


def facts(entry: TrailEntry | Row[Any]) -> dict[str, Any]:
    """What an entry, or a row with its body, says: read from its canonical bytes and from nowhere else."""
    said: dict[str, Any] = json.loads(entry.body)
    return said


def first_altered(entries: list[TrailEntry]) -> TrailEntry | None:
    """The first entry whose bytes do not match its commitment, or None."""
    return next((entry for entry in entries if commitment(entry.salt, entry.body) != entry.commitment), None)
