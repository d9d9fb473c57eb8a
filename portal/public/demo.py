"""The demo's clock: moved forward so that a newcomer sees a window close in a minute. Registered in the demo only."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, Response, flash, redirect, request, url_for
from sqlalchemy import select

from jobs import close_windows, send_mail, settle_windows
from portal import clock
from portal.domain import notices, workdays
from portal.extensions import csrf, db
from portal.models.notice import Notice
from portal.models.words import NoticeStatus
from portal.web.filters import day_weekday

bp = Blueprint("demo", __name__)


@bp.post("/demo/clock")
@csrf.exempt
def move_clock() -> Response:
    """Move to the morning of the next working day, or just past the end of a window; then let the clock's jobs run."""
    notice = db.session.scalar(select(Notice).where(Notice.reference == request.form.get("notice", "")[:40]))
    if request.form.get("to") == "window-end":
        target = _end_of(notice)
    else:
        calendar = workdays.load_calendar(db.session)
        morning = workdays.add_working_days(clock.today(), 1, calendar) - timedelta(days=1)
        target = clock.midnight_after(morning) + timedelta(hours=9)
    if target is not None and target > clock.now():
        clock.move_demo_to(target)
    for job in (settle_windows, close_windows, send_mail):
        job.run(now=clock.now())
    flash(f"演示时间已到 {day_weekday(clock.today())}")
    return redirect(_back(), code=303)  # type: ignore[return-value]


def _end_of(notice: Notice | None) -> datetime | None:
    """Just past the end and the grace of this window, or of the one that ends next."""
    if notice is None or notice.status is not NoticeStatus.OPEN:
        notice = db.session.scalar(
            select(Notice)
            .where(Notice.status == NoticeStatus.OPEN, Notice.provisional.is_(False))
            .order_by(Notice.ends_at)
            .limit(1)
        )
    return None if notice is None else notices.closes_at(notice) + timedelta(minutes=1)


def _back() -> str:
    """The page the button was on, if it is one of ours."""
    path = request.form.get("back", "")
    return path if path.startswith("/") and not path.startswith("//") and "\\" not in path else url_for("public.home.index")
