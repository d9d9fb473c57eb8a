"""公示: the list and each notice (rules N1, N2)."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import select

from portal.domain.errors import NotFound
from portal.extensions import db
from portal.models.notice import Notice
from portal.models.search import COUNT_LIMIT
from portal.public import notice_filter, notice_page
from portal.public.notice_list import ALL, as_rows
from portal.web.pages import kept_for, page

bp = Blueprint("notices", __name__, url_prefix="/notices")
UNKNOWN = "没有找到这个公示。公示发布后一直保留，请核对编号，或用项目、企业名称在公示列表中搜索。"


@bp.get("")
@kept_for(10)
def index() -> Response:
    """All notices, newest first, by bureau, kind, subject, status and any words of names and numbers."""
    asked = notice_filter.asked()
    found, count = asked.page(ALL)
    return page(
        "public/notices/index.html",
        partial="public/notices/_list.html",
        rows=as_rows(found.items),
        older_url=found.older_url,
        newer_url=found.newer_url,
        count=count,
        count_limit=COUNT_LIMIT,
        said=asked.said,
        choices=notice_filter.choices(asked.said),
    )


@bp.get("/<reference>")
@kept_for(10)
def show(reference: str) -> Response:
    """One notice as it was published, with what became of it."""
    notice = notice_page.find(reference)
    if notice is None:
        raise NotFound(UNKNOWN)
    return page("public/notices/show.html", **notice_page.build(notice))


def find(reference: str) -> Notice:
    """The notice with this reference. Raises NotFound."""
    notice = db.session.scalar(select(Notice).where(Notice.reference == reference[:40]))
    if notice is None:
        raise NotFound(UNKNOWN)
    return notice
