"""`portal window`: the window explained to a person, and to a program (rules N3, N5)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portal.cli.calendar import calendar_group, window
from portal.domain.actor import Actor
from portal.domain.calendar_orders import confirm_order, propose_order
from portal.extensions import begin_write, db
from portal.models.calendar_day import CalendarDay
from portal.models.words import Role, Tier

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_database(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)


def run(*arguments, **environment):
    return CliRunner().invoke(window, arguments, env=environment)


@pytest.mark.rule("N3")
def test_a_person_reads_the_window_day_by_day():
    result = run("2026-09-30")

    assert result.exit_code == 0
    assert "截止　　　2026年10月13日（周二）24:00（北京时间）" in result.output
    assert "2026-10-01 周四  -  国庆节放假" in result.output
    assert "2026-10-10 周六  3  调休上班，第3个工作日" in result.output
    assert "暂定" not in result.output


@pytest.mark.rule("N5")
def test_a_person_is_told_that_a_last_day_is_provisional():
    result = run("2026-12-25")

    assert "截止日是暂定的" in result.output
    assert "国务院办公厅尚未公布2027年放假安排" in result.output


@pytest.mark.rule("N3")
def test_a_program_gets_one_line_of_json():
    result = run("--json", "2026-09-30")

    said = json.loads(result.output)
    assert result.output.count("\n") == 1
    assert list(said) == ["published", "first_day", "last_day", "ends_at", "provisional", "days"]
    assert {key: said[key] for key in list(said)[:5]} == {
        "published": "2026-09-30",
        "first_day": "2026-10-08",
        "last_day": "2026-10-13",
        "ends_at": "2026-10-14T00:00:00+08:00",
        "provisional": False,
    }
    assert said["days"][0]["date"] == "2026-10-01"  # the day of publication is not among them
    assert said["days"][-1] == {
        "date": "2026-10-13",
        "counted": 5,
        "kind": "workday",
        "reason": "第5个工作日",
        "source": said["days"][0]["source"],
    }
    assert [entry["counted"] for entry in said["days"] if entry["counted"]] == [1, 2, 3, 4, 5]


@pytest.mark.rule("N3")
def test_a_range_gives_one_line_per_day_of_publication():
    lines = run("--json", "2004-01-01", "2026-12-24").output.splitlines()

    assert len(lines) == 8394
    assert json.loads(lines[0])["published"] == "2004-01-01"
    assert json.loads(lines[-1])["last_day"] == "2026-12-31"
    assert not any(json.loads(line)["provisional"] for line in lines)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "请给出一个发布日"),
        (["2026-09-30", "2026-10-01", "2026-10-02"], "请给出一个发布日"),
        (["tomorrow"], "“tomorrow”不是日期"),
        (["2026-02-30"], "“2026-02-30”不是日期"),
        (["20260930"], "“20260930”不是日期"),
        (["--jsn", "2026-09-30"], "“--jsn”不是日期"),
        (["2026-10-01", "2026-09-30"], "早于第一个发布日"),
        (["2003-12-31"], "工作日历从2004年1月1日（周四）开始"),
        (["9999-12-31"], "日期过远"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_chinese_with_exit_code_2(arguments, sentence):
    result = run(*arguments)

    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.startswith("错误：")
    assert result.stdout == ""


@pytest.mark.rule("N4", "N5")
def test_the_calendar_of_the_configured_database_is_used(app, database_url):
    begin_write()
    order = propose_order(
        2027,
        "通知",
        "https://www.gov.cn/1",
        "日期,类型,名称\n2027-01-01,放假,元旦\n".encode(),
        "a.csv",
        actor=Actor("staff:anna", frozenset({Role.CALENDAR_OWNER}), tier=Tier.PROVINCE),
        now=NOW,
    )
    confirm_order(order, actor=Actor("staff:bo", frozenset({Role.CALENDAR_OWNER}), tier=Tier.PROVINCE), now=NOW)
    db.session.commit()

    said = json.loads(run("--json", "2026-12-25", DATABASE_URL=database_url).output)

    assert (said["last_day"], said["provisional"]) == ("2027-01-04", False)
    assert said["days"][-1]["source"] == "通知"


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/portal.db", "postgresql://localhost:1/x", "rubbish", "nosuch://x/y"]
)
def test_without_its_database_the_command_says_so_and_uses_the_package(url):
    result = run("--json", "2026-09-30", DATABASE_URL=url)

    assert result.exit_code == 0
    assert json.loads(result.stdout)["last_day"] == "2026-10-13"
    assert "数据库里的工作日历读不到" in result.stderr


@pytest.mark.rule("N4")
def test_seeding_from_the_command_line_is_safe_to_repeat(app):
    runner = app.test_cli_runner()

    first = runner.invoke(calendar_group, ["seed"])
    second = runner.invoke(calendar_group, ["seed"])

    assert first.output.startswith("已写入2004、2005")
    assert second.output == "没有新的年度可写\n"
    assert db.session.scalar(select(func.max(CalendarDay.day))) == date(2026, 12, 31)
