"""进度查询: the pair on the receipt opens the filing, and nothing else does."""

from __future__ import annotations

from functools import partial

import pytest
from flask.testing import FlaskClient

from portal.domain import filings, notices, objections, receipts
from portal.domain.actor import PUBLIC, SYSTEM
from portal.domain.filings import Ground
from portal.models.complaint import Complaint
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.words import Disposition, Role
from tests import builders
from tests.builders import at, done
from tests.public.conftest import SetClock
from tests.public.reading import words


def filed(notice: Notice, when: str) -> tuple[Objection | Complaint, str]:
    """A filing about the notice at a Beijing time, and its code."""
    now = at(when)
    token = done(lambda: filings.begin(notice.id, now=now))
    grounds = [Ground("合同金额不对，请核对原件"), Ground("签订日期早于中标日期")]
    number = done(
        lambda: objections.file_or_complain(
            notice.id, token, grounds, filings.ANONYMOUS, arrived_at=now, actor=PUBLIC, now=now
        )
    )
    return builders.filed(number), receipts.code_for(token)


@pytest.mark.rule("O3", "O5")
def test_the_filer_follows_the_objection_to_its_answer(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    objection, code = filed(notice, "2026-10-09 09:00")
    assert isinstance(objection, Objection)
    pair = {"number": objection.number, "code": code}

    waiting = words(client.post("/progress", data=pair).text)
    done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 10:00")))
    time_is("2026-10-15 10:00")
    in_hand = words(client.post("/progress", data=pair).text)
    decider = builders.acting(Role.DECIDER)
    now = at("2026-10-15 09:00")
    for ground, ruling in zip(objection.grounds, (Disposition.UPHELD, Disposition.DISMISSED), strict=True):
        rule = partial(objections.rule_on_ground, ground, ruling, "经核对合同原件", actor=decider, now=now)
        done(rule)
    answered = words(client.post("/progress", data=pair).text)

    assert "公示期满后" in waiting
    assert "2026年10月29日 星期四" in waiting
    assert "正在逐条裁定" in in_hand
    assert "成立" in answered
    assert "不成立" in answered
    assert "经核对合同原件" in answered
    assert "合同金额不对，请核对原件" in answered


@pytest.mark.rule("O9")
def test_a_late_filing_is_followed_as_a_complaint(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-20 10:00")
    complaint, code = filed(builders.notice(published_at=at("2026-09-30 10:00")), "2026-10-20 09:00")
    page = words(client.post("/progress", data={"number": complaint.number, "code": code}).text)
    assert "由长沙市住房和城乡建设局登记" in page
    assert "2026年11月4日 星期三" in page


@pytest.mark.rule("O4")
def test_number_and_code_may_be_typed_carelessly(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    objection, code = filed(builders.notice(published_at=at("2026-09-30 10:00")), "2026-10-09 09:00")
    careless = {"number": f" {objection.number.lower().replace('-', ' ')} ", "code": code.lower().replace("-", "－")}
    assert "合同金额不对" in sqlite_client.post("/progress", data=careless).text


def test_a_typing_error_in_the_number_is_named(sqlite_client: FlaskClient) -> None:
    answer = sqlite_client.post("/progress", data={"number": "YY261009-63K5ZRMC-K", "code": "x"})
    assert answer.status_code == 422
    assert "末尾的校验字符也要填写" in answer.text
    empty = sqlite_client.post("/progress", data={})
    assert "请填写回执编号" in empty.text
    assert "请填写查询码" in empty.text
