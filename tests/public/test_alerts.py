"""订阅提醒 as a visitor meets it: asked for by form, the same answer for everybody, ended with one click."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.extensions import db
from portal.models.alert import AlertSubscription
from portal.models.outbox import OutboxMessage
from portal.models.vault_entry import VaultEntry
from portal.models.words import AlertPace
from tests import builders
from tests.builders import COUNTY, bureau
from tests.public.reading import words
from tests.subscribers import READER, letters, subscriber, tokens
from tests.support.postbox import SITE

LONG = "湖南省长沙市浏阳市经济技术开发区永安镇礼耕路（永阳路至康平大道段）道路及综合管网配套基础设施工程总承包一标段"


def open_mail(app: Flask) -> None:
    told = {"smtp_url": "smtp://127.0.0.1:9", "mail_from": "p@example.org", "site_url": SITE}
    app.config["PORTAL"] = replace(app.config["PORTAL"], **told)


@pytest.fixture
def visitor(client: FlaskClient) -> FlaskClient:
    """Somebody at a portal that can send mail."""
    open_mail(client.application)
    bureau()
    return client


@pytest.fixture
def sqlite_visitor(sqlite_client: FlaskClient) -> FlaskClient:
    """The same, on SQLite alone."""
    open_mail(sqlite_client.application)
    bureau()
    return sqlite_client


def send(visitor: FlaskClient, address: str = READER, **more: str):
    return visitor.post(
        "/alerts", data={"topic": "bureau", "bureau": COUNTY, "pace": "daily", "address": address, **more}
    )


def written() -> tuple[int, ...]:
    db.session.rollback()
    tables = (AlertSubscription, OutboxMessage, VaultEntry)
    return tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def value_of(page: str, name: str) -> str:
    field = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', page)
    assert field, name
    found = re.search(r'value="([^"]*)"', field[0])
    return found[1] if found else ""


def test_a_visitor_asks_and_is_told_what_happens_next(visitor: FlaskClient):
    page = send(visitor)
    assert (page.status_code, page.location) == (303, "/alerts/asked")
    text = words(visitor.get(page.location).text)
    assert "请在48小时内打开信里的页面，点“确认订阅”" in text
    assert "一天最多收3封确认信，最多有20个订阅" in text
    [row] = db.session.scalars(select(AlertSubscription)).all()
    assert (row.key, row.pace, row.confirmed_at) == (COUNTY, AlertPace.DAILY, None)
    assert not visitor.get_cookie("session")


def test_the_answer_is_the_same_whoever_subscribed_to_whatever(visitor: FlaskClient):
    def answer(address: str = READER) -> tuple[int, str | None, str]:
        said = send(visitor, address)
        return said.status_code, said.location, said.text

    subscriber()
    assert answer() == answer("nobody@example.com") == answer(READER.upper())
    assert answer() == answer() == answer("somebody-else@example.com")  # also when there is no letter left for today


def test_a_form_sent_four_times_at_once_makes_one_subscription(visitor: FlaskClient):
    app = visitor.application
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(app.test_client()).status_code, range(4)))
    assert answers == [303] * 4
    assert written()[0] == 1
    assert 1 <= len(letters("alert_confirmation")) <= 3


@pytest.mark.parametrize(
    ("query", "field", "value", "named"),
    [
        ("project={number}", "project", "{number}", LONG),
        ("company=91430000183764483Y", "company", "91430000183764483Y", "91430000183764483Y的企业"),
        ("q=长寿路", "word", "长寿路", "含“长寿路”的公示"),
        ("q=%3Cb%3E%22x", "word", "&lt;b&gt;&#34;x", "含“bx”的公示"),
        ("project=" + "9" * 500, "project", "9" * 60, ""),
        ("q=", "word", "", ""),
    ],
)
def test_what_the_visitor_comes_from_is_filled_in(
    sqlite_visitor: FlaskClient, query: str, field: str, value: str, named: str
):
    number = builders.project(LONG).number
    page = sqlite_visitor.get("/alerts?" + query.format(number=number))
    assert page.status_code == 200
    assert value_of(page.text, field) == value.format(number=number)
    assert (named in words(page.text)) if named else ("将要订阅" not in page.text)


def test_a_bureau_is_chosen_from_the_list_and_may_be_filled_in(sqlite_visitor: FlaskClient):
    page = sqlite_visitor.get("/alerts?bureau=430181").text
    assert '<option selected value="430181">　浏阳市</option>' in page
    assert '<option value="430000">全省</option>' in page
    assert "将要订阅" in page
    for nonsense in ("999999", "<script>alert(1)</script>", "x" * 3000):
        assert "<script>alert(1)" not in sqlite_visitor.get("/alerts", query_string={"bureau": nonsense}).text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"address": ""}, "请填写邮箱"),
        ({"address": "someone"}, "邮箱地址的格式不对"),
        ({"address": "a@example.com\r\nBcc: victim@example.com"}, "邮箱地址的格式不对"),
        ({"address": "a@example.com\nSubject: x"}, "邮箱地址的格式不对"),
        ({"address": "=?utf-8?q?a=0d=0aBcc:x?=@example.com"}, "邮箱地址的格式不对"),
        ({"address": "a@example.com,b@example.com"}, "邮箱地址的格式不对"),
        ({"address": "a" * 100_000 + "@example.com"}, "邮箱地址太长"),
        ({"pace": "hourly"}, "不是有效的"),
        ({"pace": ""}, "请选择多久发一次"),
        ({"bureau": "999999"}, "请选择要订阅的部门"),
        ({"bureau": ""}, "请选择要订阅的部门"),
        ({"topic": "project", "project": "4301811511029999"}, "没有这个项目编号"),
        ({"topic": "company", "company": "91430000183764483X"}, "校验"),
        ({"topic": "word", "word": "路"}, "关键词请填2到12个字"),
        ({"topic": "word", "word": "<script>alert(1)</script>"}, "关键词请填2到12个字"),
        ({"topic": "nonsense", "bureau": ""}, "请选择要订阅的部门"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_written(
    sqlite_visitor: FlaskClient, changed: dict[str, str], error: str
):
    before = written()
    page = send(sqlite_visitor, **changed)
    assert page.status_code == 422
    assert error in words(page.text)
    assert 'role="alert"' in page.text
    assert "field__error" in page.text
    assert "<script>alert(1)" not in page.text
    if changed.get("address") is None:
        assert value_of(page.text, "address") == READER  # nothing typed is lost
    assert written() == before


def test_a_chinese_mail_domain_and_full_width_letters_are_understood(visitor: FlaskClient):
    assert send(visitor, "ｎａｍｅ＠例子。中国").status_code == 303
    assert len(letters("alert_confirmation")) == 1


def test_whoever_asks_too_often_is_told_when_he_may_again_and_what_he_can_do_instead(visitor: FlaskClient):
    for number in range(10):
        assert send(visitor, f"reader{number}@example.com").status_code == 303
    page = send(visitor, "reader10@example.com")
    assert page.status_code == 429
    assert re.search(r"请\d+分钟后再试；也可以改用订阅源", words(page.text))
    assert written()[0] == 10


def test_the_limits_are_published_where_they_hold(sqlite_visitor: FlaskClient):
    assert "同一网络地址每小时最多申请10次" in words(sqlite_visitor.get("/alerts").text)


def test_a_letter_leads_to_a_page_with_a_button_and_opening_it_changes_nothing(visitor: FlaskClient):
    send(visitor)
    [token] = tokens()
    before = written()
    for _ in range(2):
        page = visitor.get(f"/alerts/{token}")
        assert "确认订阅" in words(page.text)
        assert page.headers["Cache-Control"] == "no-store"
        assert 'method="post"' in page.text
    ending = visitor.get(f"/alerts/{token}/unsubscription")
    assert "浏阳市住房和城乡建设局（含下级）" in words(ending.text)
    assert (written(), db.session.scalar(select(AlertSubscription.confirmed_at))) == (before, None)

    assert visitor.post(f"/alerts/{token}/confirmation", data={"pace": "weekly"}).status_code == 422
    assert visitor.post(f"/alerts/{token}/confirmation", data={"pace": "at_once"}).status_code == 303
    assert "订阅已生效" in visitor.get(f"/alerts/{token}").text
    db.session.rollback()
    assert db.session.scalar(select(AlertSubscription.pace)) is AlertPace.AT_ONCE


@pytest.mark.parametrize("body", ["", "List-Unsubscribe=One-Click", "\xff\xfe", '{"a": 1}', "x=" + "y" * 10_000])
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"]
)
def test_one_click_ends_it_whatever_a_mail_program_sends_along(sqlite_visitor: FlaskClient, body: str, kind: str):
    token = subscriber()
    page = sqlite_visitor.post(f"/alerts/{token}/unsubscription", data=body.encode("latin-1"), content_type=kind)
    assert page.status_code == 200
    assert "已退订" in words(page.text)
    assert written()[0] == 0


def test_an_unknown_or_ended_subscription_is_explained(visitor: FlaskClient):
    for path in ("/alerts/nosuchtoken", "/alerts/nosuchtoken/unsubscription"):
        page = visitor.get(path)
        assert page.status_code == 404
        assert "可能已经退订，也可能没有在期限内确认" in words(page.text)
    assert visitor.post("/alerts/nosuchtoken/confirmation", data={"pace": "daily"}).status_code == 404
    assert visitor.post("/alerts/nosuchtoken/unsubscription").status_code == 200


@pytest.mark.parametrize("missing", ["smtp_url", "mail_from", "site_url"])
def test_where_no_mail_can_be_sent_the_page_says_so_and_takes_no_address(sqlite_visitor: FlaskClient, missing: str):
    app = sqlite_visitor.application
    app.config["PORTAL"] = replace(app.config["PORTAL"], **{missing: ""})
    page = sqlite_visitor.get("/alerts")
    assert "暂时不能用邮箱订阅" in words(page.text)
    assert 'name="address"' not in page.text
    assert "订阅源" in page.text
    before = written()
    refused = send(sqlite_visitor)
    assert refused.status_code == 409
    assert "没有保存" in words(refused.text)
    assert written() == before


def test_the_pages_of_notices_projects_and_companies_lead_here(sqlite_visitor: FlaskClient):
    notice = builders.notice()
    project = notice.application.project
    for path, link in [
        (f"/notices/{notice.reference}", f"/alerts?project={project.number}"),
        (f"/projects/{project.number}", f"/alerts?project={project.number}"),
        ("/companies/91430000183764483Y", "/alerts?company=91430000183764483Y"),
        ("/notices?q=长寿路", "/alerts?q=%E9%95%BF%E5%AF%BF%E8%B7%AF"),
        ("/notices?bureau=430181", "/alerts?bureau=430181"),
        ("/notices", "/alerts"),
    ]:
        page = sqlite_visitor.get(path).text
        assert f'href="{link}"' in page, path
        assert sqlite_visitor.get(link).status_code == 200


def test_what_ends_a_subscription_by_itself_is_said_beforehand(sqlite_visitor: FlaskClient):
    assert "邮箱先后3天拒收提醒" in words(sqlite_visitor.get("/alerts").text)
