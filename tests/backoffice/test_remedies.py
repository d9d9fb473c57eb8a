"""An entry found untrue is deleted or corrected from its page, and its reason becomes public (rules I3, L1)."""

from __future__ import annotations

import re

import pytest

from portal.domain import deletions
from portal.extensions import db
from portal.models.record import RecordEntry
from portal.models.remedy import RecordRemedy
from portal.models.words import DataLevel, Role
from tests import builders
from tests.builders import MORNING, acting, done

WHY = "经调阅原始合同，该合同并不存在"


def address(entry: RecordEntry, act: str) -> str:
    return f"/office/records/{entry.project.number}/entries/{entry.id}/{act}"


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html)
    return found[1] if found else ""


def filled(html: str, **more: str) -> dict[str, str]:
    """The correction form as the page would send it, but for `more`."""
    sent = dict(re.findall(r'<input[^>]* name="([a-z0-9_]+)"[^>]* value="([^"]*)"', html))
    for name, options in re.findall(r'<select[^>]* name="([a-z0-9_]+)"[^>]*>(.*?)</select>', html, re.S):
        sent[name] = (re.findall(r'<option selected value="([^"]*)"', options) or [""])[0]
    for name, text in re.findall(r'<textarea[^>]* name="([a-z0-9_]+)"[^>]*>\s*(.*?)</textarea>', html, re.S):
        sent[name] = text
    return {name: value for name, value in sent.items() if name not in ("q", "csrf_token")} | more


def stored(entry: RecordEntry) -> RecordEntry:
    db.session.rollback()
    return db.session.get_one(RecordEntry, entry.id)


@pytest.mark.rule("I3")
def test_a_decider_deletes_an_entry_from_its_projects_page_and_everybody_reads_why(app, at_any_desk):
    entry = builders.entry()
    desk = at_any_desk(builders.officer(Role.DECIDER))
    page = desk.get(f"/office/records/{entry.project.number}").get_data(as_text=True)
    assert address(entry, "deletion") in page

    form = desk.get(address(entry, "deletion")).get_data(as_text=True)
    assert "861.28 万元" in form
    answer = desk.post(address(entry, "deletion"), {"seen": hidden(form, "seen"), "reason": WHY})

    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert stored(entry).deleted_at is not None
    office = desk.get(answer.location).get_data(as_text=True)
    assert f"理由：{WHY}。" in office
    assert "861.28 万元" in office, "the office still sees what was deleted"
    assert address(entry, "deletion") not in office
    assert WHY in desk.client.get(f"/projects/{entry.project.number}").get_data(as_text=True)
    assert WHY in desk.client.get("/records/remedies").get_data(as_text=True)


@pytest.mark.rule("I3", "L1")
def test_a_correction_is_compared_before_it_is_written(app, at_any_desk):
    entry = builders.entry(level=DataLevel.D)
    desk = at_any_desk(builders.officer(Role.DECIDER, bureau_code="430100"))
    form = desk.get(address(entry, "correction")).get_data(as_text=True)

    compared = desk.post(address(entry, "correction"), filled(form, c_amount="500", reason=WHY))
    html = compared.get_data(as_text=True)
    assert compared.status_code == 200
    assert "请核对更正前后" in html
    assert "861.28 万元" in html
    assert "500.00 万元" in html
    assert "更正后数据等级为B级（现为D级）" in html
    assert stored(entry).version == 1

    changed_again = desk.post(address(entry, "correction"), filled(html, c_amount="600"))
    assert "600.00 万元" in changed_again.get_data(as_text=True), "what was not shown is shown first"
    assert stored(entry).version == 1

    answer = desk.post(address(entry, "correction"), filled(changed_again.get_data(as_text=True)))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    now = stored(entry)
    assert (now.version, now.level, now.content["amount"]) == (2, DataLevel.B, "600")
    assert f"更正理由：{WHY}" in desk.client.get(f"/projects/{entry.project.number}").get_data(as_text=True)


def test_what_is_wrong_with_a_correction_stands_beside_its_field_and_nothing_typed_is_lost(sqlite_app, at_desk):
    entry = builders.entry()
    desk = at_desk(builders.officer(Role.DECIDER))
    form = desk.get(address(entry, "correction")).get_data(as_text=True)

    same = desk.post(address(entry, "correction"), filled(form, reason=WHY))
    assert same.status_code == 422
    assert "与档案内容相同" in same.get_data(as_text=True)

    bad = desk.post(address(entry, "correction"), filled(form, c_amount="约五百万", reason=""))
    html = bad.get_data(as_text=True)
    assert bad.status_code == 422
    assert 'value="约五百万"' in html
    assert 'id="c_amount-error"' in html
    assert "请写明理由" in html

    private = desk.post(address(entry, "correction"), filled(form, c_amount="500", reason="详询13800000000，经查不实"))
    compared = private.get_data(as_text=True)
    refused = desk.post(address(entry, "correction"), filled(compared))
    assert refused.status_code == 422
    assert "理由将公开，请删去其中的手机号码" in refused.get_data(as_text=True)
    assert stored(entry).version == 1


def test_the_second_of_two_deciders_is_told_and_a_second_click_deletes_nothing_more(app, at_any_desk):
    entry = builders.entry()
    desk = at_any_desk(builders.officer(Role.DECIDER))
    seen = hidden(desk.get(address(entry, "deletion")).get_data(as_text=True), "seen")
    content, other = {**entry.content, "amount": "500"}, acting(Role.DECIDER)
    done(lambda: deletions.correct_entry(entry, content, WHY, seen=1, actor=other, now=MORNING))

    late = desk.post(address(entry, "deletion"), {"seen": seen, "reason": WHY})
    html = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "刚刚有了新的内容" in html
    assert "500.00 万元" in html
    again = {"seen": hidden(html, "seen"), "reason": WHY}
    assert desk.post(address(entry, "deletion"), again).status_code == 303
    twice = desk.post(address(entry, "deletion"), again)
    assert twice.status_code == 303
    assert "这条档案已经删除" in desk.get(twice.location).get_data(as_text=True)
    for act in ("deletion", "correction"):
        assert desk.get(address(entry, act)).status_code == 303
    db.session.rollback()
    assert db.session.scalar(db.select(db.func.count(RecordRemedy.id))) == 2


def test_a_running_case_is_named_and_linked(sqlite_app, at_desk):
    entry = builders.entry()
    case = builders.application(existing=entry)
    desk = at_desk(builders.officer(Role.DECIDER))
    html = desk.get(address(entry, "deletion")).get_data(as_text=True)
    assert f"/office/applications/{case.number}" in html
    answer = desk.post(address(entry, "deletion"), {"seen": "1", "reason": WHY})
    assert answer.status_code == 409
    assert case.number in answer.get_data(as_text=True)


@pytest.mark.rule("A3", "A5")
def test_no_other_duty_and_no_other_bureau_deletes_or_corrects(sqlite_app, at_desk):
    entry, elsewhere = builders.entry(), builders.entry(builders.project("株洲市乙工程", area_code="430281"))
    other = f"/office/records/{elsewhere.project.number}/entries/{entry.id}/deletion"
    for role in set(Role) - {Role.SYSTEM}:
        desk = at_desk(builders.officer(role))
        page = desk.get(f"/office/records/{entry.project.number}")
        assert (address(entry, "deletion") in page.get_data(as_text=True)) is (role is Role.DECIDER)
        for act in ("deletion", "correction"):
            if role is not Role.DECIDER:
                assert desk.get(address(entry, act)).status_code == 403
                assert desk.post(address(entry, act), {"seen": "1", "reason": WHY}).status_code == 403
            assert desk.get(address(elsewhere, act)).status_code in (403, 404)
            assert desk.post(address(elsewhere, act), {"seen": "1", "reason": WHY}).status_code in (403, 404)
        assert desk.get(other).status_code in (403, 404)
    assert stored(entry).deleted_at is None
    assert stored(elsewhere).deleted_at is None


HOSTILE = ("-1", "9" * 30, "NaN", "<script>alert(1)</script>", "\u202e文字😀", "长" * 5000, "430181\x00")


def test_whatever_is_sent_is_answered_and_changes_nothing(app, at_any_desk):
    entry = builders.entry()
    desk = at_any_desk(builders.officer(Role.DECIDER))
    form = filled(desk.get(address(entry, "correction")).get_data(as_text=True))
    for act, fields in (("deletion", ("seen", "reason")), ("correction", ("seen", "reason", "compared", "c_amount"))):
        for value in HOSTILE:
            for field in fields:
                answer = desk.post(address(entry, act), {**form, "seen": "0", field: value})
                assert answer.status_code in (400, 409, 422), (act, field, value)
        assert desk.post(address(entry, act), {}).status_code == 422
    everywhere = desk.post(address(entry, "correction"), dict.fromkeys(form, HOSTILE[3]))
    assert everywhere.status_code == 422
    assert "<script>alert" not in everywhere.get_data(as_text=True)
    for wrong in ("0", "99999999999999999999"):
        assert desk.get(f"/office/records/{entry.project.number}/entries/{wrong}/deletion").status_code == 404
    assert (stored(entry).version, stored(entry).deleted_at) == (1, None)
