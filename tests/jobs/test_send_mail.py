"""Messages leave after the commit, through a real SMTP server that behaves well or badly (rule N10)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from sqlalchemy import select

from benchmarks import due_windows
from jobs import close_windows, send_mail
from jobs.runner import Outcome
from portal.domain import identity_vault, outbox
from portal.extensions import begin_write, db
from portal.models.notice import Notice
from portal.models.outbox import OutboxMessage
from tests.builders import at, done, objection
from tests.support.postbox import Postbox, server

PUBLISHED = at("2026-09-01 10:00")
NOW = at("2026-09-09 08:00")
ADDRESS = "contact@example.com"


def approved(count: int, email: str = ADDRESS) -> list[OutboxMessage]:
    """So many approvals, and the messages they leave."""
    due_windows.build(count, published_at=PUBLISHED, email=email)
    assert close_windows.run(now=NOW) == Outcome(count, 0)
    return messages()


def messages() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


@pytest.mark.rule("N10")
def test_an_approval_is_told_once(app):
    approved(2)
    postbox = Postbox()
    with server(app, postbox):
        assert send_mail.run(now=NOW) == Outcome(2, 0)
        assert send_mail.run(now=NOW) == Outcome(0, 0)

    assert [letter["To"] for letter in postbox.letters] == [ADDRESS, ADDRESS]
    assert "已办结" in postbox.letters[0]["Subject"]
    assert "已办结" in postbox.letters[0].get_content()
    assert len({letter["Message-ID"] for letter in postbox.letters}) == 2
    assert {letter["From"] for letter in postbox.letters} == {"公示平台 <portal@example.org>"}
    assert {parsedate_to_datetime(letter["Date"]) for letter in postbox.letters} == {NOW}
    assert len(postbox.visits) == 1  # one connection for both
    assert all(message.sent_at == NOW and message.attempts == 1 for message in messages())


def test_without_a_mail_server_messages_wait(app):
    approved(1)

    assert send_mail.run(now=NOW) == Outcome(0, 0)

    assert messages()[0].sent_at is None


def test_an_applicant_without_an_address_is_settled_without_a_letter(app):
    approved(1, email="")
    postbox = Postbox()
    with server(app, postbox):
        assert send_mail.run(now=NOW) == Outcome(0, 0)

    assert postbox.letters == []
    assert messages()[0].sent_at == NOW


@pytest.mark.rule("N10")
def test_a_refused_message_is_tried_again_later_and_later_and_stops_nobody_else(app):
    approved(2)
    postbox = Postbox("554 no", "250 OK", "451 not now")
    with server(app, postbox):
        assert send_mail.run(now=NOW) == Outcome(done=1, failed=1)
        refused, taken = messages()
        assert (refused.sent_at, refused.attempts, refused.due_at) == (None, 1, NOW + timedelta(minutes=2))
        assert "554" in refused.failure
        assert taken.sent_at == NOW

        assert send_mail.run(now=NOW + timedelta(minutes=1)) == Outcome(0, 0)
        assert send_mail.run(now=NOW + timedelta(minutes=2)) == Outcome(0, 1)
        assert messages()[0].due_at == NOW + timedelta(minutes=6)
        assert send_mail.run(now=NOW + timedelta(minutes=6)) == Outcome(1, 0)

    assert messages()[0].failure == ""
    assert len(postbox.letters) == 2


def test_a_message_refused_too_often_stays_visible_as_failed(app):
    approved(1)
    with server(app, Postbox(*["554 no"] * 20)):
        now = NOW
        for _ in range(20):
            send_mail.run(now=now)
            now += timedelta(days=1)

    [message] = messages()
    assert (message.attempts, message.sent_at) == (outbox.MOST_ATTEMPTS, None)
    assert "554" in message.failure


@pytest.mark.rule("N10")
def test_a_server_that_hangs_up_loses_nothing_and_is_left_in_peace_until_the_next_run(app):
    approved(3)
    postbox = Postbox("hang up")
    with server(app, postbox):
        assert send_mail.run(now=NOW) == Outcome(done=0, failed=1)
        assert [message.attempts for message in messages()] == [1, 0, 0]
        assert send_mail.run(now=NOW + timedelta(minutes=2)) == Outcome(3, 0)

    assert len(postbox.letters) == 3


def test_a_server_that_is_not_there_loses_nothing(app):
    approved(1)
    app.config["PORTAL"] = replace(
        app.config["PORTAL"], smtp_url="smtp://127.0.0.1:9?timeout=2", mail_from="p@example.org"
    )

    assert send_mail.run(now=NOW) == Outcome(0, 1)

    assert messages()[0].sent_at is None


@pytest.mark.rule("N10")
def test_a_server_that_is_gone_for_a_week_or_will_not_have_us_uses_up_no_tries(app):
    approved(2)
    times = [NOW + timedelta(hours=hour) for hour in range(0, 168, 6)]
    app.config["PORTAL"] = replace(app.config["PORTAL"], smtp_url="smtp://127.0.0.1:9", mail_from="p@example.org")
    assert {send_mail.run(now=now) for now in times} == {Outcome(0, 1)}
    assert [message.attempts for message in messages()] == [0, 0]
    postbox = Postbox(senders=("550 we do not know you",) * len(times))
    with server(app, postbox):
        assert {send_mail.run(now=now) for now in times} == {Outcome(0, 1)}
        assert [message.attempts for message in messages()] == [0, 0]
        assert "550 we do not know you" in messages()[0].failure
        assert send_mail.run(now=times[-1] + timedelta(minutes=2)) == Outcome(2, 0)


def test_a_server_that_takes_one_letter_at_a_time_gets_them_one_by_one(app):
    approved(3)
    postbox = Postbox("last", "last", "last")
    with server(app, postbox):
        assert send_mail.run(now=NOW) == Outcome(3, 0)
    assert (len(postbox.letters), len(postbox.visits)) == (3, 3)


@pytest.mark.rule("C7")
def test_what_a_server_says_about_an_address_is_kept_without_the_address(app):
    approved(2)
    postbox = Postbox(f"554 <{ADDRESS}>: over quota", recipients=("250 OK", f"550 no such user {ADDRESS}"))
    with server(app, postbox):
        assert send_mail.run(now=NOW) == Outcome(0, 2)
    told = ["554 <…>: over quota", "mailbox refused: 550 no such user …"]
    assert [message.failure for message in messages()] == told


def test_an_address_no_letter_can_be_sent_to_is_given_up_at_once_and_stops_nobody(app):
    first, _ = approved(2)
    done(lambda: db.session.get_one(OutboxMessage, first.id).__setattr__("vault_entry_id", kept("=?utf-8?q?a?=@b.cn")))
    postbox = Postbox()
    with server(app, postbox):
        assert send_mail.run(now=NOW) == Outcome(1, 0)
    given_up, sent = messages()
    assert (given_up.sent_at, given_up.attempts, sent.sent_at) == (None, outbox.MOST_ATTEMPTS, NOW)
    assert "b.cn" not in given_up.failure


def kept(email: str) -> int:
    return identity_vault.keep({"email": email}, now=NOW)


def test_letters_of_which_there_are_many_wait_for_the_others(app):
    begin_write()
    for number in range(3):
        facts = {"name": "全省", "count": 1, "notices": []}
        outbox.queue(f"alert/{number}", "alert_notices", kept(f"reader{number}@example.com"), facts, now=NOW)
    db.session.commit()
    approved(1)
    assert [message.template for message in map(get, send_mail._due(NOW))] == [
        "application_approved", "alert_notices", "alert_notices", "alert_notices",
    ]  # fmt: skip


def get(message_id: int) -> OutboxMessage:
    return db.session.get_one(OutboxMessage, message_id)


@pytest.mark.rule("N10", "O1")
def test_while_a_slow_server_is_talked_to_citizens_can_file(app):
    approved(1)
    [other] = due_windows.build(1, published_at=PUBLISHED)
    filed = []

    class Slow(Postbox):
        async def handle_DATA(self, server, session, envelope):
            await asyncio.get_running_loop().run_in_executor(None, self.file)
            return await super().handle_DATA(server, session, envelope)

        def file(self) -> None:
            with app.app_context():
                filed.append(objection(db.session.get_one(Notice, other)).number)
                db.session.remove()

    with server(app, Slow()):
        assert send_mail.run(now=NOW) == Outcome(1, 0)
    assert len(filed) == 1


def test_a_server_too_slow_to_wait_for_delays_the_message(app):
    approved(1)
    with server(app, Postbox("wait 3"), timeout=0.5):
        assert send_mail.run(now=NOW) == Outcome(0, 1)
        assert "timed out" in messages()[0].failure
        assert send_mail.run(now=NOW + timedelta(minutes=2)) == Outcome(1, 0)


@pytest.mark.rule("N10")
def test_a_sender_killed_before_it_could_mark_the_message_sends_it_again_under_the_same_name(app):
    [message] = approved(1)
    begin_write()
    outbox.take(message.id, now=NOW)  # and then the power fails
    db.session.commit()
    postbox = Postbox()
    with server(app, postbox):
        assert send_mail.run(now=NOW + timedelta(minutes=1)) == Outcome(0, 0)
        assert send_mail.run(now=NOW + timedelta(minutes=2)) == Outcome(1, 0)

    assert len(postbox.letters) == 1
