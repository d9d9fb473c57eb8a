"""What objections and complaints share: a filing begins with a ticket and ends with a receipt (rules O1, O3, O9)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select

from portal.clock import beijing_date
from portal.domain import identifiers, identity_vault, policy, receipts, texts
from portal.domain.attachments import StoredFile, attach
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotAllowedNow, NotFound, RuleViolation
from portal.extensions import db, insert, lock, table
from portal.models.attachment import Attachment
from portal.models.notice import IntakeTicket, Notice
from portal.models.words import IdentityMode, NoticeStatus, Purpose

MOST_GROUNDS = 10
MOST_FILES = 10
"""Per filing, whichever grounds they belong to."""
SEAL = -1
"""Where among its grounds a draft keeps the stamped page of a unit: it is no evidence, it tells who files (rule O2)."""
UNIT = "unit"
KEPT = timedelta(days=1)
"""How much longer than its ticket a draft is kept for whoever comes back to it."""
_FEWEST_DIGITS, _MOST_DIGITS = 7, 20


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
    """How the filer wants to be known. `person` goes into the vault as it is, and is empty for an anonymous filing.

    A person has `name` and `phone`; a unit is of `kind` UNIT and has `code` and `seal`, which says where in the file
    store its stamped page lies sealed.
    """

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
    in_time = notice.status is NoticeStatus.OPEN and now < notice.ends_at
    token = receipts.new_token()
    db.session.add(
        IntakeTicket(
            token_hash=receipts.token_hash(token),
            notice_id=notice.id,
            begun_at=now,
            holds_until=life(notice, now) if in_time else now,
        )
    )
    return token


def life(notice: Notice, now: datetime) -> datetime:
    """Until when a ticket in use at `now` lives; never longer than the setting past the end of its window (rule O1)."""
    minutes, past_end = policy.values(beijing_date(now), "filing.ticket_minutes", "filing.minutes_past_end")
    return min(now + timedelta(minutes=minutes), notice.ends_at + timedelta(minutes=past_end))


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


def kept_until(ticket: IntakeTicket) -> datetime:
    """Until when what was typed and uploaded is kept at least."""
    return ticket.holds_until + KEPT


def keep_draft(ticket: IntakeTicket, typed: Mapping[str, Any]) -> None:
    """Keep what was typed, sealed, so that neither an error nor a lost connection loses it. Raises AlreadyFiled."""
    _seal(ticket, {**_held(ticket), "typed": dict(typed)})


def draft(ticket: IntakeTicket) -> dict[str, Any]:
    """What was typed so far; empty if nothing was."""
    typed: dict[str, Any] = _unsealed(ticket)["typed"]
    return typed


def keep_files(ticket: IntakeTicket, ground: int, files: Sequence[StoredFile], *, now: datetime) -> None:
    """Keep uploaded files with the draft, for the ground at this position (from 0).

    The same file sent again, because its answer was lost on the way, is the one that is kept already; a new stamped
    page (at SEAL) takes the place of the old one. Raises RuleViolation if there are more than MOST_FILES then, and
    AlreadyFiled.
    """
    if not files:
        return
    held = _held(ticket)
    if ground == SEAL:
        _forget(ticket, held, [key for key, at in held["files"].items() if at == SEAL])
        files = files[-1:]
    there = {(file.name, file.sha256) for file in kept_files(ticket).get(ground, ())} if held["files"] else set()
    new = list({(file.name, file.sha256): file for file in files if (file.name, file.sha256) not in there}.values())
    if ground != SEAL and sum(at != SEAL for at in held["files"].values()) + len(new) > MOST_FILES:
        raise RuleViolation(f"一次提交最多{MOST_FILES}个文件，请先移除不需要的", rule="O3", field=f"files-{ground}")
    kept = [attach(file, now=now, ticket_id=ticket.id) for file in new]
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
    if str(attachment_id) in held["files"]:
        _forget(ticket, held, [str(attachment_id)])
        _seal(ticket, held)


def drop_ground(ticket: IntakeTicket, ground: int) -> None:
    """Take the files of one ground out of the draft; those of the grounds behind it move up with them. At SEAL, the
    stamped page.
    """
    held = _held(ticket)
    _forget(ticket, held, [key for key, at in held["files"].items() if at == ground])
    if ground != SEAL:
        held["files"] = {key: at - (at > ground) for key, at in held["files"].items()}
    _seal(ticket, held)


def state(ticket: IntakeTicket) -> str:
    """The same as long as nothing in the draft was changed: tells whether what somebody read over is what is sent."""
    return digest(canonical_bytes(_unsealed(ticket)))[:32]


def use_up(ticket_id: int, *, drafted: bool, now: datetime) -> None:
    """The filing is in: its ticket gives no second one, and the draft with its files, which the filing now has, is
    forgotten.
    """
    connection = db.session.connection()
    if drafted:
        connection.execute(_FORGET_FILES, {"ticket": ticket_id})
    connection.execute(_USE_UP, {"ticket": ticket_id, "now": now})


def check(grounds: Sequence[Ground], identity: Identity) -> list[Ground]:
    """The grounds that say something. Raises RuleViolation for the first thing that is wrong."""
    for problem in (*wrong_with_grounds(grounds), *wrong_with_identity(identity)):
        raise problem
    return [ground for _, ground in _said(grounds)]


def wrong_with_grounds(grounds: Sequence[Ground]) -> Iterator[RuleViolation]:
    """Everything that is wrong: none, too many, too short or too long ones (rule O3).

    A ground is named by its place among all that were handed in, blank ones included: so the filer counts.
    """
    said = _said(grounds)
    if not said:
        yield RuleViolation("请至少写明一条理由", rule="O3", field="ground-0")
    if len(said) > MOST_GROUNDS:
        yield RuleViolation(f"一次最多提出{MOST_GROUNDS}条理由", rule="O3", field="ground-0")
    for at, ground in said:
        if wrong := texts.wrong_with(ground.text, texts.GROUND, "请写明情况"):
            yield RuleViolation(f"第{at + 1}条理由{wrong}", rule="O3", field=f"ground-{at}")


def check_identity(identity: Identity) -> None:
    """Raise RuleViolation for the first thing a real name lacks (rule O2)."""
    for problem in wrong_with_identity(identity):
        raise problem


def wrong_with_identity(identity: Identity) -> Iterator[RuleViolation]:
    """Everything a real name lacks: a person has name and telephone, a unit name, code and a stamped page (rule O2)."""
    if identity.mode is IdentityMode.ANONYMOUS:
        return
    person = identity.person
    if not person.get("name"):
        yield RuleViolation("实名提出请填写姓名或单位名称；不愿留名的可以选择匿名", rule="O2", field="name")
    if person.get("kind") != UNIT:
        digits = sum(char in "0123456789" for char in person.get("phone", ""))
        if not _FEWEST_DIGITS <= digits <= _MOST_DIGITS:
            yield RuleViolation("个人实名提出请填写能联系到您的电话号码", rule="O2", field="phone")
        return
    code = identifiers.check_uscc(person.get("code", ""))
    if not code.value:
        why = "；".join(problem.message for problem in code.problems)
        yield RuleViolation(why or "以单位名义提出请填写统一社会信用代码", rule="O2", field="code")
    if not person.get("seal"):
        yield RuleViolation("以单位名义提出请上传加盖公章的说明（扫描件或照片）", rule="O2", field="seal")


def _said(grounds: Sequence[Ground]) -> list[tuple[int, Ground]]:
    """The grounds that say something, without blanks around them, and where among all they stand."""
    return [
        (at, Ground(ground.text.strip(), ground.files))
        for at, ground in enumerate(grounds)
        if ground.text.strip() or ground.files
    ]


def _forget(ticket: IntakeTicket, held: dict[str, Any], keys: Sequence[str]) -> None:
    """Take kept files out of the draft and the database."""
    for key in keys:
        del held["files"][key]
    ids = [int(key) for key in keys]
    db.session.execute(delete(Attachment).where(Attachment.id.in_(ids), Attachment.ticket_id == ticket.id))


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
