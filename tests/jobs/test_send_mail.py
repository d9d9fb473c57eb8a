"""Messages leave after the commit, through a real SMTP server that behaves well or badly (rule N10)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from benchmarks import due_windows
from jobs import close_windows, send_mail
from jobs.runner import Outcome
from portal.domain import outbox
from portal.extensions import begin_write, db
from portal.models.notice import Notice
from portal.models.outbox import OutboxMessage
from tests.builders import at, objection

PUBLISHED = at("2026-09-01 10:00")
NOW = at("2026-09-09 08:00")
ADDRESS = "contact@example.com"


class Postbox:
    """A mail server's conduct: takes everything unless told otherwise."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, server, session, envelope):
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "hang up":
            server.transport.abort()
            return "250 never heard"
        if answer.startswith("wait"):
            await asyncio.sleep(float(answer.partition(" ")[2]))
        if answer.startswith(("4", "5")):
            return answer
        self.letters.append(message_from_bytes(envelope.original_content, policy=policy.default))
        return "250 OK"


@contextmanager
def server(app, postbox, timeout: float = 10) -> Iterator[None]:
    """The postbox behind a port of this machine, and the portal told to send there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        told = {"smtp_url": f"smtp://127.0.0.1:{port}?timeout={timeout}", "mail_from": "portal@example.org"}
        app.config["PORTAL"] = replace(app.config["PORTAL"], **told)
        yield
    finally:
        controller.stop()


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
