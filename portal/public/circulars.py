"""通报: the list and each circular (rule I4)."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import select

from portal.domain.errors import NotFound
from portal.extensions import reading
from portal.models.bureau import Bureau
from portal.models.circular import Circular
from portal.web.pages import kept_for, page
from portal.web.paging import asked, newest_first

bp = Blueprint("circulars", __name__, url_prefix="/circulars")
_LISTED = select(
    Circular.id, Circular.number, Circular.title, Circular.published_at, Bureau.name.label("bureau")
).join(Bureau, Circular.bureau_id == Bureau.id)  # fmt: skip
_WHOLE = select(*Circular.__table__.c, Bureau.name.label("bureau")).join(Bureau, Circular.bureau_id == Bureau.id)


@bp.get("")
@kept_for(30)
def index() -> Response:
    """All circulars, newest first."""
    found = newest_first(_LISTED, Circular.id, plain=True)
    return page(
        "public/circulars/index.html",
        partial="public/circulars/_list.html",
        rows=found.items,
        paged=any(asked()),
        older_url=found.older_url,
        newer_url=found.newer_url,
    )


@bp.get("/<number>")
@kept_for(30)
def show(number: str) -> Response:
    """One circular as it was published. Raises NotFound."""
    found = reading().execute(_WHOLE.where(Circular.number == number[:40])).first()
    if found is None:
        raise NotFound("没有找到这份通报，请核对编号，或在通报列表中查看。")
    return page("public/circulars/show.html", circular=found)
