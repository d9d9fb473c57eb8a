"""公示中断 at the office: on the desk, in a list, with its ledger, decided by the bureau itself (rule N7)."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.models.words import GapDecision, Role, Status
from tests import builders
from tests.builders import at, notice
from tests.domain.office import over, sweep
from tests.watching import gap, looked

WHY = "机房停电，已张贴纸质公示"
CITY = "430100"


@pytest.mark.rule("N7")
@pytest.mark.parametrize("decision", list(GapDecision), ids=str)
def test_the_bureau_reads_the_ledger_and_decides(app: Flask, at_any_desk, time_is, decision: GapDecision):
    published = notice()
    gap(published, "2026-10-09 08:00", "2026-10-09 12:00")
    time_is("2026-10-12 09:00")
    desk = at_any_desk(builders.officer(Role.DECIDER))
    assert "<b>1</b> <span>公示中断，待决定</span>" in desk.get("/office/").text
    assert published.reference in desk.get("/office/publication-gaps").text
    assert "中断1次，待决定" in desk.get(f"/office/applications/{published.application.number}").text
    address = f"/office/publication-gaps/{published.reference}"
    page = desk.get(address).text
    for said in ("网站没有应答", "2026年10月9日 12:00恢复", "公示期延长1个工作日", "至2026年10月14日"):
        assert said in page
    refusal = desk.post(f"{address}/decision", {"reason": WHY})
    assert refusal.status_code == 422
    assert "请选择延长或者认可" in refusal.text
    assert WHY in refusal.text
    short = desk.post(f"{address}/decision", {"decision": decision.value, "reason": "停电"})
    assert (short.status_code, "不少于5个字" in short.text) == (422, True)

    assert desk.post(f"{address}/decision", {"decision": decision.value, "reason": WHY}).status_code == 303
    page = desk.get(address).text
    assert f"<strong>{decision.label}</strong>。理由：{WHY}" in page
    assert "作出决定" not in page
    assert "<b>0</b> <span>公示中断，待决定</span>" in desk.get("/office/").text
    assert published.last_day == at("2026-10-14" if decision is GapDecision.EXTENDED else "2026-10-13").date()
    twice = desk.post(f"{address}/decision", {"decision": decision.value, "reason": WHY})
    assert (twice.status_code, "没有等待决定的公示中断" in twice.text, WHY in twice.text) == (409, True, True)
    assert sweep(over(published)) == (1, 0)
    assert published.application.status is Status.APPROVED


@pytest.mark.rule("N7", "A3", "A5")
def test_others_do_not_see_it_and_those_above_and_of_other_duties_only_read(sqlite_app: Flask, at_desk):
    published = notice()
    gap(published, "2026-10-09 08:00", "2026-10-09 12:00")
    address = f"/office/publication-gaps/{published.reference}"
    sent = {"decision": "accepted", "reason": WHY}
    neighbour = at_desk(builders.officer(Role.DECIDER, bureau_code="430182"))
    assert published.reference not in neighbour.get("/office/publication-gaps").text
    assert neighbour.get(address).status_code == 404
    assert neighbour.post(f"{address}/decision", sent).status_code == 404
    for officer in (builders.officer(Role.DECIDER, bureau_code=CITY), builders.officer(Role.CLERK)):
        desk = at_desk(officer)
        assert published.reference in desk.get("/office/publication-gaps").text
        assert f"由{published.bureau.name}的审核办理岗决定" in desk.get(address).text
        assert desk.post(f"{address}/decision", sent).status_code == 403
    assert published.gap_undecided


@pytest.mark.rule("N7")
def test_a_notice_without_a_gap_shows_its_ledger_and_nothing_to_decide(sqlite_app: Flask, at_desk):
    published = notice()
    desk = at_desk(builders.officer(Role.DECIDER))
    address = f"/office/publication-gaps/{published.reference}"
    assert "没有监测记录" in desk.get(address).text
    looked(published, "2026-10-09 08:00")
    page = desk.get(address).text
    assert "与公示内容一致" in page
    assert "作出决定" not in page
    assert "没有等待决定的公示" in desk.get("/office/publication-gaps").text
    assert desk.get("/office/publication-gaps/%00").status_code in (400, 404)
