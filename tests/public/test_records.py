"""业绩档案: finding a project or a company, what their pages tell, and what was deleted or corrected."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from portal.domain import circulars, deletions, notices
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.company import Company, Participation
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.words import DataLevel, Kind, Role, Section
from portal.public import project_entries
from tests import builders
from tests.builders import MORNING, acting, at, contract, done
from tests.public.conftest import SetClock
from tests.public.reading import words
from tests.public.statements import counted

NOW = "2026-10-20 10:00"
CODE, NAME = "91430100MA4L12346D", "湖南甲建设有限公司"
WHY = "经调阅原始合同，该合同并不存在"


def titles(page: str) -> list[str]:
    return re.findall(r'class="notice__title"[^>]*>([^<]*)<', page)


def hrefs(page: str) -> set[str]:
    return {html.unescape(each) for each in re.findall(r'href="([^"]+)"', page)}


def built(project: Project, **more: Any) -> RecordEntry:
    """A contract of the company."""
    content = contract() | {"contractor_code": CODE, "contractor_name": NAME}
    return builders.entry(project, content=content, **more)


def delete(entry: RecordEntry, **more: Any) -> None:
    actor = acting(Role.DECIDER)
    done(lambda: deletions.delete_entry(entry, WHY, seen=entry.version, actor=actor, now=at("2026-10-01 09:30")))


def correct(entry: RecordEntry, **more: str) -> None:
    content, actor, now = {**entry.content, **more}, acting(Role.DECIDER, bureau_code="430100"), at("2026-10-02 11:00")
    done(lambda: deletions.correct_entry(entry, content, WHY, seen=entry.version, actor=actor, now=now))


def circular(title: str, **more: Any) -> str:
    actor, copies = acting(Role.DECIDER, bureau_code="430000"), ["省发展和改革委员会", "省公共资源交易中心"]
    return done(lambda: circulars.publish(title, "经查实。\n予以通报。", copies, actor=actor, now=MORNING)).number


def test_an_empty_record_says_so_and_offers_a_way_on(sqlite_client: FlaskClient) -> None:
    assert "还没有项目" in sqlite_client.get("/records").text
    assert "还没有企业" in sqlite_client.get("/records?kind=company").text
    assert "没有删除或更正的档案" in sqlite_client.get("/records/remedies").text
    assert "还没有通报" in sqlite_client.get("/circulars").text


@pytest.mark.parametrize("asked", ["长寿", "寿路改造", "４３０１８１", "局 长寿", "公用事业"])
def test_two_characters_of_a_name_or_a_number_find_a_project(client: FlaskClient, asked: str) -> None:
    builders.project("浏阳市长寿路改造工程", owner_name="浏阳市公用事业局")
    builders.project("株洲市神农大道工程", area_code="430281")

    found = client.get("/records", query_string={"q": asked}).text

    assert titles(found) == ["浏阳市长寿路改造工程"]
    assert "找到 1 个项目" in words(found)


@pytest.mark.parametrize("asked", ["甲建", "甲建设有限", CODE, CODE.lower(), CODE[-5:]])
def test_two_characters_of_a_name_or_a_code_find_a_company(client: FlaskClient, asked: str) -> None:
    built(builders.project())

    found = client.get("/records", query_string={"q": asked, "kind": "company"}).text

    assert titles(found) == [NAME]
    assert "找到 1 家企业" in words(found)
    assert "参建项目 1 个" in words(found)


def test_each_tab_says_how_many_the_other_would_find(sqlite_client: FlaskClient) -> None:
    built(builders.project("甲建设产业园工程"))
    page = sqlite_client.get("/records?q=甲建设").text
    assert re.findall(r'>(项目|企业) <span class="count">(\d+)</span>', page) == [("项目", "1"), ("企业", "1")]


@pytest.mark.rule("S10")
def test_a_search_that_finds_nothing_says_why_and_how_to_go_on(sqlite_client: FlaskClient) -> None:
    builders.project()
    nothing = sqlite_client.get("/records?q=不存在的工程").text
    assert "没有找到相关项目" in nothing
    assert "找到 0 个项目" in words(nothing)
    assert f"/notices?q={quote('不存在的工程')}" in hrefs(nothing)
    assert "校验码" in sqlite_client.get("/records?kind=company&q=91430100MA4L12346X").text
    assert "没有可以查找的文字" in sqlite_client.get("/records?q=，。！").text


def test_the_way_through_the_pages_meets_every_project_once(sqlite_client: FlaskClient) -> None:
    for number in range(23):
        builders.project(f"第{number}号工程")
    for address in ("/records", "/records?q=工程"):
        first = sqlite_client.get(address).text
        older = re.search(r'rel="next" href="([^"]+)"', first)
        assert older
        second = sqlite_client.get(html.unescape(older[1])).text
        newer = re.search(r'rel="prev" href="([^"]+)"', second)
        assert newer
        assert len(set(titles(first)) | set(titles(second))) == 23
        assert titles(sqlite_client.get(html.unescape(newer[1])).text) == titles(first)
    assert "已经到头了" in sqlite_client.get("/records?before=1").text


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
    assert "申请更正这一条" not in said
    assert "没有写明其统一社会信用代码的项目" in client.get(f"/companies/{CODE}").text


@pytest.mark.rule("I3", "L1")
def test_a_corrected_entry_says_what_was_put_right_why_and_by_whom(client: FlaskClient) -> None:
    target = built(builders.project())
    correct(target, amount="500")
    said = words(client.get(f"/projects/{target.project.number}").text)
    assert "据实更正，第2版；数据等级由长沙市住房和城乡建设局确定为B级市级确认，原为D级。" in said
    assert f"更正理由：{WHY}。" in said
    assert "合同金额： 861.28 万元 → 500.00 万元" in said
    assert "长沙市住房和城乡建设局审核办理岗" in said


@pytest.mark.rule("I3", "I4")
def test_what_was_deleted_and_corrected_is_listed_with_reason_and_office(client: FlaskClient) -> None:
    false, wrong = built(builders.project("甲工程")), built(builders.project("乙工程"))
    delete(false)
    correct(wrong, amount="500")

    page = client.get("/records/remedies").text
    assert titles(page) == ["乙工程", "甲工程"]
    assert re.findall(r'>(全部|删除|更正)(?: <span class="count">(\d+)</span>)?', page)[:3] == [
        ("全部", ""), ("删除", "1"), ("更正", "1"),
    ]  # fmt: skip
    assert words(page).count(f"理由：{WHY}。") == 2
    assert "长沙市住房和城乡建设局" in page
    assert f"/projects/{false.project.number}#entry-{false.id}" in hrefs(page)
    assert titles(client.get("/records/remedies?remedy=delete").text) == ["甲工程"]
    assert titles(client.get("/records/remedies?remedy=correct").text) == ["乙工程"]
    assert len(titles(client.get("/records/remedies?remedy=nonsense&before=x").text)) == 2


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


HOSTILE = (
    "<script>alert(1)</script>{{7*7}}", "' OR 1=1 --", "长" * 3000, "%_", "-1", "9" * 40, "\u202e文字😀", "a\r\nX: y",
)  # fmt: skip


def test_whatever_is_asked_is_answered_in_chinese_and_never_with_a_failure(client: FlaskClient) -> None:
    works = builders.project()
    built(works)
    for hostile in HOSTILE:
        for address in ("/projects/", "/companies/", "/circulars/"):
            assert client.get(address + quote(hostile, safe="")).status_code in (301, 404)
        for address in (
            "/records",
            "/records/remedies",
            "/circulars",
            f"/projects/{works.number}",
            f"/companies/{CODE}",
        ):
            for query in (dict.fromkeys(("q", "kind", "remedy", "before"), hostile), {"after": hostile}):
                page = client.get(address, query_string=query)
                assert page.status_code == 200
                assert "<script>alert" not in page.text


@pytest.mark.rule("I4")
def test_circulars_are_listed_and_each_shows_what_it_says_to_whom_it_was_copied_and_its_hash(
    client: FlaskClient,
) -> None:
    first, second = circular("关于某企业虚假业绩的通报"), circular("关于<b>某局</b>篡改数据的通报")
    assert titles(client.get("/circulars").text) == [
        "关于&lt;b&gt;某局&lt;/b&gt;篡改数据的通报",
        "关于某企业虚假业绩的通报",
    ]
    page = client.get(f"/circulars/{first}").text
    assert "抄送：省发展和改革委员会、省公共资源交易中心" in words(page)
    assert "湖南省住房和城乡建设厅" in page
    assert '<meta name="ArticleTitle" content="关于某企业虚假业绩的通报">' in page
    assert re.search(r'class="code">[0-9a-f]{64}<', page)
    assert client.get(f"/circulars/{second}").status_code == 200


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


def test_htmx_gets_the_list_alone(sqlite_client: FlaskClient) -> None:
    built(builders.project())
    for address in ("/records?q=长寿", "/records/remedies", "/circulars", f"/companies/{CODE}"):
        part = sqlite_client.get(address, headers={"HX-Request": "true"}).text
        assert not part.lstrip().startswith("<!doctype")
        assert sqlite_client.get(address).text.lstrip().startswith("<!doctype")


def test_pages_of_the_record_are_everybodys(sqlite_client: FlaskClient) -> None:
    works = built(builders.project()).project
    number = circular("关于某企业虚假业绩的通报")
    for path in ("/records?q=长寿", f"/projects/{works.number}", f"/companies/{CODE}", "/records/remedies",
                 "/circulars", f"/circulars/{number}"):  # fmt: skip
        answer = sqlite_client.get(path)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"].startswith("public")
        again = sqlite_client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_pages_ask_little_however_much_they_show(client: FlaskClient, time_is: SetClock) -> None:
    time_is(NOW)
    works = builders.project("浏阳市长寿路改造工程", owner_name=NAME, owner_code=CODE)
    for number in range(22):
        built(works)
        built(builders.project(f"第{number}号工程"))
    builders.notice(existing=built(works))
    for _ in range(3):
        delete(built(works))
        correct(built(works), amount="500")
    number = circular("关于某企业虚假业绩的通报")
    client.get("/")  # a process asks the calendar once
    for path, most in (
        ("/records", 1),
        ("/records?kind=company", 1),
        ("/records?q=工程", 5),
        ("/records?q=甲建&kind=company", 5),
        (f"/projects/{works.number}", 7),
        (f"/companies/{CODE}", 7),
        ("/records/remedies", 3),
        ("/records/remedies?remedy=delete", 3),
        ("/circulars", 1),
        (f"/circulars/{number}", 1),
    ):  # fmt: skip
        with counted() as sent:
            assert client.get(path).status_code == 200
        assert len(sent) <= most, path + "\n" + "\n".join(sent)


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
