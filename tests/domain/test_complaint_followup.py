"""What the filer of a complaint may still do after the answer: rate it, have it examined again, take it back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from portal.domain import (
    complaint_followup,
    complaint_handling,
)
from portal.domain.errors import NotAllowedNow
from portal.models.words import (
    ComplaintFinding,
    ComplaintMatter,
    ComplaintStage,
    ComplaintStatus,
    ComplaintTarget,
    Rating,
)
from tests.builders import COUNTY, at, done
from tests.complaints import CITY, NOW, PROVINCE, complain, conclude, handler, take
from tests.domain.office import refused


@pytest.mark.rule("C5")
def test_not_solved_reopens_once_one_tier_up(app: Flask) -> None:
    filed, city = complain(), handler()
    take(filed, city)
    conclude(filed, city)
    refused(lambda: complaint_followup.rate(filed, Rating.NOT_SOLVED, "", now=NOW), rule="C5")
    done(lambda: complaint_followup.rate(filed, Rating.NOT_SOLVED, "当事人没有被询问过", now=NOW))
    assert (filed.status, filed.bureau.code) == (ComplaintStatus.INVESTIGATING, PROVINCE)
    assert filed.due_on == date(2026, 12, 8)
    conclude(filed, handler(PROVINCE))
    done(lambda: complaint_followup.rate(filed, Rating.NOT_SOLVED, "还是没有询问当事人", now=NOW))
    assert filed.status is ComplaintStatus.CONCLUDED
    assert [each.stage for each in filed.rounds] == [ComplaintStage.ANSWER, ComplaintStage.REOPENED]
    refused(lambda: complaint_followup.rate(filed, Rating.SOLVED, now=NOW), NotAllowedNow, rule="C5")


@pytest.mark.rule("C5")
def test_solved_closes_it(app: Flask) -> None:
    filed, city = complain(), handler()
    refused(lambda: complaint_followup.rate(filed, Rating.SOLVED, now=NOW), NotAllowedNow)
    take(filed, city)
    conclude(filed, city)
    done(lambda: complaint_followup.rate(filed, Rating.SOLVED, now=NOW))
    assert filed.status is ComplaintStatus.CLOSED


@pytest.mark.rule("C3", "C4")
def test_examined_again_twice_each_one_tier_up_and_asked_for_in_thirty_days(app: Flask) -> None:
    filed = complain(ComplaintMatter.OTHER, ComplaintTarget.OTHER, described="工地围挡内违规堆土")
    county = handler(COUNTY)
    take(filed, county)
    conclude(filed, county)
    last = at("2026-11-08 23:59")
    done(lambda: complaint_followup.ask_review(filed, "没有到现场看过", now=last))
    assert (filed.status, filed.bureau.code, filed.due_on) == (
        ComplaintStatus.RE_EXAMINING, CITY, date(2026, 12, 8),
    )  # fmt: skip
    conclude(filed, handler(CITY), ComplaintFinding.UNSUBSTANTIATED, now=last)
    assert filed.status is ComplaintStatus.RE_EXAMINED
    refused(lambda: complaint_followup.rate(filed, Rating.SOLVED, now=last), NotAllowedNow)
    late = last + timedelta(days=31)
    refused(lambda: complaint_followup.ask_review(filed, "市里也没有看现场", now=late), NotAllowedNow, rule="C3")
    done(lambda: complaint_followup.ask_review(filed, "市里也没有看现场", now=last))
    assert filed.bureau.code == PROVINCE
    conclude(filed, handler(PROVINCE), ComplaintFinding.SUBSTANTIATED, now=last)
    assert [filed.status, filed.rounds[-1].stage] == [ComplaintStatus.CLOSED, ComplaintStage.FINAL_REVIEW]


@pytest.mark.rule("C3")
def test_above_the_province_the_next_door_is_named(app: Flask) -> None:
    filed, province = complain(code=CITY), handler(PROVINCE)
    take(filed, province)
    conclude(filed, province)
    refusal = refused(lambda: complaint_followup.ask_review(filed, "答复没有依据", now=NOW), NotAllowedNow)
    assert "向其上一级机关请求复查、复核" in refusal.message


@pytest.mark.rule("C1", "O4")
def test_its_filer_may_take_it_back_until_it_is_answered(app: Flask) -> None:
    filed = complain()
    city = handler()
    done(lambda: complaint_followup.withdraw(filed, now=NOW))
    assert (filed.status, filed.due_on, filed.told) == (ComplaintStatus.CLOSED, None, "您已撤回，本件办结。")
    refused(lambda: complaint_handling.register(filed, actor=city, now=NOW), NotAllowedNow, rule="C4")
