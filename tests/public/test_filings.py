"""An objection from its beginning to its receipt, on both databases: nothing typed is lost, nothing is filed twice."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.extensions import db
from portal.models.attachment import Attachment
from portal.models.complaint import Complaint
from portal.models.notice import IntakeTicket, Notice
from portal.models.objection import Objection
from portal.models.vault_entry import VaultEntry
from tests import builders
from tests.builders import at
from tests.public.conftest import SetClock
from tests.public.objecting import (
    REASON,
    argue,
    begin,
    count,
    fill_in,
    identify,
    receipt_of,
    send,
    upload,
)
from tests.public.reading import words
from tests.support.files import PDF

NOW = "2026-10-09 10:00"


@pytest.fixture
def notice(client: FlaskClient, time_is: SetClock) -> Notice:
    """A notice whose window ends with 13 October, on the morning of the 9th."""
    time_is(NOW)
    return builders.notice(published_at=at("2026-09-30 10:00"))


@pytest.mark.rule("O1", "O3")
def test_two_grounds_and_a_file_become_one_objection_with_a_receipt(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    assert client.get(url).location == url + "/identity"
    assert "2026年10月13日 星期二" in words(client.get(url + "/identity").text)
    assert identify(client, url).location == url + "/grounds"
    step = argue(client, url, REASON, "签订日期早于中标日期", files={1: [("中标通知书.pdf", PDF)]})
    assert step.location == url + "/check"
    page = words(client.get(step.location).text)
    assert "匿名" in page
    assert REASON in page
    assert "中标通知书.pdf" in page
    assert "浏阳市住房和城乡建设局，由核实人员以外的人员逐条裁定" in page

    answer = send(client, url)

    number, code = receipt_of(client, answer)
    objection = db.session.scalars(select(Objection)).one()
    assert objection.number == number
    assert [ground.text for ground in objection.grounds] == [REASON, "签订日期早于中标日期"]
    assert [[file.name for file in ground.evidence] for ground in objection.grounds] == [[], ["中标通知书.pdf"]]
    assert all(file.ticket_id is None for file in db.session.scalars(select(Attachment)))
    assert len(code) == 23


@pytest.mark.rule("O9")
def test_who_leaves_and_comes_back_goes_on_where_he_was(client: FlaskClient, notice: Notice, time_is: SetClock) -> None:
    url = begin(client, notice)
    page = words(client.get(url + "/identity").text)
    assert "2026年10月10日 12:00前随时回来继续" in page  # two hours of the ticket, and a day
    identify(client, url, "real_name", name="王小明", phone="13907310000")
    time_is("2026-10-10 11:00")
    assert client.get(url).location == url + "/grounds"
    assert "13907310000" in client.get(url + "/identity").text
    argue(client, url, REASON)
    assert client.get(url).location == url + "/check"


@pytest.mark.rule("O1")
def test_sent_twice_it_is_one_objection_with_one_receipt(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    fill_in(client, url)
    first, second = (send(client, url) for _ in range(2))
    assert receipt_of(client, first) == receipt_of(client, second)
    assert count(Objection) == 1
    for path in ("", "/identity", "/grounds", "/check"):  # the back button
        assert client.get(url + path).location == first.location
    late = argue(client, url, "改一改还来得及吗"), identify(client, url), upload(client, url, 0, "晚到.pdf", PDF)
    assert {answer.location for answer in late} == {first.location}
    assert count(Attachment) == 0


@pytest.mark.rule("O1")
def test_sent_many_times_at_once_it_is_one_objection(app: Flask, client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    fill_in(client, url)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(app.test_client(), url), range(6)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({receipt_of(client, answer) for answer in answers}) == 1
    assert count(Objection) == 1


def test_what_another_tab_changed_after_the_last_look_is_shown_once_more(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    fill_in(client, url)
    (seen,) = re.findall(r'name="seen" value="([0-9a-f]+)"', client.get(url + "/check").text)
    argue(client, url, "另一个页面写的理由")

    answer = send(client, url, seen=seen)

    assert answer.status_code == 409
    assert "在另一个页面改过" in answer.text
    assert "另一个页面写的理由" in answer.text
    assert count(Objection) == 0
    (seen,) = re.findall(r'name="seen" value="([0-9a-f]+)"', answer.text)
    receipt_of(client, send(client, url, seen=seen))


def test_two_tabs_that_show_different_grounds_lose_none(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    identify(client, url)
    argue(client, url, REASON, more="1")
    argue(client, url, REASON, "这一页写的第二条")
    argue(client, url, "旧页面只有第一条")  # its page was opened before there was a second one
    page = client.get(url + "/grounds").text
    assert "旧页面只有第一条" in page
    assert "这一页写的第二条" in page


def test_a_step_that_lacks_something_is_come_back_to(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    answer = send(client, url)
    assert answer.status_code == 422
    assert "请选择身份方式" in answer.text
    assert client.get(url + "/check").location == url + "/identity"
    identify(client, url)
    answer = send(client, url)
    assert answer.status_code == 422
    assert "请至少写明一条理由" in answer.text
    assert client.get(url + "/receipt").location == url
    assert count(Objection) + count(Complaint) + count(VaultEntry) == 0


def test_pages_with_a_form_are_kept_by_nobody_and_need_no_cookie(client: FlaskClient, notice: Notice) -> None:
    url = begin(client, notice)
    fill_in(client, url)
    pages = [client.get(url + step) for step in ("", "/identity", "/grounds", "/check")]
    for answer in (*pages, argue(client, url, "短"), send(client, url), client.get(url + "/receipt")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


def test_the_token_of_another_kind_of_filing_opens_nothing_here(client: FlaskClient, notice: Notice) -> None:
    token = client.post("/complaints").location.rstrip("/").split("/")[-2]
    for path in ("", "/identity", "/grounds", "/check", "/receipt"):
        assert client.get(f"/filings/{token}{path}").status_code == 404
    assert upload(client, f"/filings/{token}", 0, "a.pdf", PDF).status_code == 404
    assert count(IntakeTicket) == 1
