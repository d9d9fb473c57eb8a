"""签名回执: the signed proof of what was filed and when. It convicts a portal that loses the case (rules O4, T6).

Made when it is shown, from bytes that stay as they were stored, so that filing pays nothing for it and the same filing
gives the same receipt however often it is asked for.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.domain import complaints, filings, objections, trail
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.trail import Event
from portal.extensions import db
from portal.ledger import notes
from portal.ledger.notes import Signer, VerifierKey
from portal.ledger.receipts import HEADING, Malformed, Receipt, read
from portal.models.application import ApplicationReceipt
from portal.models.attachment import Attachment
from portal.models.complaint import Complaint
from portal.models.objection import Objection
from portal.models.trail_entry import TrailEntry
from portal.models.words import ComplaintTarget, Word

Filed = Objection | Complaint | ApplicationReceipt

log = logging.getLogger(__name__)

LONGEST = 100_000
"""Characters of a note that is looked at: several times the longest we can make."""
KINDS: dict[type[Filed], tuple[str, Event, str]] = {
    Objection: ("objection", Event.OBJECTION_FILED, "grounds"),
    Complaint: ("complaint", Event.COMPLAINT_FILED, "content"),
    ApplicationReceipt: ("application", Event.APPLICATION_RECEIVED, "changes"),
}
"""Kind on the receipt and in the trail; the event of the trail entries it rests on, and where in `after` the hashes of
the content stand.
"""
_WHY: dict[type[notes.Refused], str] = {
    notes.NotANote: "这不是一份完整的签名回执。请把下载的回执文件原样上传，或者从第一行到最后以“—”开头的一行全部粘贴。",
    notes.UnknownKey: "不是本平台签出的：签名所用的密钥不是本平台现在或过去的密钥。",
    notes.WrongSignature: "签名与内容不符：内容在签出之后被改动过，或者签名是从别处移来的。",
    Malformed: "签名有效，但内容不是回执。",
}

_signer: Signer | None = None
_known_keys: tuple[VerifierKey, ...] = ()


class Standing(Word):
    """Whether the portal still has what it signed for."""

    KNOWN = "known", "登记在案"
    ALTERED = "altered", "系统中的登记与回执不一致"
    LOST = "lost", "系统中查无此件"


class NoReceipt(RuleViolation):
    """What was handed in proves nothing."""

    rule = "T6"


@dataclass(frozen=True, slots=True)
class Proof:
    """A receipt that the portal did sign. `retired`: under a key that signs no more."""

    receipt: Receipt
    key: VerifierKey
    retired: bool
    standing: Standing


def use_keys(secret: str, name: str, retired: Sequence[str]) -> None:
    """Set the key that signs, from at least 32 characters of the environment, and those that did so before.

    Raises ValueError naming what cannot be used.
    """
    global _known_keys, _signer
    if len(secret) < 32:
        raise ValueError("the receipt key needs at least 32 characters")
    _signer = Signer(name, hashlib.sha256(b"receipt key" + secret.encode()).digest())
    _known_keys = (_signer.key, *(VerifierKey.read(line) for line in retired))


def known_keys() -> tuple[VerifierKey, ...]:
    """Those our receipts are checked with, the one that signs now first."""
    return _known_keys


def filed_with(token: str) -> Filed:
    """What was filed with the ticket of this token. Raises NotFound if there is no ticket, or nothing was filed yet."""
    ticket = filings.find_ticket(token)
    filed: Filed | None = (
        db.session.scalar(select(Objection).where(Objection.ticket_id == ticket.id))
        or db.session.scalar(select(Complaint).where(Complaint.ticket_id == ticket.id))
        or db.session.scalar(select(ApplicationReceipt).where(ApplicationReceipt.token_hash == ticket.token_hash))
    )
    if filed is None:
        raise NotFound("还没有提交，所以还没有回执；请先完成填写并提交")
    return filed


def note_of(filed: Filed) -> str:
    """The signed receipt of a filing."""
    if _signer is None:
        raise RuntimeError("receipts have no key yet")
    return _signer.sign(receipt_of(filed).text())


def receipt_of(filed: Filed) -> Receipt:
    """What the receipt says, from the filing and from the entries it left in the trail."""
    kind, event, where = KINDS[type(filed)]
    numbers = [case.number for case in filed.cases] if isinstance(filed, ApplicationReceipt) else [filed.number]
    query = (
        select(TrailEntry)
        .where(TrailEntry.subject_kind == kind, TrailEntry.subject_ref.in_(numbers), TrailEntry.event == event.value)
        .order_by(TrailEntry.id)
    )
    entries = list(db.session.scalars(query))
    said = [trail.facts(entry) for entry in entries]
    hashes = [each["after"][where] for each in said]
    return Receipt(
        kind,
        filed.number,
        filed.arrived_at.replace(microsecond=0),
        tuple(_about(filed, [each["detail"] for each in said], numbers)),
        tuple(entry.commitment.hex() for entry in entries),
        tuple(hash_ for each in hashes for hash_ in ([each] if isinstance(each, str) else each)),
        tuple((file.sha256, file.size) for file in _files(filed)),
    )


def content_of(filed: Filed) -> bytes:
    """What was filed, a line for each `content` of the receipt, whose SHA-256 is that of the line without its end.

    A line is left out once the case goes on with something else: what an applicant corrected since.
    """
    if isinstance(filed, Objection):
        pieces = [canonical_bytes(objections.content_of(ground.text, ground.evidence)) for ground in filed.grounds]
    elif isinstance(filed, Complaint):
        pieces = [canonical_bytes(complaints.content_of(filed))]
    else:
        pieces = [canonical_bytes(change.after) for case in filed.cases for change in case.changes]
    signed_for = receipt_of(filed).contents
    return b"".join(piece + b"\n" for piece in pieces if digest(piece) in signed_for)


def check(written: str) -> Proof:
    """What a note proves that somebody pasted or uploaded, and whether the portal still has that filing (rule T6).

    Line ends and blanks around it do not count. Raises NoReceipt saying why it proves nothing.
    """
    if not written.strip():
        raise NoReceipt("请粘贴回执的全部内容，或者选择下载的回执文件")
    if len(written) > LONGEST:
        raise NoReceipt("内容太长，不是一份回执；请只粘贴或上传一份回执")
    note = written.replace("\r\n", "\n").strip("\ufeff \t\r\n") + "\n"
    if note.count(HEADING) > 1:
        raise NoReceipt("这里有不止一份回执，请一次验证一份")
    try:
        text, key = notes.opened(note, _known_keys)
        receipt = read(text)
    except notes.Refused as refusal:
        raise NoReceipt(_WHY[type(refusal)]) from None
    return Proof(receipt, key, key != _known_keys[0], _standing(receipt))


def _standing(receipt: Receipt) -> Standing:
    model: Any = next(model for model, (kind, *_rest) in KINDS.items() if kind == receipt.kind)
    filed = db.session.scalar(select(model).where(model.number == receipt.number))
    if filed is None:
        log.error("a receipt of ours is shown, and the filing %s is not there", receipt.number)
        return Standing.LOST
    return Standing.KNOWN if receipt_of(filed) == receipt else Standing.ALTERED


def _about(filed: Filed, details: Sequence[dict[str, str]], numbers: Sequence[str]) -> list[str]:
    """What it is about, by public references; of a person or a company, only that it is one (rule C7)."""
    if isinstance(filed, Objection):
        return [f"notice {detail['notice']}" for detail in details]
    if isinstance(filed, ApplicationReceipt):
        projects = dict.fromkeys(detail["project"] for detail in details)
        return [*(f"project {number}" for number in projects), *(f"case {number}" for number in numbers)]
    references = {
        ComplaintTarget.NOTICE: filed.notice.reference if filed.notice else "",
        ComplaintTarget.PROJECT: filed.project.number if filed.project else "",
        ComplaintTarget.BUREAU: filed.against.code if filed.against else "",
    }
    return [f"{filed.target.value} {references.get(filed.target, '')}".strip()]


def _files(filed: Filed) -> list[Attachment]:
    """Every file as it was handed in, once: the cases of one application have the same papers (rule S7)."""
    if isinstance(filed, Objection):
        return [file for ground in filed.grounds for file in ground.evidence]
    if isinstance(filed, Complaint):
        return list(filed.evidence)
    return list(filed.cases[0].papers) if filed.cases else []
