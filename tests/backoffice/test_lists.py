"""Desk, lists and records: what they show, and that they ask the database little however long they are."""

from __future__ import annotations

import pytest

from portal.domain import notices
from portal.domain.actor import SYSTEM
from portal.models.words import DataLevel, Role
from tests import builders
from tests.builders import at


def asked(desk, statements, address) -> int:
    """How many statements a page needs."""
    desk.get(address)  # what is loaded once per process is not counted
    statements.clear()
    assert desk.get(address).status_code == 200
    return len(statements)


def test_the_desk_counts_every_queue_and_lists_what_closes_next(sqlite_app, at_desk):
    builders.application()
    builders.verify(builders.application())
    builders.notice()
    notice = builders.notice()
    builders.objection(notice, "合同金额与实际不符")
    builders.done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 00:20")))
    html = at_desk(builders.officer(Role.VERIFIER)).get("/office/").get_data(as_text=True)
    for label in ("已收件，待核实", "核实属实，待公示", "公示中", "有异议，待裁定"):
        assert f"<b>1</b> <span>{label}</span>" in html
    assert "/office/applications?status=contested" in html


def test_filters_narrow_the_list_and_nonsense_is_left_out(sqlite_app, at_desk):
    received = builders.application()
    verified = builders.verify(builders.application(existing=builders.entry(builders.project("岳阳楼修缮"))))
    desk = at_desk(builders.officer(Role.INSPECTOR, bureau_code="430100"))

    def listed(**query: str) -> list[str]:
        html = desk.get("/office/applications", query_string=query).get_data(as_text=True)
        return [case.number for case in (received, verified) if case.number in html]

    assert listed() == [received.number, verified.number]
    assert listed(status="received") == [received.number]
    assert listed(status="nonsense", bureau="nonsense") == [received.number, verified.number]
    assert listed(q="岳阳楼") == [verified.number]
    assert listed(section="bidding") == []
    assert listed(section="contract", kind="correction", bureau="430181") == [received.number, verified.number]
    assert listed(bureau="430102") == []
    part = desk.get("/office/applications", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<!doctype" not in part.lower()


def test_a_list_pages_by_key_through_more_than_fifty(sqlite_app, at_desk):
    entry = builders.entry()
    project = entry.project
    numbers = [builders.application(existing=builders.entry(project)).number for _ in range(52)]
    desk = at_desk(builders.officer(Role.CLERK))
    first = desk.get("/office/applications").get_data(as_text=True)
    assert numbers[-1] in first
    assert numbers[0] not in first
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert numbers[0] in desk.get(older).get_data(as_text=True)


def test_pages_ask_little_however_much_they_show(sqlite_app, at_desk, statements):
    few = builders.officer(Role.DECIDER)
    project = builders.project()
    for _ in range(12):
        builders.application(existing=builders.entry(project))
    notice = builders.notice()
    for _ in range(3):
        builders.objection(notice, "合同金额与实际不符", "承包单位名称不对")
    builders.done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 00:20")))
    desk = at_desk(few)
    assert asked(desk, statements, "/office/") <= 12
    assert asked(desk, statements, f"/office/applications/{notice.application.number}") <= 15
    assert asked(desk, statements, "/office/applications") <= 6
    assert asked(desk, statements, "/office/rulings") <= 6
    assert asked(desk, statements, "/office/records") <= 6
    assert asked(desk, statements, f"/office/records/{project.number}") <= 8
    assert asked(desk, statements, "/office/supervision-cases") <= 6


@pytest.mark.rule("L1", "L6")
def test_a_record_shows_each_level_where_it_came_from_and_every_version(app, at_any_desk):
    notice = builders.notice()
    builders.done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 00:20")))
    project = notice.application.project
    builders.entry(project, number="HT-B", level=DataLevel.B)
    desk = at_any_desk(builders.officer(Role.INSPECTOR))
    html = desk.get(f"/office/records/{project.number}").get_data(as_text=True)
    assert "由浏阳市住房和城乡建设局确定" in html
    assert "导入前已有" in html
    assert "合同金额：861.28 万元 → 913.83 万元" in html
    assert notice.reference in html
    assert "市级确认" in html


def test_any_number_typed_into_the_search_leads_straight_there(sqlite_app, at_desk):
    notice = builders.notice()
    objection = builders.objection(notice, "合同金额与实际不符")
    case = notice.application
    desk = at_desk(builders.officer(Role.CLERK))
    for number in (case.number, case.number.lower(), notice.reference, objection.number):
        assert desk.get("/office/search", query_string={"q": number}).location == f"/office/applications/{case.number}"
    assert desk.get("/office/search", query_string={"q": case.project.number}).location.startswith("/office/records/")
    assert "/office/applications?q=" in desk.get("/office/search", query_string={"q": "三穗"}).location
