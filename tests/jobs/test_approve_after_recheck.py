"""The job that approves once nobody can ask for a re-check any more: once, and one bad row stops no other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from jobs import approve_after_recheck
from portal.domain.policy import SETTINGS
from portal.models.words import RecheckOutcome, Status
from tests.domain.office import GRACE, SECOND, by_sql, history
from tests.domain.test_rechecks import END, ask, decide, waiting

DUE = END + GRACE


@pytest.mark.rule("O7")
def test_what_is_due_is_approved_once_however_often_the_job_runs(app: Flask):
    _, case = waiting()
    assert approve_after_recheck.run(now=DUE - SECOND) == (0, 0)
    assert [case.status] == [Status.AWAITING_RECHECK]
    assert approve_after_recheck.run(now=DUE) == (1, 0)
    assert approve_after_recheck.run(now=DUE) == (0, 0)
    assert case.status is Status.APPROVED
    assert history(case)[-2:] == [("application_approved", "system:scheduler"), ("record_written", "system:scheduler")]


@pytest.mark.rule("O7")
def test_a_re_check_that_is_not_decided_is_waited_for_and_confirmed_it_goes_on(app: Flask):
    filed, case = waiting()
    found = ask(filed)
    assert approve_after_recheck.run(now=DUE + timedelta(days=3)) == (0, 0)
    decide(found, RecheckOutcome.CONFIRMED, DUE)
    assert approve_after_recheck.run(now=DUE + timedelta(days=3)) == (1, 0)
    assert case.status is Status.APPROVED


@pytest.mark.rule("O7", "N9")
def test_a_case_whose_notice_was_tampered_with_is_not_approved_and_stops_no_other(app: Flask):
    (_, bad), (_, good) = waiting(), waiting()
    by_sql("UPDATE application_change SET after = '{}' WHERE application_id = :id", id=bad.id)
    by_sql("UPDATE record_entry SET version = version + 5 WHERE id = :id", id=bad.changes[0].entry_id)
    assert approve_after_recheck.run(now=DUE) == (1, 1)
    assert (bad.status, good.status) == (Status.AWAITING_RECHECK, Status.APPROVED)


def test_the_grace_is_the_same_as_after_a_notice_window():
    assert timedelta(minutes=SETTINGS["notice.grace_minutes"].default) == GRACE
