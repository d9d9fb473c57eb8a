"""Files as they arrive: looked at, hashed and stored before any transaction begins."""

from __future__ import annotations

import hashlib
import io
import re
import secrets
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import PurePath
from urllib.parse import quote

import filetype
from flask import Response
from werkzeug.datastructures import FileStorage

from portal.config import MEBIBYTE
from portal.domain import identity_vault
from portal.domain.attachments import StoredFile
from portal.domain.errors import RuleViolation
from portal.integrations import metadata, scanner, storage
from portal.models.attachment import Attachment
from portal.web.access import settings

ALLOWED = {
    "application/pdf": "PDF",
    "image/jpeg": "JPG",
    "image/png": "PNG",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
}
OFFICE_FILES = frozenset(kind for kind in ALLOWED if "openxmlformats" in kind)
ACCEPT = ".pdf,.jpg,.jpeg,.png,.docx,.xlsx"
"""The same for a file field, as a help to its chooser."""
MOST_UNPACKED, MOST_ENTRIES = 300 * MEBIBYTE, 5000
MOST_FILES = 10
SEAL_NAME = "盖章说明"


class StoreRests(RuleViolation):
    """Files cannot be looked at or kept for the moment."""

    status = 503


def said_before(most: int = MOST_FILES) -> str:
    """What may be uploaded, and how many, for pages to say before anybody chooses a file."""
    size = settings().largest_file // MEBIBYTE
    return f"可上传 {'、'.join(ALLOWED.values())}，每个不超过{size} MB" + (f"，最多{most}个" if most > 1 else "")


def said_together() -> str:
    """How much may be sent at once."""
    return f"一次提交合计不超过{settings().largest_request // MEBIBYTE} MB"


def too_much() -> str:
    """What to say to whoever sent more than is taken: too large, or too many."""
    most = settings().largest_file // MEBIBYTE
    return (
        f"单个文件不超过{most} MB，每次最多{MOST_FILES}个文件，{said_together()}。请压缩或分次提交；"
        "之前保存的内容都还在，可以返回继续。"
    )


def store(files: Iterable[FileStorage], *, field: str = "files", secret: bool = False) -> list[StoredFile]:
    """Check and store what was uploaded under one field; empty file inputs are passed over.

    secret: the file itself tells who hands it in, so it is kept sealed only, under a name of ours (rules O2, C7).
    The type is told by the bytes, not by the name. Raises RuleViolation naming the file at fault; nothing is stored
    then.
    """
    chosen = [file for file in files if file and file.filename]
    if len(chosen) > MOST_FILES:
        raise RuleViolation(f"一次最多上传{MOST_FILES}个文件，您选择了{len(chosen)}个", field=field)
    read = [_read(file, field) for file in chosen]
    try:
        return [_keep(*each, secret=secret) for each in read]
    except storage.StoreAway:
        raise StoreRests("文件暂时保存不了，请稍后再上传；已填写的内容不受影响", field=field) from None


def store_public(file: FileStorage, judge: Callable[[StoredFile, bytes], None], *, field: str) -> StoredFile:
    """Check and store one file that anybody may read, by the same door (rule N1). Only the copy without metadata is
    kept, so size and hash are those of what will be downloaded.

    judge: told the file and these bytes; raises RuleViolation for what must not become public, and nothing is stored.
    """
    read, _, bare = _read(file, field)
    copied = _hash(bare)
    public = StoredFile(read.name, read.media_type, len(bare), copied, storage.key_of(copied))
    judge(public, bare)
    try:
        storage.put(settings().storage_url, public.store_key, bare)
    except storage.StoreAway:
        raise StoreRests("文件暂时保存不了，请稍后再上传", field=field) from None
    return public


def send(attachment: Attachment) -> Response:
    """The file as a download that no browser will run."""
    data = storage.get(settings().storage_url, attachment.store_key)
    response = download(data, attachment.media_type, attachment.name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def download(data: bytes, media_type: str, name: str) -> Response:
    """Bytes that somebody uploaded, as an answer to be kept as a file: no browser runs them."""
    return Response(
        data,
        mimetype=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def original(attachment: Attachment) -> bytes:
    """The bytes as they were handed in: for whoever must prove them, not for reading a case (rule C7)."""
    if not attachment.original_key:
        return storage.get(settings().storage_url, attachment.store_key)
    return identity_vault.unseal(storage.get(settings().storage_url, attachment.original_key))


def discard(keys: Iterable[str]) -> None:
    """Drop sealed originals of files that were taken out. Where the store is away they stay, and open to nobody."""
    for key in keys:
        with suppress(storage.StoreAway):
            storage.drop(settings().storage_url, key)


def _keep(stored: StoredFile, data: bytes, bare: bytes, *, secret: bool) -> StoredFile:
    """Put the file into the store: the copy without metadata, and the original sealed where the two differ."""
    where = settings().storage_url
    if secret:
        key = _secret_key()
        storage.put(where, key, identity_vault.seal(data))
        name = f"{SEAL_NAME}.{ALLOWED[stored.media_type].lower()}"
        return StoredFile(name, stored.media_type, stored.size, stored.sha256, key, key)
    storage.put(where, stored.store_key, bare)
    if stored.original_key:
        storage.put(where, stored.original_key, identity_vault.seal(data))
    return stored


def _read(file: FileStorage, field: str) -> tuple[StoredFile, bytes, bytes]:
    """The file to be, its bytes, and its bytes without metadata."""
    name = safe_name(file.filename or "")
    limit = settings().largest_file
    data = file.stream.read(limit + 1)
    if len(data) > limit:
        raise RuleViolation(f"文件“{name}”超过{limit // MEBIBYTE} MB，请压缩后再上传", field=field)
    if not data:
        raise RuleViolation(f"文件“{name}”是空的，请重新选择", field=field)
    kind = filetype.guess_mime(data)
    if kind not in ALLOWED:
        raise RuleViolation(f"文件“{name}”的实际格式不在允许范围内（{said_before()}）", field=field)
    _refuse_harmful(name, kind, data, field)
    try:
        bare = metadata.without_metadata(data, kind)
    except metadata.Unreadable as fault:
        raise RuleViolation(f"文件“{name}”{_WHY[type(fault)]}", field=field) from None
    sha256, copied = _hash(data), _hash(bare)
    # where an original lies is not told by its hash: who knows the file could ask whether it was handed in
    original_key = _secret_key() if copied != sha256 else ""
    return StoredFile(name, kind, len(data), sha256, storage.key_of(copied), original_key), data, bare


_WHY: dict[type[metadata.Unreadable], str] = {
    metadata.Unreadable: "打不开，可能已损坏，请重新扫描或另存后上传",
    metadata.TooLarge: "的像素太多，请缩小尺寸后再上传",
    metadata.Locked: "设有密码，办理人员打不开，请去掉密码后再上传",
}


def _refuse_harmful(name: str, kind: str, data: bytes, field: str) -> None:
    """Raise RuleViolation for what a scanner finds, for an office file that unpacks to more than it should, and for
    one that brings a programme along.
    """
    if kind in OFFICE_FILES:
        parts = _parts(data)
        if parts is None:
            raise RuleViolation(f"文件“{name}”打不开，或解压后过大，请另存为PDF后上传", field=field)
        if any(PurePath(part).name.lower() == "vbaproject.bin" for part in parts):
            raise RuleViolation(f"文件“{name}”带有宏，请另存为不带宏的文件或PDF后上传", field=field)
    if settings().clamd:
        try:
            found = scanner.finding(settings().clamd, data)
        except scanner.ScannerAway:
            raise StoreRests(
                "附件查杀暂时不可用，请稍后再提交；也可以先不带附件提交，之后凭回执补充材料", field=field
            ) from None
        if found:
            raise RuleViolation(f"文件“{name}”查出病毒，没有保存。请杀毒后重新上传，其他内容已保留", field=field)


def _parts(data: bytes) -> list[str] | None:
    """Names of what an office file is made of; None if it is broken, or would unpack to more than it should."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    fits = len(entries) <= MOST_ENTRIES and sum(entry.file_size for entry in entries) <= MOST_UNPACKED
    return [entry.filename for entry in entries] if fits else None


def _secret_key() -> str:
    return f"sealed/{secrets.token_hex(16)}"


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def safe_name(name: str) -> str:
    """The bare name of a file, without folders, control characters or a length nobody can read."""
    bare = PurePath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    bare = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", bare).strip() or "文件"
    return bare if len(bare) <= 120 else bare[:100] + "…" + bare[-15:]
