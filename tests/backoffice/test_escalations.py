"""督办 at the office: the bureau above sees what was not answered in time and says something to it; the bureau below
reads that on its case (rules O8, E1).
"""

from __future__ import annotations

import re
from functools import partial

import pytest
from flask import Flask

from portal.domain import escalation
from portal.domain.actor import SYSTEM
from portal.domain.attachments import StoredFile, attach
from portal.extensions import db
from portal.models.escalation import Escalation
from portal.models.objection import Objection
from portal.models.words import Disposition, EscalationOutcome, Role
from tests import builders
from tests.backoffice.conftest import SetClock
from tests.builders import MORNING, done
from tests.domain.office import by_sql, office, rule_all
from tests.domain.test_escalation import CITY, OVERDUE, PROVINCE, TEXT, contested, escalate
from tests.public.reading import words

MINE = "待督办的超期异议"
SOON = "答复将到期或已超期的异议"


def address(filed: Objection) -> str:
    return f"/office/escalations/{filed.number}"


@pytest.mark.rule("O8", "E1")
@pytest.mark.parametrize(
    ("outcome", "shown"), [("instructed", "督办意见："), ("returned", "退回理由：")], ids=["instruct", "send back"]
)
def test_the_bureau_above_reads_the_case_and_says_something_and_the_bureau_below_reads_it(
    app: Flask, at_any_desk, time_is: SetClock, outcome: str, shown: str
):
    filed = contested()
    escalate(filed)
    time_is("2026-10-29 10:00")
    case = f"/office/applications/{filed.notice.application.number}"
    above, below = (
        at_any_desk(builders.officer(Role.DECIDER, bureau_code=CITY)),
        at_any_desk(builders.officer(Role.DECIDER)),
    )
    assert f"<b>1</b> <span>{MINE}</span>" in above.get("/office/").text
    assert filed.number in above.get("/office/escalations").text
    page = words(above.get(address(filed)).text)
    for said in ("合同金额与实际不符", "已超期2个工作日", "由长沙市住房和城乡建设局督办", "待裁定"):
        assert said in page
    assert above.get(case).status_code == 200
    assert "请选择督办或退回" in above.post(f"{address(filed)}/outcome", {"text": TEXT}).text
    short = above.post(f"{address(filed)}/outcome", {"outcome": outcome, "text": "快"})
    assert (short.status_code, "不少于5个字" in short.text, "快</textarea>" in short.text) == (422, True, True)
    assert above.post(f"{address(filed)}/outcome", {"outcome": outcome, "text": TEXT}).status_code == 303
    found = db.session.scalars(db.select(Escalation)).one()
    db.session.refresh(found)
    assert (found.outcome, found.outcome_text) == (EscalationOutcome(outcome), TEXT)
    assert f"<b>0</b> <span>{MINE}</span>" in above.get("/office/").text
    twice = above.post(f"{address(filed)}/outcome", {"outcome": outcome, "text": TEXT})
    assert (twice.status_code, "不能再更改" in twice.text) == (409, True)

    assert f"<b>1</b> <span>{SOON}</span>" in below.get("/office/").text
    for place in (case, f"/office/rulings/{filed.notice.application.number}", address(filed)):
        read = words(below.get(place).text)
        assert "已升级督办" in read
        assert shown in read
        assert TEXT in read
    assert "已升级督办" in below.get("/office/rulings").text
    assert "送出" not in below.get(address(filed)).text


@pytest.mark.rule("O8")
def test_the_desk_warns_before_the_limit_ends(sqlite_app: Flask, at_desk, time_is: SetClock):
    contested()
    desk = at_desk(builders.officer(Role.VERIFIER))
    for now, count, badge in (
        ("2026-10-21 10:00", 0, ""), ("2026-10-22 10:00", 1, "将到期"), ("2026-10-27 10:00", 1, "今日到期"),
        ("2026-10-28 10:00", 1, "已超期"),
    ):  # fmt: skip
        time_is(now)
        desk = at_desk(builders.officer(Role.VERIFIER))
        assert f"<b>{count}</b> <span>{SOON}</span>" in desk.get("/office/").text
        chips = re.findall(r'<span class="chip[^"]*">([^<]+)</span>', desk.get("/office/rulings").text)
        assert [chip for chip in chips if chip in ("将到期", "今日到期", "已超期")] == ([badge] if badge else [])


@pytest.mark.rule("O8")
def test_what_was_answered_meanwhile_says_so_and_waits_for_nobody(sqlite_app: Flask, at_desk):
    filed = contested()
    escalate(filed)
    rule_all(filed.notice.application, Disposition.DISMISSED, office().decider, now=OVERDUE)
    desk = at_desk(builders.officer(Role.DECIDER, bureau_code=CITY))
    assert f"<b>0</b> <span>{MINE}</span>" in desk.get("/office/").text
    assert "不再等待答复" in desk.get("/office/escalations").text
    assert filed.number not in desk.get("/office/escalations?mine=1").text
    assert "送出" not in desk.get(address(filed)).text
    late = desk.post(f"{address(filed)}/outcome", {"outcome": "instructed", "text": TEXT})
    assert (late.status_code, "不再等待答复" in late.text, TEXT in late.text) == (409, True, True)


@pytest.mark.rule("A3", "A5")
def test_others_do_not_see_it_and_who_only_reads_cannot_say_anything(sqlite_app: Flask, at_desk):
    filed = contested()
    escalate(filed)
    sent = {"outcome": "instructed", "text": TEXT}
    for code in ("430200", "430211"):
        for role in Role:
            if role is Role.SYSTEM:
                continue
            desk = at_desk(builders.officer(role, bureau_code=code))
            assert filed.number not in desk.get("/office/escalations").text
            assert desk.get(address(filed)).status_code in (403, 404)
            assert desk.post(f"{address(filed)}/outcome", sent).status_code in (403, 404)
    for role, code in ((Role.DECIDER, PROVINCE), (Role.CLERK, CITY), (Role.AUDITOR, CITY), (Role.DECIDER, "430181")):
        desk = at_desk(builders.officer(role, bureau_code=code))
        assert "由长沙市住房和城乡建设局的审核办理岗督办" in words(desk.get(address(filed)).text)
        assert desk.post(f"{address(filed)}/outcome", sent).status_code == 403
    assert at_desk(builders.officer(Role.ACCOUNT_ADMINISTRATOR)).get("/office/escalations").status_code == 403


@pytest.mark.rule("C2", "A5")
def test_the_discipline_office_reads_what_was_taken_to_it_with_its_files_and_no_other_case(sqlite_app: Flask, at_desk):
    filed, other = contested(), contested()
    by_sql("UPDATE bureau SET parent_id = NULL WHERE code = '430181'")  # as if nobody stood above it
    for each in (filed, other):
        file = StoredFile("证据.pdf", "application/pdf", 3, "0" * 64, "00/0")
        done(partial(attach, file, now=MORNING, ground_id=each.grounds[0].id))
    done(lambda: escalation.escalate_overdue_objection(filed.id, SYSTEM, now=OVERDUE))
    desk = at_desk(builders.officer(Role.DISCIPLINE_OFFICER))
    assert f"<b>1</b> <span>{MINE}</span>" in desk.get("/office/").text
    page = desk.get(address(filed)).text
    assert "浏阳市住房和城乡建设局纪检监察机构" in page
    assert "/office/applications/" not in page  # no way to a page he may not see
    mine, others = (each.grounds[0].evidence[0].id for each in (filed, other))
    assert "存储" in desk.get(f"/office/attachments/{mine}").text  # his to read; the test stored no bytes
    assert "没有找到这个附件" in desk.get(f"/office/attachments/{others}").text
    assert desk.get(f"/office/applications/{filed.notice.application.number}").status_code == 403
    assert desk.post(f"{address(filed)}/outcome", {"outcome": "instructed", "text": TEXT}).status_code == 303


def test_the_list_pages_by_key_and_asks_little(sqlite_app: Flask, at_desk, statements: list[str]):
    numbers = []
    for _ in range(52):
        filed = contested()
        escalate(filed)
        numbers.append(filed.number)
    desk = at_desk(builders.officer(Role.DECIDER, bureau_code=CITY))
    statements.clear()
    first = desk.get("/office/escalations").text
    assert len(statements) <= 5
    assert [number for number in numbers if number in first] == numbers[2:]
    older = re.search(r'href="([^"]*before=\d+[^"]*)"', first)
    assert older
    second = desk.get(older[1].replace("&amp;", "&")).text
    assert [number for number in numbers if number in second] == numbers[:2]


@pytest.mark.parametrize("number", ["x", "YY261009-63K5ZRMC-K", "9" * 400, "%00", "'; --", "../"])
def test_a_number_that_is_none_finds_nothing(sqlite_app: Flask, at_desk, number: str):
    desk = at_desk(builders.officer(Role.DECIDER, bureau_code=CITY))
    assert desk.get(f"/office/escalations/{number}").status_code in (400, 404)


@pytest.mark.parametrize("query", ["before=x", "after=-1", "mine=%00", "before=" + "9" * 40, "mine=1&mine=2"])
def test_a_list_address_that_says_nonsense_is_read_as_well_as_it_can_be(sqlite_app: Flask, at_desk, query: str):
    desk = at_desk(builders.officer(Role.DECIDER, bureau_code=CITY))
    assert desk.get(f"/office/escalations?{query}").status_code in (200, 400)
