"""The demo's clock: moved forward so that a newcomer sees a window close in a minute. Registered in the demo only."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy import select, update

from jobs import close_windows, escalate_overdue, send_mail, settle_windows
from portal import clock
from portal.domain import notices, workdays
from portal.extensions import begin_write, csrf, db
from portal.models.notice import Notice
from portal.models.words import NoticeStatus

bp = Blueprint("demo", __name__)


@bp.post("/demo/clock")
@csrf.exempt  # anyone may move the demo's clock; it is a toy
def move_clock() -> Response:
    """Move to the morning of the next working day, or just past the end of a window; then let the clock's jobs run.

    No message is left for the next page: the banner shows the date, and a message would need a cookie.
    """
    back = _back()
    if request.form.get("to") == "window-end":
        target = _end_of_window(back.removeprefix(url_for("public.notices.index") + "/"))
    else:
        calendar = workdays.load_calendar(db.session)
        morning = workdays.add_working_days(clock.today(), 1, calendar) - timedelta(days=1)
        target = clock.midnight_after(morning) + timedelta(hours=9)
    if target is not None and target > clock.now():
        _forget_failed_looks()
        clock.move_demo_to(target)
    for job in (settle_windows, close_windows, escalate_overdue, send_mail):
        job.run(now=clock.now())
    return redirect(back, code=303)  # type: ignore[return-value]


def _forget_failed_looks() -> None:
    """The time that is jumped over is no gap in anything (rule N7)."""
    begin_write()
    db.session.execute(update(Notice).where(Notice.unseen_since.is_not(None)).values(unseen_since=None))
    db.session.commit()


def _end_of_window(reference: str) -> datetime | None:
    """Just past the end and the grace of this notice's window, or of the next to end that waits for no person."""
    running = select(Notice).where(Notice.status == NoticeStatus.OPEN, Notice.provisional.is_(False))
    notice = db.session.scalar(running.where(Notice.reference == reference[:40])) or db.session.scalar(
        running.where(Notice.gap_undecided.is_(False)).order_by(Notice.ends_at).limit(1)
    )
    return None if notice is None else notices.closes_at(notice) + timedelta(minutes=1)


def _back() -> str:
    """The page the button was on, if the browser says so and it is one of ours."""
    referrer = urlsplit(request.referrer or "")
    ours = referrer.netloc == request.host and referrer.path.startswith("/") and not referrer.path.startswith("//")
    if not ours:
        return url_for("public.home.index")
    return referrer.path + (f"?{referrer.query}" if referrer.query else "")
