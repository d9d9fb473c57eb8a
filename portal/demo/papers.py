"""Papers that pass for what people hand in: drawn, not scanned, so that nobody's paper is shown."""

from __future__ import annotations

import hashlib
import io

from flask import current_app
from PIL import Image, ImageDraw

from portal.domain.attachments import StoredFile
from portal.integrations import storage

PAGE = (620, 877)
INK, RED, BLACK = (60, 60, 70), (200, 30, 30), (0, 0, 0)
PERSONAL = (3, 7, 8)
"""The lines of a letter that name a person: his name, identity number and telephone."""


def stamped_application() -> StoredFile:
    """An application form: a page with a ring on it."""
    page = Image.new("RGB", PAGE, "white")
    _stamp(page)
    return _kept("申请表（演示）.png", page)


def award_letter(*, redacted: bool = False) -> StoredFile:
    """A letter of award; redacted, what names persons is covered, as the public may see it (rule N1)."""
    page = Image.new("RGB", PAGE, "white")
    draw = ImageDraw.Draw(page)
    draw.text((PAGE[0] / 2, 90), "LETTER OF AWARD (DEMO)", INK, font_size=28, anchor="mm")
    for line in range(12):
        top, covered = 180 + 40 * line, redacted and line in PERSONAL
        draw.rectangle((80, top, 540 - 37 * (line % 4), top + (22 if covered else 6)), fill=BLACK if covered else INK)
    _stamp(page)
    return _kept("中标通知书（已遮盖）.png" if redacted else "中标通知书.png", page)


def _stamp(page: Image.Image) -> None:
    ImageDraw.Draw(page).ellipse((380, 640, 540, 800), outline=RED, width=6)


def _kept(name: str, page: Image.Image) -> StoredFile:
    file = io.BytesIO()
    page.save(file, "PNG")
    data = file.getvalue()
    sha256 = hashlib.sha256(data).hexdigest()
    key = storage.key_of(sha256)
    storage.put(current_app.config["PORTAL"].storage_url, key, data)
    return StoredFile(name, "image/png", len(data), sha256, key)
