"""我要申请: what is told before the form is filled, what stands in it already, and what happens under a flood."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from portal.domain import exceptions
from portal.extensions import db
from portal.models.application import Application
from portal.models.record import RecordEntry
from portal.models.words import Kind, Role, Section
from tests import builders
from tests.builders import MORNING, done
from tests.domain.office import blank
from tests.public.conftest import SetClock
from tests.public.reading import words
from tests.public.test_applications_online import begun, filed, on_page, send

BUILDER = {"contractor_name": "湖南三穗建筑工程有限公司", "contractor_code": "91430000183764483Y"}


@pytest.mark.rule("S5")
def test_a_closed_gate_names_the_clause_in_plain_words_and_offers_the_next_door(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-09-30 10:00")
    for accepted, clause in ((date(2022, 5, 1), "前已经竣工验收的项目"), (None, "日期在2024年9月1日之前的环节")):
        works = builders.project(accepted_on=accepted)
        wish = {"project": works.number, "kind": "supplement", "section": "contract", "origin": "offline"}
        answer = sqlite_client.get("/applications", query_string=wish | {"number": "X-1"})
        told = words(answer.text)
        assert "补录已于2025年6月30日截止" in told
        assert "因为按省住房城乡建设厅关于工程数据信息管理的通知，" in told
        assert clause in told
        assert "改为修正已有环节" in told
        assert "按例外批准" in told
        assert "开始填写" not in told


@pytest.mark.rule("S9")
def test_a_supplement_of_a_known_project_stands_there_with_what_is_on_file(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-09-30 10:00")
    works = builders.project()
    builders.entry(
        works, section=Section.CONSTRUCTION_PERMIT, number="SX-1",
        content=blank(Section.CONSTRUCTION_PERMIT, permit_number="430181202203010101", **BUILDER),
    )  # fmt: skip
    chosen = {
        "project": works.number, "kind": "supplement", "section": "safety_assessment", "origin": "offline",
        "number": "AQ-1",
    }  # fmt: skip
    address = str(sqlite_client.post("/applications", data=chosen).location)
    html = sqlite_client.get(address).text
    assert on_page(html)["c_contractor_code"] == BUILDER["contractor_code"]
    assert on_page(html)["c_permit_number"] == "430181202203010101"
    assert "标有“已有数据”的取自本项目的档案" in words(html)


@pytest.mark.rule("S1", "S9")
def test_fields_come_from_the_data_standard_with_units_codes_and_help(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-09-30 10:00")
    html = sqlite_client.get(begun(sqlite_client, builders.entry())).text
    shown = words(html)
    for said in (
        "合同金额（万元）",
        "以万元为单位，最多4位小数",
        "合同类别",
        "如2017-05-24",
        "申请单位统一社会信用代码",
    ):
        assert said in shown
    assert '<option selected value="301">施工总包</option>' in html
    assert 'inputmode="decimal"' in html


@pytest.mark.rule("S5", "S8")
def test_what_closes_while_the_form_is_filled_in_is_told_and_nothing_typed_is_lost(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-09-30 10:00")
    entry = builders.entry()
    address = begun(sqlite_client, entry)
    builders.application(existing=entry)  # somebody else was faster
    refused = send(sqlite_client, address, c_amount="913.8285")
    assert refused.status_code == 422
    assert "这个环节已有正在办理的申请" in words(refused.text)
    assert "所选的环节现在不能申请了" in words(refused.text)
    assert 'value="913.8285"' in refused.text
    assert db.session.scalar(db.select(db.func.count()).select_from(Application)) == 1


@pytest.mark.rule("S5")
def test_an_exception_opens_the_form_for_a_citizen_too(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-09-30 10:00")
    works = builders.project()
    one, other = (builders.acting(Role.DECIDER, bureau_code="430000") for _ in range(2))
    opened = done(
        lambda: exceptions.propose(works, Section.CONTRACT, "档案移交延误，非申请单位原因", actor=one, now=MORNING)
    )
    done(lambda: exceptions.confirm(opened, works, actor=other, now=MORNING))
    wish = {"project": works.number, "kind": "supplement", "section": "contract", "origin": "offline", "number": "1"}
    shown = words(sqlite_client.get("/applications", query_string=wish).text)
    assert "省厅已批准例外，可以补录" in shown
    assert "开始填写" in shown


@pytest.mark.rule("S7")
def test_a_refused_part_can_be_dropped_and_the_others_go_on(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-09-30 10:00")
    works = builders.project()
    chosen = MultiDict(
        [
            ("project", works.number),
            ("kind", "supplement"),
            ("part", "contract:offline:X-1"),
            ("part", "safety_assessment:offline:AQ-1"),
        ]
    )
    html = sqlite_client.get("/applications", query_string=chosen).text
    assert "开始填写" not in html
    assert "去掉这一项" in html
    rest = {"project": works.number, "kind": "supplement", "part": "safety_assessment:offline:AQ-1"}
    assert "开始填写" in sqlite_client.get("/applications", query_string=rest).text


@pytest.mark.rule("I3", "S2")
def test_a_deleted_entry_is_not_offered(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-09-30 10:00")
    entry = builders.entry(number="HZ-GONE")
    done(lambda: setattr(db.session.get_one(RecordEntry, entry.id), "deleted_at", MORNING))
    wish = {"project": entry.project.number, "kind": Kind.CORRECTION.value}
    assert "HZ-GONE" not in sqlite_client.get("/applications", query_string=wish).text
    assert sqlite_client.post("/applications", data=wish | {"entry": entry.id}).status_code == 422


@pytest.mark.rule("S8")
def test_under_a_flood_a_citizen_waits_a_little_and_still_gets_the_receipt(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-09-30 10:00")
    works = builders.project()
    for at in range(6):
        filed(sqlite_client, begun(sqlite_client, builders.entry(works, number=f"HZ-{at}x")), c_amount="1.5")
    address = begun(sqlite_client, builders.entry(works, number="HZ-last"))
    went_on = send(sqlite_client, address, c_amount="913.8285")
    page = sqlite_client.get(went_on.location).text
    assert "目前提交较多" in page
    hasty = sqlite_client.post(f"{address}/receipt", data=on_page(page) | {"acknowledged": "y"})
    assert hasty.status_code == 429
    assert "已保存" in words(hasty.text)
    time_is("2026-09-30 10:11")
    patient = sqlite_client.post(f"{address}/receipt", data=on_page(page) | {"acknowledged": "y"})
    assert patient.status_code == 303, words(patient.text)
    assert "申请已收到" in sqlite_client.get(patient.location).text


@pytest.mark.rule("N1", "S8")
def test_a_telephone_number_in_a_name_that_will_be_published_is_told_at_its_field(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-09-30 10:00")
    address = begun(sqlite_client, builders.entry())
    named = send(sqlite_client, address, c_amount="913.8285", applicant_name="湖南三穗 13800000000")
    assert named.status_code == 422
    assert '<a href="#applicant_name">“申请单位”将公开，请删去其中的手机号码</a>' in named.text
