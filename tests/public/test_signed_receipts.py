"""签名回执 at the doors: fetched by its filer alone, checked by anybody, and calm about whatever is handed in."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.domain import receipts
from portal.domain.signed_receipts import LONGEST
from portal.ledger.notes import VerifierKey, opened
from portal.ledger.receipts import read
from portal.models.notice import Notice
from portal.models.objection import Objection
from tests import builders
from tests.builders import at
from tests.public.complainant import Filer
from tests.public.conftest import SetClock
from tests.public.objecting import begin, count, object_to
from tests.public.reading import words
from tests.public.test_applications_online import begun
from tests.public.test_applications_online import filed as apply
from tests.support.files import pdf
from tests.support.losing import lose


@pytest.fixture
def notice(client: FlaskClient, time_is: SetClock) -> Notice:
    """A notice somebody may object to."""
    time_is("2026-10-09 10:00")
    return builders.notice(published_at=at("2026-09-30 10:00"))


@pytest.fixture
def token(client: FlaskClient, notice: Notice) -> str:
    """Of an objection that was filed, with a file."""
    answer = object_to(client, notice, "合同金额与中标通知书不一致", files={0: [("合同.pdf", pdf())]})
    return answer.location.split("/")[2]


@pytest.fixture
def note(client: FlaskClient, token: str) -> str:
    """The receipt its filer downloaded."""
    return client.get(f"/receipts/{token}/receipt.txt").text


def verify(client: FlaskClient, text: str = "", file: bytes | None = None) -> TestResponse:
    """Paste a text, or send a file."""
    data: dict[str, Any] = {"text": text}
    if file is not None:
        data["file"] = (io.BytesIO(file), "回执.txt")
    return client.post("/receipts/verify", data=data, content_type="multipart/form-data")


@pytest.mark.rule("O4", "T6")
def test_the_filer_fetches_the_receipt_with_the_receipt_page_and_later_with_number_and_code(
    client: FlaskClient, token: str, note: str
) -> None:
    page = client.get(f"/filings/{token}/receipt")
    assert f'href="/receipts/{token}/receipt.txt"' in page.text
    assert note.splitlines()[-1] in page.text  # printed with the page
    answer = client.get(f"/receipts/{token}/receipt.txt")
    assert answer.mimetype == "text/plain"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    number, code = read(note.partition("\n\n")[0] + "\n").number, receipts.code_for(token)
    assert "下载签名回执" in client.post("/progress", data={"number": number, "code": code}).text
    again = client.post(f"/progress/{number}/receipt", data={"code": code})
    assert (again.text, again.headers["Cache-Control"]) == (note, "no-store")
    lines = client.post(f"/progress/{number}/content", data={"code": code}).data
    assert lines == client.get(f"/receipts/{token}/content.jsonl").data
    assert hashlib.sha256(lines.removesuffix(b"\n")).hexdigest() in note
    assert code not in note


@pytest.mark.rule("T6")
def test_nobody_else_gets_it_and_before_filing_there_is_none(client: FlaskClient, notice: Notice, note: str) -> None:
    number = read(note.partition("\n\n")[0] + "\n").number
    for noun in ("receipt", "content"):
        assert client.post(f"/progress/{number}/{noun}", data={"code": "AAAAA-AAAAA-AAAAA-AAAAA"}).status_code == 404
        assert client.get(f"/progress/{number}/{noun}").status_code == 303
    for name in ("receipt.txt", "content.jsonl"):
        assert client.get(f"/receipts/{'a' * 43}/{name}").status_code == 404
        unfinished = begin(client, notice).split("/")[2]
        assert client.get(f"/receipts/{unfinished}/{name}").status_code == 404


@pytest.mark.rule("C1", "T6")
def test_a_complaint_has_one_too(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    place = builders.bureau()
    filer = Filer(client, bureau=place.code)
    filer.fill()
    filer.file()
    assert "下载签名回执" in client.get(f"{filer.url}/receipt").text
    note = client.get(f"/receipts/{filer.url.split('/')[2]}/receipt.txt").text
    page = words(verify(client, note).text)
    assert "登记在案" in page
    assert "投诉举报" in page


@pytest.mark.rule("S8", "T6")
def test_an_application_has_one_too(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    address = begun(client, builders.entry())
    number, code = apply(client, address, c_amount="913.8285")
    assert "下载签名回执" in client.get(f"{address}/receipt").text
    note = client.get(f"/receipts/{address.split('/')[2]}/receipt.txt").text
    page = words(verify(client, note).text)
    assert "登记在案" in page
    assert number in page
    assert client.post(f"/progress/{number}/receipt", data={"code": code}).text == note


@pytest.mark.rule("T6")
def test_pasted_or_uploaded_as_editors_save_it_it_is_known(client: FlaskClient, note: str) -> None:
    for answer in (
        verify(client, note),
        verify(client, note.replace("\n", "\r\n")),
        verify(client, "别的", note.encode()),
        verify(client, "", b"\xef\xbb\xbf" + note.encode()),
        verify(client, "", note.encode("utf-16")),
        verify(client, "", note.encode("gb18030")),
    ):
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        page = words(answer.text)
        assert "签名有效，登记在案" in page
        assert "到达时间 2026年10月9日 10:0" in page
        assert "GS430181-2026-00001" in page


@pytest.mark.rule("O4", "T6")
def test_after_the_row_was_deleted_by_sql_the_receipt_still_speaks(client: FlaskClient, note: str) -> None:
    number = read(note.partition("\n\n")[0] + "\n").number
    lose("objection", number)
    assert count(Objection) == 0
    page = words(verify(client, note).text)
    assert "签名有效，系统中查无此件" in page
    assert "请凭此回执向上一级部门反映" in page


@pytest.mark.rule("T6")
def test_what_proves_nothing_is_answered_with_what_to_do(client: FlaskClient, note: str) -> None:
    nothing, broken, too_long = "请粘贴回执的全部内容", "不是一份完整的签名回执", "内容太长"
    for answer, reason in (
        (verify(client), nothing),
        (verify(client, " \r\n "), nothing),
        (client.post("/receipts/verify", json={"text": note}), nothing),
        (client.post("/receipts/verify", data={"file": note}), nothing),
        (verify(client, "", b""), nothing),
        (verify(client, "我有一张回执"), broken),
        (verify(client, "", ("回" * LONGEST).encode()), broken),
        (verify(client, "", b"%PDF-1.7\n1 0 obj"), broken),
        (verify(client, "回" * (LONGEST + 5)), too_long),
        (verify(client, "", b"x" * 200_000), too_long),
        (verify(client, note.replace("arrived 2026", "arrived 2025")), "签名与内容不符"),
        (verify(client, note.replace("portal/receipts", "portal/others")), "不是本平台签出的"),
        (verify(client, note + "\n" + note), "不止一份回执"),
        (verify(client, "", b"\xff\xff\x81\xff" * 50), "这个文件不是文本"),
    ):
        assert answer.status_code == 422
        assert reason in words(answer.text)
        assert re.search(rf'<a href="#(text|file)">[^<]*{reason}', answer.text)
    assert '<a href="#file">' in verify(client, "别的", b"x").text
    assert '<a href="#text">' in verify(client, "别的").text


@pytest.mark.rule("T6")
def test_a_signature_of_one_receipt_does_not_fit_another(client: FlaskClient, notice: Notice, note: str) -> None:
    other = object_to(client, notice).location.split("/")[2]
    text, _, _signature = client.get(f"/receipts/{other}/receipt.txt").text.partition("\n\n")
    answer = verify(client, text + "\n\n" + note.partition("\n\n")[2])
    assert answer.status_code == 422
    assert "签名与内容不符" in answer.text


@pytest.mark.parametrize("text", ["一\x00二", "\ud800", "<script>alert(1)</script>", "— x " + "A" * 90])
def test_hostile_text_is_refused_calmly_and_shown_as_text(client: FlaskClient, time_is: SetClock, text: str) -> None:
    answer = client.post("/receipts/verify", data={"text": text.encode("utf-8", "surrogatepass")})
    assert answer.status_code in (400, 422)
    assert "<script>alert" not in answer.text


@pytest.mark.rule("T6")
def test_the_form_is_everybodys_and_the_keys_check_a_receipt_without_the_page(client: FlaskClient, note: str) -> None:
    form = client.get("/receipts/verify")
    assert form.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in form.headers
    published = client.get("/receipts/keys")
    assert published.mimetype == "text/plain"
    (line,) = published.text.splitlines()
    assert line in form.text
    text, key = opened(note, [VerifierKey.read(line)])
    assert read(text).kind == "objection"
    assert str(key) == line
    assert 'href="/receipts/verify"' in client.get("/").text
