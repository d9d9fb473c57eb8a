"""Files as they arrive: looked at, hashed and stored before any transaction begins."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath
from urllib.parse import quote

import filetype
from flask import Response
from werkzeug.datastructures import FileStorage

from portal.config import MEBIBYTE
from portal.domain.attachments import StoredFile
from portal.domain.errors import RuleViolation
from portal.integrations import storage
from portal.models.attachment import Attachment
from portal.web.access import settings

ALLOWED = {
    "application/pdf": "PDF",
    "image/jpeg": "JPG",
    "image/png": "PNG",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
}
MOST_FILES = 10
SAID_BEFORE = "可上传 PDF、JPG、PNG、DOCX、XLSX，每个不超过20 MB，最多10个"


def store(files: Iterable[FileStorage], *, field: str = "files") -> list[StoredFile]:
    """Check and store what was uploaded under one field; empty file inputs are passed over.

    The type is told by the bytes, not by the name. Raises RuleViolation naming the file at fault; nothing is stored
    then.
    """
    chosen = [file for file in files if file and file.filename]
    if len(chosen) > MOST_FILES:
        raise RuleViolation(f"一次最多上传{MOST_FILES}个文件，您选择了{len(chosen)}个", field=field)
    read = [_read(file, field) for file in chosen]
    for stored, data in read:
        storage.put(settings().storage_url, stored.store_key, data)
    return [stored for stored, _ in read]


def send(attachment: Attachment) -> Response:
    """The file as a download that no browser will run."""
    data = storage.get(settings().storage_url, attachment.store_key)
    return Response(
        data,
        mimetype=attachment.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachment.name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


def _read(file: FileStorage, field: str) -> tuple[StoredFile, bytes]:
    name = safe_name(file.filename or "")
    limit = settings().largest_file
    data = file.stream.read(limit + 1)
    if len(data) > limit:
        raise RuleViolation(f"文件“{name}”超过{limit // MEBIBYTE} MB，请压缩后再上传", field=field)
    if not data:
        raise RuleViolation(f"文件“{name}”是空的，请重新选择", field=field)
    kind = filetype.guess_mime(data)
    if kind not in ALLOWED:
        raise RuleViolation(f"文件“{name}”的实际格式不在允许范围内（{SAID_BEFORE}）", field=field)
    sha256 = hashlib.sha256(data).hexdigest()
    return StoredFile(name, kind, len(data), sha256, f"{sha256[:2]}/{sha256}"), data


def safe_name(name: str) -> str:
    """The bare name of a file, without folders, control characters or a length nobody can read."""
    bare = PurePath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    bare = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", bare).strip() or "文件"
    return bare if len(bare) <= 120 else bare[:100] + "…" + bare[-15:]
