"""首页: what is on notice, what closes today and tomorrow, where, and how a notice works."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, url_for
from sqlalchemy import case, func, select

from portal import clock
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.notice import Notice
from portal.models.words import NoticeStatus, Tier
from portal.public.notice_list import Row, rows
from portal.public.notice_tally import DUE, ends_on
from portal.web.pages import kept_for, page

bp = Blueprint("home", __name__)
SHOWN = 5
_OPEN = select(Notice).where(Notice.status == NoticeStatus.OPEN)
SHADES = (0, 5, 20, 50)
"""A tile is a shade darker with more open notices than each of these."""


@bp.get("/")
@kept_for(10)
def index() -> Response:
    """What is on notice, what closes today, where, and how a notice works."""
    bureaus = _open_per_bureau()
    counts = {day: sum(getattr(bureau, day) for bureau in bureaus) for day in DUE}
    return page(
        "public/home.html",
        closing=[(day, counts[day], _closing(day)) for day in DUE if counts[day]],
        latest=rows(_OPEN.where(Notice.last_day >= clock.today()).order_by(Notice.id.desc()).limit(SHOWN)),
        tiles=[_tile(bureau) for bureau in bureaus if bureau.tier is Tier.CITY],
        open=sum(bureau.open for bureau in bureaus),
        counts=counts,
        closed=_closed_this_month(),
    )


def _closing(day: str) -> list[Row]:
    # the end is the same as the last day, but in an index
    return rows(_OPEN.where(Notice.ends_at == ends_on(day)).order_by(Notice.id.desc()).limit(SHOWN))


def _open_per_bureau() -> list[Any]:
    """For the province and each first-level bureau with its counties: open notices, and those that close on the days
    of DUE.
    """
    today = clock.today()
    counted = (
        select(
            Notice.city_id,
            func.count().label("open"),
            *(
                func.sum(case((Notice.last_day == today + timedelta(days=after), 1), else_=0)).label(day)
                for day, after in DUE.items()
            ),
        )
        .where(Notice.status == NoticeStatus.OPEN, Notice.last_day >= today)
        .group_by(Notice.city_id)
        .subquery()
    )
    numbers = (func.coalesce(counted.c[name], 0).label(name) for name in ("open", *DUE))
    query = (
        select(Bureau.code, Bureau.area_name, Bureau.tier, *numbers)
        .outerjoin(counted, counted.c.city_id == Bureau.id)
        .where(Bureau.tier != Tier.COUNTY)
        .order_by(Bureau.sort)
    )
    return list(db.session.execute(query).all())


def _closed_this_month() -> dict[NoticeStatus, int]:
    """Windows that ended this month, without and with objections."""
    today = clock.today()
    closed = (NoticeStatus.CLOSED_CLEAR, NoticeStatus.CLOSED_CONTESTED)
    query = (
        select(Notice.status, func.count().label("ended"))
        .where(Notice.status.in_(closed), Notice.ends_at >= clock.midnight_after(today.replace(day=1)))
        .group_by(Notice.status)
    )
    return dict.fromkeys(closed, 0) | {row.status: row.ended for row in db.session.execute(query)}


def _tile(bureau: Any) -> dict[str, Any]:
    place = bureau.code[:4] if bureau.code.isdigit() and bureau.code.endswith("00") else "new-area"
    return {
        "code": place,
        "name": bureau.area_name.removeprefix("湖南").removesuffix("市").removesuffix("土家族苗族自治州"),
        "count": bureau.open,
        "shade": sum(bureau.open > least for least in SHADES),
        "url": url_for("public.notices.index", bureau=bureau.code, status=NoticeStatus.OPEN.value),
    }
