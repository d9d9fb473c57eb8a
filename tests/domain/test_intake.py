"""How an application comes in: rules S6, S7, S8, S9, S10."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from flask import Flask

from portal.domain import intake, projects, sections
from portal.domain.actor import PUBLIC
from portal.domain.errors import NotAllowedNow
from portal.domain.intake import Applicant, ChangeRequest
from portal.domain.projects import ProjectFacts
from portal.extensions import db
from portal.models.application import Application
from portal.models.record import RecordEntry
from portal.models.words import (
    Channel,
    DataLevel,
    Kind,
    Origin,
    Role,
    Route,
    Section,
    Sector,
    Status,
    Subject,
    Undertaking,
)
from tests.builders import COUNTY, MORNING, acting, application, bureau, contract, done, entry, project
from tests.domain.office import blank, history, refused


def count() -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(Application)) or 0


@pytest.mark.rule("S7")
def test_one_application_takes_several_sections_of_one_route(app: Flask):
    works, clerk = project(), acting(Role.CLERK)
    first, second = entry(works, number="HZ-001"), entry(works, number="HZ-002")
    requests = [
        ChangeRequest(each.section, each.number, each.origin, {**each.content, "amount": "1.00"})
        for each in (first, second)
    ]
    case = done(
        lambda: intake.receive(
            Kind.CORRECTION, works, requests, Applicant("某公司"), channel=Channel.CLERK, actor=clerk, now=MORNING
        )
    )
    assert [change.entry_number for change in case.changes] == ["HZ-001", "HZ-002"]
    assert case.number.startswith(f"SQ{COUNTY}-2026-")


@pytest.mark.rule("S7", "S4")
def test_sections_of_different_routes_or_subjects_are_not_one_application(app: Flask):
    works, clerk = project(), acting(Role.CLERK)
    offline = entry(works, number="HZ-001")
    online = entry(
        works, section=Section.CONSTRUCTION_PERMIT, origin=Origin.ONLINE, number="SX-001",
        content=blank(Section.CONSTRUCTION_PERMIT, issue_date="2022-03-01"),
    )  # fmt: skip
    assessed = entry(
        works,
        section=Section.SAFETY_ASSESSMENT,
        number="AQ-001",
        content=blank(Section.SAFETY_ASSESSMENT, result="excellent"),
    )

    def together(*wanted: tuple[RecordEntry, dict[str, Any]]) -> None:
        requests = [ChangeRequest(e.section, e.number, e.origin, {**e.content, **new}) for e, new in wanted]
        intake.receive(
            Kind.CORRECTION, works, requests, Applicant("某公司"), channel=Channel.CLERK, actor=clerk, now=MORNING
        )

    refusal = refused(lambda: together((offline, {"amount": "1.00"}), (online, {"amount": "1.00"})), rule="S7")
    assert Route.NOTICE.label in refusal.message
    assert Route.ONLINE_CHANGE.label in refusal.message
    refused(lambda: together((offline, {"amount": "1.00"}), (assessed, {"result": "qualified"})), rule="S7")
    refused(lambda: together(), rule="S7")
    assert count() == 0


@pytest.mark.rule("S7")
def test_two_running_cases_never_change_the_same_entry_and_the_next_may_once_it_is_decided(app: Flask):
    target = entry()
    application(existing=target)
    refusal = refused(
        lambda: application(existing=target, after={**target.content, "amount": "1.00"}), NotAllowedNow, rule="S7"
    )
    assert "正在办理" in refusal.message
    assert count() == 1


@pytest.mark.rule("S8")
def test_the_same_row_imported_twice_adds_nothing(app: Flask):
    clerk, target, fingerprint = acting(Role.CLERK), entry(), "f" * 64
    application(existing=target, clerk=clerk, fingerprint=fingerprint)
    refusal = refused(
        lambda: application(existing=entry(), clerk=clerk, fingerprint=fingerprint), NotAllowedNow, rule="S8"
    )
    assert "已经导入" in refusal.message
    assert count() == 1


@pytest.mark.rule("S8")
def test_the_public_applies_online_without_an_account_and_a_clerk_at_his_desk(app: Flask):
    target = entry()
    request = ChangeRequest(target.section, target.number, target.origin, {**target.content, "amount": "1.00"})
    case = done(
        lambda: intake.receive(
            Kind.CORRECTION, target.project, [request], Applicant("某公司", contact={"name": "李某某"}),
            channel=Channel.ONLINE, actor=PUBLIC, now=MORNING,
        )
    )  # fmt: skip
    assert (case.status, case.channel) == (Status.RECEIVED, Channel.ONLINE)
    assert history(case) == [("application_received", "public")]
    refused(
        lambda: intake.receive(
            Kind.CORRECTION, target.project, [request], Applicant(""), channel=Channel.ONLINE, actor=PUBLIC, now=MORNING
        ),
        rule="S8",
    )


@pytest.mark.rule("S8")
def test_each_bureau_numbers_its_applications_without_gaps(app: Flask):
    clerk = acting(Role.CLERK)
    numbers = [application(clerk=clerk).number for _ in range(2)]
    refused(lambda: application(clerk=clerk, kind=Kind.SUPPLEMENT), rule="S2")
    numbers.append(application(clerk=clerk).number)
    assert numbers == [f"SQ{COUNTY}-2026-{serial:05d}" for serial in (1, 2, 3)]


@pytest.mark.rule("S9")
def test_what_is_on_file_is_not_asked_for_again(app: Flask):
    target = entry(number="HZ-001")
    case = application(existing=target, after={**target.content, "amount": "913.8285"})
    [change] = case.changes
    assert change.before == target.content
    assert change.base_version == target.version
    assert projects.known(target.project.number) is target.project


@pytest.mark.rule("S6", "S3")
@pytest.mark.parametrize("sector", [sector for sector in Sector if not sector.is_housing_or_municipal])
def test_works_outside_housing_and_specialist_subcontracts_follow_the_same_routes(sqlite_app: Flask, sector: Sector):
    works = project(sector=sector, undertaking=Undertaking.SPECIALIST_SUBCONTRACT)
    case = application(existing=entry(works))
    assert (case.route, case.bureau.code, case.subject) == (Route.NOTICE, COUNTY, Subject.PROJECT_RECORD)


@pytest.mark.rule("S10")
def test_a_project_without_a_name_is_not_stored(app: Flask):
    bureau()
    refused(lambda: projects.register(ProjectFacts("4301811511020001", "", COUNTY), now=MORNING), rule="S10")
    assert projects.known("4301811511020001") is None


@pytest.mark.rule("S10", "N1")
def test_dirty_values_are_cleaned_or_refused_by_name_before_they_become_content():
    content, problems = sections.parse(
        Section.CONTRACT,
        {
            "合同编号": "  HT-2015-001 ",
            "合同类别": "施工总包",
            "合同金额": "-1.0",
            "合同签订日期": "1900-01-01",
            "发包单位": "某局（联系人13812345678）",
            "承包单位": "无",
            "承包单位统一社会信用代码": "91430000183764484X",
        },
    )
    assert content["number"] == "HT-2015-001"
    errors = {problem.key for problem in problems if problem.severity == "error"}
    assert {"amount", "signing_date", "client_name", "contractor_code"} <= errors
    assert all(content[key] is None for key in ("amount", "signing_date", "client_name", "contractor_name"))
    assert not any("13812345678" in problem.message + problem.value for problem in problems)


@pytest.mark.rule("L2", "S2")
def test_an_upgrade_asks_for_a_higher_level_and_changes_nothing_else(app: Flask):
    target = entry(level=DataLevel.C)
    for level in (None, DataLevel.D, DataLevel.C):
        ask = partial(application, existing=target, kind=Kind.LEVEL_UPGRADE, target_level=level)
        refused(ask, rule="L2")
    case = application(
        existing=target, kind=Kind.LEVEL_UPGRADE, target_level=DataLevel.B, after=contract(amount="999.0000")
    )
    [change] = case.changes
    assert (case.target_level, change.after) == (DataLevel.B, target.content)
