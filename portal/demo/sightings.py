"""公示监测 in the demo: the ledger of one notice, with a gap its bureau has still to decide about (rule N7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from portal.demo.steps import Event, done, on
from portal.domain import publication_watch
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.application import Application
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.words import NoticeStatus, SightingPlace

WATCHED = "4305221008190041"
"""The project whose running notice it is."""
FIRST, LAST = on(18, hour=12), on(24, hour=8)
AWAY, BACK = on(22, hour=12), on(22, hour=13) + timedelta(minutes=30)
EVERY, AGAIN = timedelta(hours=3), timedelta(minutes=10)


def events() -> list[Event]:
    """Every look before a newcomer comes: as seldom as the policy says, more often while the notice is not seen."""
    found: list[Event] = []
    when = FIRST
    while when < LAST:
        found.append((when, partial(_look, seen=not AWAY <= when < BACK)))
        when += AGAIN if AWAY <= when < BACK else EVERY
    return found


def _look(when: datetime, *, seen: bool) -> None:
    running = select(Notice).join(Application).join(Project).where(Project.number == WATCHED)
    notice = db.session.scalars(running.where(Notice.status == NoticeStatus.OPEN)).one()
    notice_id, content_hash = notice.id, notice.content_hash
    done(
        lambda: publication_watch.note(
            notice_id,
            SightingPlace.PAGE,
            http_status=200 if seen else None,
            content_hash=content_hash if seen else "",
            milliseconds=24 + when.hour if seen else 5000,
            pace=publication_watch.how_often(when),
            actor=SYSTEM,
            now=when,
        )
    )
