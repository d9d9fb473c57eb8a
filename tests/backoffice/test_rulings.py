"""异议裁定 at the office: near duplicates together, each ground with a disposition of its own (rules O5, O8)."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain import objections
from portal.extensions import db, table
from portal.models.notice import Notice
from portal.models.objection import ObjectionGround
from portal.models.trail_entry import TrailEntry
from portal.models.words import Disposition, FilingStatus, Role
from tests import builders
from tests.builders import acting, at, done
from tests.domain.office import close, over
from tests.public.reading import words

COPY = "该项目的合同金额与中标通知书不一致，相差五十二万元，请核对原件后再办理。"
OTHER = "项目经理在施工期间同时担任另一个项目的项目经理，请核查社保记录。"
WHY = "经核对合同原件，金额一致"


def flooded(copies: int = 5) -> Notice:
    """A closed notice with copies of one objection, each with something changed, and one of its own."""
    published = builders.notice()
    for number in range(copies):
        builders.objection(published, f"本人{'张李王赵钱'[number % 5]}某，{COPY}")
    builders.objection(published, OTHER)
    close(published)
    return published


def grounds() -> list[ObjectionGround]:
    return list(db.session.scalars(select(ObjectionGround).order_by(ObjectionGround.id)))


@pytest.mark.rule("O5")
def test_near_duplicates_are_shown_together_and_each_gets_its_own_disposition(app: Flask, at_any_desk):
    case = flooded().application
    desk = at_any_desk(builders.officer(Role.DECIDER))
    assert "5条相近，分1组" in words(desk.get("/office/rulings").text)
    page = desk.get(f"/office/rulings/{case.number}").text
    assert "与其他4件内容相近，待裁定5条" in words(page)
    assert "共6条理由，待裁定6条" in words(page)
    first = grounds()
    ticked = re.findall(r'name="grounds" value="(\d+)" id="[^"]+" checked', page)
    assert ticked == [str(ground.id) for ground in first]

    chosen = [str(ground.id) for ground in first[:4]]
    sent = {"group": chosen[0], "grounds": chosen, "disposition": "dismissed", "reason": WHY}
    assert desk.post(f"/office/rulings/{case.number}/dispositions", sent).status_code == 303
    ruled = grounds()
    assert [ground.disposition for ground in ruled] == [Disposition.DISMISSED] * 4 + [None, None]
    assert all(ground.disposition_reason == WHY and ground.ruled_by_id for ground in ruled[:4])
    assert [ground.objection.status for ground in ruled] == [FilingStatus.ANSWERED] * 4 + [FilingStatus.RECEIVED] * 2
    lines = db.session.scalars(select(TrailEntry).where(TrailEntry.event == "ground_ruled")).all()
    assert len({line.subject_ref for line in lines}) == 4
    left = words(desk.get(f"/office/rulings/{case.number}").text)
    assert "与其他4件内容相近，待裁定1条" in left
    assert "没有相近的" in left


@pytest.mark.rule("O5")
def test_setting_a_group_aside_needs_a_second_person_for_each_ground(sqlite_app: Flask, at_desk):
    case = flooded(2).application
    chosen = [str(ground.id) for ground in grounds()[:2]]
    sent = {"group": chosen[0], "grounds": chosen, "disposition": "inadmissible", "reason": "与本公示无关"}
    address = f"/office/rulings/{case.number}/dispositions"
    one, other = (at_desk(builders.officer(Role.DECIDER)) for _ in range(2))
    for desk, expected in ((one, 303), (one, 403), (other, 303)):
        desk.get(f"/office/rulings/{case.number}")
        assert desk.post(address, sent).status_code == expected
        settled = [ground.disposition for ground in grounds()[:2]]
        assert settled == ([Disposition.INADMISSIBLE] * 2 if desk is other else [None, None])


@pytest.mark.rule("O5")
def test_one_that_was_ruled_on_meanwhile_stops_the_whole_and_says_so(sqlite_app: Flask, at_desk):
    published = flooded(3)
    case = published.application
    desk = at_desk(builders.officer(Role.DECIDER))
    desk.get(f"/office/rulings/{case.number}")
    first, second, third, _ = grounds()
    colleague = acting(Role.DECIDER)
    done(
        lambda: objections.rule_on_ground(
            third, Disposition.UPHELD, "与原件不符，成立", actor=colleague, now=over(published)
        )
    )
    chosen = [str(ground.id) for ground in (first, second, third)]
    sent = {"group": chosen[0], "grounds": chosen, "disposition": "dismissed", "reason": WHY}
    refused = desk.post(f"/office/rulings/{case.number}/dispositions", sent)
    assert (refused.status_code, "已经裁定" in refused.text) == (409, True)
    assert WHY in refused.text
    assert [ground.disposition for ground in grounds()[:3]] == [None, None, Disposition.UPHELD]


@pytest.mark.rule("O5", "A4", "A5")
def test_grounds_of_other_cases_and_other_officers_are_left_alone(sqlite_app: Flask, at_desk):
    verifier = builders.officer(Role.VERIFIER, Role.DECIDER)
    mine, other = flooded(2).application, flooded(2).application
    address = f"/office/rulings/{mine.number}/dispositions"
    foreign = [str(ground.id) for ground in grounds() if ground.objection.notice.application_id == other.id]
    desk = at_desk(builders.officer(Role.DECIDER))
    desk.get(f"/office/rulings/{mine.number}")
    for named in (foreign, [], ["x", "-1", "9" * 40, "１"]):
        refused = desk.post(address, {"grounds": named, "disposition": "dismissed", "reason": WHY})
        assert (refused.status_code, "请勾选要裁定的理由" in refused.text) == (422, True)
    assert desk.post(address, {"grounds": foreign, "reason": WHY}).status_code == 422
    sent = {"grounds": [str(grounds()[0].id)], "disposition": "dismissed", "reason": WHY}
    above = at_desk(builders.officer(Role.DECIDER, bureau_code="430100"))
    assert "待裁定3条" in words(above.get(f"/office/rulings/{mine.number}").text)
    assert above.post(address, sent).status_code == 403
    elsewhere = at_desk(builders.officer(Role.DECIDER, bureau_code="430200"))
    assert elsewhere.get(f"/office/rulings/{mine.number}").status_code == 404
    assert elsewhere.post(address, sent).status_code == 404
    clerk = at_desk(builders.officer(Role.CLERK))
    assert "裁定勾选的理由" not in clerk.get(f"/office/rulings/{mine.number}").text
    assert clerk.post(address, sent).status_code == 403
    assert at_desk(verifier).get(f"/office/rulings/{mine.number}").status_code == 200
    assert all(ground.disposition is None for ground in grounds())


@pytest.mark.rule("O8")
def test_the_list_says_until_when_the_oldest_open_objection_is_to_be_answered(sqlite_app: Flask, at_desk):
    published = flooded(2)
    desk = at_desk(builders.officer(Role.DECIDER))
    # filed on 30 September: fifteen working days later
    assert "2026年10月27日（星期二）" in words(desk.get("/office/rulings").text)
    for ground in grounds():
        colleague = acting(Role.DECIDER)
        done(
            lambda ground=ground, colleague=colleague: objections.rule_on_ground(  # type: ignore[misc]
                ground, Disposition.DISMISSED, WHY, actor=colleague, now=over(published)
            )
        )
    assert "已全部答复" in words(desk.get("/office/rulings").text)
    assert "没有待裁定的理由" in words(desk.get(f"/office/rulings/{published.application.number}").text)


def test_a_thousand_copies_are_shown_as_one_group_with_few_questions(sqlite_app: Flask, at_desk, statements):
    published = builders.notice(published_at=at("2026-09-30 10:00"))
    for _ in range(3):
        builders.objection(published, COPY)
    filed = builders.objection(published, COPY)
    close(published)
    print_ = filed.grounds[0].fingerprint
    rows = [
        {"objection_id": filed.id, "position": at_, "text": COPY, "fingerprint": print_, "disposition_reason": "",
         "aside_reason": ""}
        for at_ in range(2, 1000)
    ]  # fmt: skip
    done(lambda: db.session.execute(table(ObjectionGround).insert(), rows))
    desk = at_desk(builders.officer(Role.DECIDER))
    statements.clear()
    page = desk.get(f"/office/rulings/{published.application.number}").text
    assert "与其他1001件内容相近，待裁定1002条" in words(page)
    assert "另有802条，这些裁定后显示" in words(page)
    assert len(statements) < 25
    assert len(page) < 300_000
