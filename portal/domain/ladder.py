"""期限阶梯: how far a limit that runs against the office has come: warned, due, overdue (rules O8, E1).

Each limit is a `Ladder` of named settings; what happens at a step is the business of whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.clock import beijing_date, midnight_after
from portal.domain import policy, workdays
from portal.domain.windows import Limit
from portal.extensions import db
from portal.models.words import LimitStep


@dataclass(frozen=True, slots=True)
class Ladder:
    """The settings of one limit: how many working days it has, and how many before its end the office is warned."""

    days: str
    warning_days: str

    def limit(self, began: datetime) -> Limit:
        """The limit that began then; the day itself is not counted."""
        start = beijing_date(began)
        return workdays.limit(start, policy.value(self.days, start), self._calendar())

    def horizons(self, today: date) -> Mapping[LimitStep, date]:
        """For each step the latest last day of the limits that have reached it by `today`, in the steps' order."""
        return {step: self._horizon(step, today) for step in LimitStep}

    def began_before(self, step: LimitStep, today: date) -> datetime:
        """The instant before which a limit must have begun to have reached `step` today.

        Exact while the setting stays the same; where it was shortened, some that began before are not there yet.
        """
        horizon, days, calendar = self._horizon(step, today), policy.throughout(self.days), self._calendar()
        day = today
        while workdays.add_working_days(day, days(day), calendar) > horizon:
            day -= timedelta(days=1)
        return midnight_after(day)

    def _horizon(self, step: LimitStep, today: date) -> date:
        if step is LimitStep.WARNING:
            return workdays.add_working_days(today, policy.value(self.warning_days, today), self._calendar())
        return today if step is LimitStep.DUE else today - timedelta(days=1)

    @staticmethod
    def _calendar() -> workdays.Calendar:
        return workdays.load_calendar(db.session)


def reached(last_day: date, horizons: Mapping[LimitStep, date]) -> LimitStep | None:
    """The highest step that a limit with this last day has reached; None while nobody need be warned."""
    steps = [step for step, horizon in horizons.items() if last_day <= horizon]
    return steps[-1] if steps else None


OBJECTION_ANSWER = Ladder("objection.answer_working_days", "objection.warning_working_days")
