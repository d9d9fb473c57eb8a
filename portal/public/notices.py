"""公示: the list and each notice (rules N1, N2)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Select, select

from portal.domain.errors import NotFound
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.search import COUNT_LIMIT, count_up_to_limit, matching
from portal.models.words import Kind, NoticeStatus, Subject, Tier
from portal.public import notice_page
from portal.public.notice_list import as_rows, columns
from portal.web.bad_input import readable
from portal.web.pages import kept_for, page
from portal.web.paging import newest_first

bp = Blueprint("notices", __name__, url_prefix="/notices")
LONGEST_SEARCH = 60
WORDS = (("kind", "类型", Kind), ("subject", "内容", Subject), ("status", "状态", NoticeStatus))


@bp.get("")
@kept_for(10)
def index() -> Response:
    """All notices, newest first, by bureau, kind, subject, status and any words of names and numbers."""
    bureaus = _bureaus()
    query, said = _filtered(bureaus)
    found = newest_first(columns(query), Notice.id)
    return page(
        "public/notices/index.html",
        partial="public/notices/_list.html",
        rows=as_rows(found.items),
        older_url=found.older_url,
        newer_url=found.newer_url,
        count=count_up_to_limit(query.with_only_columns(Notice.id)) if any(said.values()) else None,
        count_limit=COUNT_LIMIT,
        said=said,
        bureaus=bureaus,
        words=WORDS,
    )


@bp.get("/<reference>")
@kept_for(10)
def show(reference: str) -> Response:
    """One notice as it was published, with what became of it."""
    notice = find(reference, *notice_page.LOADED_WITH)
    return page("public/notices/show.html", notice=notice, **notice_page.build(notice))


def find(reference: str, *options: Any) -> Notice:
    """The notice with this reference. Raises NotFound."""
    notice = db.session.scalar(select(Notice).where(Notice.reference == reference[:40]).options(*options))
    if notice is None:
        raise NotFound("没有找到这个公示。公示发布后一直保留，请核对编号，或用项目、企业名称在公示列表中搜索。")
    return notice


def _filtered(bureaus: list[Any]) -> tuple[Select[Any], dict[str, str]]:
    """The query the address asks for, and what it asks; whatever is no known choice asks nothing."""
    query = select(Notice)
    said = {"q": readable(request.args.get("q", "")).strip()[:LONGEST_SEARCH]}
    for name, _label, words in WORDS:
        said[name] = _chosen(name, {word.value for word in words})
        if said[name]:
            query = query.where(getattr(Notice, name) == words(said[name]))
    said["bureau"] = _chosen("bureau", {bureau.code for bureau in bureaus})
    chosen = next((bureau for bureau in bureaus if bureau.code == said["bureau"]), None)
    if chosen is not None:
        whole_city = chosen.tier is Tier.CITY
        query = query.where((Notice.city_id if whole_city else Notice.bureau_id) == chosen.id)
    wanted = matching(Notice, said["q"])
    if wanted is not None:
        query = query.where(wanted)
    return query, said


def _chosen(name: str, known: set[str]) -> str:
    typed = request.args.get(name, "")
    return typed if typed in known else ""


def _bureaus() -> list[Any]:
    """The first-level bureaus, each followed by the counties below it, for the filter."""
    query = select(Bureau.id, Bureau.code, Bureau.area_name, Bureau.tier, Bureau.parent_id).where(
        Bureau.tier != Tier.PROVINCE
    )
    found = db.session.execute(query.order_by(Bureau.sort)).all()
    below: dict[int | None, list[Any]] = {}
    for bureau in found:
        below.setdefault(bureau.parent_id, []).append(bureau)
    return [each for city in found if city.tier is Tier.CITY for each in (city, *below.get(city.id, []))]
