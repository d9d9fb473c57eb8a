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
    DEFICIENCIES_DRAWN_UP = "deficiencies_drawn_up", "拟再次告知"
    DEFICIENCIES_LISTED = "deficiencies_listed", "一次性告知"
    DEFICIENCIES_SUPPLIED = "deficiencies_supplied", "补正"
    APPLICATION_WITHDRAWN = "application_withdrawn", "申请人撤回"
    VERIFICATION_RECORDED = "verification_recorded", "核实"
    APPLICATION_VERIFIED = "application_verified", "核实属实"
    APPLICATION_REJECTED = "application_rejected", "不予办理"
    APPLICATION_APPROVED = "application_approved", "办结"
    APPLICATION_REPORTED = "application_reported", "上报"
    SUPERVISION_CASE_OPENED = "supervision_case_opened", "移送监督"
    PUBLIC_COPY_PREPARED = "public_copy_prepared", "准备公开副本"
    PUBLIC_COPY_DROPPED = "public_copy_dropped", "取消公开副本"
    NOTICE_PUBLISHED = "notice_published", "公示"
    NOTICE_RETRACTED = "notice_retracted", "撤回公示"
    WINDOW_MOVED = "window_moved", "公示期调整"
    PUBLICATION_GAP_FOUND = "publication_gap_found", "公示中断"
    PUBLICATION_GAP_ACCEPTED = "publication_gap_accepted", "认可公示中断"
    NOTICE_CLOSED_WITHOUT_OBJECTION = "notice_closed_without_objection", "公示期满无异议"
    NOTICE_CLOSED_WITH_OBJECTION = "notice_closed_with_objection", "公示期满有异议"
    RECORD_WRITTEN = "record_written", "写入档案"
    RECORD_IMPORTED = "record_imported", "存量导入"
    RECORD_DELETED = "record_deleted", "删除档案"
    RECORD_CORRECTED = "record_corrected", "更正档案"
    CIRCULAR_PUBLISHED = "circular_published", "发布通报"
    OBJECTION_FILED = "objection_filed", "提出异议"
    GROUND_RULED = "ground_ruled", "异议裁定"
    OBJECTION_ANSWERED = "objection_answered", "答复异议"
    OBJECTION_WITHDRAWN = "objection_withdrawn", "撤回异议"
    OBJECTION_ESCALATED = "objection_escalated", "升级督办"
    ESCALATION_INSTRUCTED = "escalation_instructed", "提出督办意见"
    ESCALATION_RETURNED = "escalation_returned", "退回继续办理"
    SETTING_ASIDE_PROPOSED = "setting_aside_proposed", "提请不予受理"
    APPROVAL_WAITS = "approval_waits", "待复核期满"
    RECHECK_ASKED = "recheck_asked", "申请复核"
    RECHECK_DECIDED = "recheck_decided", "复核结论"
    COMPLAINT_FILED = "complaint_filed", "投诉举报"
    COMPLAINT_REGISTERED = "complaint_registered", "登记投诉举报"
    COMPLAINT_ACCEPTED = "complaint_accepted", "受理投诉举报"
    COMPLAINT_REFUSED = "complaint_refused", "不予受理投诉举报"
    COMPLAINT_PASSED_ON = "complaint_passed_on", "转送投诉举报"
    COMPLAINT_EXTENDED = "complaint_extended", "延长办理期限"
    COMPLAINT_RECUSED = "complaint_recused", "回避"
    COMPLAINT_CONCLUDED = "complaint_concluded", "答复投诉举报"
    COMPLAINT_RATED = "complaint_rated", "评价答复"
    COMPLAINT_REOPENED = "complaint_reopened", "重新办理投诉举报"
    COMPLAINT_REVIEW_ASKED = "complaint_review_asked", "请求复查复核"
    COMPLAINT_WITHDRAWN = "complaint_withdrawn", "撤回投诉举报"
    ACCOUNTABILITY_PROPOSED = "accountability_proposed", "提请责任追究"
    MESSAGE_FROM_FILER = "message_from_filer", "补充说明"
    MESSAGE_TO_FILER = "message_to_filer", "答复留言"
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
    Event.DEFICIENCIES_DRAWN_UP: frozenset({"list", "items", "round", "reason"}),
    Event.DEFICIENCIES_LISTED: frozenset({"list", "items", "round", "reason", "signed_by"}),
    Event.DEFICIENCIES_SUPPLIED: frozenset({"list", "items", "files"}),
    Event.APPLICATION_WITHDRAWN: frozenset({"notice"}),
    Event.VERIFICATION_RECORDED: frozenset({"method", "matter", "day", "finding", "files"}),
    Event.APPLICATION_REJECTED: frozenset({"reason"}),
    Event.APPLICATION_APPROVED: frozenset({"reason"}),
    Event.APPLICATION_REPORTED: frozenset({"to"}),
    Event.SUPERVISION_CASE_OPENED: frozenset({"number"}),
    Event.NOTICE_PUBLISHED: frozenset({"notice", "first_day", "last_day", "provisional"}),
    Event.NOTICE_RETRACTED: frozenset({"notice", "reason"}),
    Event.WINDOW_MOVED: frozenset({"notice", "old_last_day", "new_last_day", "reason"}),
    Event.PUBLICATION_GAP_FOUND: frozenset({"notice"}),
    Event.PUBLICATION_GAP_ACCEPTED: frozenset({"notice", "reason"}),
    Event.NOTICE_CLOSED_WITHOUT_OBJECTION: frozenset({"notice"}),
    Event.NOTICE_CLOSED_WITH_OBJECTION: frozenset({"notice", "objections"}),
    Event.RECORD_WRITTEN: frozenset({"project", "section", "entry", "version", "level"}),
    Event.RECORD_IMPORTED: frozenset({"project", "section", "entry", "level", "batch"}),
    Event.RECORD_DELETED: frozenset({"project", "section", "entry", "version", "reason"}),
    Event.RECORD_CORRECTED: frozenset({"project", "section", "entry", "version", "level", "reason"}),
    Event.CIRCULAR_PUBLISHED: frozenset({"number", "title", "copied_to"}),
    Event.OBJECTION_FILED: frozenset({"notice", "grounds", "files", "identity"}),
    Event.GROUND_RULED: frozenset({"objection", "ground", "disposition", "proposed_by"}),
    Event.OBJECTION_ANSWERED: frozenset({"objection"}),
    Event.OBJECTION_WITHDRAWN: frozenset({"objection"}),
    Event.OBJECTION_ESCALATED: frozenset({"objection", "last_day", "handled_by"}),
    Event.ESCALATION_INSTRUCTED: frozenset({"objection", "by"}),
    Event.ESCALATION_RETURNED: frozenset({"objection", "by"}),
    Event.SETTING_ASIDE_PROPOSED: frozenset({"objection", "ground"}),
    Event.APPROVAL_WAITS: frozenset({"last_day"}),
    Event.RECHECK_ASKED: frozenset({"objection", "to"}),
    Event.RECHECK_DECIDED: frozenset({"objection", "outcome"}),
    Event.COMPLAINT_FILED: frozenset({"notice", "handled_by", "files", "identity", "matter", "target"}),
    Event.COMPLAINT_ACCEPTED: frozenset({"last_day"}),
    Event.COMPLAINT_PASSED_ON: frozenset({"to"}),
    Event.COMPLAINT_EXTENDED: frozenset({"last_day"}),
    Event.COMPLAINT_CONCLUDED: frozenset({"stage", "finding"}),
    Event.COMPLAINT_RATED: frozenset({"rating"}),
    Event.COMPLAINT_REOPENED: frozenset({"handled_by", "last_day"}),
    Event.COMPLAINT_REVIEW_ASKED: frozenset({"stage", "handled_by", "last_day"}),
    Event.MESSAGE_FROM_FILER: frozenset({"files"}),
    Event.MESSAGE_TO_FILER: frozenset({"files"}),
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
