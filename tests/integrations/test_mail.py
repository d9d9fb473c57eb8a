"""What goes over the wire to a mail server, a real one: headers nobody can break, encryption, a password kept safe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from flask import Flask

from portal.integrations.mail import Letter, Refused, Server, ServerRefused
from tests.builders import at
from tests.support.certificates import certificate
from tests.support.postbox import Postbox, context, server

NOW = at("2026-09-09 08:00")
ADDRESS = "contact@example.com"
LINK = "<https://gs.example.gov.cn/alerts/" + "x" * 90 + ">"


def send(app: Flask, *letters: Letter) -> None:
    told = app.config["PORTAL"]
    with Server(told.smtp_url, told.mail_from) as sender:
        for letter in letters:
            sender.send(letter, now=NOW)


@pytest.mark.parametrize(
    "said",
    [
        "公示提醒\r\nBcc: victim@example.com",
        "=?utf-8?q?=0d=0aBcc:_victim@example.com?=",
        "=?utf-8?b?DQpCY2M6IHZpY3RpbUBleGFtcGxlLmNvbQ==?=",
        "a\u2028Bcc: victim@example.com",
        "名" * 2000,
        "\r\n\r\n<script>alert(1)</script>",
    ],
)
def test_nothing_in_a_subject_begins_a_header_of_its_own(sqlite_app: Flask, said: str):
    postbox = Postbox()
    with server(sqlite_app, postbox):
        send(sqlite_app, Letter("key", ADDRESS, said, "正文\n", {"List-Unsubscribe": LINK}))
    [letter] = postbox.letters
    assert set(letter.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding", "List-Unsubscribe",
    }  # fmt: skip
    assert letter.get_content().strip() == "正文"
    assert postbox.raw[0].count(b"\r\n\r\n") == 1


def test_subjects_with_chinese_names_arrive_whole_and_links_as_they_stand(sqlite_app: Flask):
    postbox = Postbox()
    said = "公示提醒：湖南省长沙市浏阳市经济技术开发区永安镇礼耕路（永阳路至康平大道段）道路工程，㐂𠮷（1条）"
    with server(sqlite_app, postbox):
        send(sqlite_app, Letter("key", ADDRESS, said, "正文\n", {"List-Unsubscribe": LINK}))
    assert postbox.letters[0]["Subject"] == said
    assert all(len(line) <= 998 for line in postbox.raw[0].splitlines())
    # a mail program reads this one as it is written: neither encoded nor broken into lines (RFC 8058)
    assert f"\r\nList-Unsubscribe: {LINK}\r\n".encode() in postbox.raw[0]


@pytest.mark.parametrize(
    "recipient", [f"{ADDRESS}\r\nBcc: a@b.cn", "a@b.cn, c@d.cn", "=?utf-8?q?=0aBcc:x?=@b.cn", "", "a@"]
)
def test_a_letter_to_what_is_no_address_is_not_sent(sqlite_app: Flask, recipient: str):
    postbox = Postbox()
    with server(sqlite_app, postbox):
        with pytest.raises(Refused) as caught:
            send(sqlite_app, Letter("key", recipient, "subject", "text\n"))
        assert "b.cn" not in str(caught.value)
    assert postbox.letters == []


def let_in(*_: object) -> AuthResult:
    return AuthResult(success=True)


def test_a_password_goes_to_a_server_that_proves_who_it_is_and_to_no_other(
    sqlite_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    paths, postbox = certificate(tmp_path, "127.0.0.1"), Postbox()
    letter = Letter("key", ADDRESS, "subject", "text\n")
    lets_in: dict[str, Any] = {"authenticator": let_in, "auth_require_tls": False}
    with server(sqlite_app, postbox, login="portal:secret@", **lets_in), pytest.raises(ServerRefused, match="in clear"):
        send(sqlite_app, letter)
    with server(sqlite_app, postbox, login="portal:secret@", tls_context=context(*paths), **lets_in):
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):  # nobody vouches for it
            send(sqlite_app, letter)
        monkeypatch.setenv("SSL_CERT_FILE", paths[0])
        send(sqlite_app, letter)
    assert postbox.encrypted


def test_without_a_password_what_a_server_offers_is_used(sqlite_app: Flask, tmp_path: Path):
    postbox = Postbox()
    with server(sqlite_app, postbox, tls_context=context(*certificate(tmp_path, "127.0.0.1"))):
        send(sqlite_app, Letter("key", ADDRESS, "subject", "text\n"))
    assert postbox.encrypted


def test_a_server_that_refuses_the_password_is_no_fault_of_the_letter(
    sqlite_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    paths = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", paths[0])
    refuses: dict[str, Any] = {"authenticator": lambda *_: AuthResult(success=False, handled=False)}
    with (
        server(sqlite_app, Postbox(), login="portal:wrong@", tls_context=context(*paths), **refuses),
        pytest.raises(ServerRefused, match="535"),
    ):
        send(sqlite_app, Letter("key", ADDRESS, "subject", "text\n"))
