"""What objections and complaints share: a filing begins with a ticket and ends with a receipt (rules O1, O3, O9)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select

from portal.clock import beijing_date
from portal.domain import identity_vault, policy, receipts
from portal.domain.attachments import StoredFile, attach
from portal.domain.errors import NotAllowedNow, NotFound, RuleViolation
from portal.extensions import db, insert, lock, table
from portal.models.attachment import Attachment
from portal.models.notice import IntakeTicket, Notice
from portal.models.words import IdentityMode, NoticeStatus, Purpose

MOST_GROUNDS = 10
MOST_FILES = 10
"""Per filing, whichever grounds they belong to."""
LONGEST_GROUND = 4000


class AlreadyFiled(NotAllowedNow):
    """The ticket gave its objection or complaint before: there is a receipt to show."""

    rule = "O1"


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason with the files that show it."""

    text: str
    files: Sequence[StoredFile] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """How the filer wants to be known. `person` is empty for an anonymous filing."""

    mode: IdentityMode
    person: Mapping[str, str]


ANONYMOUS = Identity(IdentityMode.ANONYMOUS, {})
NO_TICKET = "没有找到这次填写，请回到公示页面重新开始"

_TICKETS, _FILES = table(IntakeTicket), table(Attachment)
_USE_UP = _TICKETS.update().where(_TICKETS.c.id == bindparam("ticket")).values(used_at=bindparam("now"), draft=None)
_FORGET_FILES = _FILES.delete().where(_FILES.c.ticket_id == bindparam("ticket"))


def begin(notice_id: int, *, now: datetime) -> str:
    """Mark that a filing about a notice has begun; `now` is when the request arrived. Returns the secret token of
    its ticket.

    Begun before the end it keeps the window from closing for a while, never longer than the setting past the end
    (rule O1). Begun later it keeps nothing but what is typed, for a complaint (rule O9).
    """
    notice = lock(Notice, notice_id)  # either the closing sees this ticket, or this sees the closing
    today = beijing_date(now)
    ticket_minutes, minutes_past_end = policy.values(today, "filing.ticket_minutes", "filing.minutes_past_end")
    life, latest = now + timedelta(minutes=ticket_minutes), notice.ends_at + timedelta(minutes=minutes_past_end)
    in_time = notice.status is NoticeStatus.OPEN and now < notice.ends_at
    token = receipts.new_token()
    db.session.add(
        IntakeTicket(
            token_hash=receipts.token_hash(token),
            notice_id=notice.id,
            begun_at=now,
            holds_until=min(life, latest) if in_time else now,
        )
    )
    return token


def begin_other(purpose: Purpose, *, now: datetime) -> str:
    """Begin a complaint or an application: a ticket that keeps what is typed and holds no window. Returns its token."""
    token = receipts.new_token()
    life = timedelta(minutes=policy.value("filing.ticket_minutes", beijing_date(now)))
    insert(IntakeTicket, token_hash=receipts.token_hash(token), purpose=purpose, begun_at=now, holds_until=now + life)
    return token


def find_ticket(token: str) -> IntakeTicket:
    """The ticket of a token. Raises NotFound."""
    ticket = db.session.scalar(select(IntakeTicket).where(IntakeTicket.token_hash == receipts.token_hash(token[:100])))
    if ticket is None:
        raise NotFound(NO_TICKET)
    return ticket


def open_ticket(token: str) -> IntakeTicket:
    """The ticket of a token, for going on with its filing. Raises NotFound, and AlreadyFiled if it gave one."""
    ticket = find_ticket(token)
    if ticket.used_at is not None:
        raise AlreadyFiled("这次填写已经提交，凭回执可以查询进度")
    return ticket


def keep_draft(ticket: IntakeTicket, typed: Mapping[str, Any]) -> None:
    """Keep what was typed, sealed, so that neither an error nor a lost connection loses it. Raises AlreadyFiled."""
    _seal(ticket, {**_held(ticket), "typed": dict(typed)})


def draft(ticket: IntakeTicket) -> dict[str, Any]:
    """What was typed so far; empty if nothing was."""
    typed: dict[str, Any] = _unsealed(ticket)["typed"]
    return typed


def keep_files(ticket: IntakeTicket, ground: int, files: Sequence[StoredFile], *, now: datetime) -> None:
    """Keep uploaded files with the draft, for the ground at this position (from 0).

    Raises RuleViolation if there are more than MOST_FILES then, and AlreadyFiled.
    """
    if not files:
        return
    held = _held(ticket)
    if len(held["files"]) + len(files) > MOST_FILES:
        raise RuleViolation(f"一次提交最多{MOST_FILES}个文件，请先移除不需要的", rule="O3", field=f"files-{ground}")
    kept = [attach(file, now=now, ticket_id=ticket.id) for file in files]
    held["files"].update({str(attachment_id): ground for attachment_id in kept})
    _seal(ticket, held)


def kept_files(ticket: IntakeTicket) -> dict[int, list[Attachment]]:
    """Files kept with the draft, by the position of their ground."""
    grounds = _unsealed(ticket)["files"]
    by_ground: dict[int, list[Attachment]] = {}
    if grounds:
        query = select(Attachment).where(Attachment.ticket_id == ticket.id).order_by(Attachment.id)
        for attachment in db.session.scalars(query):
            by_ground.setdefault(grounds.get(str(attachment.id), 0), []).append(attachment)
    return by_ground


def drop_file(ticket: IntakeTicket, attachment_id: int) -> None:
    """Take one kept file out of the draft; one that is not there is gone already."""
    held = _held(ticket)
    if held["files"].pop(str(attachment_id), None) is not None:
        db.session.execute(delete(Attachment).where(Attachment.id == attachment_id, Attachment.ticket_id == ticket.id))
        _seal(ticket, held)


def use_up(ticket_id: int, *, drafted: bool, now: datetime) -> None:
    """The filing is in: its ticket gives no second one, and the draft with its files, which the filing now has, is
    forgotten.
    """
    connection = db.session.connection()
    if drafted:
        connection.execute(_FORGET_FILES, {"ticket": ticket_id})
    connection.execute(_USE_UP, {"ticket": ticket_id, "now": now})


def check(grounds: Sequence[Ground], identity: Identity) -> list[Ground]:
    """The grounds that say something. Raises RuleViolation for none, too many, too long ones, or a real name
    without a name.

    A refusal names the ground by its place among all that were handed in, blank ones included: so the filer counts.
    """
    said = [
        (at, Ground(ground.text.strip(), ground.files))
        for at, ground in enumerate(grounds)
        if ground.text.strip() or ground.files
    ]
    if not said:
        raise RuleViolation("请至少写明一条理由", rule="O3", field="ground-0")
    if len(said) > MOST_GROUNDS:
        raise RuleViolation(f"一次最多提出{MOST_GROUNDS}条理由", rule="O3", field="ground-0")
    for at, ground in said:
        if len(ground.text) < 5:
            raise RuleViolation(f"第{at + 1}条理由请写明情况（不少于5个字）", rule="O3", field=f"ground-{at}")
        if len(ground.text) > LONGEST_GROUND:
            raise RuleViolation(
                f"第{at + 1}条理由超过{LONGEST_GROUND}字，请精简或改为上传附件", rule="O3", field=f"ground-{at}"
            )
    if identity.mode is not IdentityMode.ANONYMOUS and not identity.person.get("name"):
        raise RuleViolation("实名提出请填写姓名或单位名称", rule="O2", field="name")
    return [ground for _, ground in said]


def _held(ticket: IntakeTicket) -> dict[str, Any]:
    """The draft, its ticket locked for a change of it."""
    fresh = lock(IntakeTicket, ticket.id)
    if fresh.used_at is not None:
        raise AlreadyFiled("这次填写已经提交，凭回执可以查询进度")
    return _unsealed(fresh)


def _unsealed(ticket: IntakeTicket) -> dict[str, Any]:
    """`typed`: field to text; `files`: id of a kept attachment (as text) to the position of its ground."""
    if ticket.draft is None:
        return {"typed": {}, "files": {}}
    held: dict[str, Any] = json.loads(identity_vault.unseal(ticket.draft))
    return held


def _seal(ticket: IntakeTicket, held: Mapping[str, Any]) -> None:
    ticket.draft = identity_vault.seal(json.dumps(held, ensure_ascii=False).encode())


def forget(ticket_id: int) -> None:
    """Drop an abandoned ticket with its draft and uploads: what was never filed is not kept (minimum of personal
    data).
    """
    ticket = lock(IntakeTicket, ticket_id)
    if ticket.used_at is not None:
        raise AlreadyFiled("这次填写已经提交，凭回执可以查询进度")
    db.session.execute(delete(Attachment).where(Attachment.ticket_id == ticket.id))
    db.session.delete(ticket)
