"""Dirty values of real registers, cleaned or refused by name (rule S10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.cleaning import (
    Cleaned,
    clean_amount,
    clean_area,
    clean_code,
    clean_date,
    clean_integer,
    clean_length,
    clean_text,
    clean_yes_no,
    plain,
)

pytestmark = pytest.mark.rule("S10")

ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text()
    | st.text("0123456789.-+/年月日eE,: T万元㎡亩", max_size=24)
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
    | st.dates()
    | st.binary(max_size=8)
    | st.lists(st.integers(), max_size=2)
)
CLEANERS: list[Callable[[object], Cleaned[Any]]] = [
    clean_text, clean_code, clean_date, clean_amount, clean_area, clean_length, clean_integer, clean_yes_no,
]  # fmt: skip


def reasons(cleaned: Cleaned[object]) -> str:
    return " ".join(problem.message for problem in cleaned.problems)


@pytest.mark.parametrize(
    "raw",
    [
        "2017-5-24 0:00:00", "2017-05-24", "2017/5/24", "2017.5.24", "2017年5月24日", "2017 年 5 月 24 日",
        "20170524", 20170524,
        "2017-05-24T00:00:00", "2017-05-23T16:00:00Z", "2017-05-24 08:30:00+08:00", "2017-05-24 00:00:00.0",
        "20170524120000",
        42879, "42879", 42879.5, 1495555200, 1495555200000, "1495555200", datetime(2017, 5, 24, 23, 59),  # noqa: DTZ001
        datetime(2017, 5, 23, 16, tzinfo=UTC), date(2017, 5, 24), " ２０１７－５－２４ ".replace("－", "-"),
    ],
)  # fmt: skip
def test_every_spelling_of_a_day_seen_in_registers_means_the_same_day_in_beijing(raw: object) -> None:
    assert clean_date(raw).value == date(2017, 5, 24)


@pytest.mark.parametrize(
    "raw",
    ["1900-01-01T00:00:00", "1900/1/1", -2209017600, "-2209017600", "2099-1-1 0:0:0", "9999-12-31", 0, "1970-01-01"],
)
def test_a_placeholder_for_no_date_counts_as_empty_and_is_named(raw: object) -> None:
    cleaned = clean_date(raw)
    assert cleaned.value is None
    assert cleaned.ok
    assert "占位值" in reasons(cleaned)


@pytest.mark.parametrize(
    "raw",
    [
        "24/5/2017", "05/06/2017", "17-5-24", "2017-5", "2017年5月", "5月24日", "昨天", "2017-02-30", "2017-13-01",
        "0001-02-03", "2017-05-24至2018-05-24", "2017年5/24", 123456, float("inf"), 10**30, True, b"2017",
        "2017-05-24 1:2:3 foo",
    ],
)  # fmt: skip
def test_a_day_that_is_not_certain_is_refused_and_never_guessed(raw: object) -> None:
    cleaned = clean_date(raw)
    assert cleaned.value is None
    assert not cleaned.ok


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("913.8285", "913.8285"), (913.8285, "913.8285"), (913.82850000001, "913.8285"), ("7,680.29 万元", "7680.29"),
        ("１２３．５万元", "123.5"), ("9,138,285元", "913.8285"), ("6.83亿元", "68300"), ("￥500", "500"), ("2400000",
         "2400000"),
        ("1.5E+3", "1500"), ("99999999999.9999", "99999999999.9999"), ("人民币100万元整", "100"),
    ],
)  # fmt: skip
def test_amounts_become_wan_yuan_with_at_most_four_decimals(raw: object, value: str) -> None:
    assert clean_amount(raw).value == Decimal(value)


@pytest.mark.parametrize("raw", ["-1.0", -1, 0, "0", "0.0", "-", "null", "无", "无数据", "/", "——", "N/A"])
def test_placeholders_for_no_amount_count_as_empty_and_are_named(raw: object) -> None:
    cleaned = clean_amount(raw)
    assert cleaned.value is None
    assert cleaned.ok
    assert "未填写" in reasons(cleaned)


@pytest.mark.parametrize("raw", ["", "  ", None, "\u3000"])
def test_an_empty_cell_is_empty_without_remark(raw: object) -> None:
    assert [clean(raw) for clean in CLEANERS] == [Cleaned()] * len(CLEANERS)


@pytest.mark.parametrize(
    "raw",
    ["-5", "1e300", "1e999999", float("nan"), float("-inf"), Decimal("sNaN"), 10**300, "12,34", "=1+1", "约500万",
     "伍佰万", True,
     "100万元至200万元", "12㎡", "0.1元", "#REF!", "1 000 000 美元"],
)  # fmt: skip
def test_an_amount_that_cannot_be_one_is_refused(raw: object) -> None:
    cleaned = clean_amount(raw)
    assert cleaned.value is None
    assert not cleaned.ok


def test_a_conversion_a_rounding_and_a_suspicious_size_are_said() -> None:
    assert "换算为913.8285万元" in reasons(clean_amount("9138285元"))
    assert "四舍五入为1.2346" in reasons(clean_amount("1.23456"))
    assert "异常大" in reasons(clean_amount("68300000"))


@pytest.mark.parametrize(
    ("raw", "value"),
    [("25430㎡", "25430"), ("18976.42平方米", "18976.42"), ("2407平米", "2407"), ("525 M2", "525"), ("525m²", "525"),
     ("1.5亩", "1000"),
     ("1.2万㎡", "12000"), (256493.78, "256493.78"), ("２５４３０", "25430")],
)  # fmt: skip
def test_areas_become_square_metres_whatever_the_unit_in_the_cell(raw: object, value: str) -> None:
    assert clean_area(raw).value == Decimal(value)


def test_a_scale_text_with_several_numbers_is_no_area() -> None:
    cleaned = clean_area("红线宽度12米，长度50米,共2407平米。")
    assert not cleaned.ok
    assert "只填一个" in reasons(cleaned)


def test_lengths_and_counts_drop_their_units() -> None:
    assert clean_length("5.04公里").value == Decimal(5040)
    assert clean_integer("900日历天").value == 900
    assert clean_integer("8层").value == 8
    assert clean_integer(-1.0).value is None
    assert not clean_integer("3.5").ok
    assert not clean_integer("10000000000").ok


@pytest.mark.parametrize(
    ("raw", "value"),
    [("1410021605130102.0", "1410021605130102"), (1410021605130102.0, "1410021605130102"), (1410021605130102,
     "1410021605130102"),
     ('="0012"', "0012"), ("'0012", "0012"), ("云海（2017）中字第023号  ", "云海（2017）中字第023号"), ("４３０１",
      "4301")],
)  # fmt: skip
def test_codes_come_out_of_floats_quotes_and_padding_whole(raw: object, value: str) -> None:
    assert clean_code(raw).value == value


@pytest.mark.parametrize(
    "raw", ["1.41002E+15", 430200201701240302.0, 430200201701240000, 1410021605130100, -5, 1.5, float("nan")]
)
def test_a_code_whose_last_digits_a_spreadsheet_has_eaten_is_refused(raw: object) -> None:
    assert not clean_code(raw).ok


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", " =A1", "＝not a sign but", "\t=A1"]
)
def test_text_that_would_be_run_as_a_formula_is_refused(text: str) -> None:
    assert clean_text(text).ok is text.startswith("＝")


def test_text_is_one_trimmed_line_without_invisible_characters() -> None:
    cleaned = clean_text("  中 心\u3000社区\x00\n工程\u200b\ufeff" + " " * 1000)
    assert cleaned.value == "中 心 社区 工程"
    assert "控制字符" in reasons(cleaned)
    assert clean_text("\ud800甲").value == "甲"
    assert not clean_text("长" * 501).ok
    assert clean_text("（一期）㎡Ⅱ标").value == "（一期）㎡Ⅱ标", "what people wrote on purpose stays"


def test_yes_and_no_in_many_words() -> None:
    assert [clean_yes_no(raw).value for raw in ("是", 1, True, "通过")] == [True] * 4
    assert [clean_yes_no(raw).value for raw in ("否", 0, False, "未通过")] == [False] * 4
    assert not clean_yes_no("也许").ok


@given(ANYTHING)
def test_no_cleaner_ever_raises_and_a_refused_value_is_never_used(raw: object) -> None:
    for clean in CLEANERS:
        cleaned = clean(raw)
        assert cleaned.ok or cleaned.value is None


@given(ANYTHING)
def test_cleaning_what_is_clean_changes_nothing(raw: object) -> None:
    for clean in CLEANERS:
        once = clean(raw).value
        if once is not None:
            again = clean(plain(once) if isinstance(once, Decimal) else once)
            assert again.value == once


@given(st.decimals(min_value="0.0001", max_value="99999999999", places=4))
def test_a_plain_amount_survives_being_written_and_read(amount: Decimal) -> None:
    assert clean_amount(plain(amount)).value == amount
    assert clean_amount(f"{amount:,}万元").value == amount


@given(st.dates(date(1950, 1, 1), date(2090, 12, 31)))
def test_a_day_survives_every_spelling(day: date) -> None:
    if day == date(1970, 1, 1):
        return
    beijing = timezone(timedelta(hours=8))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=beijing)
    spellings = [day, day.isoformat(), f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", noon,
    noon.astimezone(UTC),
                 noon.isoformat(), (day - date(1899, 12, 30)).days]  # fmt: skip
    if day >= date(1974, 1, 1):
        spellings.append(int(noon.timestamp()))
    assert {clean_date(spelling).value for spelling in spellings} == {day}
