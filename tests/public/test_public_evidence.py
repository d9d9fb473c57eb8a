"""公开材料 as anybody finds them: listed on the notice, downloadable for ever, nothing else of the evidence."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.domain import notices, public_copies
from portal.domain.canonical import canonical_bytes, digest
from portal.extensions import begin_write, db
from portal.models.notice import Notice
from portal.models.words import Role
from tests import builders, evidence
from tests.builders import acting, at, done
from tests.public.conftest import SetClock
from tests.public.reading import words
from tests.public.statements import counted
from tests.support.files import PDF, pdf

NAME = "施工合同首页（已遮盖）"


def with_copy(label: str = NAME, data: bytes = PDF) -> Notice:
    """A notice with one public copy."""
    case = evidence.case()
    evidence.prepare(case, label, data)
    return evidence.published(case)


def address(notice: Notice, place: Any = 1) -> str:
    return f"/notices/{notice.reference}/evidence/{place}"


@pytest.mark.rule("N1", "N2")
def test_the_notice_lists_its_copies_and_the_page_proves_them(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    notice = with_copy()
    page = client.get(f"/notices/{notice.reference}").text
    assert f'href="{address(notice)}"' in page
    [said] = json.loads(notice.content)["public_evidence"]
    text = words(page)
    for shown in ("公开材料", NAME, "PDF", said["sha256"], said["original"], notice.content_hash):
        assert shown in text
    assert "合同.pdf" not in text  # the name the original came with

    answer = client.get(address(notice))
    assert (answer.status_code, answer.data) == (200, PDF)
    assert hashlib.sha256(answer.data).hexdigest() == said["sha256"]
    assert len(answer.data) == said["size"]


@pytest.mark.rule("N1")
def test_a_notice_without_copies_shows_none_and_names_its_evidence_as_before(client: FlaskClient) -> None:
    case = evidence.case()
    notice = evidence.published(case)
    [original] = public_copies.originals(case)
    text = words(client.get(f"/notices/{notice.reference}").text)
    assert "公开材料" not in text
    assert original.sha256 in text
    assert client.get(address(notice)).status_code == 404


@pytest.mark.rule("N1")
def test_a_copy_is_a_download_that_no_browser_runs_and_every_cache_may_keep(client: FlaskClient) -> None:
    long = pdf(pages=20)
    notice = with_copy(data=long)
    answer = client.get(address(notice))
    sent = answer.headers
    assert sent["Content-Type"] == "application/pdf"
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert sent["Content-Disposition"] == f"attachment; filename*=UTF-8''{quote(NAME + '.pdf')}"
    assert "sandbox" in ";".join(sent.getlist("Content-Security-Policy"))
    assert sent["Cache-Control"].startswith("public, max-age=3600")
    assert "Set-Cookie" not in sent
    assert sent["ETag"] == f'"{hashlib.sha256(long).hexdigest()}"'
    again = client.get(address(notice), headers={"If-None-Match": sent["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = client.head(address(notice))
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", sent["ETag"])
    packed = client.get(address(notice), headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in packed.headers  # a document is packed already
    assert packed.headers["ETag"] == sent["ETag"]


@pytest.mark.rule("N2")
def test_a_retracted_notice_keeps_its_copies_and_the_next_has_its_own(client: FlaskClient) -> None:
    first = with_copy()
    case = first.application
    publisher = acting(Role.PUBLISHER)
    done(lambda: notices.retract(first, "副本漏盖一处签名", actor=publisher, now=at("2026-10-08 10:00")))
    evidence.prepare(case, "施工合同（重新遮盖）", PDF + b"%")
    second = evidence.published(case)
    assert client.get(address(first)).data == PDF
    assert client.get(address(second)).data == PDF + b"%"
    assert NAME in client.get(f"/notices/{first.reference}").text
    assert NAME not in words(client.get(f"/notices/{second.reference}").text)


@pytest.mark.rule("N1", "A5")
@pytest.mark.parametrize(
    "place", ["0", "2", "-1", "01", "1.0", "１", "99999999999999999999", "x", "1%0d%0aSet-Cookie:x", "长" * 500]
)
def test_a_place_that_is_not_on_the_list_leads_back_in_words(
    sqlite_client: FlaskClient, sqlite_app: Flask, place: str
) -> None:
    notice = with_copy()
    answer = sqlite_client.get(address(notice, place))
    assert answer.status_code == 404
    assert notice.reference in answer.text
    assert "公开材料" in answer.text
    assert sqlite_client.get(f"/notices/GS000000-2026-99999/evidence/{place}").status_code == 404


@pytest.mark.rule("N1", "A5")
def test_neither_the_original_nor_another_file_can_be_had_by_asking(sqlite_client: FlaskClient) -> None:
    notice, other = with_copy(), evidence.case(evidence.kept(b"another case"))
    [original] = public_copies.originals(notice.application)
    evidence.prepare(other, "还没有公示")
    for wanted in (original.sha256, original.store_key, "../../attachments/1"):
        assert sqlite_client.get(address(notice, wanted)).status_code == 404
    assert sqlite_client.get(f"/office/attachments/{original.id}").status_code in (302, 303)
    with_none = evidence.published(other)
    assert sqlite_client.get(address(with_none, 1)).data == PDF
    assert sqlite_client.get(address(with_none, 2)).status_code == 404


@pytest.mark.rule("N2")
def test_a_file_that_is_not_the_one_published_is_not_passed_off_as_it(
    sqlite_client: FlaskClient, sqlite_app: Flask, tmp_path: Path
) -> None:
    notice = with_copy()
    [said] = json.loads(notice.content)["public_evidence"]
    [stored] = tmp_path.rglob(said["sha256"])
    stored.write_bytes(b"%PDF something else")
    for _ in range(2):
        answer = sqlite_client.get(address(notice))
        assert answer.status_code == 503
        assert "联系公示部门" in answer.text
        assert "public" not in answer.headers["Cache-Control"]
        stored.unlink(missing_ok=True)


@pytest.mark.rule("N2")
def test_a_notice_in_the_older_form_reads_as_it_always_did(client: FlaskClient, app: Flask) -> None:
    new = with_copy()
    content = json.loads(new.content)
    del content["public_evidence"]
    content |= {"v": 1, "reference": "GS430181-2026-09999"}
    data = canonical_bytes(content)
    columns = {column.key: getattr(new, column.key) for column in Notice.__table__.columns if column.key != "id"}
    columns |= {"reference": content["reference"], "content": data, "content_hash": digest(data)}
    begin_write()
    db.session.add(Notice(**columns))
    db.session.commit()
    page = client.get("/notices/GS430181-2026-09999")
    assert page.status_code == 200
    assert digest(data) in page.text
    assert client.get("/notices/GS430181-2026-09999/evidence/1").status_code == 404


@pytest.mark.rule("N1")
def test_the_page_asks_no_more_of_the_database_for_many_copies_than_for_none(client: FlaskClient) -> None:
    none = evidence.published(evidence.case())
    case = evidence.case(*(evidence.kept(bytes([48 + n])) for n in range(6)))
    for place in range(6):
        evidence.prepare(case, f"材料{place}", PDF + bytes([48 + place]), place=place)
    many = evidence.published(case)
    asked = []
    for notice in (none, many):
        address = f"/notices/{notice.reference}"
        client.get(address)  # a process asks the settings once
        with counted() as sent:
            assert client.get(address).status_code == 200
        asked.append(len(sent))
    assert asked[0] == asked[1]


@pytest.mark.rule("N1")
def test_a_label_with_markup_is_text(sqlite_client: FlaskClient) -> None:
    notice = with_copy("<script>alert(1)</script>{{ 7*7 }}\"'")
    page = sqlite_client.get(f"/notices/{notice.reference}").text
    assert "<script>alert(1)" not in page
    assert "{{ 7*7 }}" in words(page)
    sent = sqlite_client.get(address(notice)).headers["Content-Disposition"]
    assert sent.isascii() and "<" not in sent and '"' not in sent  # noqa: PT018


@pytest.mark.rule("T7")
def test_the_history_tells_that_a_copy_was_prepared(client: FlaskClient) -> None:
    text = words(client.get(f"/notices/{with_copy().reference}").text)
    assert "为一份佐证材料准备遮盖后的公开副本" in text
    assert builders.COUNTY in text
