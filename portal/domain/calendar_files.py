"""Reading an uploaded State Council order: CSV or JSON in, checked days out, every bad row named (rule N5).

The file lists the days that differ from the plain week, as the order itself does: days off and make-up days. It is
somebody's upload, so nothing in it is believed: size, encoding, dates, kinds and names are checked here, nowhere else.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.domain.day_calendar import MAKE_UP, SATURDAY, WEEKDAYS, DayInfo, in_chinese, plain_kind
from portal.models.words import DayKind

Listed = dict[date, tuple[DayKind, str]]
"""What an order lists: date to kind and name, only where they differ from the plain week."""

MAX_BYTES = 64 * 1024
MAX_ROWS = 400
FEASTS = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
FIXED_FEASTS = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))

_DATES = (
    re.compile(
        r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?: 0?0:00(?::00)?)?"
    ),  # a spreadsheet may add 0:00
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"),
)
_NAME = re.compile(r"\w[\w、,·() -]{0,39}")
_HEADINGS = {"日期": "date", "date": "date", "类型": "kind", "kind": "kind", "名称": "name", "name": "name"}
_KINDS = {
    **dict.fromkeys(("放假", "休", "节假日", "法定休假日"), DayKind.STATUTORY_HOLIDAY),
    **dict.fromkeys(("上班", "班", "补班"), DayKind.MAKE_UP_WORKDAY),
    **{kind.value: kind for kind in DayKind},
    **{kind.label: kind for kind in DayKind},
}


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong, where: the row as a spreadsheet numbers it (the heading is row 1; for JSON the n-th entry)."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"第{self.row}行“{self.column}”：{self.message}" if self.row else self.message


@dataclass(frozen=True, slots=True)
class OrderFile:
    """What a file says: its days off and make-up days, what is wrong with it, and what a person should look at."""

    days: Listed
    errors: tuple[RowError, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Wrong:
    """Why a cell has no value; a text would do, were a DayKind not a text itself."""

    reason: str


class _Unreadable(Exception):
    """The file as a whole cannot be read; the message is for the person who sent it."""


def read_order_file(year: int, content: bytes, filename: str) -> OrderFile:
    """Read the order for `year` from a CSV (日期,类型,名称) or JSON file. Never raises for what the file contains.

    JSON is a list of {"date", "kind", "name"}, or an object with such a list under "days"; the common form with
    "isOffDay" in place of "kind" is understood too. Plain weekdays and weekends may be listed, they say nothing.
    So may days of the December before `year`: orders swap days around New Year's Day.
    """
    try:
        rows = list(_rows(content, filename))
    except _Unreadable as reason:
        return OrderFile({}, (RowError(0, "", str(reason)),), ())
    errors: list[RowError] = []
    days: Listed = {}
    first_row: dict[date, int] = {}
    for number, row in rows:
        day = _read_date(year, row.get("date"))
        kind = _read_kind(row)
        name = _clean(row.get("name")).removesuffix("放假")
        if isinstance(day, _Wrong):
            errors.append(RowError(number, "日期", day.reason))
        elif day in first_row:
            errors.append(RowError(number, "日期", f"与第{first_row[day]}行重复（{day}）"))
        else:
            first_row[day] = number
        if isinstance(kind, _Wrong):
            errors.append(RowError(number, "类型", kind.reason))
        if isinstance(day, _Wrong) or isinstance(kind, _Wrong):
            continue
        problem = _mismatch(day, kind, name)
        if problem:
            errors.append(RowError(number, *problem))
        elif kind in (DayKind.STATUTORY_HOLIDAY, DayKind.MAKE_UP_WORKDAY):
            days.setdefault(day, (kind, name or MAKE_UP))
    if not errors and not any(kind is DayKind.STATUTORY_HOLIDAY for kind, _ in days.values()):
        errors.append(RowError(0, "", f"文件里没有{year}年的任何放假日，请核对后重新上传"))
    return OrderFile(dict(sorted(days.items())), tuple(errors), _warnings(year, days))


def as_json(days: Listed) -> list[dict[str, str]]:
    """The listed days in the form an order stores them."""
    return [{"date": day.isoformat(), "kind": kind.value, "name": name} for day, (kind, name) in sorted(days.items())]


def from_json(stored: list[dict[str, str]]) -> Listed:
    """The reverse of `as_json`."""
    return {date.fromisoformat(row["date"]): (DayKind(row["kind"]), row["name"]) for row in stored}


def whole_year(year: int, listed: Listed, source: str) -> dict[date, DayInfo]:
    """Every day the order settles: `year` filled up by the plain week, and the few listed days before it."""
    every = {date.fromordinal(n) for n in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)}
    return {day: DayInfo(*listed.get(day, (plain_kind(day), "")), source) for day in sorted(every | listed.keys())}


def _rows(content: bytes, filename: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The numbered rows, as dictionaries of unchecked values."""
    if len(content) > MAX_BYTES:
        raise _Unreadable(f"文件过大，最多{MAX_BYTES // 1024}KB；一年的放假安排只有几十行")
    if content.startswith((b"PK", b"\xd0\xcf")):
        raise _Unreadable("这是Excel文件，请另存为CSV（UTF-8）后上传")
    text = _decode(content)
    if not text.strip():
        raise _Unreadable("文件是空的")
    extension = filename.rpartition(".")[2].lower()
    if extension == "json":
        rows = list(enumerate(_json_rows(text), 1))
    elif extension in ("csv", "txt"):
        rows = list(_csv_rows(text))
    else:
        raise _Unreadable("只接受CSV或JSON文件")
    if len(rows) > MAX_ROWS:
        raise _Unreadable(f"行数过多，最多{MAX_ROWS}行")
    yield from rows


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _Unreadable("文件编码无法识别，请另存为UTF-8或GBK编码的文本")


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    heading, *_ = text.lstrip().splitlines()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in heading else ",", strict=True)
    columns: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = [_HEADINGS.get(_clean(cell).lower(), "") for cell in cells]
                if not {"date", "kind"} <= set(columns):
                    raise _Unreadable("第1行应为列名：日期,类型,名称")
            else:
                yield reader.line_num, dict(zip(columns, cells, strict=False))
    except csv.Error:
        raise _Unreadable(f"第{reader.line_num}行不是有效的CSV，请检查引号") from None


def _json_rows(text: str) -> list[dict[str, Any]]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise _Unreadable("不是有效的JSON文件") from None
    rows = said.get("days") if isinstance(said, dict) else said
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _Unreadable('JSON应为列表，每项形如{"date": "2027-01-01", "kind": "放假", "name": "元旦"}')
    return rows


def _read_date(year: int, raw: Any) -> date | _Wrong:
    """The date, or what is wrong with it."""
    text = _clean(raw)
    found = next(filter(None, (pattern.fullmatch(text) for pattern in _DATES)), None)
    if not found:
        return _Wrong(f"“{_short(text)}”不是日期，请写成{year}-10-01的样子" if text else "没有填写日期")
    try:
        day = date(*map(int, found.groups()))
    except ValueError:
        return _Wrong(f"“{_short(text)}”这一天不存在")
    if day.year != year and (day.year, day.month) != (year - 1, 12):
        return _Wrong(f"{day}不在{year}年")
    return day


def _read_kind(row: dict[str, Any]) -> DayKind | _Wrong:
    """The kind, or what is wrong with it."""
    if row.get("kind") is None and isinstance(row.get("isOffDay"), bool):
        return DayKind.STATUTORY_HOLIDAY if row["isOffDay"] else DayKind.MAKE_UP_WORKDAY
    text = _clean(row.get("kind"))
    return _KINDS.get(text.lower()) or _Wrong(f"不认识“{_short(text)}”，请填“放假”或“调休上班”")


def _mismatch(day: date, kind: DayKind, name: str) -> tuple[str, str] | None:
    """Column and reason if the kind cannot be true of that day, or the name is missing or odd."""
    plain = plain_kind(day)
    if kind is DayKind.MAKE_UP_WORKDAY and plain is DayKind.WORKDAY:
        return "类型", f"{in_chinese(day)}本来就是工作日，不能标为调休上班"
    if kind in (DayKind.WORKDAY, DayKind.WEEKEND) and kind is not plain:
        return "类型", f"{day}是{WEEKDAYS[day.weekday()]}，不能标为{kind.label}；放假请填“放假”，补班请填“调休上班”"
    if kind is DayKind.STATUTORY_HOLIDAY and not name:
        return "名称", "没有填写节日名称"
    if name and not _NAME.fullmatch(name):
        return "名称", "名称最多40个字，只能有汉字、字母、数字和顿号"
    return None


def _warnings(year: int, days: Listed) -> tuple[str, ...]:
    """What is not wrong in itself but should make a person look twice."""
    off = {day: name for day, (kind, name) in days.items() if kind is DayKind.STATUTORY_HOLIDAY}
    said: list[str] = []
    absent = [feast for feast in FEASTS if not any(feast in name for name in off.values())]
    if absent:
        said.append(f"没有列出这些节日：{'、'.join(absent)}")
    working = [date(year, *feast) for feast in FIXED_FEASTS if date(year, *feast) not in off]
    if working:
        said.append(f"这些法定节日没有列为放假：{'、'.join(f'{day.month}月{day.day}日' for day in working)}")
    said.extend(f"{in_chinese(day)}属于上一年，将一并改写" for day in days if day.year != year)
    weekend_work = [day for day, (kind, _) in days.items() if kind is DayKind.MAKE_UP_WORKDAY]
    if len(weekend_work) > sum(day.weekday() < SATURDAY for day in off):
        said.append("调休上班的天数多于工作日放假的天数")
    return tuple(said)


def _clean(raw: Any) -> str:
    """The text of a cell without full-width digits, odd blanks and padding; a number or nothing becomes text too."""
    if isinstance(raw, list | dict):
        return "?"
    return "" if raw is None else unicodedata.normalize("NFKC", str(raw)).strip()


def _short(text: str) -> str:
    """What was typed, cut and made printable, to be quoted in an error."""
    return "".join(character if character.isprintable() else "?" for character in text[:20])
