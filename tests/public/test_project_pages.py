"""The pages of a project and of a company: every level and where it came from, what was changed, what is gone."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from portal.domain import notices
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.company import Company, Participation
from portal.models.record import RecordEntry
from portal.models.words import DataLevel, Kind, Section
from portal.public import project_entries
from tests import builders
from tests.builders import at, contract, done
from tests.public.conftest import SetClock
from tests.public.reading import words
from tests.public.recorded import CODE, NAME, NOW, WHY, built, correct, delete, hrefs, titles
from tests.public.statements import counted


@pytest.mark.rule("L1", "L6", "T7")
def test_a_project_shows_each_entry_with_its_level_and_where_each_came_from(
    client: FlaskClient, time_is: SetClock
) -> None:
    time_is(NOW)
    works = builders.project("浏阳市长寿路改造工程", owner_name="浏阳市公用事业局")
    changed, kept = built(works, level=DataLevel.D), built(works, level=DataLevel.A)
    notice = builders.notice(existing=changed)
    done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 00:20")))

    page = client.get(f"/projects/{works.number}").text
    said = words(page)

    assert f"{changed.number} C级县级确认" in said
    assert f"{kept.number} A级省级确认" in said
    assert "修正办结，第2版；数据等级由浏阳市住房和城乡建设局确定为C级县级确认，原为D级。" in said
    assert "合同金额： 861.28 万元 → 913.83 万元" in said
    assert "存量数据导入，第1版；数据等级D级主体填报，未经审核，导入前已有。" in said
    assert "系统按公示结果办结" in said
    assert f"公示 {notice.reference}（公示期满无异议）" in said
    assert "暂无档案的环节：基本信息、招投标" in said
    assert "浏阳市公用事业局 建设单位" in said
    assert {f"/notices/{notice.reference}", f"/companies/{CODE}"} <= hrefs(page)
    assert "staff:" not in page


@pytest.mark.rule("L6")
def test_an_upgrade_says_by_whom_and_from_which_level(client: FlaskClient, time_is: SetClock) -> None:
    time_is(NOW)
    target = builders.entry(level=DataLevel.D)
    notice = builders.notice(existing=target, kind=Kind.LEVEL_UPGRADE, target_level=DataLevel.C)
    done(lambda: notices.close_window(notice.id, SYSTEM, now=at("2026-10-14 00:20")))
    said = words(client.get(f"/projects/{target.project.number}").text)
    assert "等级提升办结，第2版；数据等级由浏阳市住房和城乡建设局确定为C级县级确认，原为D级。" in said


@pytest.mark.rule("I3")
def test_a_deleted_entry_shows_its_tombstone_and_no_content(client: FlaskClient) -> None:
    target = built(builders.project())
    delete(target)

    page = client.get(f"/projects/{target.project.number}").text
    said = words(page)

    assert f"{target.number} 已删除" in said
    assert f"理由：{WHY}。" in said
    assert "浏阳市住房和城乡建设局，2026年10月1日 09:30" in said
    assert "内容不再公开" in said
    assert "HT-2015-001" not in page
    assert "861.28" not in page
    assert NAME not in page
    assert "申请修正这一条" not in said
    assert "没有写明其统一社会信用代码的项目" in client.get(f"/companies/{CODE}").text


@pytest.mark.rule("I3", "L1")
def test_a_corrected_entry_says_what_was_put_right_why_and_by_whom(client: FlaskClient) -> None:
    target = built(builders.project())
    correct(target, amount="500")
    said = words(client.get(f"/projects/{target.project.number}").text)
    assert "据实更正，第2版；数据等级由长沙市住房和城乡建设局确定为B级市级确认，原为D级。" in said
    assert f"更正理由：{WHY}。" in said
    assert "申请修正这一条" in said  # what is applied for goes by the notice's word
    assert "合同金额： 861.28 万元 → 500.00 万元" in said
    assert "长沙市住房和城乡建设局审核办理岗" in said


def test_from_a_project_and_a_company_one_can_object_correct_and_follow(sqlite_client: FlaskClient) -> None:
    target = built(builders.project())
    number = target.project.number
    project = sqlite_client.get(f"/projects/{number}").text
    company = sqlite_client.get(f"/companies/{CODE}").text

    for page, ways in (
        (project, (
            f"/complaints?project={number}",
            f"/applications?project={number}&kind=correction",
            f"/applications?project={number}&kind=correction&entry={target.id}",
            f"/alerts?project={number}",
            f"/feeds/projects/{number}.atom",
            f"/feeds/projects/{number}.rss",
        )),
        (company, (
            f"/complaints?company={CODE}",
            f"/alerts?company={CODE}",
            f"/feeds/companies/{CODE}.atom",
            f"/feeds/companies/{CODE}.rss",
        )),
    ):  # fmt: skip
        assert set(ways) <= hrefs(page)
        for way in ways:
            assert sqlite_client.get(way).status_code == 200, way
    assert target.project.name in sqlite_client.get(f"/complaints?project={number}").text
    assert NAME in sqlite_client.get(f"/complaints?company={CODE}").text


@pytest.mark.rule("S9")
def test_a_company_shows_its_projects_with_its_part_in_them_and_the_notices_that_name_it(
    client: FlaskClient, time_is: SetClock
) -> None:
    time_is(NOW)
    works = builders.project("浏阳市长寿路改造工程", owner_name=NAME, owner_code=CODE)
    notice = builders.notice(existing=built(works))
    builders.notice()  # which does not name it

    page = client.get(f"/companies/{CODE}").text

    assert titles(page) == ["浏阳市长寿路改造工程", "关于浏阳市长寿路改造工程合同信息修正的公示"]
    assert "参建 1 个项目" in words(page)
    assert "建设单位、承包单位" in words(page)
    assert f"/notices/{notice.reference}" in hrefs(page)


def test_a_company_that_only_a_notice_names_has_a_page_too(client: FlaskClient, time_is: SetClock) -> None:
    time_is(NOW)
    after = contract() | {"contractor_code": CODE, "contractor_name": NAME}
    builders.notice(after=after)
    page = client.get(f"/companies/{CODE}").text
    assert f"<h1>{NAME}</h1>" in page
    assert "没有写明其统一社会信用代码的项目" in page
    assert len(titles(page)) == 1


@pytest.mark.rule("S10")
def test_a_wrong_code_or_number_is_told_what_is_wrong_and_another_writing_leads_there(
    sqlite_client: FlaskClient,
) -> None:
    works = builders.project()
    built(works)
    wide = works.number.translate({ord(str(n)): ord("０") + n for n in range(10)})
    for written, stored in (
        (f"/companies/{CODE.lower()}", f"/companies/{CODE}"),
        (f"/projects/{wide}", f"/projects/{works.number}"),
    ):
        answer = sqlite_client.get(written)
        assert (answer.status_code, answer.location) == (301, stored)
    for address, why in (
        ("/companies/91430100MA4L12346X", "校验码"),
        ("/companies/914301007061234594", "没有出现过"),
        ("/projects/4301819913010001", "不是日期"),
        ("/projects/4301811511029999", "业绩档案中没有这个项目"),
        ("/projects/nonsense", "16位"),
        ("/circulars/TB-2026-999", "没有找到这份通报"),
    ):  # fmt: skip
        answer = sqlite_client.get(address)
        assert answer.status_code == 404, address
        assert why in answer.text, address


def test_a_long_project_is_shown_in_pages(sqlite_client: FlaskClient) -> None:
    works = builders.project()
    numbers = [f"HT-{n:03d}" for n in range(project_entries.AT_ONCE + 1)]
    rows = [
        {"project_id": works.id, "section": Section.CONTRACT, "number": number, "origin": "offline",
         "source": "supplemented", "level": "D", "content": contract(), "version": 1}
        for number in numbers
    ]  # fmt: skip
    done(lambda: db.session.execute(db.insert(RecordEntry), rows))
    first = sqlite_client.get(f"/projects/{works.number}").text
    more = re.search(r'rel="next" href="([^"]+)"', first)
    assert more
    second = sqlite_client.get(html.unescape(more[1])).text
    assert numbers[-2] in first
    assert numbers[-1] not in first
    assert numbers[-1] in second
    assert "没有更多环节" in sqlite_client.get(f"/projects/{works.number}?after=999999").text


def test_a_company_of_many_projects_is_shown_by_the_index_alone(sqlite_client: FlaskClient) -> None:
    works = builders.project()
    built(works)
    company = db.session.scalars(db.select(Company.id).where(Company.code == CODE)).one()
    with counted() as sent:
        assert sqlite_client.get(f"/companies/{CODE}").status_code == 200
    listing = next(each for each in sent if "DISTINCT participation.project_id" in each and "count" not in each)
    steps = db.session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + listing, (company, 21, 0)).all()
    assert all("ix_participation_company" in step[3] for step in steps), steps
    assert db.session.scalar(db.select(db.func.count(Participation.id))) == 1
