"""The colours of a status: red is for what is overdue, upheld or destroyed, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from portal.domain.workdays import package_calendar
from portal.models.words import NoticeStatus, Status
from portal.public.notice_list import chip
from portal.web.case_road import TONES

LAST_DAY = date(2026, 10, 13)


def test_no_status_of_a_case_is_red_and_an_open_dispute_is_amber() -> None:
    assert set(TONES) == set(Status)
    assert "red" not in TONES.values()
    assert TONES[Status.CONTESTED] == "amber"


@pytest.mark.parametrize("status", NoticeStatus)
@pytest.mark.parametrize("today", [LAST_DAY, date(2026, 10, 14)])
def test_no_notice_in_a_list_is_red_not_even_on_its_last_day(status: NoticeStatus, today: date) -> None:
    _words, tone = chip(status, LAST_DAY, today, package_calendar(), provisional=False)
    assert tone in ("green", "amber", "grey")
