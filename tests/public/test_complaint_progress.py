"""A complaint on the progress page: its filer reads every state of it and does all he may by the page's own forms."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.domain import complaint_followup, complaint_handling
from portal.extensions import db
from portal.models.complaint import Complaint
from portal.models.words import ComplaintFinding, ComplaintStage, ComplaintStatus, Rating, Role
from tests import builders
from tests.builders import COUNTY, at, bureau, done
from tests.complaints import CITY, NOW, OUTCOME, PROVINCE, about_a_site, conclude, handler, take, with_code
from tests.public.conftest import SetClock
from tests.public.reading import words

LATER = at("2026-10-20 09:00")


class Reader:
    """The filer, with number and code."""

    def __init__(self, client: FlaskClient, filed: tuple[Complaint, str]) -> None:
        self.client, (self.filed, self.code) = client, filed
        self.number = self.filed.number

    def page(self) -> str:
        """The page, as it is opened with number and code."""
        answer = self.client.post("/progress", data={"number": self.number, "code": self.code})
        assert answer.status_code == 200
        self.pass_ = re.findall(r'name="code" value="([^"]+)"', answer.text)[0]
        return answer.text

    def reads(self, *sentences: str) -> None:
        """Every one of these stands on the page."""
        shown = words(self.page())
        assert [each for each in sentences if each not in shown] == [], shown

    def act(self, noun: str, **typed: str) -> TestResponse:
        """Send one of the page's forms; a field rating-note is written rating_note."""
        self.page()
        data = {name.replace("_", "-"): text for name, text in typed.items()}
        answer = self.client.post(f"/progress/{self.number}/{noun}", data={"code": self.pass_, **data})
        db.session.expire_all()
        return answer


def answered(client: FlaskClient, now: datetime = LATER) -> Reader:
    """A complaint about the county that the city has answered."""
    reader, city = Reader(client, with_code()), handler()
    take(reader.filed, city, now=at("2026-10-12 09:00"))
    conclude(reader.filed, city, ComplaintFinding.UNSUBSTANTIATED, now=now)
    return reader


@pytest.mark.rule("C3", "C4")
def test_on_the_way_to_the_answer_each_state_says_who_and_until_when(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-12 10:00")
    reader, city = Reader(client, with_code()), handler()
    reader.reads(
        "由长沙市住房和城乡建设局登记，不晚于2026年10月24日 星期六（还剩12天）告知您受理、不予受理或者转送",
        "被反映的浏阳市住房和城乡建设局不经手本件，也看不到",
        "收到1件投诉举报",
    )
    done(lambda: complaint_handling.register(reader.filed, actor=city, now=LATER))
    time_is("2026-10-26 10:00")
    reader.reads("长沙市住房和城乡建设局已经登记，不晚于2026年10月24日", "已超期", "反映拖延办理")
    done(lambda: complaint_handling.accept(reader.filed, actor=city, now=LATER))
    reader.reads("正在调查核实，不晚于2026年12月19日 星期六（还剩54天）答复您")
    done(lambda: complaint_handling.extend(reader.filed, "需要外地档案馆协查", actor=city, now=LATER))
    reader.reads("延长至2027年1月18日 星期一，理由：需要外地档案馆协查", "不晚于2027年1月18日")
    conclude(reader.filed, city, ComplaintFinding.PARTLY, now=LATER)
    reader.reads(
        "长沙市住房和城乡建设局已经答复", "请您评价是否解决", "部分属实", OUTCOME, "投诉举报办理答复：部分属实"
    )


@pytest.mark.rule("C3", "C4")
def test_refused_or_passed_on_its_filer_reads_why_and_where_else_to_go(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-12 10:00")
    refused, passed, outside, city = *(Reader(client, with_code()) for _ in range(3)), handler()
    done(lambda: complaint_handling.refuse(refused.filed, "已进入诉讼程序，请向法院反映", actor=city, now=NOW))
    refused.reads("长沙市住房和城乡建设局不予受理", "已进入诉讼程序，请向法院反映", "重新反映", "向上一级反映")
    other = bureau("430200")
    done(lambda: complaint_handling.pass_on(passed.filed, other, "属株洲市管辖", actor=city, now=LATER))
    passed.reads("已转给株洲市住房和城乡建设局，由其登记，不晚于2026年11月4日", "属株洲市管辖")
    done(lambda: complaint_handling.pass_on(outside.filed, None, "属人社部门职责", actor=city, now=NOW))
    outside.reads("已转给本平台以外的单位办理", "属人社部门职责", "已转送其他单位")
    assert "撤回这件投诉举报" not in outside.page()


@pytest.mark.rule("C5")
def test_not_solved_it_is_reopened_once_one_tier_up(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-21 10:00")
    reader = answered(client)
    reader.reads("由湖南省住房和城乡建设厅重新办理一次")
    silent = reader.act("rating", rating_rating="not_solved")
    assert silent.status_code == 422
    assert "请写明还有什么没有解决" in silent.text
    again = reader.act("rating", rating_rating="not_solved", rating_note="当事人没有被询问过")
    assert "评价已记录" in again.text
    reader.reads("湖南省住房和城乡建设厅正在重新办理，不晚于2026年12月20日", "当事人没有被询问过")
    conclude(reader.filed, handler(PROVINCE), now=at("2026-10-22 09:00"))
    assert "重新办理一次" not in reader.page()
    last = reader.act("rating", rating_rating="not_solved", rating_note="还是没有询问当事人")
    assert last.status_code == 200
    assert [each.stage for each in reader.filed.rounds] == [ComplaintStage.ANSWER, ComplaintStage.REOPENED]
    twice = reader.act("rating", rating_rating="solved")
    assert twice.status_code == 409
    assert "您已经评价过这次答复" in twice.text


@pytest.mark.rule("C4", "C5")
def test_solved_it_is_closed(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-21 10:00")
    reader = answered(client)
    reader.act("rating", rating_rating="solved")
    assert reader.filed.status is ComplaintStatus.CLOSED
    reader.reads("您评价为已经解决，本件办结", "提交人评价答复：已经解决")


@pytest.mark.rule("C3", "C4")
def test_examined_again_twice_each_asked_for_within_its_days(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-20 10:00")
    reader, county = Reader(client, about_a_site()), handler(COUNTY)
    take(reader.filed, county)
    conclude(reader.filed, county, now=LATER)
    reader.reads("请求复查", "不晚于2026年11月19日 星期四 24:00（北京时间）可以请求长沙市住房和城乡建设局复查")
    assert reader.act("review", review_reason="").status_code == 422
    assert "请求已送达" in reader.act("review", review_reason="没有到现场看过").text
    reader.reads("长沙市住房和城乡建设局正在复查，不晚于2026年11月19日", "您的理由：没有到现场看过")
    conclude(reader.filed, handler(CITY), now=LATER)
    reader.reads("请求复核", "可以请求湖南省住房和城乡建设厅复核")
    time_is("2026-11-20 00:00")
    reader.reads("请求复查、复核的期限已过")
    late = reader.act("review", review_reason="市里也没有看现场")
    assert late.status_code == 409
    time_is("2026-11-19 23:59")
    assert reader.act("review", review_reason="市里也没有看现场").status_code == 200
    conclude(reader.filed, handler(PROVINCE), ComplaintFinding.SUBSTANTIATED, now=at("2026-11-25 09:00"))
    assert reader.filed.status is ComplaintStatus.CLOSED
    reader.reads("复核意见已经作出，本件在本平台办结", "属实")


@pytest.mark.rule("C3")
def test_above_the_province_the_next_door_is_named(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-20 10:00")
    reader = Reader(sqlite_client, with_code(code=PROVINCE))
    discipline = handler(PROVINCE, Role.DISCIPLINE_OFFICER)
    take(reader.filed, discipline)
    conclude(reader.filed, discipline, now=LATER)
    reader.reads("湖南省住房和城乡建设厅纪检监察机构已经答复", "可以依法向其上一级机关请求复查、复核")
    assert "由湖南省住房和城乡建设厅重新办理" not in reader.page()


@pytest.mark.rule("C1", "O4")
def test_its_filer_takes_it_back_only_on_purpose(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-12 10:00")
    reader = Reader(client, with_code())
    assert "请勾选确认后再撤回" in reader.act("complaint-withdrawal").text
    assert "已撤回" in reader.act("complaint-withdrawal", withdrawal_sure="y").text
    assert reader.filed.status is ComplaintStatus.CLOSED
    reader.reads("您已撤回，本件办结", "提交人撤回了投诉举报")
    assert reader.act("complaint-withdrawal", withdrawal_sure="y").status_code == 409


@pytest.mark.rule("C1", "O4")
def test_an_anonymous_filer_and_the_office_talk(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-12 10:00")
    reader, city = Reader(client, with_code()), handler()
    assert "已送达办理部门" in reader.act("messages", message_text="我还有一段录音，怎么交").text
    done(lambda: complaint_handling.answer(reader.filed, "请在本页上传", actor=city, now=LATER))
    reader.reads("我还有一段录音，怎么交", "请在本页上传", "办理部门")
    assert "测试" not in words(reader.page()), "no officer's name"


@pytest.mark.rule("O4")
def test_what_belongs_to_a_complaint_cannot_be_done_to_an_objection(
    sqlite_client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-10-09 10:00")
    notice = builders.notice(published_at=at("2026-09-30 10:00"))
    objection = builders.objection(notice)
    for noun in ("rating", "review", "complaint-withdrawal"):
        answer = sqlite_client.post(f"/progress/{objection.number}/{noun}", data={"code": "AAAAA-AAAAA-AAAAA-AAAAA"})
        assert answer.status_code == 404
        assert sqlite_client.get(f"/progress/{objection.number}/{noun}").status_code == 303
    reader = Reader(sqlite_client, with_code())
    assert reader.act("recheck", recheck_reason="没有依据，不同意").status_code in (404, 422)


@pytest.mark.rule("C5")
@pytest.mark.parametrize("rating", list(Rating))
def test_an_answer_can_be_rated_before_a_re_examination_is_asked_for(
    sqlite_client: FlaskClient, time_is: SetClock, rating: Rating
) -> None:
    time_is("2026-10-21 10:00")
    reader = answered(sqlite_client)
    reader.act("rating", rating_rating=rating.value, rating_note="当事人没有被询问过")
    may = complaint_followup.why_no_review(reader.filed, LATER.date()) == ""
    assert may is (rating is Rating.PARTLY_SOLVED)
