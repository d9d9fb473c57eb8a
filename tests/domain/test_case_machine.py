"""Any officer doing anything at any time: what always holds of a case, whatever was tried."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from portal.domain import decisions, filings, notices, objections, trail, verifications
from portal.domain.actor import PUBLIC, SYSTEM, Actor
from portal.domain.canonical import canonical_bytes
from portal.domain.errors import RuleViolation
from portal.domain.filings import ANONYMOUS, Ground
from portal.extensions import db
from portal.models.application import Application
from portal.models.notice import Notice
from portal.models.objection import Objection, ObjectionGround
from portal.models.record import RecordVersion
from portal.models.trail_entry import case_history
from portal.models.words import Disposition, Finding, Matter, Role, Status, VerificationMethod
from tests.builders import MORNING, acting, application, done, entry
from tests.domain.office import WHY
from tests.domain.test_workflow import permitted

MOVES_AS_WRITTEN = {(before, after) for (_, before), after in permitted().items() if after is not None}
ENDED = (Status.APPROVED, Status.REJECTED, Status.REFERRED)
people = st.sampled_from(["clerk", "verifier", "publisher", "decider", "everything", "neighbour", "public"])


class CaseMachine(RuleBasedStateMachine):
    """One application among officers who try whatever comes to mind. `staff` is shared by all examples of a run."""

    staff: dict[str, Actor]

    @initialize()
    def receive(self) -> None:
        self.now: datetime = MORNING
        self.case_id = application(existing=entry(), clerk=self.staff["clerk"]).id

    @property
    def case(self) -> Application:
        return db.session.get_one(Application, self.case_id)

    def attempt(self, act: Callable[[], object]) -> None:
        """Try it; a refusal must leave status and history as they were."""
        before = (self.case.status, len(self.history()))
        try:
            done(act)
        except RuleViolation:
            db.session.rollback()
            assert (self.case.status, len(self.history())) == before
        else:
            self.now += timedelta(minutes=1)

    def history(self) -> list[dict[str, Any]]:
        return [trail.facts(each) for each in db.session.scalars(case_history(self.case.number))]

    @rule(
        who=people,
        finding=st.sampled_from([Finding.TRUE, Finding.TRUE, Finding.TRUE, Finding.UNTRUE, Finding.FALSIFIED]),
    )
    def verify(self, who: str, finding: Finding) -> None:
        self.attempt(
            lambda: verifications.record(
                self.case, method=VerificationMethod.ARCHIVE_CHECK, matter=Matter.CONTENT, day=MORNING.date(),
                persons="档案室", finding=finding, note="核实情况如上", actor=self.staff[who], now=self.now,
            )
        )  # fmt: skip

    @rule(who=people)
    def confirm(self, who: str) -> None:
        self.attempt(lambda: verifications.confirm_true(self.case, actor=self.staff[who], now=self.now))

    @rule(who=people)
    def reject(self, who: str) -> None:
        self.attempt(lambda: verifications.reject_untrue(self.case, "材料不属实", actor=self.staff[who], now=self.now))

    @rule(who=people)
    def publish(self, who: str) -> None:
        self.attempt(lambda: notices.publish(self.case, actor=self.staff[who], now=self.now))

    @rule()
    def bring_it_on_notice(self) -> None:
        """The ordinary way, so that what comes later is reached often."""
        self.verify("verifier", Finding.TRUE)
        self.confirm("verifier")
        self.publish("publisher")

    @rule(who=people)
    def retract(self, who: str) -> None:
        if newest := self.newest_notice():
            self.attempt(lambda: notices.retract(newest, "重新公示的理由", actor=self.staff[who], now=self.now))

    @rule()
    def object(self) -> None:
        if newest := self.newest_notice():
            about, when = newest.id, self.now
            token = done(lambda: filings.begin(about, now=when))
            ground = [Ground("合同金额与公示不符")]
            self.attempt(
                lambda: objections.file(about, token, ground, ANONYMOUS, arrived_at=when, actor=PUBLIC, now=when)
            )

    @rule(days=st.integers(1, 9))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def close(self) -> None:
        if newest := self.newest_notice():
            about = newest.id
            self.attempt(lambda: notices.close_window(about, SYSTEM, now=self.now))

    @rule(who=people, disposition=st.sampled_from(Disposition))
    def dispose(self, who: str, disposition: Disposition) -> None:
        for ground in decisions.grounds_of(self.case):
            self.dispose_of(ground, disposition, self.staff[who])

    def dispose_of(self, ground: ObjectionGround, disposition: Disposition, actor: Actor) -> None:
        self.attempt(
            lambda: objections.rule_on_ground(ground, disposition, "经核对，理由如上", actor=actor, now=self.now)
        )

    def newest_notice(self) -> Notice | None:
        return self.case.notices[-1] if self.case.notices else None

    @rule(who=people)
    def conclude(self, who: str) -> None:
        self.attempt(lambda: decisions.conclude_contested(self.case, WHY, actor=self.staff[who], now=self.now))

    @rule()
    def end_wait(self) -> None:
        self.attempt(lambda: decisions.end_wait(self.case.id, SYSTEM, now=self.now))

    @rule(who=people)
    def change_online(self, who: str) -> None:
        self.attempt(lambda: decisions.change_online(self.case, WHY, actor=self.staff[who], now=self.now))

    @invariant()
    def the_status_moved_only_along_the_written_table(self) -> None:
        steps = [(e["before"], e["after"]) for e in self.history() if "status" in (e["after"] or {})]
        assert steps[0][1]["status"] == Status.RECEIVED
        for (_, was), (before, after) in pairwise(steps):
            assert before["status"] == was["status"]
            assert (Status(before["status"]), Status(after["status"])) in MOVES_AS_WRITTEN
        assert steps[-1][1]["status"] == self.case.status

    @invariant()
    def approved_means_nobody_objected_or_all_was_dismissed_and_another_than_the_verifier_decided(self) -> None:
        case = self.case
        if case.status is Status.APPROVED:
            assert {ground.disposition for ground in decisions.grounds_of(case)} <= {
                Disposition.DISMISSED,
                Disposition.INADMISSIBLE,
            }
            written = db.session.scalars(db.select(RecordVersion).where(RecordVersion.application_id == case.id)).one()
            [noticed] = json.loads(case.notices[-1].content)["changes"]
            assert written.content == canonical_bytes(noticed["after"])
        filed = db.session.scalars(db.select(Objection).join(Notice).where(Notice.application_id == case.id)).all()
        if filed and case.decided_at is not None and case.status is Status.APPROVED:
            assert case.decided_by_id is not None
        assert case.decided_by_id not in {each.verifier_id for each in case.verifications}

    @invariant()
    def the_entry_is_held_exactly_while_the_case_runs(self) -> None:
        ended = self.case.status in ENDED
        assert [change.claim is None for change in self.case.changes] == [ended]
        assert (self.case.decided_at is not None) == ended

    def teardown(self) -> None:
        db.session.rollback()


@pytest.mark.rule("T1", "N9", "O5", "O6", "A4", "S7")
def test_whatever_officers_try_a_case_keeps_its_rules(app: Flask):
    duties = (Role.CLERK, Role.VERIFIER, Role.PUBLISHER, Role.DECIDER)
    CaseMachine.staff = {role.value: acting(role) for role in duties} | {
        "everything": acting(*duties),
        "neighbour": acting(*duties, bureau_code="430182"),
        "public": PUBLIC,
    }
    run_state_machine_as_test(
        CaseMachine,
        settings=settings(
            max_examples=10, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
