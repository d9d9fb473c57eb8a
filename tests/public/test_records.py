"""业绩档案: finding a project or a company, what was deleted or corrected, and circulars."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests import builders
from tests.public.conftest import SetClock
from tests.public.reading import words
from tests.public.recorded import CODE, NAME, NOW, WHY, built, circular, correct, delete, hrefs, titles
from tests.public.statements import counted


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
    told = circular("关于某企业虚假业绩的通报")
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
        (f"/circulars/{told}", 1),
    ):  # fmt: skip
        with counted() as sent:
            assert client.get(path).status_code == 200
        assert len(sent) <= most, path + "\n" + "\n".join(sent)
