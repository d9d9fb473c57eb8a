"""The State Council's order: uploaded by one person, confirmed by another (rules N5, N6)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.domain import trail
from portal.domain.actor import Actor
from portal.domain.calendar_files import MAX_BYTES, as_json, from_json, read_order_file
from portal.domain.calendar_orders import (
    BadOrderFile,
    confirm_order,
    preview_file,
    preview_order,
    propose_order,
)
from portal.domain.errors import NotAllowed, NotAllowedNow, RuleViolation
from portal.domain.workdays import load_calendar, open_window, seed_calendar
from portal.extensions import begin_write, db
from portal.models.calendar_day import CalendarDay, CalendarOrder, OrderStatus
from portal.models.trail_entry import TrailEntry
from portal.models.words import DayKind, Role, Tier

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TITLE = "国务院办公厅关于2027年部分节假日安排的通知"
URL = "https://www.gov.cn/zhengce/2027.htm"

# Made up for the tests: the real order for 2027 is not out.
ORDER_2027 = """日期,类型,名称
2027-01-01,放假,元旦
2027-01-02,放假,元旦
2027-01-03,放假,元旦
2027-02-05,放假,春节
2027-02-06,放假,春节
2027-02-07,放假,春节
2027-02-08,放假,春节
2027-02-09,放假,春节
2027-02-10,放假,春节
2027-02-11,放假,春节
2027-02-14,调休上班,
2027-02-20,调休上班,
2027-04-05,放假,清明节
2027-05-01,放假,劳动节
2027-05-02,放假,劳动节
2027-05-03,放假,劳动节
2027-06-09,放假,端午节
2027-09-15,放假,中秋节
2027-10-01,放假,国庆节
2027-10-02,放假,国庆节
2027-10-03,放假,国庆节
2027-10-04,放假,国庆节
2027-10-05,放假,国庆节
2027-10-09,调休上班,
"""


def owner(name, **changed):
    return Actor(name, **{"roles": frozenset({Role.CALENDAR_OWNER}), "tier": Tier.PROVINCE, **changed})


ANNA, BO = owner("staff:anna"), owner("staff:bo")


def propose(text=ORDER_2027, *, year=2027, actor=ANNA, now=NOW, title=TITLE):
    return propose_order(year, title, URL, text.encode(), "2027.csv", actor=actor, now=now)


def row_errors(text, *, year=2027, filename="order.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return [str(error) for error in read_order_file(year, content, filename).errors]


@pytest.mark.rule("N5", "N6")
def test_an_order_confirmed_by_a_second_person_settles_the_year_and_moves_the_window(app):
    begin_write()
    before = open_window(date(2026, 12, 25), load_calendar(db.session))
    order = propose()
    db.session.commit()
    begin_write()
    assert not load_calendar(db.session).knows(2027)

    done = confirm_order(order, actor=BO, now=LATER)
    db.session.commit()

    calendar = load_calendar(db.session)
    after = open_window(date(2026, 12, 25), calendar)
    assert calendar.knows(2027)
    assert (before.last_day, before.provisional) == (date(2027, 1, 1), True)
    assert (after.last_day, after.provisional) == (date(2027, 1, 4), False)
    assert calendar.day(date(2027, 10, 9)) == (DayKind.MAKE_UP_WORKDAY, "调休上班", TITLE, False)
    assert calendar.day(date(2027, 3, 1)) == (DayKind.WORKDAY, "", TITLE, False)
    assert (order.status, order.confirmed_by, order.confirmed_at) == (OrderStatus.APPLIED, "staff:bo", LATER)
    assert len(db.session.scalars(select(CalendarDay).where(CalendarDay.order_id == order.id)).all()) == 365
    assert done.settles_year
    assert calendar.version == done.after.version != done.before.version


@pytest.mark.rule("N5")
def test_the_preview_shows_what_would_change_and_which_windows_would_move_and_writes_nothing(app):
    preview = preview_file(2027, ORDER_2027.encode(), "order.csv", now=NOW)

    assert preview.settles_year
    assert preview.errors == ()
    assert preview.warnings == ()
    changed = {change.day: (change.before.kind, change.after.kind) for change in preview.changes}
    assert changed[date(2027, 1, 1)] == (DayKind.WORKDAY, DayKind.STATUTORY_HOLIDAY)
    assert changed[date(2027, 2, 14)] == (DayKind.WEEKEND, DayKind.MAKE_UP_WORKDAY)
    assert date(2027, 3, 1) not in changed
    published = [date(2026, 11, 23), date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 31)]
    moved = [(old.published, old.last_day, new.last_day) for old, new in preview.moved(published)]
    assert moved == [
        (date(2026, 12, 25), date(2027, 1, 1), date(2027, 1, 4)),
        (date(2026, 12, 31), date(2027, 1, 7), date(2027, 1, 8)),
    ]
    assert db.session.scalars(select(CalendarOrder)).all() == []


@pytest.mark.rule("N5")
def test_the_preview_of_a_bad_file_lists_everything_wrong_and_changes_nothing(app):
    preview = preview_file(2027, b"date,kind,name\n2027-02-30,holiday,x\n", "order.csv", now=NOW)

    assert len(preview.errors) == 2
    assert preview.after is preview.before


@pytest.mark.rule("N5", "A4")
def test_the_person_who_proposed_an_order_cannot_confirm_it(app):
    begin_write()
    order = propose()

    with pytest.raises(NotAllowed, match="另一人"):
        confirm_order(order, actor=ANNA, now=LATER)

    assert order.status is OrderStatus.PROPOSED


@pytest.mark.rule("A4")
def test_the_database_too_refuses_an_order_applied_by_one_person(app):
    begin_write()
    order = propose()
    order.status, order.confirmed_by, order.confirmed_at = OrderStatus.APPLIED, order.proposed_by, LATER

    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


@pytest.mark.rule("N5")
@pytest.mark.parametrize(
    "stranger",
    [owner("staff:city", tier=Tier.CITY), owner("staff:clerk", roles=frozenset({Role.CLERK})), Actor("public")],
    ids=["city", "other duty", "public"],
)
def test_only_the_provinces_calendar_owner_proposes_and_confirms(sqlite_app, stranger):
    begin_write()
    with pytest.raises(NotAllowed):
        propose(actor=stranger)
    order = propose()
    with pytest.raises(NotAllowed):
        confirm_order(order, actor=stranger, now=LATER)


@pytest.mark.rule("N5")
def test_an_order_is_confirmed_once(app):
    begin_write()
    order = propose()
    confirm_order(order, actor=BO, now=LATER)

    with pytest.raises(NotAllowedNow, match="已生效"):
        confirm_order(order, actor=BO, now=LATER)


@pytest.mark.rule("N5")
def test_a_new_proposal_takes_the_place_of_one_that_still_waits(app):
    begin_write()
    first = propose()
    second = propose(ORDER_2027.replace("2027-10-09", "2027-10-10"), actor=BO, now=LATER)
    db.session.commit()
    begin_write()

    assert first.status is OrderStatus.REJECTED
    with pytest.raises(NotAllowedNow, match="未采用"):
        confirm_order(first, actor=BO, now=LATER)
    confirm_order(second, actor=ANNA, now=LATER)
    assert load_calendar(db.session).day(date(2027, 10, 10)).kind is DayKind.MAKE_UP_WORKDAY


@pytest.mark.rule("N6")
def test_a_corrected_order_replaces_the_year_and_says_only_what_differs(app):
    begin_write()
    confirm_order(propose(), actor=BO, now=LATER)
    corrected = propose(ORDER_2027 + "2027-09-30,放假,国庆节\n", now=LATER, title=TITLE + "（更正）")

    preview = preview_order(corrected)
    assert [change.day for change in preview.changes] == [date(2027, 9, 30)]
    assert not preview.settles_year

    confirm_order(corrected, actor=BO, now=LATER + timedelta(hours=1))
    assert {day.order_id for day in db.session.scalars(select(CalendarDay))} == {corrected.id}
    assert load_calendar(db.session).day(date(2027, 9, 30)).name == "国庆节"


@pytest.mark.rule("N4", "N5")
def test_an_order_replaces_the_seeded_days_of_its_year_and_no_others(app):
    begin_write()
    seed_calendar(db.session)
    order = propose("日期,类型,名称\n2026-12-31,放假,临时放假\n", year=2026)
    confirm_order(order, actor=BO, now=LATER)

    calendar = load_calendar(db.session)
    assert calendar.day(date(2026, 12, 31)).source == TITLE
    assert calendar.day(date(2026, 10, 1)).kind is DayKind.WORKDAY  # the order of the year is the whole truth about it
    assert calendar.day(date(2025, 10, 1)).source.startswith("chinesecalendar")


@pytest.mark.rule("N5", "N6")
def test_an_order_may_swap_days_in_the_december_before_its_year_and_a_correction_takes_them_back(app):
    begin_write()
    """The order for 2019 did so: 2018-12-29 was a working Saturday, 2018-12-31 a day off."""
    swap = "2026-12-31,放假,元旦\n2026-12-26,上班,\n"
    first = propose(ORDER_2027 + swap)
    assert len(preview_file(2027, (ORDER_2027 + swap).encode(), "a.csv", now=NOW).warnings) == 2
    confirm_order(first, actor=BO, now=LATER)
    calendar = load_calendar(db.session)
    assert calendar.day(date(2026, 12, 26)).kind is DayKind.MAKE_UP_WORKDAY
    assert calendar.day(date(2026, 12, 31)).kind is DayKind.STATUTORY_HOLIDAY
    assert open_window(date(2026, 12, 24), calendar).last_day == date(2026, 12, 30)

    # an order for 2026 that comes afterwards leaves the December days to the order for 2027
    confirm_order(propose("日期,类型,名称\n2026-10-01,放假,国庆节\n", year=2026), actor=BO, now=LATER)
    assert load_calendar(db.session).day(date(2026, 12, 31)).kind is DayKind.STATUTORY_HOLIDAY

    corrected = propose()
    assert {change.day for change in preview_order(corrected).changes} == {date(2026, 12, 26), date(2026, 12, 31)}
    done = confirm_order(corrected, actor=BO, now=LATER + timedelta(hours=1))
    calendar = load_calendar(db.session)
    assert calendar.day(date(2026, 12, 26)).kind is DayKind.WEEKEND
    assert calendar.day(date(2026, 12, 31)).kind is DayKind.WORKDAY
    assert calendar.version == done.after.version


@pytest.mark.rule("N6")
def test_a_rolled_back_order_leaves_no_trace_in_the_calendar_kept_in_memory(app):
    begin_write()
    order = propose()
    db.session.commit()
    begin_write()
    confirm_order(order, actor=BO, now=LATER)
    assert load_calendar(db.session).knows(2027)

    db.session.rollback()

    assert not load_calendar(db.session).knows(2027)


@pytest.mark.rule("N6")
def test_another_session_sees_the_order_after_the_commit_and_not_before(app):
    begin_write()
    from sqlalchemy.orm import Session

    with Session(db.engine) as other:
        assert not load_calendar(other).knows(2027)
        other.commit()
        confirm_order(propose(), actor=BO, now=LATER)
        assert load_calendar(db.session).knows(2027)
        assert not load_calendar(other).knows(2027)
        other.commit()
        db.session.commit()
        assert load_calendar(other).knows(2027)


@pytest.mark.rule("N5", "T1")
def test_proposing_and_confirming_enter_the_trail_with_the_hash_of_the_days(app):
    begin_write()
    order = propose()
    confirm_order(order, actor=BO, now=LATER)
    db.session.commit()

    said = [trail.facts(entry) for entry in db.session.scalars(select(TrailEntry).order_by(TrailEntry.id))]

    assert [(entry["event"], entry["actor"]) for entry in said] == [
        ("calendar_order_proposed", "staff:anna"),
        ("calendar_order_applied", "staff:bo"),
    ]
    assert said[1]["subject"] == {"kind": "calendar_order", "ref": str(order.id)}
    assert said[1]["detail"]["proposed_by"] == "staff:anna"
    assert said[0]["after"]["digest"] == said[1]["after"]["digest"] == order.digest
    assert said[1]["before"]["calendar"] != said[1]["after"]["calendar"] == load_calendar(db.session).version


@pytest.mark.rule("N5")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2027-02-30,放假,春节", "第3行“日期”：“2027-02-30”这一天不存在"),
        ("明天,放假,春节", "第3行“日期”：“明天”不是日期，请写成2027-10-01的样子"),
        (",放假,春节", "第3行“日期”：没有填写日期"),
        ("2028-01-01,放假,元旦", "第3行“日期”：2028-01-01不在2027年"),
        ("2026-11-30,放假,元旦", "第3行“日期”：2026-11-30不在2027年"),
        ("2027-10-01,放假,国庆节", "第3行“日期”：与第2行重复（2027-10-01）"),
        ("2027-10-05,调休,国庆节", "第3行“类型”：不认识“调休”，请填“放假”或“调休上班”"),
        ("2027-10-05,,国庆节", "第3行“类型”：不认识“”，请填“放假”或“调休上班”"),
        ("2027-10-12,上班,", "第3行“类型”：2027年10月12日（周二）本来就是工作日，不能标为调休上班"),
        ("2027-10-12,周末,", "第3行“类型”：2027-10-12是周二，不能标为周末；放假请填“放假”，补班请填“调休上班”"),
        ("2027-10-16,工作日,", "第3行“类型”：2027-10-16是周六，不能标为工作日；放假请填“放假”，补班请填“调休上班”"),
        ("2027-10-05,放假,", "第3行“名称”：没有填写节日名称"),
        ("2027-10-05,放假,=1+1", "第3行“名称”：名称最多40个字，只能有汉字、字母、数字和顿号"),
        ("2027-10-05,放假,<script>", "第3行“名称”：名称最多40个字，只能有汉字、字母、数字和顿号"),
        ("2027-10-05,放假," + "节" * 41, "第3行“名称”：名称最多40个字，只能有汉字、字母、数字和顿号"),
        ('2027-10-05,放假,"国庆', "第3行不是有效的CSV，请检查引号"),
    ],
)
def test_a_bad_row_is_named_with_its_column_and_reason(line, expected):
    assert row_errors(f"日期,类型,名称\n2027-10-01,放假,国庆节\n{line}\n") == [expected]


@pytest.mark.rule("N5")
@pytest.mark.parametrize(
    ("content", "filename", "expected"),
    [
        (b"", "a.csv", "文件是空的"),
        (b" \n\t\n", "a.csv", "文件是空的"),
        (b"x" * (MAX_BYTES + 1), "a.csv", "文件过大，最多64KB；一年的放假安排只有几十行"),
        (b"PK\x03\x04", "a.csv", "这是Excel文件，请另存为CSV（UTF-8）后上传"),
        (b"\xff\xfe\x00\x01", "a.csv", "文件编码无法识别，请另存为UTF-8或GBK编码的文本"),
        (b"date\0", "a.csv", "文件编码无法识别，请另存为UTF-8或GBK编码的文本"),
        ("一,二\n三,四\n".encode(), "a.csv", "第1行应为列名：日期,类型,名称"),
        (b"[", "a.json", "不是有效的JSON文件"),
        (b"[" * 60_000, "a.json", "不是有效的JSON文件"),
        (b"9" * 5_000, "a.json", "不是有效的JSON文件"),
        (b"{}", "a.json", 'JSON应为列表，每项形如{"date": "2027-01-01", "kind": "放假", "name": "元旦"}'),
        (b"[1]", "a.json", 'JSON应为列表，每项形如{"date": "2027-01-01", "kind": "放假", "name": "元旦"}'),
        (b"[]", "a.json", "文件里没有2027年的任何放假日，请核对后重新上传"),
        ("日期,类型,名称\n".encode(), "a.csv", "文件里没有2027年的任何放假日，请核对后重新上传"),
        ("日期,类型,名称\n".encode() + b",,\n" * 401 + b"x,x,x\n" * 401, "a.csv", "行数过多，最多400行"),
        (b"hello", "a.exe", "只接受CSV或JSON文件"),
        (b"hello", "", "只接受CSV或JSON文件"),
    ],
    ids=range(17),
)
def test_a_file_that_cannot_be_read_says_what_to_do(content, filename, expected):
    assert row_errors(content, filename=filename) == [expected]


@pytest.mark.rule("N5")
def test_all_bad_rows_are_listed_and_the_refusal_quotes_the_first(sqlite_app):
    begin_write()
    text = "日期,类型,名称\n" + "x,放假,节\n" * 5

    with pytest.raises(BadOrderFile, match=r"第2行“日期”.*等共5处") as refused:
        propose(text)

    assert [error.row for error in refused.value.errors] == [2, 3, 4, 5, 6]
    assert db.session.scalars(select(CalendarOrder)).all() == []


@pytest.mark.rule("N5")
def test_files_in_every_usual_form_say_the_same():
    expected = {
        date(2027, 10, 1): (DayKind.STATUTORY_HOLIDAY, "国庆节"),
        date(2027, 10, 9): (DayKind.MAKE_UP_WORKDAY, "调休上班"),
    }
    text = "日期,类型,名称\n2027-10-01,放假,国庆节\n2027-10-09,调休上班,\n"
    rows = [
        {"date": "2027-10-01", "kind": "statutory_holiday", "name": "国庆节"},
        {"date": "2027-10-09", "kind": "make_up_workday", "name": "调休上班"},
    ]
    published = {"year": 2027, "days": [{"name": "国庆节", "date": "2027-10-01", "isOffDay": True}]}
    forms = [
        (text.encode(), "a.csv"),
        (text.encode("utf-8-sig"), "A.CSV"),
        (text.encode("gbk"), "a.csv"),
        (text.replace("\n", "\r\n").encode(), "a.csv"),
        (text.replace(",", "\t").encode(), "a.txt"),
        ("类型,名称,备注,日期\n休,国庆节放假,x,２０２７年１０月１日\n班,,,2027/10/9 0:00\n".encode(), "a.csv"),
        (text.encode() + b"2027-10-11,workday,\n2027-10-10,weekend,\n", "a.csv"),
        (json.dumps(rows).encode(), "a.json"),
        (json.dumps({"days": rows}).encode(), "a.json"),
    ]
    for content, filename in forms:
        read = read_order_file(2027, content, filename)
        assert (read.days, read.errors) == (expected, ())
    assert list(read_order_file(2027, json.dumps(published).encode(), "a.json").days) == [date(2027, 10, 1)]
    assert from_json(as_json(expected)) == expected


@pytest.mark.rule("N5")
def test_what_looks_odd_in_an_order_is_pointed_out():
    warnings = read_order_file(
        2027, "日期,类型,名称\n2027-01-01,放假,元旦\n2027-01-09,上班,\n2027-01-10,上班,\n".encode(), "a.csv"
    ).warnings

    assert warnings == (
        "没有列出这些节日：春节、清明、劳动、端午、中秋、国庆",
        "这些法定节日没有列为放假：5月1日、10月1日、10月2日、10月3日",
        "调休上班的天数多于工作日放假的天数",
    )


@pytest.mark.rule("N5")
@pytest.mark.parametrize("filename", ["a.csv", "a.json"])
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_no_file_makes_the_reader_stumble(filename, content):
    read = read_order_file(2027, content, filename)

    assert read.errors  # nothing random is an order
    for error in read.errors:
        str(error).encode()


@pytest.mark.rule("N5")
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["date", "kind", "name", "isOffDay"]),
            st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.just([[]])
            | st.sampled_from(["2027-10-01", "放假", "调休上班", "国庆节", "\ud800"]),
        ),
        max_size=6,
    )
)  # fmt: skip
def test_no_json_makes_the_reader_stumble(rows):
    read = read_order_file(2027, json.dumps(rows).encode(), "a.json")

    assert (
        bool(read.errors) is not any(kind is DayKind.STATUTORY_HOLIDAY for kind, _ in read.days.values()) or read.errors
    )
    for error in read.errors:
        str(error).encode()


@pytest.mark.rule("N5")
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"year": 2003}, "year"),
        ({"year": 2028}, "year"),
        ({"year": 99999}, "year"),
        ({"title": "  "}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"url": ""}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "http://[::1"}, "url"),
        ({"url": "https://www.gov.cn/" + "a" * 500}, "url"),
        ({"url": "https://www.gov.cn/a b"}, "url"),
    ],
)
def test_a_bad_year_title_or_address_is_refused_in_words(sqlite_app, changed, field):
    begin_write()
    asked = {"year": 2027, "title": TITLE, "url": URL, "content": ORDER_2027.encode(), "filename": "a.csv", **changed}

    with pytest.raises(RuleViolation) as refused:
        propose_order(**asked, actor=ANNA, now=NOW)

    assert refused.value.field == field
