"""Which step leads from where to where: the permitted moves, written out and really tried."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.domain import trail, workflow
from portal.domain.actor import SYSTEM
from portal.domain.errors import NotAllowedNow
from portal.domain.workflow import DECIDED, MOVES, Step
from portal.extensions import begin_write, db
from portal.models.application import Application
from portal.models.trail_entry import TrailEntry
from portal.models.words import Status
from tests.builders import MORNING, application

# Each step and, for each status, where it leads; "-" where it is refused.
PERMITTED = """
    step                        received   deficient  verified   on_notice  contested         awaiting_recheck  reported   approved  rejected  referred  withdrawn
    receive                     -          -          -          -          -                 -                 -          -         -         -         -
    refer                       referred   -          -          -          -                 -                 -          -         -         -         -
    list_deficiencies           deficient  -          -          -          -                 -                 -          -         -         -         -
    supply                      -          received   -          -          -                 -                 -          -         -         -         -
    withdraw                    withdrawn  withdrawn  withdrawn  withdrawn  withdrawn         withdrawn         withdrawn  -         -         -         -
    confirm_true                verified   -          -          -          -                 -                 -          -         -         -         -
    reject_untrue               rejected   -          -          -          -                 -                 -          -         -         -         -
    publish                     -          -          on_notice  -          -                 -                 -          -         -         -         -
    retract                     -          -          -          verified   -                 -                 -          -         -         -         -
    close_clear                 -          -          -          approved   -                 -                 -          -         -         -         -
    close_clear_upgrade         -          -          -          reported   -                 -                 -          -         -         -         -
    close_contested             -          -          -          contested  -                 -                 -          -         -         -         -
    change_online               -          -          approved   -          -                 -                 -          -         -         -         -
    dismiss_objections          -          -          -          -          approved          -                 -          -         -         -         -
    dismiss_objections_upgrade  -          -          -          -          reported          -                 -          -         -         -         -
    uphold_objection            -          -          -          -          rejected          -                 -          -         -         -         -
    dismiss_objections_wait     -          -          -          -          awaiting_recheck  -                 -          -         -         -         -
    wait_over                   -          -          -          -          -                 approved          -          -         -         -         -
    wait_over_upgrade           -          -          -          -          -                 reported          -          -         -         -         -
    recheck_overturns           -          -          -          -          -                 rejected          -          -         -         -         -
"""  # noqa: E501


def permitted() -> dict[tuple[Step, Status], Status | None]:
    """The written table: (step, status) to the status it leads to, or None."""
    header, *rows = (line.split() for line in PERMITTED.strip().splitlines())
    return {
        (Step(name), Status(status)): None if target == "-" else Status(target)
        for name, *targets in rows
        for status, target in zip(header[1:], targets, strict=True)
    }


@pytest.mark.rule("T1", "N9", "O5")
def test_the_table_of_moves_is_the_written_one():
    written = permitted()
    assert set(written) == {(step, status) for step in Step for status in Status}
    coded = {
        (step, status): move.target if status in move.sources else None
        for step, move in MOVES.items()
        for status in Status
    }
    assert coded == written


def entries() -> list[TrailEntry]:
    """The trail as this transaction sees it."""
    return list(db.session.scalars(db.select(TrailEntry).order_by(TrailEntry.id)))


@pytest.mark.rule("T1")
def test_every_step_tried_from_every_status_does_what_is_written_and_a_refusal_leaves_no_trace(app: Flask):
    case_id = application().id
    before = len(entries())
    for (step, status), target in permitted().items():
        begin_write()
        db.session.execute(db.update(Application).where(Application.id == case_id).values(status=status))
        case = db.session.get_one(Application, case_id, populate_existing=True)
        if target is None:
            with pytest.raises(NotAllowedNow) as caught:
                workflow.move(case, step, SYSTEM, now=MORNING)
            assert status.label in caught.value.message
            assert (case.status, len(entries())) == (status, before)
            assert step not in workflow.possible(case)
        else:
            assert step in workflow.possible(case)
            workflow.move(case, step, SYSTEM, now=MORNING)
            [entry] = entries()[before:]
            facts = trail.facts(entry)
            assert (facts["before"]["status"], facts["after"]["status"]) == (status, target)
            assert case.status is target
        db.session.rollback()


@pytest.mark.rule("S7")
def test_a_case_holds_its_entries_until_it_is_decided_and_not_a_moment_longer(app: Flask):
    case_id = application().id
    for (step, status), target in permitted().items():
        if target is None:
            continue
        begin_write()
        db.session.execute(db.update(Application).where(Application.id == case_id).values(status=status))
        case = db.session.get_one(Application, case_id, populate_existing=True)
        later = MORNING + timedelta(days=1)
        workflow.move(case, step, SYSTEM, now=later)
        ended = target in (Status.APPROVED, Status.REJECTED, Status.REFERRED, Status.WITHDRAWN)
        assert (target in DECIDED) == ended
        assert [change.claim is None for change in case.changes] == [ended]
        assert case.decided_at == (later if ended else None)
        db.session.rollback()
