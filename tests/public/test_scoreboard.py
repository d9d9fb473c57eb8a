"""办理情况: how each bureau does, as everyone may see it, counted again from the trail."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.clock import beijing_date
from portal.domain import checklists, deficiencies, scoreboard, trail
from portal.domain.actor import PUBLIC
from portal.domain.decisions import conclude_contested
from portal.domain.resubmissions import Answer, keep, resubmit
from portal.domain.scoreboard import median
from portal.extensions import db
from portal.models.application import Application
from portal.models.notice import Notice
from portal.models.trail_entry import TrailEntry
from portal.models.words import Disposition, Role
from tests import builders
from tests.builders import COUNTY, at, done
from tests.domain.office import close, over, rule_all
from tests.public.conftest import SetClock
from tests.public.reading import table, without_role
from tests.public.statements import counted

NOW = at("2026-11-30 10:00")


def told(case: Application, *days: str) -> None:
    """Let the applicant be told the same thing once for each day, and answer in between."""
    clerk = builders.acting(Role.CLERK, bureau_code=case.bureau.code)
    about = next(iter(checklists.by_key(case)))
    for round_, day in enumerate(days):
        if round_:
            issued = case.deficiency_notices[-1]
            answers = {item.id: Answer("已补正") for item in issued.items}
            done(partial(keep, issued, answers, now=at(day)))
            done(partial(resubmit, issued, actor=PUBLIC, now=at(day)))
        done(partial(deficiencies.draw_up, case, {about: "请补齐"}, actor=clerk, now=at(day)))
        db.session.expire_all()


def a_busy_autumn() -> None:
    """In the county: one case approved, one rejected with an objection of two grounds, one objection unanswered too
    long, one open notice, two applications told what they lack. In another city: one open notice.
    """
    decider = builders.acting(Role.DECIDER)
    close(builders.notice(published_at=at("2026-09-30 10:00")))
    rejected = builders.notice(published_at=at("2026-09-30 11:00"))
    builders.objection(rejected, "合同金额不符", "签订时间不符")
    case, when = close(rejected), over(rejected)
    rule_all(case, Disposition.UPHELD, decider, now=when)
    done(lambda: conclude_contested(case, "异议成立，经集体研究不予办理", actor=decider, now=at("2026-10-20 10:00")))
    waiting = builders.notice(published_at=at("2026-10-09 10:00"))
    builders.objection(waiting, "该业绩不实")
    close(waiting)
    builders.notice(published_at=at("2026-11-27 10:00"))
    elsewhere = builders.entry(builders.project("株洲市乙工程", area_code="430281"))
    builders.notice(existing=elsewhere, published_at=at("2026-11-27 10:00"))
    told(builders.application(now=at("2026-11-02 10:00")), "2026-11-03 10:00")
    told(builders.application(now=at("2026-11-02 10:00")), "2026-11-03 10:00", "2026-11-05 10:00")


@pytest.mark.rule("E3", "V2")
def test_each_bureau_is_counted_with_those_below_it(app: Flask) -> None:
    a_busy_autumn()
    scores = {score.bureau: score for score in scoreboard.scoreboard(now=NOW).scores}

    county = scores[COUNTY]
    assert (county.open, county.decided, county.median_days) == (1, 2, 13)
    assert (county.objections, county.grounds_ruled, county.grounds_upheld) == (2, 2, 2)
    assert (county.overdue, county.told, county.told_once) == (1, 2, 1)
    assert (county.parent, scores["430100"].parent, scores["430000"].parent) == ("430100", "430000", None)
    city = scores["430100"]
    assert (city.open, city.decided, city.overdue, city.told) == (1, 2, 1, 2)
    assert (scores["430000"].open, scores["430000"].decided) == (2, 2)
    assert (scores["430200"].open, scores["430200"].decided, scores["430200"].median_days) == (1, 0, None)


@pytest.mark.rule("E3")
def test_the_trail_alone_gives_the_same_numbers(app: Flask) -> None:
    a_busy_autumn()
    shown = {score.bureau: score for score in scoreboard.scoreboard(now=NOW).scores}[COUNTY]
    again = Recount(COUNTY)

    assert shown.open == again.open
    assert shown.decided == len(again.days)
    assert shown.median_days == median(Counter(again.days))
    assert (shown.told, shown.told_once) == (len(again.lists), sum(n == 1 for n in again.lists.values()))
    assert (shown.objections, shown.overdue) == (len(again.filed), len(again.unanswered))
    assert shown.grounds_ruled == len(again.rulings)
    assert shown.grounds_upheld == again.rulings.count("upheld")


class Recount:
    """What happened in a bureau, read from the entries of the trail and from nothing else."""

    def __init__(self, bureau: str) -> None:
        received: dict[str, datetime] = {}
        self.days: list[int] = []
        self.lists: Counter[str] = Counter()
        self.filed: set[str] = set()
        self.unanswered: set[str] = set()
        self.rulings: list[str] = []
        notices: set[str] = set()
        for entry in db.session.scalars(select(TrailEntry).order_by(TrailEntry.id)):
            said: dict[str, Any] = trail.facts(entry)
            event, case, detail = said["event"], said["case"], said["detail"]
            if event == "application_received" and said["bureau"] == bureau:
                received[case] = entry.at
            if case not in received:
                continue
            if event == "notice_published":
                notices.add(detail["notice"])
            elif event in ("notice_retracted", "notice_closed_without_objection", "notice_closed_with_objection"):
                notices.remove(detail["notice"])
            elif event == "deficiencies_listed":
                self.lists[case] += 1
            elif event == "objection_filed":
                self.filed.add(said["subject"]["ref"])
                self.unanswered.add(said["subject"]["ref"])
            elif event in ("objection_answered", "objection_withdrawn"):
                self.unanswered.discard(said["subject"]["ref"])
            elif event == "ground_ruled":
                self.rulings.append(detail["disposition"])
            if (said["after"] or {}).get("status") in ("approved", "rejected"):
                self.days.append((entry.at - received[case]).days)
        self.open = len(notices)


@pytest.mark.rule("E3", "O8")
def test_an_objection_is_overdue_from_the_day_after_its_limit(app: Flask) -> None:
    notice = builders.notice(published_at=at("2026-10-09 10:00"))
    builders.objection(notice, arrived_at=at("2026-10-15 23:00"))  # 15 working days: until 2026-11-05

    def overdue(now: str) -> int:
        return {score.bureau: score.overdue for score in scoreboard.scoreboard(now=at(now)).scores}[COUNTY]

    assert overdue("2026-11-05 23:59") == 0
    assert overdue("2026-11-06 00:00") == 1
    assert beijing_date(db.session.scalars(select(Notice)).one().published_at).isoformat() == "2026-10-09"


def test_the_median_of_a_histogram_is_the_lower_one() -> None:
    assert median(Counter()) is None
    assert median(Counter({7: 1})) == 7
    assert median(Counter({1: 1, 9: 1})) == 1
    assert median(Counter({1: 1, 2: 3, 90: 3})) == 2


@pytest.mark.rule("E3")
def test_everyone_sees_the_numbers_with_what_they_mean(client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-11-30 10:00")
    a_busy_autumn()
    page = client.get("/scoreboard")

    assert page.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in page.headers
    assert table(page.text, "各部门办理情况")["长沙市"] == {
        "正在公示": "1", "超期未答复": "1件超期", "已作出决定": "2", "办理天数（中位数）": "13天",
        "一次告知": "50%", "收到异议": "2", "异议理由成立": "2/2",
    }  # fmt: skip
    assert not without_role(page.text, "各部门办理情况")
    assert re.search(r'href="/scoreboard\?bureau=430100">长沙市<', page.text)
    assert "自然日" in page.text

    below = client.get("/scoreboard?bureau=430100").text
    assert ">浏阳市<" in below
    assert ">株洲市<" not in below
    for unknown in ("430181", "nowhere", "'; DROP TABLE bureau;--"):  # the whole list
        assert ">株洲市<" in client.get("/scoreboard", query_string={"bureau": unknown}).text


def test_the_scoreboard_is_counted_once_for_many_readers_and_anew_the_next_day(
    client: FlaskClient, time_is: SetClock
) -> None:
    time_is("2026-11-30 10:00")
    builders.notice(published_at=at("2026-11-27 10:00"))
    with counted() as first:
        client.get("/scoreboard")
    with counted() as second:
        client.get("/api/v1/scoreboard")
    assert len(first) <= 12
    assert not second
    time_is("2026-12-01 00:01")
    assert '"until":"2026-12-01"' in client.get("/api/v1/scoreboard").text
