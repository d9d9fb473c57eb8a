"""我要申请: choose, be told, fill in, check, keep the receipt; two tabs, errors and the back button lose nothing."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from portal.domain import sections
from portal.extensions import db
from portal.models.application import Application, ApplicationReceipt
from portal.models.attachment import Attachment
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.vault_entry import VaultEntry
from portal.models.words import Channel, DataLevel, Kind, Origin, Route, Section, Status
from tests import builders
from tests.domain.office import blank
from tests.public.conftest import SetClock
from tests.public.reading import words
from tests.support.files import pdf

WHO = {
    "applicant_name": "湖南三穗建筑工程有限公司",
    "applicant_code": "91430000183764483Y",
    "contact_name": "周明",
    "contact_phone": "13800000000",
    "contact_email": "zhouming@example.org",
    "reason": "合同金额录入时数字颠倒",
}


def scan(name: str = "申请表.pdf") -> tuple[BytesIO, str]:
    return BytesIO(pdf(name)), name


def begun(client: FlaskClient, *entries: RecordEntry, kind: Kind = Kind.CORRECTION) -> str:
    """Begin an application about these entries; the address of its form."""
    chosen = MultiDict([("project", entries[0].project.number), ("kind", kind.value)])
    for entry in entries:
        chosen.add("entry", str(entry.id))
    answer = client.post("/applications", data=chosen)
    assert answer.status_code == 303, words(answer.text)
    return str(answer.location)


def on_page(html: str) -> dict[str, Any]:
    """What the form would send if nobody touched it."""
    sent: dict[str, Any] = dict(re.findall(r'<input[^>]* name="([a-z0-9_]+)"[^>]* value="([^"]*)"', html))
    for name, options in re.findall(r'<select[^>]* name="([a-z0-9_]+)"[^>]*>(.*?)</select>', html, re.S):
        sent[name] = (re.findall(r'<option selected value="([^"]*)"', options) or [""])[0]
    for name, text in re.findall(r'<textarea[^>]* name="([a-z0-9_]+)"[^>]*>\s*(.*?)</textarea>', html, re.S):
        sent[name] = text
    return sent


def send(client: FlaskClient, address: str, **more: Any) -> TestResponse:
    """Fill in the form as it stands, but for `more`, and go on."""
    form = on_page(client.get(address).text) | WHO | {"files-0": scan()} | more
    return client.post(address, data=form, content_type="multipart/form-data")


def filed(client: FlaskClient, address: str, **more: Any) -> tuple[str, str]:
    """The whole way to the receipt; its number and code."""
    went_on = send(client, address, **more)
    assert went_on.status_code == 303, words(went_on.text)
    assert "核对" in client.get(went_on.location).text
    answer = client.post(f"{address}/receipt", data={"acknowledged": "y"})
    assert answer.status_code == 303, words(answer.text)
    html = client.get(answer.location).text
    number, code = re.findall(r'class="receipt__number" id="receipt-(?:number|code)">([^<]+)<', html)
    return number, code


@pytest.mark.rule("S4", "S7", "S8", "S9")
def test_a_citizen_applies_without_an_account_and_keeps_a_receipt(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-09-30 10:00")
    entry = builders.entry()
    found = client.get("/applications", query_string={"q": "长寿路"})
    assert entry.project.number in found.text
    chosen = {"project": entry.project.number, "kind": "correction", "entry": entry.id}
    assert "本项按公示办理" in client.get("/applications", query_string=chosen).text
    address = begun(client, entry)
    form = client.get(address).text
    assert "已有数据" in form
    assert "Set-Cookie" not in client.get(address).headers

    went_on = send(client, address, c_amount="913.8285")
    assert went_on.status_code == 303, words(went_on.text)
    preview = words(client.get(went_on.location).text)
    assert "861.28 万元" in preview
    assert "913.83 万元" in preview
    answer = client.post(f"{address}/receipt", data={"acknowledged": "y"})
    receipt = words(client.get(answer.location).text)
    assert re.search(r"SL260930-\w{8}-\w", receipt)
    assert "不晚于2026年10月13日（星期二）一次告知全部内容" in receipt
    assert "data:image/svg+xml" in client.get(answer.location).text

    case = db.session.scalars(db.select(Application)).one()
    assert (case.channel, case.status, case.route) == (Channel.ONLINE, Status.RECEIVED, Route.NOTICE)
    assert case.changes[0].after["amount"] == "913.8285"
    assert case.receipt is not None
    [paper] = case.papers
    assert (paper.name, paper.sha256) == ("申请表.pdf", case.scan_sha256)
    assert db.session.scalars(db.select(VaultEntry)).one().id == case.contact_vault_id
    assert "13800000000" not in client.get(answer.location).text


@pytest.mark.rule("S7")
def test_sections_of_different_routes_become_linked_cases_with_one_receipt(
    client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-09-30 10:00")
    works = builders.project()
    contract = builders.entry(works)
    permit = builders.entry(
        works, section=Section.CONSTRUCTION_PERMIT, origin=Origin.ONLINE, number="SX-001",
        content=blank(Section.CONSTRUCTION_PERMIT, permit_number="430181202203010101", issue_date="2022-03-01"),
    )  # fmt: skip
    address = begun(client, contract, permit)
    html = client.get(address).text
    assert "本项按公示办理" in html
    assert "本项按线上办理事项变更，不公示" in html
    number, _code = filed(client, address, c_amount="913.8285", c1_amount="100")

    receipt = db.session.scalars(db.select(ApplicationReceipt)).one()
    assert receipt.number == number
    assert [case.route for case in receipt.cases] == [Route.NOTICE, Route.ONLINE_CHANGE]
    assert len({case.contact_vault_id for case in receipt.cases}) == 1
    assert [len(case.papers) for case in receipt.cases] == [1, 1]


@pytest.mark.rule("S8")
def test_whatever_is_wrong_is_named_and_nothing_typed_or_uploaded_is_lost(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-09-30 10:00")
    address = begun(sqlite_client, builders.entry())
    wrong = send(sqlite_client, address, c_amount="很多钱", contact_phone="", contact_email="没有")
    assert wrong.status_code == 422
    for error in ("c_amount-error", "contact_phone-error", "contact_email-error"):
        assert f'id="{error}"' in wrong.text
    again = sqlite_client.get(address).text
    assert 'value="很多钱"' in again
    assert "周明" in again
    assert "申请表.pdf" in again
    assert db.session.scalar(db.select(Application)) is None

    without = on_page(again) | {"c_amount": "1.5", "contact_phone": "13800000000", "contact_email": ""}
    went_on = sqlite_client.post(address, data=without)
    assert went_on.status_code == 303, words(went_on.text)


@pytest.mark.rule("S8")
def test_without_the_stamped_application_it_goes_no_further(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-09-30 10:00")
    address = begun(sqlite_client, builders.entry())
    form = on_page(sqlite_client.get(address).text) | WHO | {"c_amount": "1.5"}
    missing = sqlite_client.post(address, data=form)
    assert missing.status_code == 422
    assert "请上传加盖公章的申请表扫描件" in missing.text
    assert sqlite_client.post(f"{address}/receipt").status_code == 422
    fake = sqlite_client.post(
        address, data=form | {"files-0": (BytesIO(b"MZ not a scan"), "申请表.pdf")}, content_type="multipart/form-data"
    )
    assert fake.status_code == 422
    assert "实际格式不在允许范围内" in fake.text


@pytest.mark.rule("S8")
def test_sent_twice_or_come_back_to_it_is_one_application_and_one_receipt(
    client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-09-30 10:00")
    address = begun(client, builders.entry())
    first = filed(client, address, c_amount="913.8285")
    again = client.post(f"{address}/receipt", data={"acknowledged": "y"})
    back = client.get(address)
    assert (again.status_code, back.status_code) == (303, 303)
    assert first[1] in client.get(again.location).text
    assert first[1] in client.get(back.location).text
    assert db.session.scalar(db.select(db.func.count()).select_from(Application)) == 1
    assert db.session.scalar(db.select(db.func.count()).select_from(Attachment)) == 1


@pytest.mark.rule("S5")
def test_a_closed_gate_is_told_before_anything_is_typed(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-09-30 10:00")
    works = builders.project()
    wish = {"project": works.number, "kind": "supplement", "section": "contract", "origin": "offline", "number": "X-1"}
    told = sqlite_client.get("/applications", query_string=wish).text
    assert "补录已于2025年6月30日截止" in told
    assert "改为修正已有环节" in told
    assert "开始填写" not in told
    assert sqlite_client.post("/applications", data=wish).status_code == 422


@pytest.mark.rule("S4")
def test_what_another_system_or_online_business_makes_is_said_with_the_next_door(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-09-30 10:00")
    review = builders.entry(section=Section.DRAWING_REVIEW, origin=Origin.ONLINE, content={"number": "x"})
    wish = {"project": review.project.number, "kind": "correction", "entry": review.id}
    assert "此项在湖南省施工图审查系统变更" in sqlite_client.get("/applications", query_string=wish).text
    wish = {
        "project": review.project.number, "kind": "supplement", "section": "construction_permit",
        "origin": "online", "number": "1",
    }  # fmt: skip
    assert "请在线上办理施工许可业务" in sqlite_client.get("/applications", query_string=wish).text


@pytest.mark.rule("S1", "S3", "S7")
def test_a_project_nobody_knows_is_registered_with_both_assessments(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-09-30 10:00")
    builders.bureau()
    chosen = MultiDict(
        [
            ("project", "4301811511029901"),
            ("kind", "supplement"),
            ("part", "safety_assessment:offline:AQ-1"),
            ("section", "quality_assessment"),
            ("origin", "offline"),
            ("number", "ZL-1"),
        ]
    )
    shown = client.get("/applications", query_string=chosen).text
    assert shown.count("考评结果补录不受截止日期限制") == 2
    address = str(client.post("/applications", data=chosen).location)
    facts = {"p_name": "浏阳市第一中学扩建", "p_sector": "housing", "p_undertaking": "general"}
    assessed = {"result": "excellent", "period": "2021年第四季度", "assessed_date": "2022-01-10"}
    content = {f"{at}{key}": value for at in ("c_", "c1_") for key, value in assessed.items()}
    company = {f"{at}contractor_name": "湖南三穗建筑工程有限公司" for at in ("c_", "c1_")}
    elsewhere = send(client, address, **facts, **content, **company, p_area_code="110101")
    assert elsewhere.status_code == 422
    assert 'id="p_area_code-error"' in elsewhere.text
    filed(client, address, **facts, **content, **company, p_area_code="430181")
    case = db.session.scalars(db.select(Application)).one()
    assert [change.section for change in case.changes] == [Section.SAFETY_ASSESSMENT, Section.QUALITY_ASSESSMENT]
    assert db.session.scalars(db.select(Project)).one().bureau.code == "430181"


@pytest.mark.rule("L2", "S9")
def test_an_upgrade_asks_for_the_level_and_a_known_company_for_no_code(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-09-30 10:00")
    known = {**builders.contract(), "contractor_code": "91430000183764483Y"}
    entry = builders.entry(content=known, level=DataLevel.C)
    address = begun(sqlite_client, entry, kind=Kind.LEVEL_UPGRADE)
    assert "c_amount" not in sqlite_client.get(address).text
    filed(sqlite_client, address, target_level="B", applicant_code="")
    case = db.session.scalars(db.select(Application)).one()
    assert (case.target_level, case.applicant_code) == (DataLevel.B, "91430000183764483Y")


def test_an_application_goes_on_only_at_its_own_address_and_hostile_steps_are_refused_calmly(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-09-30 10:00")
    entry = builders.entry()
    assert sqlite_client.get("/applications/nothing").status_code == 404
    for hostile in (
        {"project": "'; DROP TABLE"},
        {"project": entry.project.number, "kind": "correction", "entry": "999999999999999999999"},
        {"project": entry.project.number, "kind": "supplement", "part": "x:y:z"},
        {"project": entry.project.number, "kind": "supplement", "part": ":::"},
        {"q": "％" * 500},
    ):
        assert sqlite_client.get("/applications", query_string=hostile).status_code in (200, 422)
        assert sqlite_client.post("/applications", data=hostile).status_code == 422
    same = send(sqlite_client, begun(sqlite_client, entry))
    assert same.status_code == 422
    first = next(iter(sections.schema(entry.section)))
    assert re.search(rf'<a href="#c_{first.key}">[^<]*没有需要修正的地方', same.text)
