"""异议复核 at the office: the queue of the bureau above, its decision, and that nobody else makes it."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.domain import decisions, rechecks
from portal.models.words import Disposition, RecheckOutcome, Role, Status
from tests import builders
from tests.builders import done
from tests.domain.office import WHY, close, office, rule_all
from tests.domain.test_rechecks import ANSWERED, CITY, REASON, ask, decide, waiting


@pytest.mark.rule("O7")
@pytest.mark.parametrize(
    ("outcome", "becomes"),
    [(RecheckOutcome.CONFIRMED, Status.AWAITING_RECHECK), (RecheckOutcome.OVERTURNED, Status.REJECTED)],
)
def test_the_bureau_above_reads_and_decides(app: Flask, at_any_desk, outcome: RecheckOutcome, becomes: Status):
    filed, case = waiting()
    ask(filed)
    desk = at_any_desk(builders.officer(Role.DECIDER, bureau_code=CITY))
    assert "<b>1</b> <span>待作出的复核</span>" in desk.get("/office/").text
    assert filed.number in desk.get("/office/rechecks").text
    address = f"/office/rechecks/{filed.number}"
    page = desk.get(address).text
    for said in (REASON, "合同金额与实际不符", "经核对原件，理由如上", "维持原答复"):
        assert said in page
    assert "请选择复核结论" in desk.post(f"{address}/outcome", {"reason": WHY}).text
    assert desk.post(f"{address}/outcome", {"outcome": outcome.value, "reason": WHY}).status_code == 303
    found = rechecks.of(filed)
    assert found is not None
    assert (found.outcome, found.outcome_reason, case.status) == (outcome, WHY, becomes)
    assert WHY in desk.get(address).text
    assert "<b>0</b> <span>待作出的复核</span>" in desk.get("/office/").text
    twice = desk.post(f"{address}/outcome", {"outcome": outcome.value, "reason": WHY})
    assert twice.status_code == 409
    assert "已经作出结论" in twice.text


@pytest.mark.rule("O7", "A5")
def test_the_bureau_that_answered_and_others_do_not_see_it_and_the_province_only_reads(sqlite_app: Flask, at_desk):
    filed, _ = waiting()
    ask(filed)
    address = f"/office/rechecks/{filed.number}"
    for code in ("430181", "430200"):
        desk = at_desk(builders.officer(Role.DECIDER, bureau_code=code))
        assert filed.number not in desk.get("/office/rechecks").text
        assert desk.get(address).status_code == 404
        assert desk.post(f"{address}/outcome", {"outcome": "confirmed", "reason": WHY}).status_code == 404
    province = at_desk(builders.officer(Role.DECIDER, bureau_code="430000"))
    assert "由长沙市住房和城乡建设局的审核办理岗复核" in province.get(address).text
    assert province.post(f"{address}/outcome", {"outcome": "confirmed", "reason": WHY}).status_code == 403
    clerk = at_desk(builders.officer(Role.CLERK, bureau_code=CITY))
    assert "作出复核结论" not in clerk.get(address).text
    assert clerk.post(f"{address}/outcome", {"outcome": "confirmed", "reason": WHY}).status_code == 403


def test_a_re_check_that_is_not_needed_any_more_says_so_and_comes_last(sqlite_app: Flask, at_desk):
    published = builders.notice()
    first, second = builders.objection(published), builders.objection(published)
    close(published)
    rule_all(published.application, Disposition.DISMISSED, office().decider, now=ANSWERED)
    desk_below = builders.acting(Role.DECIDER)
    done(lambda: decisions.conclude_contested(published.application, WHY, actor=desk_below, now=ANSWERED))
    found = ask(first)
    ask(second)
    decide(found, RecheckOutcome.OVERTURNED)
    desk = at_desk(builders.officer(Role.DECIDER, bureau_code=CITY))
    assert "案件已有结果，不再复核" in desk.get("/office/rechecks").text
    page = desk.get(f"/office/rechecks/{second.number}").text
    assert "不再需要复核" in page
    assert "作出复核结论" not in page


@pytest.mark.parametrize("number", ["x", "YY261009-63K5ZRMC-K", "9" * 400, "%00", "'; --", "../"])
def test_a_number_that_is_none_finds_nothing(sqlite_app: Flask, at_desk, number: str):
    desk = at_desk(builders.officer(Role.DECIDER, bureau_code=CITY))
    assert desk.get(f"/office/rechecks/{number}").status_code in (400, 404)
