"""What is typed and uploaded on the way to a complaint is neither lost nor filed twice, whatever happens."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.models.complaint import Complaint
from tests import builders
from tests.builders import at
from tests.complaints import TEXT
from tests.public.complainant import OTHER_PDF, PDF, Filer, count, only
from tests.public.conftest import SetClock


@pytest.fixture
def now(client: FlaskClient, time_is: SetClock) -> None:
    """The morning of a working day."""
    time_is("2026-10-09 10:00")


@pytest.mark.rule("C1", "O9")
def test_what_was_typed_and_uploaded_survives_errors_and_can_be_taken_out(client: FlaskClient, now: None) -> None:
    builders.bureau()
    filer = Filer(client, bureau="430181")
    filer.send("target", matter="delay", described="三个月没有办理")
    filer.send("identity", mode="anonymous")
    refused = filer.send("content", {"files": ("证据.pdf", PDF)}, text="太短")
    assert refused.status_code == 422
    assert "请写明情况" in refused.text
    assert "证据.pdf" in refused.text
    bad = filer.send("content", {"files": ("木马.exe", b"MZ\x90\x00")}, text=TEXT)
    assert bad.status_code == 422
    assert "证据.pdf" in bad.text
    assert TEXT in bad.text
    one = client.post(
        f"{filer.url}/files/evidence",
        data={"file": (io.BytesIO(OTHER_PDF), "第二份.pdf")},
        headers={"HX-Request": "true"},
    )
    assert "第二份.pdf" in one.text
    page = client.get(f"{filer.url}/content").text
    first = re.findall(r'name="remove" value="(\d+)"', page)[0]
    filer.send("content", text=TEXT, remove=first)
    filer.send("content", text=TEXT)
    shown = filer.see("check")
    assert "第二份.pdf" in shown
    assert "证据.pdf" not in shown
    assert "三个月没有办理" in shown


@pytest.mark.rule("C1")
def test_sent_twice_or_come_back_to_it_is_one_complaint_with_one_receipt(client: FlaskClient, now: None) -> None:
    builders.bureau()
    filer = Filer(client, bureau="430181")
    filer.fill()
    filer.file()
    receipt = filer.receipt()
    for again in (filer.file(), filer.send("content", text="改成别的内容，改成别的内容"), client.get(filer.url)):
        assert again.status_code == 303
        assert again.location == f"{filer.url}/receipt"
    assert filer.receipt() == receipt
    assert count(Complaint) == 1
    assert only().text == TEXT


@pytest.mark.rule("C1")
def test_sent_many_times_at_once_it_is_one_complaint(app: Flask, client: FlaskClient, now: None) -> None:
    builders.bureau()
    filer = Filer(client, bureau="430181")
    filer.fill()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: app.test_client().post(filer.url), range(6)))
    assert {answer.status_code for answer in answers} == {303}
    assert count(Complaint) == 1
    assert filer.receipt()[0] == only().number


@pytest.mark.rule("C1")
def test_what_another_tab_changed_is_read_over_before_it_is_sent(client: FlaskClient, now: None) -> None:
    builders.bureau()
    filer = Filer(client, bureau="430181")
    filer.fill()
    seen = re.findall(r'name="seen" value="(\w+)"', client.get(f"{filer.url}/check").text)[0]
    filer.send("content", text=TEXT + "，另有录音")
    late = filer.file(seen=seen)
    assert late.status_code == 409
    assert "在另一个页面改过" in late.text
    assert "另有录音" in late.text
    assert count(Complaint) == 0


@pytest.mark.rule("O4")
def test_the_code_written_down_can_be_typed_back(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    builders.bureau()
    filer = Filer(sqlite_client, bureau="430181")
    filer.fill()
    filer.file()
    _, code = filer.receipt()
    wrong = filer.send("receipt", code="AAAAA-AAAAA-AAAAA-AAAAA")
    assert "与上面的查询码不一致" in wrong.text
    assert "查询码正确" in filer.send("receipt", code=code.lower().replace("-", " ")).text


def test_nothing_is_skipped_and_a_strange_address_leads_nowhere(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    notice = builders.notice(published_at=at("2026-10-08 10:00"))
    filer = Filer(sqlite_client)
    for step in ("", "/check"):
        assert sqlite_client.get(filer.url + step).location.endswith("/target")
    assert filer.file().location.endswith("/target")
    assert "请选择反映什么问题" in filer.send("target").text
    assert "请查找并选择反映的对象" in filer.send("target", matter="other").text
    objection = sqlite_client.post(f"/notices/{notice.reference}/filings").location.split("/")[2]
    for token in ("nowhere", objection):
        assert sqlite_client.get(f"/complaints/{token}/target").status_code == 404
    assert sqlite_client.post(f"{filer.url}/files/elsewhere").status_code == 404


HOSTILE = (
    "", "-1", "²", "٣", "9" * 40, "9999999999", "' OR 1=1 --", "<script>alert(1)</script>{{ 7*7 }}", "a\r\nX: y",
    "\u202e翻转", "长" * 5000, "notice:", "bureau:430181'", "company:" + "9" * 80, "project:%", ":::",
)  # fmt: skip


def test_hostile_fields_are_answered_in_chinese_and_lose_nobody_his_draft(client: FlaskClient, now: None) -> None:
    builders.bureau()
    filer = Filer(client)
    fields = {
        "target": ("matter", "q", "target", "place", "described", "pick", "find", "drop"),
        "identity": ("mode", "kind", "name", "phone", "code", "remove"),
        "content": ("text", "remove", "upload"),
        "receipt": ("code",),
        "check": ("seen",),
    }
    for value in HOSTILE:
        for step, names in fields.items():
            for typed in (dict.fromkeys(names, value), *({name: value} for name in names)):
                path = filer.url if step == "check" else f"{filer.url}/{step}"
                answer = client.post(path, data=typed)
                assert answer.status_code < 500, (step, typed)
                assert "<script>alert" not in answer.text
            page = client.get(f"{filer.url}/{step}")
            assert page.status_code in (200, 303), (step, value)
        assert client.get("/complaints", query_string=dict.fromkeys(("notice", "company"), value)).status_code == 200
    for step, names in fields.items():
        path = filer.url if step == "check" else f"{filer.url}/{step}"
        files = {name: (io.BytesIO(PDF), "文件.pdf") for name in names}  # where words belong
        assert client.post(path, data=files, content_type="multipart/form-data").status_code < 500, step
    assert count(Complaint) == 0


def test_many_from_one_address_wait_or_compute_but_lose_nothing(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    builders.bureau()
    for _ in range(6):
        filer = Filer(sqlite_client, bureau="430181")
        filer.fill()
        assert filer.file().location.endswith("/receipt")
    filer = Filer(sqlite_client, bureau="430181")
    filer.fill()
    page = sqlite_client.get(f"{filer.url}/check").text
    assert "data-challenge" in page
    early = filer.file()
    assert early.status_code == 429
    assert TEXT in early.text
    waited = re.findall(r'name="waited" value="([^"]+)"', page)[0]
    time_is("2026-10-09 10:20")
    assert filer.file(waited=waited).location.endswith("/receipt")
    assert count(Complaint) == 7
