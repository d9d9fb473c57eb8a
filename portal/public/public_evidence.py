"""公开材料: the redacted copies that a notice names, each at an address of its own that stays (rules N1, N2)."""

from __future__ import annotations

import hashlib
import json
import logging

from flask import Blueprint, Response

from portal.domain import notice_content
from portal.domain.errors import NotFound, RuleViolation
from portal.integrations import storage
from portal.public import notice_page
from portal.public.notices import UNKNOWN
from portal.web import uploads
from portal.web.access import settings
from portal.web.pages import kept_for

bp = Blueprint("public_evidence", __name__, url_prefix="/notices/<reference>/evidence")
log = logging.getLogger(__name__)


class CopyAway(RuleViolation):
    """The file is not in the store, or is not the one that was published."""

    status = 503


@bp.get("/<place>")
@kept_for(3600)
def show(reference: str, place: str) -> Response:
    """The copy at this place of the notice's list, 1 for the first, also of a notice that was retracted since.

    Only what the frozen content names can be had here, and only the very bytes whose hash it names (rule N2).
    """
    notice = notice_page.find(reference)
    if notice is None:
        raise NotFound(UNKNOWN)
    copies = notice_content.public_evidence(json.loads(notice.content))
    copy = dict(zip(map(str, range(1, len(copies) + 1)), copies, strict=True)).get(place)
    if copy is None:
        raise NotFound(f"公示 {notice.reference} 没有这份公开材料，请从公示页面的“公开材料”打开")
    try:
        data = storage.get(settings().storage_url, storage.key_of(copy["sha256"]))
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).hexdigest() != copy["sha256"]:
        log.error("public copy %s of %s is not in the store as it was published", place, notice.reference)
        raise CopyAway("这份公开材料暂时取不出来，请稍后再试，或者联系公示部门查阅")
    response = uploads.download(data, copy["media_type"], copy["name"])
    response.headers["ETag"] = f'"{copy["sha256"]}"'
    return response
