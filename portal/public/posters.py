"""What can be taken away from a notice: a poster for the notice board, on the page or as PDF, its QR code, and the last
day for one's own calendar (rules N1, N2).
"""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import segno
from flask import Blueprint, Response, make_response, render_template
from sqlalchemy import Row

from portal import clock
from portal.domain import policy, workdays
from portal.domain.errors import NotFound
from portal.extensions import db, reading
from portal.models.notice import Notice
from portal.public import api_query, notice_page, window_calendar
from portal.public.comparison import compare
from portal.public.notices import UNKNOWN
from portal.web import pdf
from portal.web.addresses import absolute
from portal.web.pages import kept_for, page

bp = Blueprint("posters", __name__, url_prefix="/notices/<reference>")
MOST_ROWS = 5
"""Changed fields a poster has room for; the rest is on the page."""
log = logging.getLogger(__name__)


@bp.get("/poster")
@kept_for(10)
def show(reference: str) -> Response:
    """The poster as a page, to be printed by any browser."""
    notice = _find(reference)
    return page("public/notices/poster.html", notice=notice, **_poster(notice))


@bp.get("/poster.pdf")
@kept_for(60)
def sheet(reference: str) -> Response:
    """The poster as one A4 page. Where none can be made, a page says so and leads to the one to be printed."""
    notice = _find(reference)
    html = render_template("public/notices/poster_sheet.html", notice=notice, **_poster(notice))
    try:
        response = make_response(pdf.of(html, "poster.css"))
    except pdf.CannotPrint as why:
        log.warning("no PDF of %s: %s", reference, why)
        return page("public/notices/no_pdf.html", status=503, notice=notice)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{notice.reference}.pdf"'
    return response


@bp.get("/qr.svg")
@kept_for(3600)
def qr(reference: str) -> Response:
    """The permanent address of the notice as a QR code."""
    drawn = io.BytesIO()
    _code(_find(reference)).save(drawn, kind="svg", scale=4, border=2, dark="#000", light="#fff", xmldecl=False)
    response = make_response(drawn.getvalue())
    response.mimetype = "image/svg+xml"
    return response


@bp.get("/window.ics")
@kept_for(60)
def calendar(reference: str) -> Response:
    """The last day of the window as a calendar file."""
    notice = reading().execute(api_query.ALL.where(Notice.reference == reference[:40])).first()
    if notice is None:
        raise NotFound(UNKNOWN)
    response = make_response(window_calendar.of(notice.title, [notice], alarm=True))
    response.mimetype = "text/calendar"
    response.headers["Content-Disposition"] = f'attachment; filename="{notice.reference}.ics"'
    return response


def _find(reference: str) -> Row[Any]:
    found = notice_page.find(reference)
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def _poster(notice: Row[Any]) -> dict[str, Any]:
    """What the sheet says, in the words of the frozen content; only the end of the window is what it is now."""
    said = json.loads(notice.content)
    changes = [compare(change, notice_page.level_of(notice, said)) for change in said["changes"]]
    rows = [(change.title, row) for change in changes for row in change.changed]
    published = clock.beijing_date(notice.published_at)
    length = policy.value("notice.working_days", published)
    calendar = workdays.load_calendar(db.session)
    return {
        "said": said,
        "rows": rows[:MOST_ROWS],
        "more_rows": max(0, len(rows) - MOST_ROWS),
        "address": absolute("public.notices.show", reference=notice.reference),
        "qr": _code(notice).svg_data_uri(scale=4, border=0, omitsize=True),
        "is_open": notice_page.takes_objections(notice),
        "length": length,
        "window": workdays.window_until(
            published, notice.last_day, calendar, provisional=notice.provisional, length=length
        ),
    }


def _code(notice: Row[Any]) -> segno.QRCode:
    return segno.make(absolute("public.notices.show", reference=notice.reference), error="q", micro=False)
