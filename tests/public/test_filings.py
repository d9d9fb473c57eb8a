"""An objection from its beginning to its receipt, on both databases: nothing typed is lost, nothing is filed twice."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.domain import filings, identity_vault, notices
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.attachment import Attachment
from portal.models.complaint import Complaint
from portal.models.notice import IntakeTicket, Notice
from portal.models.objection import Objection
from portal.models.trail_entry import TrailEntry
from portal.models.vault_entry import VaultEntry
from portal.models.words import IdentityMode
from tests import builders
from tests.builders import at, done
from tests.public.conftest import SetClock
from tests.public.reading import words

NOW = "2026-10-09 10:00"
PDF = b"%PDF-1.4 a real beginning"
REASON = "合同金额与中标通知书不一致"


@pytest.fixture
def notice(client: FlaskClient, time_is: SetClock) -> Notice:
    """A notice whose window ends with 13 October, on the morning of the 9th."""
    time_is(NOW)
    return builders.notice(published_at=at("2026-09-30 10:00"))


def begin(client: FlaskClient, notice: Notice) -> str:
    """Press the button; the address of the form."""
    answer = client.post(f"/notices/{notice.reference}/filings")
    assert answer.status_code == 303
    return answer.location


def send(client: FlaskClient, url: str, files: dict[str, Any] | None = None, **typed: str) -> TestResponse:
    """Send the form; a ground or file is written ground_0 here for ground-0."""
    data: dict[str, Any] = {"mode": "anonymous"} | {name.replace("_", "-"): text for name, text in typed.items()}
    for name, (file_name, content) in (files or {}).items():
        data[name.replace("_", "-")] = (io.BytesIO(content), file_name)
    return client.post(url, data=data, content_type="multipart/form-data")


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def receipt_of(client: FlaskClient, answer: TestResponse) -> tuple[str, str]:
    """Number and code on the receipt a filing led to."""
    assert answer.status_code == 303, answer.text
    shown = client.get(answer.location).text
    number, code = re.findall(r'class="receipt__number" id="[^"]+">([^<]+)<', shown)
    return number, code


@pytest.mark.rule("O1", "O3")
def test_two_grounds_and_a_file_become_one_objection_with_a_receipt(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    assert "2026年10月13日 星期二" in words(client.get(url).text)

    answer = send(client, url, {"files_1": ("中标通知书.pdf", PDF)}, ground_0=REASON, ground_1="签订日期早于中标日期")

    number, code = receipt_of(client, answer)
    objection = db.session.scalars(select(Objection)).one()
    assert objection.number == number
    assert [ground.text for ground in objection.grounds] == [REASON, "签订日期早于中标日期"]
    assert [[file.name for file in ground.evidence] for ground in objection.grounds] == [[], ["中标通知书.pdf"]]
    assert all(file.ticket_id is None for file in db.session.scalars(select(Attachment)))
    shown = words(client.get(answer.location).text)
    assert "浏阳市住房和城乡建设局由核实人员以外的人员逐条裁定" in shown
    assert "不晚于2026年10月29日 星期四（15个工作日内，本平台设定）" in shown
    assert len(code) == 23


@pytest.mark.rule("O1")
@pytest.mark.parametrize(("moment", "kind"), [("2026-10-13 23:59:59", Objection), ("2026-10-14 00:00", Complaint)])
def test_the_servers_clock_decides_at_the_end_of_the_last_day(
    client: FlaskClient, notice: Notice, time_is: SetClock, moment: str, kind: type
) -> None:
    time_is(moment)
    receipt_of(client, send(client, begin(client, notice), ground_0=REASON))
    assert count(kind) == 1
    assert count(Objection) + count(Complaint) == 1


@pytest.mark.rule("O1", "N5")
def test_while_the_last_day_is_only_guessed_nobody_is_too_late(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2027-01-20 10:00")
    notice = builders.notice(published_at=at("2026-12-25 10:00"))
    receipt_of(client, send(client, begin(client, notice), ground_0=REASON))
    assert (count(Objection), count(Complaint)) == (1, 0)


@pytest.mark.rule("O1")
def test_what_was_begun_in_time_counts_for_half_an_hour_more(
    client: FlaskClient, notice: Notice, time_is: SetClock
) -> None:
    time_is("2026-10-13 23:50")
    in_time, too_slow = begin(client, notice), begin(client, notice)
    time_is("2026-10-14 00:29")
    receipt_of(client, send(client, in_time, ground_0=REASON))
    time_is("2026-10-14 00:30")
    receipt_of(client, send(client, too_slow, ground_0=REASON))
    assert (count(Objection), count(Complaint)) == (1, 1)


@pytest.mark.rule("O9", "C2")
def test_too_late_becomes_a_complaint_that_says_so_and_loses_nothing(
    client: FlaskClient, notice: Notice, time_is: SetClock
) -> None:
    time_is("2026-10-13 12:00")
    url = begin(client, notice)
    kept = send(client, url + "/draft", {"files_0": ("证据.pdf", PDF)}, ground_0=REASON)
    assert kept.status_code == 303
    time_is("2026-10-20 12:00")

    form = client.get(url).text
    assert "您提交的内容将作为投诉举报受理" in form
    assert "由长沙市住房和城乡建设局办理" in form
    assert REASON in form
    assert "证据.pdf" in form
    answer = send(client, url, ground_0=REASON)

    number, _ = receipt_of(client, answer)
    complaint = db.session.scalars(select(Complaint)).one()
    assert number == complaint.number
    assert complaint.text == REASON
    assert [file.name for file in complaint.evidence] == ["证据.pdf"]
    assert complaint.bureau.name == "长沙市住房和城乡建设局"
    shown = client.get(answer.location).text
    assert "已作为投诉举报收到" in shown
    assert "15日内" in shown


@pytest.mark.rule("O9", "N2")
def test_about_a_closed_or_retracted_notice_one_complains(client: FlaskClient, notice: Notice) -> None:
    done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 10:00")))
    receipt_of(client, send(client, begin(client, notice), ground_0=REASON))
    assert count(Complaint) == 1


@pytest.mark.rule("O3")
def test_an_error_keeps_what_was_typed_and_uploaded(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)

    answer = send(
        client, url, {"files_0": ("合同.pdf", PDF)}, mode="real_name", ground_0=REASON, contact="0731-88886666"
    )

    assert answer.status_code == 422
    for page in (answer.text, client.get(url).text):  # the page at once, and the same address opened again later
        assert REASON in page
        assert "0731-88886666" in page
        assert "合同.pdf" in page
    assert "实名提出请填写姓名或单位名称" in answer.text
    receipt_of(client, send(client, url, mode="real_name", ground_0=REASON, name="王小明"))
    (ground,) = db.session.scalars(select(Objection)).one().grounds
    assert [file.name for file in ground.evidence] == ["合同.pdf"]


def test_a_kept_file_can_be_taken_out_and_a_ground_added(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    answer = send(client, url + "/draft", {"files_0": ("错的.pdf", PDF)}, ground_0=REASON, more="1")
    assert answer.location.endswith("#ground-1")
    form = client.get(url).text
    assert 'id="ground-1"' in form
    assert 'id="ground-2"' not in form
    (file_id,) = re.findall(r'name="remove" value="(\d+)"', form)

    send(client, url + "/draft", ground_0=REASON, ground_1="第二条理由写在这里", remove=file_id)

    form = client.get(url).text
    assert "错的.pdf" not in form
    assert "第二条理由写在这里" in form
    assert count(Attachment) == 0


def test_nobody_takes_out_a_file_of_another_filing(client: FlaskClient, notice: Notice) -> None:
    mine, other = begin(client, notice), begin(client, notice)
    send(client, mine + "/draft", {"files_0": ("我的.pdf", PDF)}, ground_0=REASON)
    file_id = db.session.scalars(select(Attachment.id)).one()
    send(client, other + "/draft", ground_0=REASON, remove=str(file_id))
    assert "我的.pdf" in client.get(mine).text


@pytest.mark.rule("O1")
def test_sent_twice_it_is_one_objection_with_one_receipt(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    first, second = (send(client, url, ground_0=REASON) for _ in range(2))
    assert receipt_of(client, first) == receipt_of(client, second)
    assert count(Objection) == 1
    assert client.get(url).location == first.location
    assert send(client, url + "/draft", ground_0="改一改还来得及吗").location == first.location


@pytest.mark.rule("O1")
def test_sent_many_times_at_once_it_is_one_objection(app: Flask, client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(app.test_client(), url, ground_0=REASON), range(8)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({receipt_of(client, answer) for answer in answers}) == 1
    assert count(Objection) == 1


@pytest.mark.rule("O2", "C7")
@pytest.mark.parametrize("mode", list(IdentityMode), ids=str)
def test_name_and_contact_live_in_the_vault_alone(client: FlaskClient, notice: Notice, mode: IdentityMode) -> None:
    url = begin(client, notice)
    receipt_of(client, send(client, url, mode=mode.value, name="王小明", contact="13907310000", ground_0=REASON))

    objection = db.session.scalars(select(Objection)).one()
    entries = db.session.scalars(select(VaultEntry)).all()
    if mode is IdentityMode.ANONYMOUS:
        assert not entries
        assert objection.vault_entry_id is None
    else:
        assert identity_vault.look(entries[0]) == {"name": "王小明", "contact": "13907310000"}
    bodies = b"".join(db.session.scalars(select(TrailEntry.body)))
    assert "王小明".encode() not in bodies
    assert b"13907310000" not in bodies
    assert db.session.scalars(select(IntakeTicket.draft)).one() is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "请至少写明一条理由"),
        ({"ground_0": "短"}, "第1条理由请写明情况（不少于5个字）"),
        ({"ground_0": REASON, "ground_3": "短"}, "第4条理由请写明情况（不少于5个字）"),
        ({"ground_0": "长" * 4001}, "第1条理由超过4000字"),
        ({"ground_0": REASON, "mode": "real_name"}, "实名提出请填写姓名或单位名称"),
        ({"ground_0": REASON, "mode": "nobody"}, "不是有效的选择"),
        ({"ground_0": REASON, "name": "名" * 61}, "姓名或单位名称不超过60个字"),
    ],
)
def test_what_is_wrong_is_said_in_chinese_and_nothing_is_filed(
    client: FlaskClient, notice: Notice, typed: dict[str, Any], said: str
) -> None:
    answer = send(client, begin(client, notice), **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert count(Objection) + count(Complaint) == 0
    assert count(VaultEntry) == 0


@pytest.mark.rule("O3")
@pytest.mark.parametrize(
    ("file", "said"),
    [
        (("病毒.pdf", b"MZ\x90\x00 a program"), "的实际格式不在允许范围内"),
        (("空的.pdf", b""), "是空的"),
        (("../../etc/passwd", b"root:x:0"), "“passwd”的实际格式不在允许范围内"),
    ],
)
def test_a_file_that_cannot_be_taken_is_named_and_the_text_stays(
    client: FlaskClient, notice: Notice, file: tuple[str, bytes], said: str
) -> None:
    answer = send(client, begin(client, notice), {"files_0": file}, ground_0=REASON)
    assert answer.status_code == 422
    assert said in answer.text
    assert REASON in answer.text
    assert count(Attachment) == 0
    assert count(Objection) == 0


@pytest.mark.rule("O3")
def test_ten_files_a_filing_and_not_one_more(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    for at_ in range(filings.MOST_FILES):
        send(client, url + "/draft", {"files_0": (f"{at_}.pdf", PDF)}, ground_0=REASON)
    answer = send(client, url, {"files_0": ("多余.pdf", PDF)}, ground_0=REASON)
    assert answer.status_code == 422
    assert "一次提交最多10个文件" in answer.text
    assert count(Attachment) == filings.MOST_FILES


def test_a_request_that_is_too_large_is_refused_in_chinese(app: Flask, client: FlaskClient, notice: Notice) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    answer = send(client, begin(client, notice), {"files_0": ("大.pdf", PDF * 10_000)}, ground_0=REASON)
    assert answer.status_code == 413
    assert "合计不超过60 MB" in answer.text


def test_an_unfinished_filing_has_no_receipt_yet(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    assert client.get(url + "/receipt").location == url


def test_pages_with_a_form_are_kept_by_nobody_and_need_no_cookie(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    for answer in (client.get(url), send(client, url), client.get("/progress"), send(client, url, ground_0=REASON)):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
