"""公开副本: which evidence of a case the public will see, and as what; originals stay with the officers (rule N1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from portal.domain import permissions, personal_data, trail
from portal.domain.actor import Actor
from portal.domain.attachments import StoredFile
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotAllowedNow, NotFound, RuleViolation
from portal.domain.permissions import Permission
from portal.domain.trail import Event
from portal.extensions import db, insert, lock
from portal.models.application import Application
from portal.models.attachment import Attachment
from portal.models.deficiency import DeficiencyItem, DeficiencyNotice
from portal.models.public_copy import PublicCopy, copies_of
from portal.models.verification import Verification
from portal.models.words import Finding, Role, Route, Status

EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
"""What a copy may be. Office files are not among them: they keep their authors and what was struck out."""
LONGEST_LABEL = 60


def originals(application: Application) -> list[Attachment]:
    """The evidence of a case: what was handed in and supplied with it, and what its verification as true rests on."""
    supplied = (
        select(DeficiencyItem.id)
        .join(DeficiencyNotice)
        .where(DeficiencyNotice.application_id == application.id, DeficiencyNotice.answered_at.is_not(None))
    )
    true = select(Verification.id).where(
        Verification.application_id == application.id, Verification.finding == Finding.TRUE
    )
    query = select(Attachment).where(
        or_(
            Attachment.application_id == application.id,
            Attachment.deficiency_item_id.in_(supplied),
            Attachment.verification_id.in_(true),
        )
    )
    return list(db.session.scalars(query.order_by(Attachment.id)))


def prepared(application: Application) -> list[PublicCopy]:
    """The copies that a notice published now would make public."""
    return list(db.session.scalars(copies_of(application.id)))


def require_preparable(application: Application, *, actor: Actor) -> None:
    """Raise RuleViolation unless the actor may say now what the notice of this case will make public."""
    permissions.require_own(actor, Permission.PUBLISH_NOTICE, application.bureau)
    if application.route is not Route.NOTICE:
        raise RuleViolation(f"此件按“{application.route.label}”办理，不需要公示", rule="S4")
    if application.status is Status.ON_NOTICE:
        raise NotAllowedNow("公示已经发布，公开材料已随内容固定；要改须撤回公示后重新公示", rule="N2")
    if application.status is not Status.VERIFIED:
        raise NotAllowedNow(f"此件现为“{application.status.label}”，核实属实后、公示前才能准备公开材料", rule="N1")


def prepare(
    application: Application, original_id: int, file: StoredFile, label: str, *, actor: Actor, now: datetime
) -> None:
    """Let `file` stand for one original in the next notice, in place of the copy it had (rule N1).

    Sending the same copy twice changes nothing. Raises RuleViolation for a copy that is the original itself, and for a
    label with personal data.
    """
    application = lock(Application, application.id)
    require_preparable(application, actor=actor)
    original = original_of(application, original_id)
    label = label.strip()
    if not label or len(label) > LONGEST_LABEL:
        raise RuleViolation(f"请写明材料名称（不超过{LONGEST_LABEL}字）", rule="N1", field="label")
    personal_data.require_none(label, "材料名称", field="label")
    if file.media_type not in EXTENSIONS:
        raise RuleViolation("公开副本须为 PDF、JPG 或 PNG", rule="N1", field="file")
    if file.sha256 == original.sha256 or file.store_key == original.store_key:
        raise RuleViolation("这个文件与原件完全相同，没有遮盖，不能公开；请上传遮盖后的副本", rule="N1", field="file")
    values = {"label": label, "media_type": file.media_type, "size": file.size, "sha256": file.sha256}
    there = _copy_of(original)
    if there is None:
        insert(PublicCopy, application_id=application.id, original_id=original.id, uploaded_at=now, **values)
    elif any(getattr(there, key) != value for key, value in values.items()):
        for key, value in (values | {"uploaded_at": now}).items():
            setattr(there, key, value)
    else:
        return
    _note(Event.PUBLIC_COPY_PREPARED, application, original, file.sha256, actor=actor, now=now)


def drop(application: Application, original_id: int, *, actor: Actor, now: datetime) -> None:
    """Let one original have no public copy (rule N1). What has none already stays so."""
    application = lock(Application, application.id)
    require_preparable(application, actor=actor)
    original = original_of(application, original_id)
    there = _copy_of(original)
    if there is not None:
        db.session.delete(there)
        _note(Event.PUBLIC_COPY_DROPPED, application, original, there.sha256, actor=actor, now=now)


def original_of(application: Application, original_id: int) -> Attachment:
    """The evidence file with this id. Raises NotFound for whatever is no evidence of this case (rule A5)."""
    found = next((each for each in originals(application) if each.id == original_id), None)
    if found is None:
        raise NotFound("本件没有这份佐证材料，请返回后重新选择", rule="A5")
    return found


def said(copies: Sequence[PublicCopy]) -> list[dict[str, Any]]:
    """The copies as the frozen content of a notice names them, in order: nothing of the originals but their hashes
    (rules N1, N2).
    """
    return [
        {
            "label": copy.label,
            "name": f"{copy.label}.{EXTENSIONS[copy.media_type]}",
            "media_type": copy.media_type,
            "size": copy.size,
            "sha256": copy.sha256,
            "original": copy.original.sha256,
        }
        for copy in copies
    ]


def fingerprint(copies: Sequence[PublicCopy]) -> str:
    """Tells whether what was shown before publishing is what would be published; empty if nothing would."""
    return digest(canonical_bytes(said(copies))) if copies else ""


def _copy_of(original: Attachment) -> PublicCopy | None:
    return db.session.scalar(select(PublicCopy).where(PublicCopy.original_id == original.id))


def _note(
    event: Event, application: Application, original: Attachment, sha256: str, *, actor: Actor, now: datetime
) -> None:
    trail.record(
        event,
        actor=actor,
        now=now,
        subject=("application", application.number),
        case=application.number,
        bureau=application.bureau.code,
        acting_as=Role.PUBLISHER.value,
        after={"original": original.sha256, "copy": sha256},
    )
