"""A complaint from its first page to its receipt, on both databases: whom it goes to is said before it is sent, nothing
typed is lost, nothing is filed twice.
"""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.domain import companies, filings, identity_vault
from portal.extensions import db
from portal.models.attachment import Attachment
from portal.models.company import Company
from portal.models.notice import IntakeTicket
from portal.models.trail_entry import TrailEntry
from portal.models.vault_entry import VaultEntry
from portal.models.words import ComplaintMatter, ComplaintTarget, IdentityMode
from tests import builders
from tests.builders import bureau
from tests.complaints import TEXT
from tests.public.complainant import PDF, USCC, Filer, count, only
from tests.public.conftest import SetClock
from tests.public.reading import words


@pytest.fixture
def now(client: FlaskClient, time_is: SetClock) -> None:
    """The morning of a working day."""
    time_is("2026-10-09 10:00")


def of_liuyang() -> Company:
    """A company that took part in a project of 浏阳市."""
    project = builders.project()
    named = [(USCC, "湖南三穗建筑工程有限公司", "施工单位")]
    builders.done(lambda: companies.note(project, named))
    return db.session.scalars(select(Company)).one()


@pytest.mark.rule("C1", "C2", "O4")
def test_a_false_record_is_reported_anonymously_in_four_steps(client: FlaskClient, now: None) -> None:
    project = builders.project("浏阳市长寿路改造工程")
    number = project.number
    filer = Filer(client)
    assert filer.pick("长寿路改造", f"project:{number}").status_code == 303
    assert "由浏阳市住房和城乡建设局办理" in filer.see("target")
    assert filer.send("target", matter="false_record", described="施工许可证一栏").location.endswith("/identity")
    assert filer.send("identity", mode="anonymous").location.endswith("/content")
    assert filer.send("content", {"files": ("现场照片.pdf", PDF)}, text=TEXT).location.endswith("/check")
    shown = filer.see("check")
    for word in ("业绩信息虚假", "浏阳市长寿路改造工程", "施工许可证一栏", "匿名", TEXT, "现场照片.pdf"):
        assert word in shown
    assert "由浏阳市住房和城乡建设局办理" in shown
    assert "不晚于2026年10月24日 星期六（15日内）告知您是否受理" in shown

    assert filer.file().location.endswith("/receipt")

    filed = only()
    assert (filed.matter, filed.target) == (ComplaintMatter.FALSE_RECORD, ComplaintTarget.PROJECT)
    assert (filed.described, filed.identity_mode) == ("施工许可证一栏", IdentityMode.ANONYMOUS)
    assert [each.name for each in filed.evidence] == ["现场照片.pdf"]
    number, code = filer.receipt()
    assert number == filed.number
    receipt = client.get(f"{filer.url}/receipt")
    assert "data:image/svg+xml" in receipt.text
    assert "回执：当前" in words(receipt.text)
    assert "由浏阳市住房和城乡建设局办理；不晚于2026年10月24日 星期六告知您是否受理" in words(receipt.text)
    progress = words(client.post("/progress", data={"number": number, "code": code}).text)
    assert "由浏阳市住房和城乡建设局登记，不晚于2026年10月24日 星期六（还剩15天）告知您受理" in progress
    assert TEXT in progress


@pytest.mark.rule("C2")
@pytest.mark.parametrize(
    ("matter", "target", "place", "handler", "accused"),
    [
        ("staff_conduct", "person", "430181", "长沙市住房和城乡建设局", "浏阳市住房和城乡建设局"),
        ("delay", "other", "430100", "湖南省住房和城乡建设厅", "长沙市住房和城乡建设局"),
        ("staff_conduct", "person", "430000", "湖南省住房和城乡建设厅纪检监察机构", "湖南省住房和城乡建设厅"),
        ("other", "other", "430181", "浏阳市住房和城乡建设局", ""),
    ],
)
def test_whom_it_goes_to_and_who_never_sees_it_is_said_before_it_is_sent(
    sqlite_client: FlaskClient, time_is: SetClock, matter: str, target: str, place: str, handler: str, accused: str
) -> None:
    time_is("2026-10-09 10:00")
    told = f"由{handler}办理" + (f"，被反映的{accused}不经手、看不到" if accused else "")
    where = str(bureau(place).id)
    filer = Filer(sqlite_client)
    said = {"matter": matter, "target": target, "place": where, "described": "质监站张某"}
    assert filer.send("target", **said).location.endswith("/identity")
    assert told in filer.see("identity")
    filer.send("identity", mode="anonymous")
    filer.send("content", text=TEXT)
    assert told in filer.see("check")
    filer.file()
    assert told in words(sqlite_client.get(f"{filer.url}/receipt").text)


@pytest.mark.rule("C1")
def test_what_the_address_brings_along_is_picked_already(client: FlaskClient, now: None) -> None:
    notice = builders.notice()
    project = notice.application.project
    company = of_liuyang()
    brought = {
        "notice": (notice.reference, notice.title),
        "project": (project.number, project.name),
        "company": (company.code, company.name),
        "bureau": ("430181", "浏阳市住房和城乡建设局"),
    }
    for kind, (reference, name) in brought.items():
        page = client.get(f"/complaints?{kind}={reference}")
        assert page.status_code == 200
        assert name in page.text
        assert f'name="{kind}" value="{reference}"' in page.text
        shown = Filer(client, **{kind: reference}).see("target")
        assert f"已选择{ComplaintTarget(kind).label}" in shown
        assert name in shown
    assert "没有找到“GS-没有”" in words(client.get("/complaints?notice=GS-没有").text)


@pytest.mark.rule("C1")
def test_all_four_kinds_are_found_by_a_few_characters_and_a_choice_can_be_put_back(
    client: FlaskClient, now: None
) -> None:
    notice = builders.notice()
    db.session.commit()
    filer = Filer(client)
    filer.send("target", matter="other", q="浏阳", find="1")
    page = client.get(f"{filer.url}/target").text
    kinds = set(re.findall(r'name="pick" value="(\w+):', page))
    assert kinds == {"notice", "project", "bureau"}
    filer.send("target", matter="other", pick=f"notice:{notice.reference}")
    assert "已选择公示" in filer.see("target")
    filer.send("target", matter="other", drop="1")
    assert "已选择" not in filer.see("target")
    filer.send("target", q="查无此物", find="1")
    assert "没有找到“查无此物”" in filer.see("target")


@pytest.mark.rule("C1", "C2")
def test_a_company_is_reported_where_it_happened(client: FlaskClient, now: None) -> None:
    of_liuyang()
    filer = Filer(client)
    assert filer.pick("三穗", f"company:{USCC}").status_code == 303
    page = client.get(f"{filer.url}/target").text
    assert "企业在多地承揽工程" in page
    assert re.search(rf'<option selected value="{bureau().id}"', page), "where it worked last is suggested"
    filer.send("target", matter="false_record", place=str(bureau("430200").id))
    assert "由株洲市住房和城乡建设局办理" in filer.see("identity")


@pytest.mark.rule("O2", "C7")
def test_a_person_gives_name_and_telephone_and_nobody_who_handles_it_learns_them(
    client: FlaskClient, now: None
) -> None:
    builders.bureau()
    filer = Filer(client, bureau="430181")
    filer.send("target", matter="delay")
    for typed, asked in (({}, "请填写姓名"), ({"name": "王小明"}, "请填写能联系到您的电话")):
        refused = filer.send("identity", mode="confidential", **typed)
        assert refused.status_code == 422
        assert asked in refused.text
    assert 'value="王小明"' in client.get(f"{filer.url}/identity").text
    filer.send("identity", mode="confidential", name="王小明", phone="13907310000")
    filer.send("content", text=TEXT)
    assert "王小明，13907310000" in filer.see("check")
    filer.file()
    kept = db.session.get_one(VaultEntry, only().vault_entry_id)
    assert identity_vault.look(kept) == {"name": "王小明", "phone": "13907310000"}
    bodies = b"".join(db.session.scalars(select(TrailEntry.body)))
    assert "王小明".encode() not in bodies
    assert b"13907310000" not in bodies


@pytest.mark.rule("O2", "C7")
def test_a_unit_gives_its_code_and_a_stamped_page_that_is_no_evidence(client: FlaskClient, now: None) -> None:
    builders.bureau()
    filer = Filer(client, bureau="430181")
    filer.send("target", matter="delay")
    unit = {"mode": "real_name", "kind": "unit", "name": "湖南三穗建筑工程有限公司", "phone": "0731-88950168"}
    assert "统一社会信用代码" in filer.send("identity", **unit, code="91430000183764483X").text
    assert "请上传加盖公章的说明" in filer.send("identity", **unit, code=USCC).text
    seal = {"seal": ("三穗公司盖章.pdf", PDF)}
    assert filer.send("identity", seal, **unit, code=USCC).location.endswith("/content")
    filer.send("content", text=TEXT)
    assert "已上传盖章说明" in filer.see("check")
    filer.file()
    filed = only()
    assert filed.evidence == []
    assert filed.identity_mode is IdentityMode.REAL_NAME
    assert count(VaultEntry) == 1
    assert db.session.scalars(select(Attachment)).all() == []


@pytest.mark.rule("O2", "C7")
def test_of_somebody_who_turns_anonymous_nothing_is_kept(client: FlaskClient, now: None) -> None:
    builders.bureau()
    filer = Filer(client, bureau="430181")
    filer.send("target", matter="delay")
    seal = {"seal": ("盖章.pdf", PDF)}
    filer.send("identity", seal, mode="real_name", kind="unit", name="某某公司", phone="0731-88950168", code=USCC)
    filer.send("identity", mode="anonymous", kind="unit", name="某某公司", phone="0731-88950168", code=USCC)
    ticket = db.session.scalars(select(IntakeTicket)).one()
    assert "某某公司" not in str(filings.draft(ticket))
    assert filings.kept_files(ticket) == {}
    filer.send("content", text=TEXT)
    filer.file()
    assert only().vault_entry_id is None
