"""The page of one notice, in every state it can be in."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from portal.domain import decisions, notices, objections, policy
from portal.domain.actor import SYSTEM
from portal.extensions import begin_write, db
from portal.models.calendar_day import CalendarDay
from portal.models.notice import Notice
from portal.models.words import DataLevel, DayKind, Disposition, Kind, Role
from tests import builders
from tests.builders import acting, at, done
from tests.public.conftest import SetClock
from tests.public.reading import words
from tests.public.statements import counted


def text_of(client: FlaskClient, notice: Notice) -> str:
    """The page's words without its markup, blanks squeezed."""
    page = client.get(f"/notices/{notice.reference}")
    assert page.status_code == 200
    return words(page.text)


def close(notice: Notice, when: str = "2026-10-14 10:00") -> None:
    done(lambda: notices.close_window(notice.id, SYSTEM, now=at(when)))


@pytest.mark.rule("N1")
def test_a_notice_says_all_that_it_must(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    place = builders.bureau()
    begin_write()
    place.address, place.telephone = "浏阳市金沙北路1号", "0731-83611234"
    db.session.commit()
    notice = builders.notice(published_at=at("2026-09-30 10:00"))

    page = text_of(client, notice)

    for said in (
        "湖南建筑市场监管平台工程数据信息管理的通知",  # basis
        "建办市函〔2023〕391号",
        "湖南三穗建筑工程有限公司",  # who applied
        "91430000183764483Y",
        "2026年9月30日，建筑管理科以调阅档案资料方式核实申请内容",  # who verified, how, when
        "合同金额",
        "861.28 万元",  # before → after
        "913.83 万元",
        "2026年10月13日 星期二 24:00",  # last day
        "还剩3个工作日",
        "2026年10月8日起计",  # first day
        "国庆节",
        "怎么提出异议",  # how, where, until when
        "2026年10月13日（星期二）24:00（北京时间）前",
        "浏阳市住房和城乡建设局",
        "浏阳市金沙北路1号",
        "0731-83611234",
        notice.reference,
        notice.content_hash,
        "系统在10分钟后按公示内容办结",  # what next, by whom, until when
    ):
        assert said in page, said


@pytest.mark.rule("N1")
def test_no_persons_name_is_published(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    page = text_of(client, builders.notice())
    assert "档案室" not in page  # 核实人员
    assert "officer" not in page
    assert "测试" not in page


@pytest.mark.rule("N1", "N3", "N4")
def test_every_day_of_the_window_is_explained(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    days = re.findall(r'<li class="day [^>]*>(.*?)</li>', sqlite_client.get(f"/notices/{notice.reference}").text, re.S)

    shown = [re.sub(r"<[^>]+>|\s+", "", day) for day in days]
    assert len(shown) == 14  # 30 September to 13 October, none left out
    assert sum("个工作日" in day for day in shown) == 5
    assert all(("不计" in day) != ("个工作日" in day) for day in shown)
    assert "调休上班" in shown[10]
    assert "国庆节" in shown[1]
    assert "周日" in shown[11]


@pytest.mark.rule("N5")
def test_a_provisional_last_day_is_marked_and_decides_nothing(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-12-25 10:00")
    notice = builders.notice(published_at=at("2026-12-25 10:00"))
    page = text_of(sqlite_client, notice)
    assert "截止日为暂定" in page
    assert "不会结束公示，也不会办结" in page

    time_is("2027-01-20 10:00")
    later = text_of(sqlite_client, notice)
    assert "待放假安排公布" in later
    assert "我要提出异议" in later


@pytest.mark.rule("N6")
def test_a_moved_last_day_stands_with_the_old_one_and_the_reason(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    holiday = db.session.get(CalendarDay, date(2026, 10, 12)) or CalendarDay(day=date(2026, 10, 12))
    holiday.kind, holiday.name, holiday.source = DayKind.STATUTORY_HOLIDAY, "调整放假", "国办发明电〔2026〕9号"
    done(lambda: db.session.merge(holiday))
    done(lambda: notices.settle(notice, actor=SYSTEM, now=at("2026-10-09 09:00")))

    page = text_of(client, notice)

    assert "2026年10月14日 星期三 24:00" in page
    assert "由2026年10月13日（星期二）延后至2026年10月14日（星期三）" in page
    assert "放假安排有调整" in page
    assert "调整放假" in page


@pytest.mark.rule("N2")
def test_a_retracted_notice_stays_readable_and_marked_and_leads_to_the_new_one(
    client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-09 10:00")
    old = builders.notice(published_at=at("2026-09-30 10:00"))
    publisher = builders.acting(Role.PUBLISHER)
    done(lambda: notices.retract(old, "承包单位名称有误", actor=publisher, now=at("2026-10-08 10:00")))
    alone = text_of(client, old)
    new = done(lambda: notices.publish(old.application, actor=publisher, now=at("2026-10-09 09:00")))

    page = text_of(client, old)

    for shown in (alone, page):
        assert "本公示已撤回。理由：承包单位名称有误" in shown
        assert "861.28 万元" in shown
        assert "我要投诉举报" in shown
    assert new.reference not in alone
    assert f"已重新公示：{new.reference}" in page
    assert f"本公示代替已撤回的公示 {old.reference}（撤回理由：承包单位名称有误）" in text_of(client, new)


@pytest.mark.rule("N2")
def test_of_three_versions_each_leads_to_the_one_that_counts_and_names_the_others(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-10 10:00")
    publisher = builders.acting(Role.PUBLISHER)
    first = builders.notice(published_at=at("2026-09-30 10:00"))
    case = first.application
    done(lambda: notices.retract(first, "承包单位名称有误", actor=publisher, now=at("2026-10-08 10:00")))
    second = done(lambda: notices.publish(case, actor=publisher, now=at("2026-10-09 09:00")))
    done(lambda: notices.retract(second, "合同金额的单位有误", actor=publisher, now=at("2026-10-09 10:00")))
    third = done(lambda: notices.publish(case, actor=publisher, now=at("2026-10-10 09:00")))

    for old in (first, second):
        assert f"已重新公示：{third.reference}" in text_of(sqlite_client, old)
    page = text_of(sqlite_client, third)
    assert f"本公示代替已撤回的公示 {second.reference}（撤回理由：合同金额的单位有误）" in page
    assert "本公示已撤回" not in page
    for version in (first, second):
        assert f"{version.reference} 2026年" in page  # 本件的其他公示


@pytest.mark.rule("N9", "T7")
def test_a_quiet_window_ends_in_approval_and_the_page_tells_it(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-14 12:00")
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    waiting = text_of(client, notice)
    close(notice)

    page = text_of(client, notice)

    assert "公示期已满，系统正在办理结束手续" in waiting
    assert "公示期满无异议，已于2026年10月14日 10:00按公示内容办结" in page
    assert "没有人提出异议" in page
    assert "写入业绩档案：合同" in page
    assert "由长沙市住房和城乡建设局办理" in page  # a complaint goes one tier up


@pytest.mark.rule("N9", "O6")
@pytest.mark.parametrize(
    ("ruling", "outcome"),
    [
        (Disposition.DISMISSED, "经浏阳市住房和城乡建设局裁定，异议均不成立"),
        (Disposition.UPHELD, "经裁定异议成立，浏阳市住房和城乡建设局决定不予办理"),
    ],
)
def test_a_contested_notice_waits_for_a_person_then_tells_the_outcome(
    sqlite_client: FlaskClient, time_is: SetClock, ruling: Disposition, outcome: str
) -> None:
    time_is("2026-10-20 12:00")
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    objection = builders.objection(notice)
    close(notice)
    assert "每一条都有裁定之前，不会办结" in text_of(sqlite_client, notice)

    decider = builders.acting(Role.DECIDER)
    now = at("2026-10-19 10:00")
    ground = objection.grounds[0]
    done(lambda: objections.rule_on_ground(ground, ruling, "经核对合同原件", actor=decider, now=now))
    done(lambda: decisions.conclude_contested(notice.application, "依据裁定办理", actor=decider, now=now))

    page = text_of(sqlite_client, notice)
    assert outcome in page
    assert f"一条异议理由经裁定{ruling.label}" in page
    assert objection.number not in page  # an objection's number is its filer's alone
    assert "经核对合同原件" not in page


@pytest.mark.rule("S2", "L1")
def test_an_upgrade_shows_the_level_that_changes(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 10:00")
    notice = builders.notice(kind=Kind.LEVEL_UPGRADE, target_level=DataLevel.C)
    page = text_of(sqlite_client, notice)
    assert "数据等级" in page
    assert "D级" in page
    assert "C级" in page
    assert "等级提升 至C级" in page


@pytest.mark.rule("S2", "N1")
def test_a_supplement_has_no_before(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2025-06-20 10:00")
    from portal.domain import intake
    from portal.domain.intake import Applicant, ChangeRequest
    from portal.models.words import Channel, Origin, Section

    project, clerk, now = builders.project(), builders.acting(Role.CLERK), at("2025-06-19 10:00")
    request = ChangeRequest(Section.CONTRACT, "HT-9", Origin.OFFLINE, builders.contract())
    applicant = Applicant("湖南三穗建筑工程有限公司")
    case = done(
        lambda: intake.receive(
            Kind.SUPPLEMENT, project, [request], applicant, channel=Channel.CLERK, actor=clerk, now=now
        )
    )
    page = text_of(sqlite_client, builders.notice(case=case, published_at=now))
    assert "补录内容" in page
    assert "变更前" not in page
    assert "新增 6 项" in page


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-10-09 10:30", "距截止还有4天13小时"),
        ("2026-10-13 08:30", "距截止还有15小时"),
        ("2026-10-13 23:40", "距截止不到1小时"),
    ],
)
def test_an_open_notice_says_how_long_is_left(
    sqlite_client: FlaskClient, time_is: SetClock, now: str, left: str
) -> None:
    time_is(now)
    assert left in text_of(sqlite_client, builders.notice(published_at=at("2026-09-30 10:00")))


def test_an_unknown_notice_is_a_page_with_a_way_on(sqlite_client: FlaskClient) -> None:
    answer = sqlite_client.get("/notices/GS430181-2026-99999")
    assert answer.status_code == 404
    assert "公示发布后一直保留" in answer.text
    assert 'href="/notices"' in answer.text


@pytest.mark.rule("N8")
def test_a_notice_page_follows_a_setting_as_soon_as_it_changes_and_asks_two_questions(
    client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-13 10:00")
    notice = builders.notice(published_at=at("2026-10-12 10:00"))
    page = text_of(client, notice)
    assert "系统在10分钟后" in page
    first, second = (acting(Role.DECIDER, bureau_code="430000") for _ in range(2))
    new = ("notice.grace_minutes", 25, date(2026, 10, 1), "湘建某函〔2026〕1号")
    done(lambda: policy.enact(*new, entered_by=first, confirmed_by=second, now=at("2026-10-13 09:00")))
    assert "系统在25分钟后" in text_of(client, notice)
    address = f"/notices/{notice.reference}"
    with counted() as sent:
        client.get(address)
    assert len(sent) == 2, sent
