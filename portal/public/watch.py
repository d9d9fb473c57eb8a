"""公示监测: the ledger of one notice, open to everybody (rule N7)."""

from __future__ import annotations

from flask import Blueprint, Response

from portal.domain.errors import NotFound
from portal.public import notice_page
from portal.public.notices import UNKNOWN
from portal.web import watch_ledger
from portal.web.pages import kept_for, page

bp = Blueprint("watch", __name__, url_prefix="/notices/<reference>")


@bp.get("/watch")
@kept_for(10)
def show(reference: str) -> Response:
    """Every look at this notice, newest first, with its gaps and how the looking is done."""
    notice = notice_page.find(reference)
    if notice is None:
        raise NotFound(UNKNOWN)
    return page("public/watch/show.html", notice=notice, **watch_ledger.build(notice))
