"""A real SMTP server on this machine, which behaves well or badly, and keeps what it took."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask

SITE = "https://gs.example.gov.cn"


class Postbox:
    """A mail server's conduct: takes everything unless told otherwise, one answer for each letter in turn.

    answers: "250 OK"; "451 …" or "554 …" to refuse the letter; "hang up"; "wait 3" (seconds);
    "last" to take it and be gone when spoken to again. senders: the same for the
    envelope's sender, and recipients for its recipient.
    """

    def __init__(self, *answers: str, senders: tuple[str, ...] = (), recipients: tuple[str, ...] = ()) -> None:
        self.answers, self.senders, self.recipients = list(answers), list(senders), list(recipients)
        self.letters: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.visits: set[Any] = set()
        """The connections letters came over."""
        self.leaving: set[Any] = set()
        self.encrypted = False
        """Whether the last letter came over an encrypted connection."""

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take or refuse the sender."""
        answer = self.senders.pop(0) if self.senders else "250 OK"
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take or refuse the recipient."""
        answer = self.recipients.pop(0) if self.recipients else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_NOOP(self, server: Any, session: Any, envelope: Any, words: str) -> str:
        """Still here, or gone."""
        if session.peer in self.leaving:
            server.transport.abort()
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take or refuse the letter."""
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "hang up":
            server.transport.abort()
            return "250 never heard"
        if answer.startswith("wait"):
            await asyncio.sleep(float(answer.partition(" ")[2]))
        if answer.startswith(("4", "5")):
            return answer
        if answer == "last":
            self.leaving.add(session.peer)
        self.raw.append(envelope.original_content)
        self.letters.append(message_from_bytes(envelope.original_content, policy=policy.default))
        self.visits.add(session.peer)
        self.encrypted = session.ssl is not None
        return "250 OK"


@contextmanager
def server(app: Flask, postbox: Postbox, timeout: float = 10, login: str = "", **more: Any) -> Iterator[None]:
    """The postbox behind a port of this machine, and the portal told to send there.

    login: "name:password@"; more: to the server, such as `tls_context`.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port, **more)
    controller.start()
    before = app.config["PORTAL"]
    try:
        url = f"smtp://{login}127.0.0.1:{port}?timeout={timeout}"
        app.config["PORTAL"] = replace(before, smtp_url=url, mail_from="公示平台 <portal@example.org>", site_url=SITE)
        yield
    finally:
        app.config["PORTAL"] = before
        controller.stop()


def context(certificate: str, key: str) -> ssl.SSLContext:
    """What a server needs to encrypt."""
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(certificate, key)
    return made
