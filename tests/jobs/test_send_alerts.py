"""From a publication to a letter in somebody's mailbox, over a real mail server: once, whatever breaks on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from jobs import scheduler, send_alerts, send_mail
from jobs.runner import Outcome
from portal import clock
from portal.domain import notices
from portal.extensions import db
from portal.models.alert import AlertMatch, AlertSubscription, FreshNotice
from portal.models.job_run import JobRun
from portal.models.words import AlertPace, AlertTopic, Role
from tests import builders
from tests.builders import MORNING, acting, done
from tests.subscribers import READER, ask, letters, subscriber
from tests.support.postbox import SITE, Postbox, server

LATER = MORNING + timedelta(minutes=1)


def minute() -> None:
    """What the timetable does in one minute."""
    send_alerts.run(now=LATER)
    send_mail.run(now=LATER)


def path_in(text: str, ending: str = "") -> str:
    """The path of the first link to the subscription in a letter."""
    found = re.search(rf"{re.escape(SITE)}(/alerts/[\w-]+{ending})(?=\s|>|$)", text)
    assert found, text
    return found[1]


@pytest.mark.rule("N10")
def test_the_whole_story_from_the_form_to_the_end_by_one_click(app: Flask, client: FlaskClient):
    project = builders.project("浏阳市长寿路改造工程")
    postbox = Postbox()
    with server(app, postbox):
        said = {"topic": "project", "project": project.number, "pace": "at_once", "address": READER}
        assert client.post("/alerts", data=said).location == "/alerts/asked"
        send_mail.run(now=clock.now())
        [asking] = postbox.letters
        assert (asking["To"], asking["Subject"]) == (READER, "请确认：订阅浏阳市长寿路改造工程的公示提醒")

        page = path_in(asking.get_content())
        assert "确认订阅" in client.get(page).text  # a scanner that opens the link confirms nothing
        assert db.session.scalar(select(AlertSubscription.confirmed_at)) is None
        assert client.post(f"{page}/confirmation", data={"pace": "at_once"}).location == page
        assert "订阅已生效" in client.get(page).text

        notice = builders.notice(existing=builders.entry(project))
        builders.notice()  # about another project
        minute()
        minute()
        [_, alert] = postbox.letters
        assert (alert["To"], alert["Subject"]) == (READER, "公示提醒：浏阳市长寿路改造工程（1条）")
        text = alert.get_content().replace("\r\n", "\n")
        assert f"{SITE}/notices/{notice.reference}\n" in text
        assert "1. 关于浏阳市长寿路改造工程合同信息修正的公示" in text
        assert "浏阳市住房和城乡建设局，公示到2026年10月13日（星期二）24:00（北京时间）" in text
        assert alert["Auto-Submitted"] == "auto-generated"
        assert alert["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

        one_click = path_in(alert["List-Unsubscribe"], "/unsubscription")
        assert client.get(one_click).status_code == 200  # a page with a button, and nothing has happened
        assert db.session.scalar(select(func.count(AlertSubscription.id))) == 1
        # as mail providers send it: no cookie, no form of ours, nothing but this body
        stranger = app.test_client(use_cookies=False)
        for _ in range(2):
            ended = stranger.post(one_click, data={"List-Unsubscribe": "One-Click"}, content_type="multipart/form-data")
            assert ended.status_code == 200
            assert "Set-Cookie" not in ended.headers

        builders.notice(existing=builders.entry(project))
        minute()
        assert len(postbox.letters) == 2
    assert db.session.scalar(select(func.count(AlertSubscription.id))) == 0


def test_a_letter_that_waits_when_its_reader_leaves_is_not_sent(app: Flask, client: FlaskClient):
    token = subscriber()
    builders.notice()
    send_alerts.run(now=LATER)
    client.post(f"/alerts/{token}/unsubscription", data={"List-Unsubscribe": "One-Click"})
    postbox = Postbox()
    with server(app, postbox):
        assert send_mail.run(now=LATER) == Outcome(0, 0)
    assert postbox.letters == []
    assert all(letter.sent_at == LATER for letter in letters())


@pytest.mark.rule("N2")
def test_a_notice_retracted_while_the_mail_server_is_away_is_not_told(app: Flask):
    subscriber(AlertTopic.BUREAU, "430100")
    kept, taken_back = builders.notice(), builders.notice()
    send_alerts.run(now=LATER)
    subscriber(AlertTopic.BUREAU, "430000", "another@example.com")
    publisher = acting(Role.PUBLISHER)
    done(lambda: notices.retract(taken_back, "内容有误，撤回后重新公示", actor=publisher, now=LATER))
    postbox = Postbox()
    with server(app, postbox):
        send_mail.run(now=LATER)
    [alert] = [letter for letter in postbox.letters if "公示提醒：" in letter["Subject"]]
    assert kept.reference in alert.get_content()
    assert taken_back.reference not in alert.get_content()


def test_a_name_meant_to_do_harm_is_only_a_name(app: Flask):
    project = builders.project("=?utf-8?q?=0d=0aX-Evil:_yes?= <b>路</b>")
    subscriber(AlertTopic.PROJECT, project.number)
    builders.notice(existing=builders.entry(project))
    postbox = Postbox()
    with server(app, postbox):
        minute()
    for letter in postbox.letters:
        assert letter["X-Evil"] is None
        assert "X-Evil:_yes" in letter["Subject"]
        assert letter.get_content_type() == "text/plain"
        assert "<b>路</b>" in letter.get_content()


class Killed(BaseException):
    """The process is gone: nothing after this point happens."""


@contextmanager
def killed_at(statement: int) -> Iterator[None]:
    """End the process just before it sends the n-th statement: in the midst of a transaction, or between two."""
    seen = 0

    def strike(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            raise Killed

    event.listen(db.engine, "before_cursor_execute", strike)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", strike)
        db.session.rollback()
        db.session.remove()


@pytest.mark.rule("N10")
def test_wherever_the_job_is_killed_each_subscriber_has_one_letter_for_each_notice_in_the_end(app: Flask):
    subscriber()
    subscriber(AlertTopic.WORD, "长寿路", "another@example.com")
    ids, kills = [], 0
    for statement in range(1, 46, 3):
        ids.append(builders.notice().id)
        try:
            with killed_at(statement):
                send_alerts.run(now=LATER)
        except Killed:
            kills += 1
    assert kills > 10
    send_alerts.run(now=LATER)
    assert send_alerts.run(now=LATER) == Outcome(0, 0)

    told: dict[int, list[int]] = {}
    for letter in letters():
        told.setdefault(letter.vault_entry_id, []).extend(letter.facts["notices"])
    assert [sorted(heard_of) for heard_of in told.values()] == [ids, ids]
    assert db.session.scalar(select(func.count()).select_from(FreshNotice)) == 0
    assert db.session.scalar(select(func.count()).select_from(AlertMatch)) == 0


def test_wishes_nobody_confirms_are_swept(app: Flask):
    ask()
    assert send_alerts.run(now=MORNING + timedelta(hours=48)) == Outcome(0, 0)
    assert send_alerts.run(now=MORNING + timedelta(hours=49)) == Outcome(1, 0)
    assert db.session.scalar(select(func.count(AlertSubscription.id))) == 0


def test_a_subscriber_to_be_told_daily_gets_one_letter_for_the_day(app: Flask):
    subscriber(pace=AlertPace.DAILY)
    for _ in range(3):
        builders.notice()
    assert send_alerts.run(now=LATER) == Outcome(3, 0)
    assert send_alerts.run(now=MORNING.replace(hour=8) + timedelta(days=1)) == Outcome(1, 0)
    [letter] = letters()
    assert letter.facts["count"] == 3


def test_each_job_of_the_timetable_runs_by_itself_and_leaves_a_line(app: Flask):
    """As the scheduler calls them: without a context of ours, each in one of its own."""
    builders.bureau()
    db.session.commit()
    for job in scheduler.TIMETABLE:
        scheduler._run(app, job)
    lines = db.session.scalars(select(JobRun)).all()
    named = {job.__name__.rpartition(".")[2] for job in scheduler.TIMETABLE} - {"import_rows"}
    assert {line.job for line in lines} == named
    assert all(line.finished_at is not None for line in lines)
    said = {line.job: line.error for line in lines if line.error}
    assert set(said) == {"watch_notices"}, "nobody said where this portal is found, so it cannot be watched"
    assert "PORTAL_SITE_URL" in said["watch_notices"]
