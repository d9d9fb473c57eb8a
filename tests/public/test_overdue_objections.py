"""What an objector reads when the answer is overdue (rule O8)."""

from __future__ import annotations

import pytest

from portal.domain import escalation
from portal.domain.actor import SYSTEM
from portal.models.notice import Notice
from portal.models.words import Disposition, Role
from tests import builders
from tests.builders import at, done
from tests.public.conftest import SetClock
from tests.public.objector import Filer, close, rule
from tests.public.reading import words


@pytest.mark.rule("O8")
def test_an_answer_that_is_overdue_says_so_and_offers_the_next_door(
    filer: Filer, notice: Notice, time_is: SetClock
) -> None:
    assert "不晚于2026年10月29日 星期四（15个工作日内，本平台设定）" in words(filer.look())
    close(notice)
    time_is("2026-10-30 10:00")
    page = filer.look()
    assert "已超期" in words(page)
    assert f"/complaints?notice={notice.reference}" in page


@pytest.mark.rule("O8", "E1", "T7")
def test_the_filer_reads_to_whom_an_overdue_objection_was_handed_and_what_came_of_it(
    filer: Filer, notice: Notice, time_is: SetClock
) -> None:
    close(notice)
    time_is("2026-10-30 10:00")
    taken = done(lambda: escalation.escalate_overdue_objection(filer.objection.id, SYSTEM, now=at("2026-10-30 00:05")))
    page = words(filer.look())
    assert "已于2026年10月30日 00:05升级，由长沙市住房和城乡建设局督办（见下）" in page
    assert "在2026年10月29日 星期四前没有答复，此件已于2026年10月30日 00:05自动升级" in page
    assert "一件异议在答复期限2026年10月29日（星期四）前没有答复，已升级，由长沙市住房和城乡建设局督办。" in page
    above, internal = builders.acting(Role.DECIDER, bureau_code="430100"), "请于三日内逐条裁定并答复"
    done(lambda: escalation.instruct(taken, internal, actor=above, now=at("2026-10-30 09:00")))
    page = words(filer.look())
    assert "已于2026年10月30日 09:00向浏阳市住房和城乡建设局提出督办意见，要求答复" in page
    assert internal not in page  # said to the bureau below
    assert above.name.removeprefix("staff:") not in page
    rule(filer.objection, Disposition.DISMISSED, Disposition.DISMISSED, now="2026-10-30 09:30")
    page = words(filer.look())
    assert "督办结束" in page
    assert "已超期" not in page


@pytest.mark.rule("O8")
def test_the_filer_reads_why_it_was_sent_back(filer: Filer, notice: Notice, time_is: SetClock) -> None:
    close(notice)
    time_is("2026-10-30 10:00")
    taken = done(lambda: escalation.escalate_overdue_objection(filer.objection.id, SYSTEM, now=at("2026-10-30 00:05")))
    above, why = builders.acting(Role.DECIDER, bureau_code="430100"), "办理单位已调取合同原件，三日内答复"
    done(lambda: escalation.send_back(taken, why, actor=above, now=at("2026-10-30 09:00")))
    page = words(filer.look())
    assert "退回浏阳市住房和城乡建设局继续办理，理由： " + why in page
    assert "已退回继续办理" in page
