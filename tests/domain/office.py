"""The people of one bureau, and short ways to say what the stories of these tests say often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import CursorResult, text
from sqlalchemy.exc import DBAPIError

from jobs import close_windows
from jobs.runner import Outcome
from portal.domain import decisions, notices, objections, sections, trail
from portal.domain.actor import SYSTEM, Actor
from portal.domain.errors import RuleViolation
from portal.extensions import begin_write, db
from portal.models.application import Application
from portal.models.notice import Notice
from portal.models.trail_entry import TrailEntry, case_history
from portal.models.words import Disposition, Role, Section
from tests.builders import COUNTY, acting, done

GRACE = timedelta(minutes=10)
SECOND = timedelta(seconds=1)
WHY = "经集体研究，意见如上"


@dataclass(frozen=True)
class Office:
    """One officer for each duty of a case."""

    clerk: Actor
    verifier: Actor
    publisher: Actor
    decider: Actor


def office(code: str = COUNTY) -> Office:
    """The officers of the bureau with this code."""
    return Office(
        *(acting(role, bureau_code=code) for role in (Role.CLERK, Role.VERIFIER, Role.PUBLISHER, Role.DECIDER))
    )


def refused(
    act: Callable[[], object], kind: type[RuleViolation] = RuleViolation, *, rule: str | None = None
) -> RuleViolation:
    """Try `act` as a door would, and expect a refusal of this kind, naming this rule; nothing of it is kept."""
    with pytest.raises(kind) as caught:
        done(act)
    db.session.rollback()
    if rule is not None:
        assert caught.value.rule == rule, caught.value.message
    assert "。" not in caught.value.message[:-1]
    assert caught.value.message
    return caught.value


def by_sql(statement: str, **values: Any) -> CursorResult[Any]:
    """Do something to the database behind the portal's back, and commit it."""
    begin_write()
    try:
        result: CursorResult[Any] = db.session.connection().execute(text(statement), values)
        db.session.commit()
    except DBAPIError:
        db.session.rollback()
        raise
    return result


def database_refuses(statement: str, **values: Any) -> str:
    """Expect the database itself to refuse `statement`; returns what it says."""
    with pytest.raises(DBAPIError) as caught:
        by_sql(statement, **values)
    return str(caught.value.orig)


def over(notice: Notice) -> datetime:
    """The first instant at which this notice's window may be closed (with nobody's ticket held)."""
    return notice.ends_at + GRACE


def close(notice: Notice, *, now: datetime | None = None) -> Application:
    """Let the system close the window at its first instant, or at `now`."""
    when = now or over(notice)
    done(lambda: notices.close_window(notice.id, SYSTEM, now=when))
    return notice.application


def sweep(now: datetime) -> Outcome:
    """Run the job that closes windows, as its own process would: in a session of its own."""
    db.session.rollback()
    with current_app.app_context():
        outcome = close_windows.run(now=now)
    db.session.expire_all()
    return outcome


def rule_all(case: Application, disposition: Disposition, decider: Actor, *, now: datetime) -> None:
    """Give every open ground of a contested case the same disposition."""
    for ground in decisions.grounds_of(case):
        if ground.disposition is None:
            done(
                lambda ground=ground: objections.rule_on_ground(  # type: ignore[misc]
                    ground, disposition, "经核对原件，理由如上", actor=decider, now=now
                )
            )


def history(case: Application) -> list[tuple[str, str]]:
    """What happened to a case, and who did it, in order."""
    return [(entry.event, entry.actor) for entry in db.session.scalars(case_history(case.number))]


def said(event: trail.Event, case: Application | None = None) -> dict[str, Any]:
    """What the newest entry of this event says, optionally the newest of this case."""
    query = db.select(TrailEntry).where(TrailEntry.event == event.value).order_by(TrailEntry.id.desc()).limit(1)
    if case is not None:
        query = query.where(TrailEntry.case_number == case.number)
    return trail.facts(db.session.scalars(query).one())


def blank(section: Section, **values: Any) -> dict[str, Any]:
    """Canonical content of a section: every key of its schema, those given filled in."""
    content: dict[str, Any] = {field.key: None for field in sections.schema(section)}
    assert values.keys() <= content.keys(), values.keys() - content.keys()
    return content | values


def section_dated(section: Section, day: str | None) -> dict[str, Any]:
    """Content whose section date (rule S5) is `day`."""
    field = sections.section_date_field(section)
    assert field is not None, section
    return blank(section, **{field.key: day})
