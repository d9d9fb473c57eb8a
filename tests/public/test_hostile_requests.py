"""Whatever is sent to any public address is answered in Chinese with a way on, and leaves nothing half-written."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.extensions import db
from portal.models.attachment import Attachment
from portal.models.complaint import Complaint
from portal.models.notice import IntakeTicket, Notice
from portal.models.objection import Objection
from portal.models.trail_entry import TrailEntry
from portal.models.vault_entry import VaultEntry
from tests import builders
from tests.public.conftest import SetClock
from tests.support.files import PDF

WORDS = [
    "",
    "\0",
    "a\0b",
    "'; DROP TABLE notice; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "../../../../etc/passwd",
    "%00%0a%0d",
    "\u202e\u2066翻转",
    "\ud7ff\ue000\uffff\U0010ffff",
    "9" * 400,
    "-1",
    "１２３",
    "长" * 5000,
    "* AND OR NOT NEAR(\"x\" 'y')",
    ":*&|!<->()",
    "\r\nSet-Cookie: a=b",
]
"""What may stand where a reference, a token, a key, a filter or a text is expected."""

QUERIES = [
    f"{name}={quote(word)}"
    for name in ("q", "before", "after", "bureau", "kind", "subject", "status")
    for word in WORDS
] + [
    "q=%ff%fe%80",
    "q=%C0%80&bureau=%F0%9F",
    "before=999999999999999&after=1",
    "before=9999999999999999999999",
    "before=٣٤",
    "q=" + "&q=".join(map(str, range(300))),
    "&&&===&%",
    "q[]=1&q[a]=2",
    "_method=POST&_scheme=ftp&endpoint=static&_anchor=x",
]
BODIES: list[tuple[str, Any]] = [
    ("application/x-www-form-urlencoded", b""),
    ("application/x-www-form-urlencoded", b"mode=%00&ground-0=%00%00"),
    ("application/x-www-form-urlencoded", b"%00=1"),
    ("application/x-www-form-urlencoded", b"mode=real_name&mode=anonymous&ground-0=a&ground-0=b&name=&name=x"),
    ("application/x-www-form-urlencoded", b"mode=\xff\xfe&ground-0=\x80\x81&number=\xc0&code=\xf0\x9f"),
    ("application/x-www-form-urlencoded", b"ground-0=" + b"%E9%95%BF" * 10_000),
    ("application/x-www-form-urlencoded", b"ground-99=x&files-0=notafile&shown=-5&remove=-1&more=x"),
    ("application/x-www-form-urlencoded", b"remove=99999999999999999999&mode=anonymous"),
    ("application/x-www-form-urlencoded", b"remove=%EF%BC%91&number=YY261009-63K5ZRMC-J&code=%F0%9F%98%80"),
    ("application/x-www-form-urlencoded", b"number=%EF%B7%BA%EF%B7%BA&code=" + b"x" * 50_000),
    ("application/x-www-form-urlencoded", "&".join(f"a{n}=1" for n in range(2000)).encode()),
    ("application/json", b'{"mode": {"a": [1]}}'),
    ("application/json", b"[1, 2, 3]"),
    ("application/json", b"{nonsense"),
    ("text/xml", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"),
    ("multipart/form-data", b"no boundary at all"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="mode"\r\n\r\nanon'),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a\0b"\r\n\r\n1\r\n--x--\r\n'),
    ("", b"\x00\x01\x02\xff" * 100),
]


@pytest.fixture
def notice(client: FlaskClient, time_is: SetClock) -> Notice:
    """A notice somebody may object to."""
    time_is("2026-10-09 10:00")
    return builders.notice()


def written() -> tuple[int, ...]:
    """How much there is of all that a filing writes when it succeeds."""
    tables = (Objection, Complaint, Attachment, VaultEntry, TrailEntry)
    return tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def sound(answer: Any, what: str) -> None:
    """Not our fault, and if it is a page, a Chinese one that leads on (the client has checked its form)."""
    assert answer.status_code < 500, what
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        assert re.search("[\u4e00-\u9fff]", answer.text), what
        assert "href=" in answer.text or answer.mimetype == "application/problem+json", what
    assert "<script>alert(1)" not in answer.text, what
    assert "Traceback" not in answer.text, what


def addresses(app: Flask, values: list[str]) -> Iterator[tuple[str, str]]:
    """Method and path of every public route, with each of `values` in the place of what varies."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("public."):
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            for value in values if rule.arguments else [""]:
                before, _, rest = rule.rule.partition("<")
                yield method, before + quote(value, safe="") + rest.partition(">")[2]


def test_hostile_references_and_tokens_are_refused_in_chinese(app: Flask, client: FlaskClient) -> None:
    before = written()
    for method, path in addresses(app, [*WORDS, "%ff", "%c0%80", "a/b", "a%2fb", ".", "..;"]):
        sound(client.open(path, method=method), f"{method} {path[:120]}")
    assert written() == before


def test_hostile_queries_are_answered(app: Flask, client: FlaskClient, notice: Notice) -> None:
    for query in QUERIES:
        for path in ("/notices", "/", f"/notices/{notice.reference}", "/progress"):
            sound(client.get(f"{path}?{query}"), f"{path}?{query[:120]}")


def test_hostile_bodies_write_nothing(app: Flask, client: FlaskClient, notice: Notice) -> None:
    url = client.post(f"/notices/{notice.reference}/filings").location
    before = written()
    for content_type, body in BODIES:
        for path in ("", "/identity", "/grounds", "/files/0", "/files/seal", "/receipt"):
            answer = client.post(url + path, data=body, content_type=content_type)
            sound(answer, f"{path} {content_type} {body[:60]!r}")
        sound(client.post("/progress", data=body, content_type=content_type), f"{content_type} {body[:60]!r}")
    assert written() == before
    for path in ("/identity", "/grounds"):
        assert client.get(url + path).status_code == 200  # and the draft is still fit to be opened


def test_hostile_texts_are_kept_and_filed_as_they_are(client: FlaskClient, notice: Notice) -> None:
    for word in WORDS:
        url = client.post(f"/notices/{notice.reference}/filings").location
        data = {"mode": "real_name", "kind": word, "name": word, "phone": word + "13907310000", "code": word}
        data |= {"ground-0": word, "ground-1": word}
        for path in ("/identity", "/grounds"):
            sound(client.post(url + path, data=data), f"{path} {word[:40]!r}")
            sound(client.get(url + path), f"again {path} {word[:40]!r}")
        client.post(url + "/identity", data={"mode": "anonymous"})
        sound(client.post(url), f"sent {word[:40]!r}")
    stored = [ground.text for objection in db.session.scalars(select(Objection)) for ground in objection.grounds]
    assert "<script>alert(1)</script>" in stored
    assert not [text for text in stored if "\0" in text]


@pytest.mark.parametrize("name", ["a\0b.pdf", "../../x.pdf", "长" * 400 + ".pdf", "\u202efdp.exe", "\r\nX: y.pdf", "."])
def test_hostile_file_names_become_harmless(client: FlaskClient, notice: Notice, name: str) -> None:
    url = client.post(f"/notices/{notice.reference}/filings").location
    for path, field in (("/grounds", "files-0"), ("/files/1", "file"), ("/files/seal", "file")):
        data = {"ground-0": "合同金额与实际不符", field: (io.BytesIO(PDF), name)}
        sound(client.post(url + path, data=data, content_type="multipart/form-data"), repr(name))
    if "\n" not in name:  # such a name ends its header, and the part is no file
        assert db.session.scalar(select(func.count()).select_from(Attachment)) == 3
    for stored in db.session.scalars(select(Attachment.name)):
        assert len(stored) <= 120
        assert not re.search(r"[\x00-\x1f/\\\u202e]", stored)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "TRACE"])
def test_other_methods_do_nothing(client: FlaskClient, notice: Notice, method: str) -> None:
    url = client.post(f"/notices/{notice.reference}/filings").location
    before = written()
    for path in ("/", "/notices", f"/notices/{notice.reference}", "/progress", url, url + "/grounds", "/nowhere"):
        sound(client.open(path, method=method), f"{method} {path}")
    assert written() == before
    assert db.session.scalar(select(func.count()).select_from(IntakeTicket)) == 1
