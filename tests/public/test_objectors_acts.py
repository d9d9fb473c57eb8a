"""What an objector may still do with number and code, also anonymously: talk, add evidence, withdraw, be re-checked."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.domain import decisions, dialogue, objections, rechecks
from portal.extensions import db
from portal.models.notice import Notice
from portal.models.objection import Objection
from portal.models.recheck import Recheck
from portal.models.words import Disposition, FilingStatus, NoticeStatus, RecheckOutcome, Role, Status
from tests import builders
from tests.builders import at, done
from tests.public.conftest import SetClock
from tests.public.objector import AFTERNOON, Filer, close, filed, rule
from tests.public.reading import words
from tests.support import files


def dismissed(filer: Filer) -> None:
    """All grounds of the objection are dismissed and the case decided, on 14 October."""
    case = filer.objection.notice.application
    close(filer.objection.notice)
    rule(filer.objection, Disposition.DISMISSED, Disposition.DISMISSED)
    decider = builders.acting(Role.DECIDER)
    done(lambda: decisions.conclude_contested(case, "经集体研究，异议均不成立", actor=decider, now=at(AFTERNOON)))


@pytest.mark.rule("O4")
def test_an_anonymous_filer_and_the_office_talk_with_files_both_ways(filer: Filer, client: FlaskClient) -> None:
    assert "还没有留言" in filer.look()
    sent = filer.act("messages", message_text="请问需要合同原件吗", message_files=(io.BytesIO(files.pdf()), "合同.pdf"))
    assert sent.status_code == 200
    assert "已送达办理部门" in sent.text
    assert not re.search(r"<textarea[^>]*>[^<]*合同原件", sent.text), "what was sent stays in its box, to be sent again"

    decider = builders.acting(Role.DECIDER)
    done(lambda: dialogue.answer(filer.objection, "不需要，复印件即可。", actor=decider, now=at("2026-10-09 11:00")))
    page = filer.look()
    said = words(page)
    assert said.index("请问需要合同原件吗") < said.index("不需要，复印件即可。")
    assert decider.name.removeprefix("staff:") not in page

    wanted = re.search(r'name="file" value="(\d+)"', page)
    assert wanted
    download = filer.act("files", file=wanted[1])
    assert (download.status_code, download.mimetype) == (200, "application/pdf")
    assert download.headers["Cache-Control"] == "private, no-store"


@pytest.mark.rule("O4", "A5")
def test_nobody_fetches_the_files_of_another_filing(filer: Filer, client: FlaskClient, notice: Notice) -> None:
    filer.act("messages", message_text="附上合同复印件", message_files=(io.BytesIO(files.pdf()), "合同.pdf"))
    wanted = re.search(r'name="file" value="(\d+)"', filer.look())
    assert wanted
    other, code = filed(notice, "2026-10-09 09:30")
    assert isinstance(other, Objection)
    stranger = Filer(client, other, code)
    for file in (wanted[1], "0", "-1", "9" * 30, "x", ""):
        assert stranger.act("files", file=file).status_code == 404


@pytest.mark.rule("O4")
def test_a_message_that_cannot_be_taken_is_refused_in_words_and_stays_in_its_field(filer: Filer) -> None:
    empty = filer.act("messages", message_text="  ")
    assert (empty.status_code, "请写下要说的话" in empty.text) == (422, True)
    long = filer.act("messages", message_text="问" * 4001)
    assert (long.status_code, "不超过4000字，较长的内容请作为附件上传" in long.text) == (422, True)
    bad = filer.act("messages", message_text="附上照片", message_files=(io.BytesIO(b"MZ\x90\x00"), "照片.jpg"))
    assert bad.status_code == 422
    assert "照片.jpg" in bad.text
    assert ">附上照片</textarea>" in bad.text.replace("\r\n", "")
    assert "还没有留言" in filer.look()


@pytest.mark.rule("O4")
def test_a_message_sent_twice_is_said_once_and_the_hour_has_a_limit(filer: Filer) -> None:
    for _ in range(2):
        filer.act("messages", message_text="请问什么时候答复")
    assert filer.look().count("请问什么时候答复") == 1
    for number in range(19):
        assert filer.act("messages", message_text=f"第{number}次催问").status_code == 200
    refused = filer.act("messages", message_text="再催问一次，写了很多字")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert "一小时内最多留言20条" in words(refused.text)
    assert "再催问一次，写了很多字" in refused.text


@pytest.mark.rule("O4", "N9")
def test_a_withdrawal_is_asked_twice_and_the_case_still_waits_for_a_person(filer: Filer, notice: Notice) -> None:
    assert "请勾选确认后再撤回" in filer.act("withdrawal").text
    assert filer.objection.status is FilingStatus.RECEIVED
    assert "异议已撤回" in filer.act("withdrawal", withdrawal_sure="y").text
    page = words(filer.look())
    assert "您已撤回这件异议" in page
    again = filer.act("withdrawal", withdrawal_sure="y")
    assert (again.status_code, "已撤回，不能再更改" in again.text) == (409, True)
    close(notice)
    assert notice.status is NoticeStatus.CLOSED_CONTESTED
    assert notice.application.status is Status.CONTESTED


@pytest.mark.rule("O7")
def test_after_the_answer_the_bureau_above_is_asked_and_the_approval_waits(
    filer: Filer, notice: Notice, time_is: SetClock
) -> None:
    dismissed(filer)
    time_is("2026-10-21 23:50")  # to the second: tests of the verb
    page = words(filer.look())
    assert "2026年10月21日 星期三 24:00（北京时间）" in page
    assert "请长沙市住房和城乡建设局复核，今天是最后一天" in page
    assert "异议均不成立。期满无人申请复核，或者复核维持的，按公示内容办结" in page
    assert "不同意答复的，您可以在" in page
    assert "异议人可以" not in page  # it is he who reads it
    short = filer.act("recheck", recheck_reason="不服")
    assert (short.status_code, "不少于5个字" in short.text) == (422, True)
    asked = words(filer.act("recheck", recheck_reason="合同原件与答复所说的不是同一份").text)
    assert "复核申请已送达上一级部门" in asked
    assert "不晚于2026年11月11日 星期三作出结论" in asked
    twice = filer.act("recheck", recheck_reason="合同原件与答复所说的不是同一份")
    assert (twice.status_code, "一件异议可以申请一次" in twice.text) == (409, True)

    [recheck] = db.session.scalars(select(Recheck)).all()
    above = builders.acting(Role.DECIDER, bureau_code="430100")
    why = "原件与公示一致，维持原答复"
    done(lambda: rechecks.decide(recheck, RecheckOutcome.CONFIRMED, why, actor=above, now=at("2026-10-22 10:00")))
    told = words(filer.look())
    assert "维持原答复" in told
    assert why in told
    assert notice.application.status is Status.AWAITING_RECHECK  # the job approves


@pytest.mark.rule("O7")
def test_a_re_check_asked_for_too_late_is_refused_and_shows_the_way_on(filer: Filer, time_is: SetClock) -> None:
    dismissed(filer)
    time_is("2026-10-22 00:00")
    refused = filer.act("recheck", recheck_reason="合同原件与答复所说的不是同一份")
    assert refused.status_code == 409
    assert "可以提出投诉举报" in refused.text
    assert "申请复核的期限已于2026年10月21日 星期三 24:00届满" in words(filer.look())


@pytest.mark.rule("O7")
def test_a_re_check_that_the_outcome_of_another_made_needless_says_so(
    filer: Filer, client: FlaskClient, notice: Notice, time_is: SetClock
) -> None:
    second, code = filed(notice, "2026-10-09 09:30")
    assert isinstance(second, Objection)
    other = Filer(client, second, code)
    close(notice)
    for objection in (filer.objection, second):
        rule(objection, Disposition.DISMISSED, Disposition.DISMISSED)
    decider, above = builders.acting(Role.DECIDER), builders.acting(Role.DECIDER, bureau_code="430100")
    case, why = notice.application, "经集体研究，异议均不成立"
    done(lambda: decisions.conclude_contested(case, why, actor=decider, now=at(AFTERNOON)))
    time_is("2026-10-15 10:00")
    for each in (filer, other):
        each.act("recheck", recheck_reason="合同原件与答复所说的不是同一份")
    first = db.session.scalars(select(Recheck).order_by(Recheck.id)).first()
    assert first
    upheld = "原件与公示不一致，异议成立"
    done(lambda: rechecks.decide(first, RecheckOutcome.OVERTURNED, upheld, actor=above, now=at("2026-10-16 10:00")))
    assert upheld in words(filer.look())
    page = words(other.look())
    assert "不再复核" in page
    assert "不再需要复核" in page
    assert "不予办理" in page


@pytest.mark.rule("O5")
def test_each_ground_shows_its_own_disposition_with_reasons(filer: Filer, notice: Notice) -> None:
    close(notice)
    first, second = filer.objection.grounds
    one, other = builders.acting(Role.DECIDER), builders.acting(Role.DECIDER)
    aside = Disposition.INADMISSIBLE
    done(lambda: objections.rule_on_ground(first, aside, "与本公示无关", actor=one, now=at(AFTERNOON)))
    assert "第1条理由 待裁定" in words(filer.look())  # one person alone has set nothing aside
    done(lambda: objections.rule_on_ground(first, aside, "与本公示无关，不予受理", actor=other, now=at(AFTERNOON)))
    done(
        lambda: objections.rule_on_ground(second, Disposition.DISMISSED, "日期经核对无误", actor=one, now=at(AFTERNOON))
    )
    page = words(filer.look())
    assert page.index("第1条理由 不予受理") < page.index("与本公示无关，不予受理") < page.index("第2条理由 不成立")
    assert page.index("第2条理由 不成立") < page.index("日期经核对无误")


@pytest.mark.rule("T7")
def test_the_history_of_an_objection_reads_as_sentences_without_persons(filer: Filer, notice: Notice) -> None:
    filer.act("messages", message_text="请问什么时候答复")
    close(notice)
    rule(filer.objection, Disposition.UPHELD, Disposition.DISMISSED)
    page = words(filer.look())
    for sentence in (
        "收到1件异议，理由2条",
        "提交人在办理中留言",
        "一条异议理由经裁定成立",
        "一条异议理由经裁定不成立",
        "一件异议的全部理由已裁定，答复异议人",
    ):
        assert sentence in page
    assert "staff:" not in page
    assert not re.search(r"officer\d+", page)


def test_coming_back_to_an_act_without_its_form_asks_for_the_code(filer: Filer) -> None:
    for address in (f"/progress/{filer.number}", f"/progress/{filer.number}/messages"):
        answer = filer.client.get(address, follow_redirects=True)
        assert f'value="{filer.number}"' in answer.text
        assert "查询码" in answer.text
    assert filer.client.get("/progress/nothing", follow_redirects=True).status_code == 200


def test_an_act_of_another_kind_of_filing_says_what_is_wrong(filer: Filer) -> None:
    """Rating belongs to complaints: a number that opens an objection is told so, not asked for its code again."""
    answer = filer.act("rating", rating_rating="solved")
    assert answer.status_code == 422
    assert "这个编号不能办理这一项" in words(answer.text)
