"""Every public list as a file: the same rows as the page, harmless in a spreadsheet, bounded, and refused when busy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.domain import circulars, deletions, notices
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.company import Company, Participation
from portal.models.notice import Notice
from portal.models.project import Project
from portal.models.words import Role
from portal.public import exports
from tests import builders
from tests.builders import at, done
from tests.public.conftest import SetClock
from tests.public.exported import FORMS, read, rows
from tests.public.statements import counted

COMPANY = "91430000183764483Y"


def published(name: str = "浏阳市长寿路改造工程", when: str = "2026-09-30 10:00", **more: Any) -> Notice:
    return builders.notice(existing=builders.entry(builders.project(name, **more)), published_at=at(when))


@pytest.mark.rule("N1")
@pytest.mark.parametrize("form", FORMS)
def test_notices_are_exported_as_the_list_shows_them(client: FlaskClient, form: str) -> None:
    first, second = published(), published("株洲市乙工程", area_code="430281")
    newest, oldest = rows(client, "notices", form)

    assert (newest["公示编号"], oldest["公示编号"]) == (second.reference, first.reference)
    assert oldest["标题"] == first.title
    assert oldest["申请类型"] == "修正"
    assert oldest["公示部门"] == "浏阳市住房和城乡建设局"
    assert oldest["发布时间"] == "2026-09-30 10:00"
    assert oldest["公示截止日"] == {"csv": "2026-10-13", "xlsx": datetime(2026, 10, 13)}[form]  # noqa: DTZ001 (a day)
    assert oldest["内容指纹"] == first.content_hash
    assert oldest["网址"].endswith(f"/notices/{first.reference}")


def test_an_export_holds_what_its_list_is_narrowed_to(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-13 09:00")
    mine = published()
    other = published("株洲市乙工程", "2026-10-08 10:00", area_code="430281")
    over = published("浏阳市第三工程", "2026-09-24 10:00")
    done(lambda: notices.close_window(over.id, SYSTEM, now=at("2026-10-10 01:00")))

    def found(**query: str) -> set[str]:
        return {row["公示编号"] for row in rows(client, "notices", **query)}

    assert found() == {mine.reference, other.reference, over.reference}
    assert found(bureau="430100") == {mine.reference, over.reference}
    assert found(status="closed_clear") == {over.reference}
    assert found(q="乙工") == {other.reference}
    assert found(due="today") == {mine.reference}
    assert found(due="today", q="乙工") == found(due="tomorrow", bureau="430181") == set()
    assert found(sort="closing") == {mine.reference, other.reference}
    assert found(project=mine.application.project.number) == {mine.reference}
    assert found(company=COMPANY) == {mine.reference, other.reference, over.reference}


def test_the_export_link_of_a_list_leads_to_the_rows_it_shows(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 09:00")
    a_little_of_everything()
    for page, path in {
        "/notices": "/exports/notices.csv",
        "/notices?q=长寿&status=open": "/exports/notices.csv?q=%E9%95%BF%E5%AF%BF&amp;status=open",
        "/notices?sort=closing": "/exports/notices.csv?status=open&amp;sort=closing",
        "/records": "/exports/projects.csv",
        "/records?q=长寿": "/exports/projects.csv?q=%E9%95%BF%E5%AF%BF",
        "/records?kind=company": "/exports/companies.csv",
        "/records/remedies?remedy=delete": "/exports/remedies.csv?remedy=delete",
        "/circulars": "/exports/circulars.csv",
        "/scoreboard": "/exports/scoreboard.csv",
        f"/companies/{COMPANY}": f"/exports/projects.csv?company={COMPANY}",
    }.items():
        html = client.get(page).text
        for form in FORMS:
            link = path.replace(".csv", f".{form}")
            assert f'href="{link}"' in html, page
            assert read(client.get(link.replace("&amp;", "&")).data, form), page


def a_little_of_everything() -> None:
    """A notice, a company that takes part in its project, a deleted entry, a circular."""
    notice = published()
    entry = builders.entry(notice.application.project, number="HZ-错")
    decider = builders.acting(Role.DECIDER)
    why, now = "经核查该合同从未签订，据实删除", at("2026-10-09 08:00")
    done(lambda: deletions.delete_entry(entry, why, seen=entry.version, actor=decider, now=now))
    head = builders.acting(Role.DECIDER, Role.PUBLISHER, bureau_code="430000")
    done(
        lambda: circulars.publish(
            "关于某企业虚假业绩的通报",
            "经查，某企业申报的业绩不实。",
            ["各市州住建局"],
            actor=head,
            now=at("2026-10-09 08:30"),
        )
    )
    company = Company(code=COMPANY, name="湖南三穗建筑工程有限公司")
    done(lambda: db.session.add(company))
    part = Participation(company_id=company.id, project_id=notice.application.project_id, role="承包单位")
    done(lambda: db.session.add(part))


@pytest.mark.rule("I3", "I4", "E3")
@pytest.mark.parametrize("form", FORMS)
def test_every_other_list_is_exported_too(client: FlaskClient, form: str) -> None:
    a_little_of_everything()
    (project,) = rows(client, "projects", form)
    assert project["项目名称"] == "浏阳市长寿路改造工程"
    assert project["网址"].endswith(f"/projects/{project['项目编号']}")
    assert COMPANY in {row["统一社会信用代码"] for row in rows(client, "companies", form)}
    (remedy,) = rows(client, "remedies", form)
    assert (remedy["处理方式"], remedy["环节编号"]) == ("删除", "HZ-错")
    assert "从未签订" in remedy["理由"]
    (circular,) = rows(client, "circulars", form)
    assert (circular["标题"], circular["抄送"]) == ("关于某企业虚假业绩的通报", "各市州住建局")
    scores = {row["部门代码"]: row for row in rows(client, "scoreboard", form)}
    assert int(scores["430181"]["正在公示"]) == int(scores["430000"]["正在公示"]) == 1


@pytest.mark.parametrize("form", FORMS)
def test_whoever_has_the_file_already_is_told_so_until_a_row_changes(client: FlaskClient, form: str) -> None:
    published()
    first = client.get(f"/exports/notices.{form}")
    assert first.headers["Cache-Control"].startswith("public, max-age=60")
    known = {"If-None-Match": first.headers["ETag"]}
    assert client.get(f"/exports/notices.{form}", headers=known).status_code == 304
    published("第二工程")
    assert client.get(f"/exports/notices.{form}", headers=known).status_code == 200


def test_all_rows_are_met_once_a_few_hundred_at_a_time(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 4)
    expected = [published(f"第{number}号工程").reference for number in range(10)]
    for query in ({}, {"q": "工程"}, {"bureau": "430181"}, {"company": COMPANY}, {"q": "工程", "company": COMPANY}):
        assert [row["公示编号"] for row in rows(client, "notices", **query)] == expected[::-1], query
    names = [f"第{number}号工程" for number in reversed(range(10))]
    assert [row["项目名称"] for row in rows(client, "projects")] == names
    assert [row["项目名称"] for row in rows(client, "projects", q="工程")] == names


WRONG = {
    "/exports/notices.csv?status=nonsense": (400, "没有“nonsense”这个选项"),
    "/exports/notices.csv?bureau=nowhere": (400, "没有“nowhere”这个选项"),
    "/exports/notices.csv?due=yesterday": (400, "没有“yesterday”这个选项"),
    "/exports/notices.csv?kind=%27%3B+DROP+TABLE": (400, "这个选项"),
    "/exports/notices.csv?nonsense=1": (400, "没有“nonsense”这个条件"),
    "/exports/notices.csv?q=%00": (400, "控制字符"),
    "/exports/notices.csv?project=nothing": (404, "没有这个项目编号"),
    "/exports/projects.csv?company=91430000183764483X": (404, "没有这个统一社会信用代码"),
    "/exports/projects.xlsx?company=" + "9" * 3000: (404, "没有这个统一社会信用代码"),
    "/exports/remedies.xlsx?remedy=nonsense": (400, "处理方式只有"),
    "/exports/circulars.csv?q=通报": (400, "这个文件不带条件"),
    "/exports/scoreboard.csv?bureau=430100": (400, "这个文件不带条件"),
    "/exports/notices.pdf": (404, "没有找到"),
    "/exports/nothing.csv": (404, "没有找到"),
}


def test_wrong_conditions_are_refused_in_chinese_and_not_ignored(client: FlaskClient) -> None:
    builders.bureau()
    for path, (status, part) in WRONG.items():
        answer = client.get(path)
        assert answer.status_code == status, path
        assert part in answer.text, path
        assert "attachment" not in answer.headers.get("Content-Disposition", "")


@pytest.mark.parametrize("words", ["。", "  ", "\u202e", "* AND OR NOT", "长" * 5000, "'; DROP TABLE project;--"])
def test_words_of_any_kind_are_searched_for(client: FlaskClient, words: str) -> None:
    published()
    for path in ("notices", "projects", "companies"):
        rows(client, path, q=words)
    assert db.session.query(Project).count() == 1


def test_an_export_asks_the_same_few_questions_however_much_it_holds(client: FlaskClient) -> None:
    a_little_of_everything()
    paths = ("notices", "notices?q=工程", "projects", "projects?q=工程", "companies", "remedies", "circulars")

    def asked() -> list[int]:
        numbers = []
        for path in paths:
            name, _, query = path.partition("?")
            with counted() as sent:
                assert client.get(f"/exports/{name}.csv?{query}").status_code == 200
            numbers.append(len(sent))
        return numbers

    asked()  # what is kept by the process
    few = asked()
    for number in range(8):
        published(f"第{number}号工程")
    assert asked() == few
    assert max(few) <= 6
