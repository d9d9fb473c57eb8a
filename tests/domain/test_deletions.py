"""What is done about an entry found untrue: deleted or corrected, with reason and office (rule I3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest
from flask import Flask

from portal.domain import deletions, trail
from portal.domain.errors import NotAllowed, NotAllowedNow, NotFound, RuleViolation, Stale
from portal.domain.trail import Event
from portal.extensions import begin_write, db
from portal.models.company import Company, Participation
from portal.models.record import RecordEntry
from portal.models.remedy import RecordRemedy
from portal.models.trail_entry import TrailEntry
from portal.models.words import DataLevel, Kind, Remedy, Role
from tests.builders import MORNING, acting, application, at, contract, done, entry, project
from tests.domain.office import refused, said

WHY = "经调阅原始合同，该合同并不存在"
ONE, OTHER = ("91430100MA4L12346D", "湖南甲建设有限公司"), ("91430100MA4L567877", "湖南乙建设有限公司")


def built_by(company: tuple[str, str], **more: str) -> dict[str, Any]:
    """The content of a contract with this contractor."""
    return contract() | {"contractor_code": company[0], "contractor_name": company[1]} | more


def delete(target: RecordEntry, reason: str = WHY, **more: object) -> RecordRemedy:
    asked = {"seen": target.version, "actor": acting(Role.DECIDER), "now": MORNING} | more
    return done(lambda: deletions.delete_entry(target, reason, **asked))  # type: ignore[arg-type]


def correct(target: RecordEntry, content: dict[str, Any], reason: str = WHY, **more: object) -> RecordRemedy:
    asked = {"seen": target.version, "actor": acting(Role.DECIDER), "now": MORNING} | more
    return done(lambda: deletions.correct_entry(target, content, reason, **asked))  # type: ignore[arg-type]


def taking_part(target: RecordEntry) -> set[tuple[str, str]]:
    """Code and role of everybody who takes part in the project of this entry."""
    query = (
        db.select(Company.code, Participation.role)
        .join(Participation, Participation.company_id == Company.id)
        .where(Participation.project_id == target.project_id)
    )
    return {(row.code, row.role) for row in db.session.execute(query)}


@pytest.mark.rule("I3", "T1")
def test_a_deletion_leaves_a_tombstone_with_reason_and_office_and_the_versions_stay(app: Flask):
    target = entry()
    remedy = delete(target, WHY + "。")
    assert target.deleted_at == MORNING
    assert (remedy.remedy, remedy.version, remedy.reason) == (Remedy.DELETE, 1, WHY)
    assert remedy.bureau.name == "浏阳市住房和城乡建设局"
    assert [version.version for version in target.versions] == [1]
    told = said(Event.RECORD_DELETED)
    assert told["detail"]["reason"] == WHY
    assert told["subject"]["ref"] == f"{target.project.number}/contract/{target.number}"
    assert told["as"] == Role.DECIDER.value


@pytest.mark.rule("I3", "L1", "L6")
def test_a_correction_is_a_new_version_with_the_level_of_the_bureau_that_decided(app: Flask):
    target = entry(level=DataLevel.A)
    remedy = correct(target, {**target.content, "amount": "500"}, actor=acting(Role.DECIDER, bureau_code="430100"))
    assert (target.version, target.level, target.content["amount"]) == (2, DataLevel.B, "500")
    assert (remedy.remedy, remedy.version) == (Remedy.CORRECT, 1)
    newest = target.versions[0]
    assert (newest.level_from, newest.application_id, newest.notice_id) == (
        "长沙市住房和城乡建设局", None, None,
    )  # fmt: skip
    told = said(Event.RECORD_CORRECTED)
    assert (told["before"]["level"], told["after"]["level"]) == ("A", "B")
    assert "500" not in str(told["detail"])


@pytest.mark.rule("I3", "A3", "A5")
def test_only_a_decider_of_the_projects_bureau_or_of_one_above_decides(app: Flask):
    target = entry()
    for role in set(Role) - {Role.DECIDER, Role.SYSTEM}:
        refused(lambda role=role: delete(target, actor=acting(role)), NotAllowed, rule="A3")  # type: ignore[misc]
    refused(lambda: delete(target, actor=acting(Role.DECIDER, bureau_code="430200")), NotFound, rule="A5")
    refused(lambda: delete(target, actor=acting(Role.DECIDER, bureau_code="430102")), NotFound, rule="A5")
    delete(target, actor=acting(Role.DECIDER, bureau_code="430000"))
    assert target.deleted_at is not None


@pytest.mark.rule("I3", "N1")
@pytest.mark.parametrize(
    ("reason", "rule"),
    [("", "I3"), ("  不实  ", "I3"), ("长" * 1001, "I3"), ("经查不实，详询经办人13800000000", "N1")],
)
def test_without_a_reason_fit_to_publish_nothing_is_deleted(sqlite_app: Flask, reason: str, rule: str):
    target = entry()
    refused(lambda: delete(target, reason), RuleViolation, rule=rule)
    assert target.deleted_at is None
    assert db.session.scalar(db.select(db.func.count(RecordRemedy.id))) == 0


@pytest.mark.rule("I3")
def test_a_running_case_about_the_entry_is_ended_first(app: Flask):
    target = entry()
    case = application(existing=target)
    why = refused(lambda: delete(target), NotAllowedNow, rule="I3")
    assert case.number in why.message


@pytest.mark.rule("I3")
def test_what_is_deleted_is_neither_deleted_again_nor_corrected_nor_applied_for(app: Flask):
    target = entry()
    delete(target)
    refused(lambda: delete(target), NotAllowedNow, rule="I3")
    refused(lambda: correct(target, {**target.content, "amount": "500"}), NotAllowedNow, rule="I3")
    refused(lambda: application(existing=target), RuleViolation, rule="I3")
    refused(lambda: application(existing=target, kind=Kind.SUPPLEMENT), RuleViolation, rule="I3")


@pytest.mark.rule("I3")
def test_a_case_that_comes_in_while_its_entry_is_being_deleted_finds_it_deleted(app: Flask):
    target, clerk, decider = entry(), acting(Role.CLERK), acting(Role.DECIDER)
    key = target.id

    def come_in() -> str:
        with app.app_context():
            return application(existing=db.session.get_one(RecordEntry, key), clerk=clerk).number

    begin_write()
    deletions.delete_entry(target, WHY, actor=decider, now=MORNING)
    db.session.flush()
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(come_in)
        sleep(0.5)
        assert not coming.done(), "it waits for the decision"
        db.session.commit()
        with pytest.raises(RuleViolation, match="已因不实被删除"):
            coming.result(20)


@pytest.mark.rule("I3")
def test_whoever_looked_at_an_older_version_is_told_so(app: Flask):
    target = entry()
    correct(target, {**target.content, "amount": "500"})
    refused(lambda: correct(target, {**target.content, "amount": "600"}, seen=1), Stale, rule="I3")
    refused(lambda: delete(target, seen=1), Stale, rule="I3")
    assert target.content["amount"] == "500"


@pytest.mark.rule("I3")
def test_a_correction_that_changes_nothing_is_none(sqlite_app: Flask):
    target = entry()
    refused(lambda: correct(target, dict(target.content)), RuleViolation, rule="I3")
    assert target.version == 1


@pytest.mark.rule("I3", "S9")
def test_a_company_takes_part_no_longer_once_nothing_in_the_record_names_it(app: Flask):
    works = project(owner_name=OTHER[1], owner_code=OTHER[0])
    false, true = entry(works, content=built_by(ONE)), entry(works, content=built_by(OTHER))
    twice = entry(works, content=built_by(ONE))
    owner, contractor, other = (OTHER[0], "建设单位"), (ONE[0], "承包单位"), (OTHER[0], "承包单位")
    assert taking_part(true) == {owner, contractor, other}

    delete(false)
    assert taking_part(true) == {owner, contractor, other}, "another contract still names it"
    correct(twice, built_by(OTHER))
    assert taking_part(true) == {owner, other}
    correct(true, built_by(ONE))
    delete(twice)
    assert taking_part(true) == {owner, contractor}
    delete(true, now=at("2026-10-01 10:00"))
    assert taking_part(true) == {owner}, "the owner stands in the project itself"


@pytest.mark.rule("T1")
def test_the_longest_numbers_fit_into_the_trail(app: Flask):
    target = entry(number="长" * 80)
    delete(target)
    ref = f"{target.project.number}/contract/{target.number}"
    query = db.select(TrailEntry).where(TrailEntry.subject_kind == "record", TrailEntry.subject_ref == ref)
    assert [each.event for each in db.session.scalars(query.order_by(TrailEntry.id))] == [
        Event.RECORD_IMPORTED.value, Event.RECORD_DELETED.value,
    ]  # fmt: skip
    assert trail.first_altered(list(db.session.scalars(query))) is None
