"""理由与证据 of an objection: kept over errors and broken connections, several files a ground, bad ones named (O3)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.domain import filings
from portal.extensions import db
from portal.models.attachment import Attachment
from portal.models.notice import Notice
from portal.models.objection import Objection
from tests import builders
from tests.builders import at
from tests.public.conftest import SetClock
from tests.public.objecting import REASON, argue, begin, count, fill_in, identify, receipt_of, send, upload
from tests.public.reading import words
from tests.support.clamd import scanner
from tests.support.files import EICAR, JPEG, PDF, PNG, office_file, pdf


@pytest.fixture
def notice(client: FlaskClient, time_is: SetClock) -> Notice:
    """A notice somebody may object to."""
    time_is("2026-10-09 10:00")
    return builders.notice(published_at=at("2026-09-30 10:00"))


@pytest.fixture
def url(client: FlaskClient, notice: Notice) -> str:
    """An objection whose first step is done."""
    begun = begin(client, notice)
    identify(client, begun)
    return begun


def grounds_page(client: FlaskClient, url: str) -> str:
    return client.get(url + "/grounds").text


def test_limits_are_said_before_a_file_is_chosen_as_the_settings_have_them(
    app: Flask, client: FlaskClient, url: str
) -> None:
    page = words(grounds_page(client, url))
    assert "可上传 PDF、JPG、PNG、DOCX、XLSX，每个不超过20 MB，最多10个，一次提交合计不超过60 MB" in page
    app.config["PORTAL"] = replace(app.config["PORTAL"], largest_file=5 * 2**20)
    assert "每个不超过5 MB" in words(grounds_page(client, url))


@pytest.mark.rule("O3")
def test_an_error_keeps_what_was_typed_and_uploaded(client: FlaskClient, url: str) -> None:
    answer = argue(client, url, REASON, "短", files={0: [("合同.pdf", PDF), ("照片.jpg", JPEG)], 1: [("表.pdf", PDF)]})

    assert answer.status_code == 422
    assert "第2条理由请写明情况（不少于5个字）" in answer.text
    for page in (answer.text, grounds_page(client, url)):  # the page at once, and the same address opened again later
        assert REASON in page
        assert all(name in page for name in ("合同.pdf", "照片.jpg", "表.pdf"))
    assert argue(client, url, REASON, "现在够长了").status_code == 303
    receipt_of(client, send(client, url))
    grounds = db.session.scalars(select(Objection)).one().grounds
    assert [[file.name for file in ground.evidence] for ground in grounds] == [["合同.pdf", "照片.jpg"], ["表.pdf"]]


@pytest.mark.rule("O3")
def test_a_file_sent_by_itself_is_kept_at_once_and_once_however_often_it_is_sent(client: FlaskClient, url: str) -> None:
    first = upload(client, url, 0, "合同.pdf", PDF)
    assert first.status_code == 200
    assert "合同.pdf" in first.text
    again = upload(client, url, 0, "合同.pdf", PDF)  # the answer to the first was lost on the way
    assert again.text.count("<li>") == 1
    assert upload(client, url, 0, "照片.png", PNG).text.count("<li>") == 2
    assert "合同.pdf" in grounds_page(client, url)
    assert argue(client, url, REASON).status_code == 303
    receipt_of(client, send(client, url))
    assert sorted(db.session.scalars(select(Attachment.name))) == ["合同.pdf", "照片.png"]


def test_a_file_sent_by_itself_that_cannot_be_taken_is_answered_in_a_sentence(client: FlaskClient, url: str) -> None:
    for content, said in ((b"", "是空的"), (b"MZ\x90\x00 a program", "的实际格式不在允许范围内")):
        answer = upload(client, url, 0, "坏的.pdf", content)
        assert (answer.status_code, answer.mimetype) == (422, "text/plain")
        assert said in answer.text
    for place in ("10", "-1", "x", "999999", "１", "seal%00"):
        assert upload(client, url, place, "a.pdf", PDF).status_code in (400, 404)
    nothing = client.post(url + "/files/0", data={}, headers={"HX-Request": "true"})
    assert (nothing.status_code, nothing.text) == (422, "没有收到文件，请重新选择")
    assert count(Attachment) == 0


@pytest.mark.rule("O3")
def test_a_kept_file_is_taken_out_and_grounds_are_added_and_taken_out_with_their_files(
    client: FlaskClient, url: str
) -> None:
    answer = argue(client, url, REASON, files={0: [("错的.pdf", PDF)]}, more="1")
    assert answer.location.endswith("/grounds#ground-1")
    argue(client, url, REASON, "第二条理由", files={1: [("第二.pdf", PDF)]}, more="1")
    argue(client, url, REASON, "第二条理由", "第三条理由", files={2: [("第三.pdf", PDF)]}, keep="1")
    (file_id, *_) = re.findall(r'name="remove" value="(\d+)"', grounds_page(client, url))

    assert argue(client, url, REASON, remove=file_id).location.endswith("/grounds#evidence")
    argue(client, url, REASON, "第二条理由", "第三条理由", less="1")

    page = grounds_page(client, url)
    assert 'id="ground-1"' in page
    assert 'id="ground-2"' not in page
    assert "第三条理由" in page
    assert not [gone for gone in ("错的.pdf", "第二.pdf") if gone in page]
    receipt_of(client, send(client, url))
    grounds = db.session.scalars(select(Objection)).one().grounds
    assert [(ground.text, [file.name for file in ground.evidence]) for ground in grounds] == [
        (REASON, []),
        ("第三条理由", ["第三.pdf"]),
    ]


def test_nobody_takes_out_a_file_of_another_filing(client: FlaskClient, notice: Notice, url: str) -> None:
    argue(client, url, REASON, files={0: [("我的.pdf", PDF)]})
    file_id = db.session.scalars(select(Attachment.id)).one()
    other = begin(client, notice)
    argue(client, other, REASON, remove=str(file_id))
    identify(client, other, "real_name", remove=str(file_id))
    assert "我的.pdf" in grounds_page(client, url)


@pytest.mark.parametrize("odd", ["-1", "x", "99", "１", "9" * 30, ""])
def test_odd_places_and_numbers_change_nothing(client: FlaskClient, url: str, odd: str) -> None:
    argue(client, url, REASON, files={0: [("我的.pdf", PDF)]})
    for name in ("less", "remove", "more", "keep"):
        pressed: dict[str, Any] = {name: odd}
        assert argue(client, url, REASON, **pressed).status_code in (303, 422)
    assert "我的.pdf" in grounds_page(client, url)
    assert REASON in grounds_page(client, url)


@pytest.mark.rule("O3")
@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ((), "请至少写明一条理由"),
        (("短",), "第1条理由请写明情况（不少于5个字）"),
        ((REASON, "", "", "短"), "第4条理由请写明情况（不少于5个字）"),
        (("长" * 4001,), "第1条理由不超过4000字"),
    ],
)
def test_what_is_wrong_with_a_ground_is_said_by_its_number(
    client: FlaskClient, url: str, texts: tuple[str, ...], said: str
) -> None:
    answer = argue(client, url, *texts)
    assert answer.status_code == 422
    assert said in answer.text
    assert count(Objection) == 0


@pytest.mark.rule("O3")
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("病毒.pdf", b"MZ\x90\x00 a program", "的实际格式不在允许范围内"),
        ("空的.pdf", b"", "是空的"),
        ("../../etc/passwd", b"root:x:0", "“passwd”的实际格式不在允许范围内"),
        ("炸弹.docx", office_file(unpacked=400 * 2**20), "打不开，或解压后过大"),
        ("网页.jpg", b"<html><script>alert(1)</script>", "的实际格式不在允许范围内"),
        ("坏的.pdf", b"%PDF-1.4 and nothing else", "打不开，可能已损坏"),
    ],
)
def test_a_file_that_cannot_be_taken_is_named_and_all_else_stays(
    client: FlaskClient, url: str, name: str, content: bytes, said: str
) -> None:
    answer = argue(client, url, REASON, "第二条理由", files={0: [(name, content)], 1: [("好的.pdf", PDF)]})
    assert answer.status_code == 422
    assert said in answer.text
    assert REASON in answer.text
    assert list(db.session.scalars(select(Attachment.name))) == ["好的.pdf"]
    assert count(Objection) == 0


def test_with_the_scanner_on_a_virus_is_refused_and_while_it_is_away_text_still_goes_through(
    app: Flask, client: FlaskClient, url: str
) -> None:
    with scanner() as address:
        app.config["PORTAL"] = replace(app.config["PORTAL"], clamd=address)
        answer = argue(client, url, REASON, files={0: [("病毒.pdf", PDF + EICAR)]})
        assert answer.status_code == 422
        assert "“病毒.pdf”查出病毒，没有保存" in answer.text
        assert upload(client, url, 0, "病毒.pdf", PDF + EICAR).status_code == 422
        assert upload(client, url, 0, "合同.pdf", PDF).status_code == 200
    assert upload(client, url, 0, "照片.jpg", JPEG).status_code == 503  # the page's script tries again
    answer = argue(client, url, REASON, files={0: [("照片.jpg", JPEG)]})
    assert answer.status_code == 503
    assert "也可以先不带附件提交" in answer.text
    assert list(db.session.scalars(select(Attachment.name))) == ["合同.pdf"]
    receipt_of(client, send(client, url))


@pytest.mark.rule("O3")
def test_ten_files_a_filing_and_not_one_more(client: FlaskClient, url: str) -> None:
    argue(client, url, REASON, files={0: [(f"{n}.pdf", PDF) for n in range(6)]})
    argue(client, url, REASON, "第二条理由", files={1: [(f"{n}.pdf", PDF) for n in range(4)]})
    answer = argue(client, url, REASON, "第二条理由", files={1: [("多余.pdf", PDF)]})
    assert answer.status_code == 422
    assert "一次提交最多10个文件" in answer.text
    assert upload(client, url, 0, "多余.pdf", PDF).status_code == 422
    assert count(Attachment) == filings.MOST_FILES


def test_too_much_at_once_is_refused_in_chinese_and_what_was_kept_before_stays(
    app: Flask, client: FlaskClient, url: str
) -> None:
    argue(client, url, REASON, files={0: [("先传的.pdf", PDF)]})
    many = argue(client, url, REASON, files={0: [(f"{n}.pdf", pdf(str(n))) for n in range(11)]})
    assert many.status_code == 422
    assert "一次最多上传10个文件，您选择了11个" in many.text
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    large = argue(client, url, REASON, files={0: [("大.pdf", PDF * 1000)]})
    assert large.status_code == 413
    assert "单个文件不超过20 MB，每次最多10个文件，一次提交合计不超过60 MB" in large.text
    assert list(db.session.scalars(select(Attachment.name))) == ["先传的.pdf"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # werkzeug drops what it has read
def test_five_hundred_files_at_once_are_refused_before_one_is_looked_at(client: FlaskClient, url: str) -> None:
    answer = argue(client, url, REASON, files={0: [(f"{n}.pdf", PDF) for n in range(500)]})
    assert answer.status_code == 413
    assert "每次最多10个文件" in answer.text
    assert count(Attachment) == 0
    assert argue(client, url, REASON).status_code == 303


@pytest.mark.rule("O3", "O9")
def test_files_of_a_ground_without_words_are_not_lost(client: FlaskClient, url: str) -> None:
    upload(client, url, 2, "第三.pdf", PDF)
    assert 'id="ground-2"' in grounds_page(client, url)
    answer = argue(client, url, REASON)
    assert answer.status_code == 422
    assert "第3条理由请写明情况" in answer.text
    fill_in(client, url, REASON, "", "图纸与现场不一致")
    receipt_of(client, send(client, url))
    last = db.session.scalars(select(Objection)).one().grounds[-1]
    assert (last.text, [file.name for file in last.evidence]) == ("图纸与现场不一致", ["第三.pdf"])
