"""回执: number, code and picture, the code typed back, and what happens next (rule O4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from portal.models.notice import Notice
from portal.models.objection import Objection
from tests import builders
from tests.builders import at
from tests.public.conftest import SetClock
from tests.public.objecting import begin, count, fill_in, object_to, receipt_of
from tests.public.reading import words


@pytest.fixture
def notice(client: FlaskClient, time_is: SetClock) -> Notice:
    """A notice somebody may object to."""
    time_is("2026-10-09 10:00")
    return builders.notice(published_at=at("2026-09-30 10:00"))


@pytest.fixture
def receipt(client: FlaskClient, notice: Notice) -> str:
    """The address of a receipt."""
    return object_to(client, notice, mode="confidential", name="王小明", phone="13907310000").location


@pytest.mark.rule("O4", "O8")
def test_it_says_what_happens_next_by_whom_and_until_when_and_who_filed_only_by_the_way(
    client: FlaskClient, receipt: str
) -> None:
    page = words(client.get(receipt).text)
    assert "异议已收到" in page
    assert "2026年10月9日 10:00（北京时间）" in page
    assert "浏阳市住房和城乡建设局由核实人员以外的人员逐条裁定" in page
    assert "不晚于2026年10月29日 星期四（15个工作日内，本平台设定）" in page
    assert "实名但要求保密" in page
    assert "王小明" not in page
    assert "打印本页" in page


@pytest.mark.rule("O4")
def test_its_picture_is_drawn_in_the_page_and_leads_to_the_number_but_never_to_the_code(
    client: FlaskClient, receipt: str
) -> None:
    html = client.get(receipt).text
    number, code = re.findall(r'class="receipt__number" id="[^"]+">([^<]+)<', html)
    (picture,) = re.findall(r'class="receipt__qr" src="(data:image/svg\+xml[^"]+)"', html)
    assert unquote(picture).startswith("data:image/svg+xml")
    assert (
        number in words(client.get("/progress?number=" + number).text)
        or number in client.get("/progress?number=" + number).text
    )
    assert code not in unquote(picture)


@pytest.mark.rule("O4")
@pytest.mark.parametrize("change", [str, str.lower, lambda code: code.replace("-", " "), lambda code: f"  {code} "])
def test_the_code_typed_back_right_is_confirmed_however_it_is_written(
    client: FlaskClient, receipt: str, change: Callable[[str], str]
) -> None:
    code = re.findall(r'id="receipt-code">([^<]+)<', client.get(receipt).text)[0]
    answer = client.post(receipt, data={"code": change(code)})
    assert answer.status_code == 200
    assert "查询码正确" in answer.text


@pytest.mark.rule("O4")
@pytest.mark.parametrize("typed", ["", "ABCDE-FGHJK-MNPQR-STVWX", "x" * 5000, "二三四五"])
def test_typed_back_wrong_it_is_said_with_the_code_still_there_and_the_filing_stays(
    client: FlaskClient, receipt: str, typed: str
) -> None:
    shown = client.get(receipt).text
    answer = client.post(receipt, data={"code": typed})
    assert answer.status_code == 422
    assert ("请对照检查" if typed else "请对照您抄下的内容") in answer.text
    code = re.findall(r'id="receipt-code">([^<]+)<', shown)[0]
    assert code in answer.text
    assert count(Objection) == 1


@pytest.mark.rule("O4")
def test_number_and_code_open_the_progress_and_nobody_has_a_receipt_before_filing(
    client: FlaskClient, notice: Notice
) -> None:
    url = begin(client, notice)
    assert client.get(url + "/receipt").location == url
    assert client.post(url + "/receipt", data={"code": "x"}).location == url
    assert client.get("/filings/nobody/receipt").status_code == 404
    fill_in(client, url)
    number, code = receipt_of(client, client.post(url))
    page = words(client.post("/progress", data={"number": number, "code": code}).text)
    assert "合同金额与中标通知书不一致" in page
