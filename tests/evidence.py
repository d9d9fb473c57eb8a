"""Cases with evidence, and redacted copies of it, through the real verbs."""

from __future__ import annotations

import hashlib

from flask import current_app

from portal.domain import notices, public_copies, verifications
from portal.domain.actor import Actor
from portal.domain.attachments import StoredFile
from portal.integrations import storage
from portal.models.application import Application
from portal.models.notice import Notice
from portal.models.words import Finding, Matter, Role, VerificationMethod
from tests.builders import MORNING, acting, application, done
from tests.support.files import PDF

ORIGINAL = b"%PDF-1.4 the whole contract"


def kept(data: bytes, name: str = "合同.pdf", media_type: str = "application/pdf") -> StoredFile:
    """A file that lies in the store under its hash."""
    sha256 = hashlib.sha256(data).hexdigest()
    key = storage.key_of(sha256)
    storage.put(current_app.config["PORTAL"].storage_url, key, data)
    return StoredFile(name, media_type, len(data), sha256, key)


def case(*files: StoredFile) -> Application:
    """A case verified as true with these files as evidence, by default the contract."""
    found = application()
    verifier = acting(Role.VERIFIER, bureau_code=found.bureau.code)
    done(
        lambda: verifications.record(
            found,
            method=VerificationMethod.ARCHIVE_CHECK,
            matter=Matter.CONTENT,
            day=MORNING.date(),
            persons="档案室、建管科",
            finding=Finding.TRUE,
            note="合同原件与申请内容一致",
            files=list(files) or [kept(ORIGINAL)],
            actor=verifier,
            now=MORNING,
        )
    )
    done(lambda: verifications.confirm_true(found, actor=verifier, now=MORNING))
    return found


def prepare(
    of: Application,
    label: str = "施工合同首页（已遮盖）",
    data: bytes = PDF,
    *,
    place: int = 0,
    by: Actor | None = None,
) -> StoredFile:
    """A redacted copy of the case's evidence at this place, ready for its notice."""
    file = kept(data)
    publisher = by or acting(Role.PUBLISHER, bureau_code=of.bureau.code)
    original = public_copies.originals(of)[place]
    done(lambda: public_copies.prepare(of, original.id, file, label, actor=publisher, now=MORNING))
    return file


def published(of: Application) -> Notice:
    """The case put on notice with what was prepared."""
    publisher = acting(Role.PUBLISHER, bureau_code=of.bureau.code)
    return done(lambda: notices.publish(of, actor=publisher, now=MORNING))
