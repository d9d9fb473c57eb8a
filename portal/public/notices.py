"""公示: the list and each notice (rules N1, N2)."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, url_for
from sqlalchemy import select

from portal.domain.errors import NotFound
from portal.extensions import db
from portal.models.notice import Notice
from portal.models.search import COUNT_LIMIT
from portal.public import notice_filter, notice_page, unknown_notice
from portal.public.notice_list import ALL, as_rows
from portal.web.pages import kept_for, page

bp = Blueprint("notices", __name__, url_prefix="/notices")
UNKNOWN = "没有找到这个公示。公示发布后一直保留，请核对编号，或用项目、企业名称在公示列表中搜索。"


@bp.get("")
@kept_for(10)
def index() -> Response:
    """Notices by bureau, kind, subject, status, day of closing and any words of names and numbers; newest first, or
    those that close soonest.
    """
    asked = notice_filter.asked()
    found, count, numbers = notice_filter.look(asked, ALL)
    return page(
        "public/notices/index.html",
        partial="public/notices/_part.html",
        rows=as_rows(found.items),
        older_url=found.older_url,
        newer_url=found.newer_url,
        count=count,
        count_limit=COUNT_LIMIT,
        asked=asked,
        said=asked.said,
        **notice_filter.around(asked, numbers),
    )


@bp.get("/<reference>")
@kept_for(10)
def show(reference: str) -> Response:
    """One notice as it was published, with what became of it. A number that never was gets a page that helps on."""
    notice = notice_page.find(reference)
    if notice is not None:
        return page("public/notices/show.html", **notice_page.build(notice))
    meant = unknown_notice.meant(reference)
    if meant != reference and notice_page.find(meant) is not None:
        return redirect(url_for("public.notices.show", reference=meant), code=301)  # type: ignore[return-value]
    return page("public/notices/unknown.html", status=404, **unknown_notice.hints(reference))


def find(reference: str) -> Notice:
    """The notice with this reference. Raises NotFound."""
    notice = db.session.scalar(select(Notice).where(Notice.reference == reference[:40]))
    if notice is None:
        raise NotFound(UNKNOWN)
    return notice
