"""The window and the calendar it is counted on (rules N3, N4, N5, N6)."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from portal.domain.day_calendar import Calendar, DayInfo, plain_kind
from portal.domain.errors import RuleViolation
from portal.domain.workdays import (
    add_working_days,
    affected,
    limit,
    load_calendar,
    open_window,
    package_calendar,
    seed_calendar,
    settle,
    window_until,
    working_days_between,
    working_days_left,
    year_to_ask_for,
)
from portal.extensions import begin_write, db
from portal.models.calendar_day import CalendarDay
from portal.models.words import DayKind

ONE_DAY = timedelta(days=1)
FIRST, LAST = date(2004, 1, 1), date(2026, 12, 31)
YEARS_THE_PACKAGE_KNOWS = st.dates(FIRST, date(2026, 12, 24))
YEARS_TO_COME = st.dates(FIRST, date(2040, 12, 31))


def on(text):
    return date.fromisoformat(text)


def calendar_of_2027(**kinds):
    """The package's calendar with 2027 known: the plain week but for `kinds`, such as d0101=DayKind.WEEKEND."""
    days = {day: DayInfo(plain_kind(day), "", "测试") for day in (on("2027-01-01") + n * ONE_DAY for n in range(365))}
    for key, kind in kinds.items():
        day = date(2027, int(key[1:3]), int(key[3:]))
        days[day] = DayInfo(kind, "元旦", "测试")
    return package_calendar().with_days(days)


@pytest.mark.rule("N3")
@pytest.mark.parametrize(
    ("published", "last_day"),
    [
        ("2025-01-24", "2025-02-07"),
        ("2025-09-26", "2025-10-10"),
        ("2026-02-13", "2026-02-27"),
        ("2026-04-30", "2026-05-11"),
        ("2026-09-18", "2026-09-24"),
        ("2026-09-30", "2026-10-13"),
        ("2026-10-09", "2026-10-15"),
        ("2023-01-03", "2023-01-10"),
        ("2026-11-23", "2026-11-30"),
        ("2026-12-24", "2026-12-31"),
    ],
)
def test_golden_windows(published, last_day):
    window = open_window(on(published), package_calendar())

    assert window.last_day == on(last_day)
    assert not window.provisional


@pytest.mark.rule("N3", "N4")
def test_the_strip_of_a_window_says_why_each_day_counts_or_does_not():
    window = open_window(on("2026-09-30"), package_calendar())

    assert [(entry.day.isoformat(), entry.counted, entry.reason) for entry in window.days] == [
        ("2026-09-30", None, "公示发布当日不计入"),
        ("2026-10-01", None, "国庆节放假"),
        ("2026-10-02", None, "国庆节放假"),
        ("2026-10-03", None, "国庆节放假"),
        ("2026-10-04", None, "国庆节放假"),
        ("2026-10-05", None, "国庆节放假"),
        ("2026-10-06", None, "国庆节放假"),
        ("2026-10-07", None, "国庆节放假"),
        ("2026-10-08", 1, "第1个工作日"),
        ("2026-10-09", 2, "第2个工作日"),
        ("2026-10-10", 3, "调休上班，第3个工作日"),
        ("2026-10-11", None, "周日"),
        ("2026-10-12", 4, "第4个工作日"),
        ("2026-10-13", 5, "第5个工作日"),
    ]
    assert window.first_day == on("2026-10-08")
    assert {entry.source for entry in window.days} == {"chinesecalendar " + chinese_calendar_version()}


@pytest.mark.rule("N3")
def test_a_window_ends_at_midnight_in_beijing_after_its_last_day():
    window = open_window(on("2026-09-30"), package_calendar())

    assert window.ends_at.isoformat() == "2026-10-14T00:00:00+08:00"
    assert window.ends_at == datetime(2026, 10, 13, 16, tzinfo=UTC)


@pytest.mark.rule("N3", "N4")
def test_every_window_of_23_years_agrees_with_a_plain_loop_over_the_package():
    """The oracle knows nothing of ours: it walks day by day and asks the package itself."""
    calendar = package_calendar()
    working = {day for day in days_from(FIRST, LAST) if chinese_calendar.is_workday(day)}
    checked = 0
    for published in days_from(FIRST, date(2026, 12, 24)):
        day = published
        counted: list[date] = []
        while len(counted) < 5:
            day += ONE_DAY
            if day in working:
                counted.append(day)
        window = open_window(published, calendar)
        assert [entry.day for entry in window.days if entry.counted] == counted, published
        assert (window.first_day, window.last_day, window.provisional) == (counted[0], counted[-1], False)
        checked += 1
    assert checked == 8394


@pytest.mark.rule("N4")
def test_every_day_of_the_package_carries_its_kind_and_its_chinese_name():
    calendar = package_calendar()
    for day in days_from(FIRST, LAST):
        info = calendar.day(day)
        off, english = chinese_calendar.get_holiday_detail(day)
        assert info.kind.is_working is not off
        assert bool(info.name) is (english is not None)
        assert info.source.startswith("chinesecalendar ")
        assert not info.provisional
    assert calendar.day(on("2015-09-03")).name == "抗战胜利70周年纪念日"
    assert calendar.day(on("2026-04-05")).name == "清明节"
    assert calendar.day(on("2026-09-20"))[:2] == (DayKind.MAKE_UP_WORKDAY, "调休上班")
    assert calendar.day(on("2026-10-03")).kind is DayKind.STATUTORY_HOLIDAY  # a Saturday inside the holiday


@pytest.mark.rule("N3")
@given(YEARS_TO_COME, st.integers(1, 30))
def test_a_window_counts_exactly_its_working_days_and_leaves_no_day_out(published, length):
    calendar = package_calendar()
    window = open_window(published, calendar, length)

    assert [entry.counted for entry in window.days if entry.counted] == list(range(1, length + 1))
    assert [entry.day for entry in window.days] == list(days_from(published, window.last_day))
    assert window.days[0].counted is None
    assert window.first_day > published
    assert calendar.day(window.last_day).kind.is_working
    assert window.provisional is any(calendar.day(entry.day).provisional for entry in window.days[1:])
    assert all(entry.reason and entry.source for entry in window.days)


@pytest.mark.rule("N3")
@given(YEARS_TO_COME)
def test_a_later_publication_never_ends_sooner(published):
    calendar = package_calendar()
    assert open_window(published, calendar).last_day <= open_window(published + ONE_DAY, calendar).last_day


@given(YEARS_TO_COME, st.integers(0, 60))
def test_limits_windows_and_counts_agree(start, days):
    calendar = package_calendar()
    last_day = add_working_days(start, days, calendar)

    assert working_days_between(start, last_day, calendar) == days
    assert days == 0 or last_day == open_window(start, calendar, days).last_day
    assert working_days_left(last_day, last_day, calendar) == 0
    assert working_days_left(last_day + ONE_DAY, last_day, calendar) == 0


@pytest.mark.rule("N5")
def test_a_window_that_reaches_a_year_nobody_knows_is_provisional_and_counts_weekends_only():
    window = open_window(on("2026-12-25"), package_calendar())

    assert window.provisional
    assert window.last_day == on("2027-01-01")  # the plain week knows no New Year's Day
    assert window.days[-1].reason == "第5个工作日（暂定，国务院办公厅尚未公布2027年放假安排）"
    assert window.days[-1].source == "暂定（2027年放假安排尚未公布）"
    assert limit(on("2026-12-04"), 20, package_calendar()).provisional
    assert not limit(on("2026-12-03"), 20, package_calendar()).provisional


@pytest.mark.rule("N5")
def test_the_calendar_knows_what_it_does_not_know():
    calendar = package_calendar()

    assert calendar.knows(2026)
    assert not calendar.knows(2027)
    assert calendar.day(on("2027-10-01")) == (DayKind.WORKDAY, "", "暂定（2027年放假安排尚未公布）", True)
    with pytest.raises(RuleViolation, match="从2004年1月1日"):
        calendar.day(on("2003-12-31"))
    with pytest.raises(RuleViolation, match="日期过远"):
        open_window(date.max, calendar)


@pytest.mark.rule("N5")
def test_the_owner_is_asked_for_next_year_from_15_october_on():
    calendar = package_calendar()

    assert year_to_ask_for(calendar, on("2026-10-14")) is None
    assert year_to_ask_for(calendar, on("2026-10-15")) == 2027
    assert year_to_ask_for(calendar, on("2027-03-01")) == 2027
    assert year_to_ask_for(calendar_of_2027(), on("2026-12-31")) is None


@pytest.mark.rule("N4")
def test_an_instant_is_not_taken_for_a_date():
    with pytest.raises(TypeError, match="beijing_date"):
        open_window(datetime(2026, 9, 30, 20, tzinfo=UTC), package_calendar())


@pytest.mark.rule("N5", "N6")
def test_the_order_moves_a_provisional_last_day_later_and_settles_it():
    old = open_window(on("2026-12-25"), package_calendar())
    new = open_window(on("2026-12-25"), calendar_of_2027(d0101=DayKind.STATUTORY_HOLIDAY))

    settled = settle(old.last_day, old.provisional, new)

    assert affected(old, new)
    assert (settled.last_day, settled.provisional, settled.changed) == (on("2027-01-04"), False, True)
    assert settled.ends_at.isoformat() == "2027-01-05T00:00:00+08:00"
    assert settled.reason == "放假安排已公布，公示截止日由2027年1月1日（周五）延后至2027年1月4日（周一）"


@pytest.mark.rule("N6")
def test_a_published_last_day_never_moves_earlier_not_even_a_provisional_one():
    old = open_window(on("2026-12-29"), package_calendar())
    new = open_window(on("2026-12-29"), calendar_of_2027(d0102=DayKind.MAKE_UP_WORKDAY))
    assert new.last_day < old.last_day

    settled = settle(old.last_day, old.provisional, new)

    assert (settled.last_day, settled.provisional, settled.changed) == (old.last_day, False, True)
    assert "只延后、不提前" in settled.reason


@pytest.mark.rule("N6")
def test_the_strip_of_a_published_notice_reaches_the_day_that_stands_there_and_numbers_five_days():
    kept = window_until(
        on("2026-12-29"), on("2027-01-05"), calendar_of_2027(d0102=DayKind.MAKE_UP_WORKDAY), provisional=False
    )
    assert [entry.counted for entry in kept.days] == [None, 1, 2, 3, 4, None, 5, None]
    assert kept.days[-1].reason == "仍在公示期内"
    assert kept.ends_at.isoformat() == "2027-01-06T00:00:00+08:00"

    plain = open_window(on("2026-09-30"), package_calendar())
    assert window_until(on("2026-09-30"), plain.last_day, package_calendar(), provisional=False) == plain


@pytest.mark.rule("N6")
def test_a_window_the_new_calendar_does_not_touch_stays_as_it_is():
    old = open_window(on("2026-11-23"), package_calendar())
    new = open_window(on("2026-11-23"), calendar_of_2027())

    assert not affected(old, new)
    assert settle(old.last_day, old.provisional, new) == (old.last_day, old.ends_at, False, False, "")


@pytest.mark.rule("N5", "N6")
def test_a_window_becomes_provisional_again_where_the_new_calendar_only_guesses():
    """A holiday put into the end of December pushes the last day into the year nobody knows."""
    longer = package_calendar().with_days({on("2026-12-31"): DayInfo(DayKind.STATUTORY_HOLIDAY, "元旦", "测试")})
    settled = settle(on("2026-12-31"), False, open_window(on("2026-12-24"), longer))

    assert (settled.last_day, settled.provisional, settled.changed) == (on("2027-01-01"), True, True)
    assert "暂定" in settled.reason


@pytest.mark.rule("N6")
@given(YEARS_TO_COME, st.lists(st.tuples(st.dates(on("2026-12-01"), on("2027-03-01")), st.sampled_from(DayKind))))
def test_settling_never_takes_a_day_from_the_public(published, changes):
    old = open_window(published, package_calendar())
    changed = package_calendar().with_days({day: DayInfo(kind, "春节", "测试") for day, kind in changes})
    new = open_window(published, changed)
    settled = settle(old.last_day, old.provisional, new)

    assert settled.last_day >= max(old.last_day, new.last_day)
    assert settled.provisional is new.provisional
    assert settled.changed is ((settled.last_day, settled.provisional) != (old.last_day, old.provisional))
    assert bool(settled.reason) is settled.changed
    again = settle(settled.last_day, settled.provisional, new)
    assert not again.changed


@pytest.mark.rule("N4")
def test_seeding_writes_the_packages_years_once_and_the_calendar_says_the_same(app):
    begin_write()
    assert seed_calendar(db.session) == list(range(2004, 2027))
    db.session.commit()
    begin_write()
    assert seed_calendar(db.session) == []

    assert db.session.scalar(select(func.count(CalendarDay.day))) == (LAST - FIRST).days + 1
    assert db.session.get_one(CalendarDay, on("2026-10-01")).name == "国庆节"
    assert load_calendar(db.session).version == package_calendar().version


@pytest.mark.rule("N4")
def test_seeding_fills_what_is_missing_and_leaves_what_a_person_entered(app):
    begin_write()
    db.session.add(CalendarDay(day=on("2026-09-03"), kind=DayKind.STATUTORY_HOLIDAY, name="临时放假", source="通知"))
    db.session.flush()

    seed_calendar(db.session)

    assert load_calendar(db.session).day(on("2026-09-03")).name == "临时放假"


@pytest.mark.rule("N4", "N5")
def test_rows_of_the_table_stand_above_the_package_and_beyond_its_years(app):
    begin_write()
    db.session.add(CalendarDay(day=on("2026-12-30"), kind=DayKind.STATUTORY_HOLIDAY, name="临时放假", source="通知"))
    db.session.add(CalendarDay(day=on("2027-01-01"), kind=DayKind.STATUTORY_HOLIDAY, name="元旦", source="国办通知"))
    db.session.flush()

    window = open_window(on("2026-12-24"), load_calendar(db.session))

    assert [entry.counted for entry in window.days] == [None, 1, None, None, 2, 3, None, 4, None, None, None, 5]
    assert window.days[8].reason == "元旦放假"
    assert window.provisional  # one day of 2027 is known, the rest is not


@pytest.mark.rule("N4")
def test_the_calendar_costs_one_small_statement_per_transaction(app):
    load_calendar(db.session)
    db.session.commit()
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))

    first = load_calendar(db.session)
    for _ in range(50):
        assert load_calendar(db.session) is first
    db.session.commit()
    assert load_calendar(db.session) is first

    assert len([statement for statement in statements if "SELECT" in statement]) == 2


def test_windows_are_quick_enough_for_every_row_of_a_list():
    calendar = Calendar(package_calendar().known_days())
    published = list(days_from(date(2026, 1, 1), date(2026, 12, 1)))

    began = time.perf_counter()
    for day in published:
        open_window(day, calendar)
    first = len(published) / (time.perf_counter() - began)
    began = time.perf_counter()
    for _ in range(100):
        for day in published:
            open_window(day, calendar)
    cached = 100 * len(published) / (time.perf_counter() - began)

    assert first > 2_000  # measured 25 000; the bound leaves room for a busy machine
    assert cached > 50_000


def days_from(first, last):
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def chinese_calendar_version():
    from importlib.metadata import version

    return version("chinesecalendar")
