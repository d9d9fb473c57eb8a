"""SMTP, and nothing about what is said."""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

TIMEOUT_SECONDS = 20
_AN_ADDRESS = re.compile(r"[^\s<>()@]+@[^\s<>()@]+")
_NOT_THE_MAILBOX = re.compile(r"5\.[3-7]\.")
"""What a refused recipient is not to blame for, where the server says so: the system, the way, us (RFC 3463)."""


class _Unfolded(UnstructuredHeader, BaseHeader):
    """A header whose value is an address of the web: broken into lines, mail programs cannot follow it (RFC 8058)."""

    def fold(self, *, policy: Policy[Any]) -> str:
        """The whole header on one line."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Unfolded)
POLICY = SMTP.clone(header_factory=_HEADERS)


class Refused(Exception):
    """The server will not have this one letter. The message names no address: servers like to repeat them."""


class MailboxRefused(Refused):
    """There is no such mailbox, or it takes nothing: the server says so for good (5xx to the recipient)."""


class ServerRefused(Exception):
    """The server will have no letter of ours, whichever: the next run may try again with the same one."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What one person is to read. `key` names what it says: sent twice after a crash, it is recognised as one."""

    key: str
    recipient: str
    """A plain address: name@example.org."""
    subject: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further ones."""


class Server:
    """A mail server one talks to for a while: `with Server(...) as server: server.send(...)`, one connection for many
    letters. Opening it raises OSError if it does not answer, and ServerRefused if it will not have us.

    url: smtp://user:password@host:port, encrypted if the server offers it, or smtps://; `?timeout=5` waits no longer
    than 5 seconds for each answer. sender: an address, or 名称 <address>.
    """

    def __init__(self, url: str, sender: str) -> None:
        self.url = urlparse(url)
        self.sender = sender
        self.timeout = float(parse_qs(self.url.query).get("timeout", [TIMEOUT_SECONDS])[0])
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Server:
        self._connect()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._connection is not None:
            try:
                self._connection.quit()
            except OSError:
                self._connection.close()

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Hand the letter over. Raises Refused, MailboxRefused among them, ServerRefused, or OSError if the server goes
        away meanwhile.
        """
        message = compose(letter, self.sender, now=now)
        try:
            self._alive().send_message(message)
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError):
            raise
        except smtplib.SMTPSenderRefused as refusal:
            raise ServerRefused(_said(refusal)) from None
        except smtplib.SMTPRecipientsRefused as refusal:
            raise (MailboxRefused if _for_good(refusal) else Refused)(_said(refusal)) from None
        except smtplib.SMTPException as refusal:
            raise Refused(_said(refusal)) from None

    def _alive(self) -> smtplib.SMTP:
        """The connection, opened anew if the server has closed it: many do after so many letters."""
        if self._connection is not None:
            try:
                if self._connection.noop()[0] == 250:
                    return self._connection
            except smtplib.SMTPServerDisconnected:
                pass
        return self._connect()

    def _connect(self) -> smtplib.SMTP:
        if self._connection is not None:
            self._connection.close()
        kind = smtplib.SMTP_SSL if self.url.scheme == "smtps" else smtplib.SMTP
        self._connection = connection = kind(self.url.hostname or "localhost", self.url.port or 0, timeout=self.timeout)
        try:
            self._introduce(connection)
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException as refusal:
            connection.close()
            raise ServerRefused(_said(refusal)) from None
        except (OSError, ServerRefused):
            connection.close()
            raise
        return connection

    def _introduce(self, connection: smtplib.SMTP) -> None:
        """Encrypt, and say who we are, before the first letter."""
        connection.ehlo_or_helo_if_needed()
        secret = self.url.username is not None
        if self.url.scheme != "smtps":
            self._encrypt(connection, verified=secret)
        if secret:
            connection.login(unquote(self.url.username or ""), unquote(self.url.password or ""))

    def _encrypt(self, connection: smtplib.SMTP, *, verified: bool) -> None:
        """Encrypt if the server offers it. A password goes only to a server that has proved who it is."""
        if connection.has_extn("starttls"):
            context = ssl.create_default_context()
            if not verified:  # encrypted to nobody knows whom is still better than read by everybody
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection.starttls(context=context)
            connection.ehlo()
        elif verified:
            raise ServerRefused("the server offers no encryption; a password is not sent in clear")


def compose(letter: Letter, sender: str, *, now: datetime) -> EmailMessage:
    """The letter as it goes over the wire. Raises Refused if it cannot be written, such as for a malformed recipient.

    Everything that becomes a header is brought onto one line: nothing in it can begin a header of its own.
    """
    name, address = parseaddr(_one_line(sender))
    message = EmailMessage(POLICY)
    try:
        message["From"] = Address(name, addr_spec=address)
        message["To"] = Address(addr_spec=_one_line(letter.recipient))
        message["Subject"] = _one_line(letter.subject)
        message["Date"] = format_datetime(now)
        place = address.rpartition("@")[2]
        message["Message-ID"] = f"<{hashlib.sha256(letter.key.encode()).hexdigest()[:32]}@{place}>"
        message["Auto-Submitted"] = "auto-generated"
        for header, value in letter.headers.items():
            message[header] = _one_line(value)
        message.set_content(letter.body, cte="base64")  # whatever the servers on the way can carry
    except (MessageError, ValueError, IndexError) as fault:
        raise Refused(f"it cannot be written: {_masked(str(fault))}") from None
    return message


def _said(refusal: smtplib.SMTPException) -> str:
    """What the server answered, without the address it answered about."""
    if isinstance(refusal, smtplib.SMTPRecipientsRefused):
        return _masked("; ".join(f"{code} {text}" for code, text in _answers(refusal)))
    if isinstance(refusal, smtplib.SMTPResponseException):
        return _masked(f"{refusal.smtp_code} {_text(refusal.smtp_error)}")
    return _masked(str(refusal))


def _for_good(refusal: smtplib.SMTPRecipientsRefused) -> bool:
    """Whether what was answered is about the mailbox, and permanent."""
    return all(code >= 500 and not _NOT_THE_MAILBOX.match(text) for code, text in _answers(refusal))


def _answers(refusal: smtplib.SMTPRecipientsRefused) -> list[tuple[int, str]]:
    return [(code, _text(said)) for code, said in refusal.recipients.values()]


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _masked(text: str) -> str:
    return _AN_ADDRESS.sub("…", text)


def _one_line(text: str) -> str:
    """Text for a header: no line end, and no encoded word, which Python 3.11 would decode, line ends and all."""
    return " ".join(text.split()).replace("=?", "= ?")
