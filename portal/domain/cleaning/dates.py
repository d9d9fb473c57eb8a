"""Dates in the spellings that registers really use."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from portal.domain.cleaning.text import Cleaned, failed, is_finite, noted, plain_text, shown

EARLIEST, LATEST = date(1949, 10, 1), date(2098, 12, 31)
# What programs write where there was no date: Excel's and Unix's first day, a crawler's 2099, a database's last day.
SENTINELS = frozenset(
    {
        date(1, 1, 1),
        date(1753, 1, 1),
        date(1899, 12, 30),
        date(1899, 12, 31),
        date(1900, 1, 1),
        date(1970, 1, 1),
        date(2099, 1, 1),
        date(2099, 12, 31),
        date(9999, 12, 31),
    }
)

# Fixed +08:00: before 1901 the zone's history says +08:05:43, but the programs that wrote the sentinels did not know
# that.
_BEIJING = timezone(timedelta(hours=8))
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_EXCEL_SERIALS = range(10_000, 80_000)  # 1927 to 2119
_SPELLED = re.compile(
    r"(?P<year>\d{4})\s*(?P<mark>[-/.年])\s*(?P<month>\d{1,2})\s*(?P<mark2>[-/.月])\s*(?P<day>\d{1,2})\s*[日号]?"
    r"(?P<clock>[ T]*\d{1,2}[:：时]\d{1,2}(?:[:：分]\d{0,2}(?:\.\d{1,9})?秒?)?"
    r"\s?(?:[AaPp][Mm])?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:[ T]*\d{2}:?\d{2}(:?\d{2})?|\d{6})?")
_NUMBER = re.compile(r"-?\d{1,16}(\.\d{1,12})?")


def clean_date(raw: object) -> Cleaned[date]:
    """The calendar date in Beijing that `raw` names.

    Understood: date and datetime cells, Excel serial days, Unix seconds and milliseconds, 2017-5-24, 2017/5/24,
    2017.5.24, 2017年5月24日, 20170524, each also with a time of day. Placeholders such as 1900-01-01 count as empty.
    Anything whose year, month and day are not plainly in that order is refused, for a date decides who may apply
    (rule S5).
    """
    if isinstance(raw, datetime):
        return _real(raw.astimezone(_BEIJING).date() if raw.tzinfo and _far_from_edges(raw) else raw.date())
    if isinstance(raw, date):
        return _real(raw)
    if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        fits = is_finite(raw) and -(10**16) < raw < 10**16
        return _of_number(float(raw)) if fits else failed(f"“{shown(raw)}”不是有效的日期")
    cleaned = plain_text(raw)
    text = cleaned.value
    if text is None:
        return Cleaned(None, cleaned.problems)
    if match := _SPELLED.fullmatch(text):
        if (match["mark"] == "年") != (match["mark2"] == "月"):
            return _unclear(text)
        if match["zone"]:
            return _of_instant(text)
        return _of_parts(match, text)
    if match := _COMPACT.fullmatch(text):
        return _of_parts(match, text)
    return _of_number(float(text)) if _NUMBER.fullmatch(text) else _unclear(text)


def _far_from_edges(moment: datetime) -> bool:
    return 1 < moment.year < 9999


def _of_parts(match: re.Match[str], text: str) -> Cleaned[date]:
    try:
        return _real(date(int(match["year"]), int(match["month"]), int(match["day"])))
    except ValueError:
        return failed(f"“{shown(text)}”不是日历上存在的日期")


def _of_instant(text: str) -> Cleaned[date]:
    try:
        moment = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return _unclear(text)
    return _real(moment.astimezone(_BEIJING).date() if _far_from_edges(moment) else moment.date())


def _of_number(number: float) -> Cleaned[date]:
    """Serial days, compact dates and Unix times do not overlap in the years that matter.

    Their sizes tell them apart.
    """
    whole = int(number)
    if whole in (0, 1, -1):
        return noted(None, f"“{whole}”是空日期的占位值，按未填写处理")
    if whole in _EXCEL_SERIALS:
        return _real(_EXCEL_DAY_ZERO + timedelta(days=whole))
    if number == whole and (match := _COMPACT.fullmatch(str(whole))) and len(str(whole)) == 8:
        return _of_parts(match, str(whole))
    seconds = number / 1000 if abs(number) >= 1e11 else number
    if abs(seconds) < 1e8:
        return failed(f"“{shown(whole)}”无法识别为日期，请写成2017-05-24的形式")
    try:
        moment = datetime(1970, 1, 1, tzinfo=_BEIJING) + timedelta(hours=8, seconds=seconds)
    except OverflowError:
        return failed(f"“{shown(whole)}”不是有效的日期")
    found = _real(moment.date())
    return (
        found if found.value is None else found.but(*noted(None, f"按时间戳识别为{found.value.isoformat()}").problems)
    )


def _real(day: date) -> Cleaned[date]:
    if day in SENTINELS:
        return noted(None, f"“{day.isoformat()}”是空日期的占位值，按未填写处理")
    if not EARLIEST <= day <= LATEST:
        return failed(f"日期“{day.isoformat()}”不合常理，请核对")
    return Cleaned(day)


def _unclear(text: str) -> Cleaned[date]:
    return failed(f"“{shown(text)}”无法确定是哪年哪月哪日，请写成2017-05-24的形式")
