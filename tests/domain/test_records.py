"""What a decision writes into the record: rules L1, L2, L6, N9."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.domain import decisions
from portal.domain.errors import RuleViolation
from portal.extensions import db
from portal.models.project import Project
from portal.models.record import RecordVersion
from portal.models.words import DataLevel, Kind, Origin, Role, Section, Status
from tests.builders import MORNING, acting, application, done, entry, notice, project, verify
from tests.domain.office import WHY, blank, close, office, refused


@pytest.mark.rule("L1")
def test_a_project_has_no_level_its_entries_have(sqlite_app: Flask):
    assert not any("level" in column.key for column in Project.__table__.columns)
    works = project()
    entry(works, number="HZ-001", level=DataLevel.A)
    entry(works, number="HZ-002", level=DataLevel.D)
    assert len(works.number) == 16


@pytest.mark.rule("L1")
@pytest.mark.parametrize(
    ("area", "code", "level"),
    [("430181", "430181", DataLevel.C), ("430100", "430100", DataLevel.B), ("430104", "XJXQ", DataLevel.B)],
)
def test_an_approved_correction_gets_the_level_of_the_bureau_that_approved(
    sqlite_app: Flask, area: str, code: str, level: DataLevel
):
    target = entry(project(area_code=area), level=DataLevel.D)
    assert target.project.bureau.code == code
    close(notice(case=application(existing=target)))
    assert (target.level, target.versions[0].level_from) == (level, target.project.bureau.name)


@pytest.mark.rule("L1", "N9")
def test_a_correction_lowers_a_level_that_a_higher_bureau_had_given_to_the_old_content(app: Flask):
    target = entry(level=DataLevel.A)
    close(notice(case=application(existing=target)))
    assert [version.level for version in target.versions] == [DataLevel.C, DataLevel.A]


@pytest.mark.rule("L2", "L1")
def test_an_upgrade_to_the_bureaus_own_level_is_approved_and_a_higher_one_goes_up(app: Flask):
    own, higher = entry(level=DataLevel.D), entry(level=DataLevel.D)
    to_c = notice(case=application(existing=own, kind=Kind.LEVEL_UPGRADE, target_level=DataLevel.C))
    to_a = notice(case=application(existing=higher, kind=Kind.LEVEL_UPGRADE, target_level=DataLevel.A))
    assert (close(to_c).status, own.level) == (Status.APPROVED, DataLevel.C)
    assert (close(to_a).status, higher.level) == (Status.REPORTED, DataLevel.D)
    assert [version.version for version in higher.versions] == [1]


@pytest.mark.rule("L6")
def test_every_version_says_where_its_level_came_from_and_what_decided_it(app: Flask):
    target = entry(level=DataLevel.D)
    published = notice(case=application(existing=target))
    close(published)
    new, old = target.versions
    assert (old.level_from, old.application_id, old.notice_id) == ("存量数据", None, None)
    assert (new.application_id, new.notice_id) == (published.application_id, published.id)
    assert (new.version, target.version) == (2, 2)


@pytest.mark.rule("S4", "A4")
def test_what_online_business_generated_is_changed_without_a_notice_by_another_than_the_verifier(app: Flask):
    target = entry(
        section=Section.CONSTRUCTION_PERMIT, origin=Origin.ONLINE, number="SX-001",
        content=blank(Section.CONSTRUCTION_PERMIT, permit_number="430181202203010101", issue_date="2022-03-01"),
    )  # fmt: skip
    desk = office()
    both = acting(Role.VERIFIER, Role.DECIDER)
    case = application(existing=target, after={**target.content, "amount": "861.2800"}, clerk=desk.clerk)
    refused(lambda: decisions.change_online(case, WHY, actor=desk.decider, now=MORNING))
    verify(case, both)
    from portal.domain import notices

    refused(lambda: notices.publish(case, actor=desk.publisher, now=MORNING), rule="S4")
    refused(lambda: decisions.change_online(case, WHY, actor=both, now=MORNING), rule="A4")
    done(lambda: decisions.change_online(case, WHY, actor=desk.decider, now=MORNING))
    assert (case.status, target.version, target.content["amount"]) == (Status.APPROVED, 2, "861.2800")
    assert db.session.scalars(db.select(RecordVersion).where(RecordVersion.version == 2)).one().notice_id is None


@pytest.mark.rule("S4")
def test_what_needs_a_notice_is_not_changed_without_one(app: Flask):
    desk = office()
    case = verify(application(clerk=desk.clerk), desk.verifier)
    refused(lambda: decisions.change_online(case, WHY, actor=desk.decider, now=MORNING), RuleViolation, rule="S4")
