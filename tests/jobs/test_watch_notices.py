"""The watcher at work: the portal behind its real web server, and sites that answer badly (rule N7)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from jobs import close_windows, watch_notices
from jobs.runner import Outcome, recorded
from portal.config import Settings
from portal.extensions import db
from portal.models.job_run import JobRun
from portal.models.notice import Notice
from portal.models.publication_sighting import PublicationSighting
from portal.models.words import NoticeStatus, SightingOutcome
from tests.builders import at, notice
from tests.domain.office import by_sql, close, over
from tests.public.statements import counted
from tests.support.odd_site import Answer, odd_site
from tests.support.web_server import serve

NOW = at("2026-10-09 09:00")


def sightings() -> list[PublicationSighting]:
    db.session.rollback()
    return list(db.session.scalars(select(PublicationSighting).order_by(PublicationSighting.id)))


def found_at(app: Flask, url: str) -> None:
    """Say where the public finds the portal."""
    app.config["PORTAL"] = replace(app.config["PORTAL"], site_url=url)


@contextmanager
def public_site(app: Flask, answer: Callable[[str], Answer]) -> Any:
    """The public finds the portal at a site that answers so."""
    with odd_site(answer) as site:
        found_at(app, site.url)
        yield site


def page_of(published: Notice) -> Answer:
    return 200, f'<p data-content-hash="{published.content_hash}">'


def pages_of(*published: Notice) -> Callable[[str], Answer]:
    """The pages of these notices, and no others."""
    pages = {f"/notices/{each.reference}": page_of(each) for each in published}
    return lambda path: pages.get(path, (404, ""))


@pytest.mark.rule("N7")
def test_the_portal_sees_its_own_notices_as_the_public_does(app: Flask, database_url: str, tmp_path):
    first, second, closed = notice(), notice(), notice()
    close(closed, now=over(closed))
    with serve(Settings.for_tests(database_url, tmp_path), tmp_path / "server.log") as url:
        found_at(app, url)
        assert watch_notices.run(now=NOW) == Outcome(2, 0)
        assert watch_notices.run(now=NOW + timedelta(minutes=5)) == Outcome(0, 0)  # not their turn yet
        assert watch_notices.run(now=NOW + timedelta(hours=4)) == Outcome(2, 0)
    lines = sightings()
    assert [line.notice_id for line in lines] == [first.id, second.id, first.id, second.id]
    assert {(line.outcome, line.http_status) for line in lines} == {(SightingOutcome.SEEN, 200)}
    assert NOW <= lines[0].at < NOW + timedelta(minutes=1)
    assert (first.sightings, first.unseen_since, first.gaps) == (2, None, 0)


@pytest.mark.rule("N7")
def test_what_does_not_appear_is_looked_at_again_before_it_is_written(app: Flask):
    flickering, gone, altered = notice(), notice(), notice()
    pages = pages_of(flickering)
    first, other = f"/notices/{flickering.reference}", f"/notices/{altered.reference}"
    page = page_of(flickering)
    tries: dict[str, int] = {}

    def answer(path: str) -> Answer:
        tries[path] = tries.get(path, 0) + 1
        if path == first and tries[path] == 1:
            return 503, ""
        return page if path == other else pages(path)

    with public_site(app, answer):
        assert watch_notices.run(now=NOW) == Outcome(3, 0)
    assert gone.sightings == 0
    assert list(tries.values()) == [2, 2, 2]
    assert [line.outcome for line in sightings()] == [
        SightingOutcome.SEEN, SightingOutcome.ABSENT, SightingOutcome.DIFFERENT,
    ]  # fmt: skip


@pytest.mark.rule("N7")
def test_a_portal_that_is_away_is_asked_twice_about_a_whole_batch_and_then_every_few_minutes(app: Flask):
    published = [notice() for _ in range(3)]
    with public_site(app, lambda _path: (0, "")) as site:
        assert watch_notices.run(now=NOW) == Outcome(3, 0)
        assert len(site.asked) == 2
        watch_notices.run(now=NOW + timedelta(minutes=61))
    assert {line.outcome for line in sightings()} == {SightingOutcome.UNREACHABLE}
    assert all(each.gap_undecided for each in published)

    with public_site(app, pages_of(*published)):
        assert watch_notices.run(now=NOW + timedelta(minutes=72)) == Outcome(3, 0)
    assert all(each.unseen_since is None and each.gaps == 1 for each in published)
    assert close_windows.run(now=over(published[0])) == Outcome(0, 0)
    assert {each.status for each in published} == {NoticeStatus.OPEN}


@pytest.mark.rule("N7")
def test_how_often_to_look_is_asked_once_however_many_notices_there_are(app: Flask):
    published = [notice() for _ in range(3)]
    with public_site(app, pages_of(*published)), counted() as sent:
        assert watch_notices.run(now=NOW) == Outcome(3, 0)
    assert sum("FROM policy" in statement for statement in sent) == 1


@pytest.mark.rule("N7")
def test_a_row_that_cannot_be_written_does_not_stop_the_others_and_is_taken_up_again(sqlite_app: Flask):
    bad, good = notice(), notice()
    by_sql(
        f"CREATE TRIGGER bad_row BEFORE INSERT ON publication_sighting WHEN new.notice_id = {bad.id} "
        "BEGIN SELECT RAISE(ABORT, 'a bad row'); END"
    )
    with public_site(sqlite_app, pages_of(bad, good)):
        assert watch_notices.run(now=NOW) == Outcome(1, 1)
        assert (bad.sightings, good.sightings) == (0, 1)
        by_sql("DROP TRIGGER bad_row")
        assert watch_notices.run(now=NOW + timedelta(minutes=5)) == Outcome(1, 0)
    assert (bad.sightings, good.sightings) == (1, 1)


@pytest.mark.rule("N7")
def test_without_an_address_of_the_portal_nothing_is_looked_at_and_the_run_says_so(app: Flask):
    notice()
    assert recorded("watch_notices", watch_notices.run, now=NOW) == Outcome(0, 0)
    run = db.session.scalars(select(JobRun)).one()
    assert "PORTAL_SITE_URL" in run.error
    assert sightings() == []
