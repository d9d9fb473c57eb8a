"""An immutable picture of the working calendar: every known day, and what is said of the days nobody knows yet."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any, NamedTuple

from portal.domain.errors import RuleViolation
from portal.models.words import DayKind

HORIZON_YEARS = 20
"""How far past the last known year days are guessed at all; beyond it a date is a slip of the pen."""

MAKE_UP = "调休上班"
SATURDAY = 5
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


class DayInfo(NamedTuple):
    """What one day is, what it is called, and who says so (rule N4)."""

    kind: DayKind
    name: str
    source: str
    provisional: bool = False
    """The State Council has not spoken about this day yet: only the plain week is known (rule N5)."""


class Calendar:
    """What the portal knows of the days at one moment. Compare versions, not objects.

    `version` is a hash of every day's kind and name: the same version gives the same answers, in every process.
    `memo` belongs to this snapshot: what is computed from it may be kept there and dies with it.
    """

    __slots__ = ("_days", "_whole_years", "first_day", "last_day", "memo", "version")

    def __init__(self, days: Mapping[date, DayInfo]) -> None:
        self._days = dict(days)
        self.first_day, self.last_day = min(self._days), max(self._days)
        per_year = Counter(day.year for day in self._days)
        self._whole_years = {year for year, known in per_year.items() if known == days_in(year)}
        lines = "\n".join(f"{day} {info.kind} {info.name}" for day, info in sorted(self._days.items()))
        self.version = hashlib.sha256(lines.encode()).hexdigest()[:16]
        self.memo: dict[Hashable, Any] = {}

    def day(self, day: date) -> DayInfo:
        """What `day` is. An unknown one is guessed from the plain week and marked provisional (rule N5).

        Raises RuleViolation before the first known day and more than HORIZON_YEARS after the last.
        """
        known = self._days.get(day)
        return known if known is not None else self._guess(day)

    def knows(self, year: int) -> bool:
        """True if every day of `year` is known, so that nothing in it is provisional."""
        return year in self._whole_years

    def known_days(self) -> dict[date, DayInfo]:
        """A copy of all known days."""
        return dict(self._days)

    def with_days(self, days: Mapping[date, DayInfo]) -> Calendar:
        """The calendar as it would be if `days` were so."""
        return Calendar({**self._days, **days})

    def _guess(self, day: date) -> DayInfo:
        if day < self.first_day:
            raise RuleViolation(f"工作日历从{in_chinese(self.first_day)}开始，无法推算更早的日期", rule="N4")
        if day.year > self.last_day.year + HORIZON_YEARS:
            raise RuleViolation(f"日期过远：工作日历最多推算到{self.last_day.year + HORIZON_YEARS}年", rule="N5")
        return DayInfo(plain_kind(day), "", f"暂定（{day.year}年放假安排尚未公布）", provisional=True)


def plain_kind(day: date) -> DayKind:
    """What `day` is where no order says otherwise."""
    return DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKDAY


def days_in(year: int) -> int:
    """How many days `year` has."""
    return date(year, 12, 31).timetuple().tm_yday


def in_chinese(day: date) -> str:
    """`2026年10月13日（周二）`: a deadline always carries its weekday."""
    return f"{day.year}年{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"
