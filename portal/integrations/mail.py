"""SMTP, and nothing about what is said."""

from __future__ import annotations

import hashlib
import smtplib
from collections.abc import Mapping
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlparse

TIMEOUT_SECONDS = 20


def send(
    server_url: str,
    sender: str,
    recipient: str,
    subject: str,
    body: str,
    key: str,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send one message through smtp://user:password@host:port, or smtps://; `?timeout=5` waits no longer than 5 seconds
    for each answer. Raises OSError if the server does not take it.

    `key` makes the Message-ID, so that a message sent twice after a crash is recognised as one. headers: further ones.
    Subject and addresses are brought onto one line: nothing in them can begin a header of its own.
    """
    url = urlparse(server_url)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = map(_one_line, (sender, recipient, subject))
    message["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2] or 'portal'}>"
    message["Auto-Submitted"] = "auto-generated"
    for name, value in (headers or {}).items():
        message[name] = _one_line(value)
    message.set_content(body)
    timeout = float(parse_qs(url.query).get("timeout", [TIMEOUT_SECONDS])[0])
    kind = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    with kind(url.hostname or "localhost", url.port or 25, timeout=timeout) as server:
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)


def _one_line(text: str) -> str:
    return " ".join(text.split())
