"""进度查询: the pair on the receipt opens the filing, and nothing else does."""

from __future__ import annotations

from functools import partial

import pytest
from flask.testing import FlaskClient

from jobs import approve_after_recheck
from portal.domain import decisions, notices, objections, rechecks
from portal.domain.actor import SYSTEM
from portal.models.objection import Objection
from portal.models.words import Disposition, RecheckOutcome, Role
from tests import builders
from tests.builders import at, done
from tests.public.conftest import SetClock
from tests.public.objector import filed
from tests.public.reading import words


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


@pytest.mark.rule("T7", "O5", "O6")
def test_the_public_reads_the_whole_way_of_a_contested_case_as_sentences_without_persons(
    client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-09 10:00")
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    objection, code = filed(notice, "2026-10-09 09:00")
    assert isinstance(objection, Objection)
    done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 10:00")))
    decider, above = builders.acting(Role.DECIDER), builders.acting(Role.DECIDER, bureau_code="430100")
    now, why = at("2026-10-15 09:00"), "经核对合同原件，金额一致"
    for ground in objection.grounds:
        done(partial(objections.rule_on_ground, ground, Disposition.DISMISSED, why, actor=decider, now=now))
    done(lambda: decisions.conclude_contested(notice.application, why, actor=decider, now=now))
    reason = "请再核对合同原件第三页"
    done(lambda: rechecks.ask(objection, reason, arrived_at=now, now=now))
    recheck = rechecks.of(objection)
    assert recheck
    done(lambda: rechecks.decide(recheck, RecheckOutcome.CONFIRMED, "维持原答复，理由如上", actor=above, now=now))
    approve_after_recheck.run(now=at("2026-10-23 00:10"))
    time_is("2026-10-23 10:00")
    html = client.get(f"/notices/{notice.reference}").text
    page = words(html)
    for sentence in (
        "收到1件异议，理由2条",
        "期满，共收到1件异议，转人工逐条裁定",
        "一条异议理由经裁定不成立",
        "异议均不成立。异议人可在2026年10月22日（星期四）24:00前向上一级申请复核",
        "一名异议人向上一级申请复核",
        "上一级作出复核结论：维持原答复",
        "审核办理完毕，予以办结",
        "写入业绩档案",
    ):
        assert sentence in page
    secret = [objection.number, code, reason, decider.name, above.name, decider.name.removeprefix("staff:")]
    assert not [each for each in secret if each in html]


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
