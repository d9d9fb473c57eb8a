"""附件: tying a stored file to the thing it belongs to. The bytes were sniffed, hashed and stored before the
transaction began.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.extensions import insert
from portal.models.attachment import Attachment


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that lies in the store: original name, sniffed media type, size in bytes, SHA-256 in hexadecimal.

    sha256 and size are those of what was handed in; store_key leads to the copy without metadata, original_key to the
    sealed original where the two differ.
    """

    name: str
    media_type: str
    size: int
    sha256: str
    store_key: str
    original_key: str = ""


def stored(attachment: Attachment) -> StoredFile:
    """The file of an attachment, to be tied to another owner."""
    return StoredFile(
        attachment.name,
        attachment.media_type,
        attachment.size,
        attachment.sha256,
        attachment.store_key,
        attachment.original_key,
    )


def attach(file: StoredFile, *, now: datetime, **owner: int) -> int:
    """Tie `file` to its owner, named by one keyword such as ground_id=7. Returns the attachment's id."""
    return insert(
        Attachment,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        store_key=file.store_key,
        original_key=file.original_key,
        uploaded_at=now,
        **owner,
    )
