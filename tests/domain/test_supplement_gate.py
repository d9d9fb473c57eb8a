"""The gate for supplements, with every boundary day: rule S5."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from portal.domain import exceptions, intake, policy, routing, verifications
from portal.domain.errors import NotAllowed, NotAllowedNow
from portal.domain.intake import Applicant, ChangeRequest
from portal.domain.routing import Gate
from portal.domain.trail import Event
from portal.models.application import Application
from portal.models.project import Project
from portal.models.words import Channel, Finding, Kind, Matter, Origin, Role, Section, Status, VerificationMethod
from tests.builders import MORNING, acting, at, done, project
from tests.domain.office import Office, office, refused, said, section_dated

PROVINCE = "430000"
LAST_DAY, DAY_AFTER = "2025-06-30", "2025-07-01"

# accepted on, section dated, asked on -> what the gate says; written by hand from rule S5
DECISIONS = [
    ("2023-12-28", "2015-01-16", LAST_DAY, Gate.OPEN),
    ("2023-12-28", "2015-01-16", DAY_AFTER, Gate.CLOSED),
    ("2023-12-28", None, LAST_DAY, Gate.OPEN),
    ("2023-12-28", None, DAY_AFTER, Gate.CLOSED),
    ("2023-12-29", "2024-08-31", LAST_DAY, Gate.OPEN),
    ("2023-12-29", "2024-08-31", DAY_AFTER, Gate.CLOSED),
    ("2023-12-29", "2024-09-01", LAST_DAY, Gate.NEVER),
    ("2023-12-29", "2024-09-01", DAY_AFTER, Gate.NEVER),
    (None, "2024-08-31", LAST_DAY, Gate.OPEN),
    (None, "2024-08-31", DAY_AFTER, Gate.CLOSED),
    (None, "2024-09-01", "2025-01-02", Gate.NEVER),
    (None, "2026-03-01", "2026-09-30", Gate.NEVER),
    (None, None, LAST_DAY, Gate.UNDECIDABLE),
    (None, None, DAY_AFTER, Gate.UNDECIDABLE),
    ("2024-05-01", None, LAST_DAY, Gate.UNDECIDABLE),
]


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@pytest.mark.rule("S5")
def test_the_gate_opens_and_closes_on_the_days_the_notice_names(app: Flask):
    for accepted, dated, asked, expected in DECISIONS:
        answer = routing.supplement_gate(Section.CONTRACT, day(dated), day(accepted), date.fromisoformat(asked))
        assert answer.gate is expected, (accepted, dated, asked)
        assert answer.reason


@pytest.mark.rule("S5", "S1")
def test_assessments_know_no_gate(app: Flask):
    for section in (Section.SAFETY_ASSESSMENT, Section.QUALITY_ASSESSMENT):
        assert routing.supplement_gate(section, None, None, date(2026, 9, 30)).gate is Gate.OPEN


def supplement(
    works: Project, dated: str | None, desk: Office, *, now: str, section: Section = Section.CONTRACT
) -> Application:
    request = ChangeRequest(section, "HZ-777", Origin.OFFLINE, section_dated(section, dated))
    return done(
        lambda: intake.receive(
            Kind.SUPPLEMENT, works, [request], Applicant("某公司"), channel=Channel.CLERK, actor=desk.clerk, now=at(now)
        )
    )


@pytest.mark.rule("S5")
def test_the_last_day_is_inclusive_to_its_last_second_in_beijing_and_later_the_clause_is_named(app: Flask):
    desk = office()
    assert supplement(project(), "2015-01-16", desk, now="2025-06-30 23:59").status is Status.RECEIVED
    refusal = refused(lambda: supplement(project(), "2015-01-16", desk, now="2025-07-01 00:00"), rule="S5")
    assert "2025年6月30日" in refusal.message
    assert "通知二(二)2" in refusal.message
    assert "修正" in refusal.message  # the next door


@pytest.mark.rule("S5")
def test_without_a_date_it_is_taken_in_but_cannot_be_verified_before_the_date_is_there(app: Flask):
    desk = office()
    case = supplement(project(accepted_on=None), None, desk, now="2025-03-03 10:00")
    done(
        lambda: verifications.record(
            case, method=VerificationMethod.ARCHIVE_CHECK, matter=Matter.CONTENT, day=date(2025, 3, 3),
            persons="档案室", finding=Finding.TRUE, note="与原件一致", actor=desk.verifier, now=at("2025-03-03 11:00"),
        )
    )  # fmt: skip
    refusal = refused(lambda: verifications.confirm_true(case, actor=desk.verifier, now=at("2025-03-03 12:00")))
    assert "缺少合同的日期" in refusal.message


@pytest.mark.rule("S5")
def test_a_later_extension_is_a_row_of_policy_and_counts_from_its_day_on(app: Flask):
    first, second = (acting(Role.DECIDER, bureau_code=PROVINCE) for _ in range(2))
    new = ("supplement.last_day", "2026-12-31", date(2026, 10, 1), "某函〔2026〕1号")
    county = acting(Role.DECIDER)
    refused(lambda: policy.enact(*new, entered_by=first, confirmed_by=first, now=MORNING), NotAllowed, rule="S5")
    refused(lambda: policy.enact(*new, entered_by=county, confirmed_by=first, now=MORNING), NotAllowed, rule="A3")
    done(lambda: policy.enact(*new, entered_by=first, confirmed_by=second, now=MORNING))
    changed = said(Event.POLICY_CHANGED)
    assert (changed["before"], changed["after"]) == ({"value": "2025-06-30"}, {"value": "2026-12-31"})
    assert changed["detail"]["confirmed_by"] == second.name
    old = (Section.CONTRACT, date(2015, 1, 16), date(2022, 5, 1))
    assert routing.supplement_gate(*old, date(2026, 9, 30)).gate is Gate.CLOSED
    assert routing.supplement_gate(*old, date(2026, 10, 1)).gate is Gate.OPEN
    assert routing.supplement_gate(*old, date(2026, 12, 31)).gate is Gate.OPEN
    late = routing.supplement_gate(*old, date(2027, 1, 1))
    assert late.gate is Gate.CLOSED
    assert "某函〔2026〕1号" in late.reason
    assert policy.value("supplement.last_day", date(2025, 1, 1)) == "2025-06-30"


@pytest.mark.rule("S5")
def test_an_exception_needs_two_people_of_the_province_and_opens_one_section_of_one_project(app: Flask):
    works, desk = project(), office()
    first, second = (acting(Role.DECIDER, bureau_code=PROVINCE) for _ in range(2))
    reason = "法院判决要求补录，文书号（2026）湘01民终1号"
    refused(
        lambda: exceptions.propose(works, Section.CONTRACT, reason, actor=desk.decider, now=MORNING),
        NotAllowed,
        rule="A3",
    )
    refused(lambda: exceptions.propose(works, Section.CONTRACT, "太短", actor=first, now=MORNING), rule="S5")
    asked = done(lambda: exceptions.propose(works, Section.CONTRACT, reason, actor=first, now=MORNING))
    now = "2026-09-30 11:00"
    refused(lambda: supplement(works, "2015-01-16", desk, now=now), rule="S5")  # proposed is not opened
    refused(lambda: exceptions.confirm(asked, works, actor=first, now=MORNING), NotAllowed, rule="S5")
    done(lambda: exceptions.confirm(asked, works, actor=second, now=MORNING))
    refused(lambda: exceptions.confirm(asked, works, actor=second, now=MORNING), NotAllowedNow)

    refused(lambda: supplement(works, "2015-01-16", desk, now=now, section=Section.BIDDING), rule="S5")
    refused(lambda: supplement(project(), "2015-01-16", desk, now=now), rule="S5")
    case = supplement(works, "2015-01-16", desk, now=now)
    assert case.policy_exception_id == asked.id
    confirmed = said(Event.EXCEPTION_CONFIRMED)
    assert confirmed["detail"]["reason"] == reason
    assert (confirmed["actor"], confirmed["detail"]["proposed_by"]) == (second.name, first.name)
    assert said(Event.APPLICATION_RECEIVED, case)["detail"]["exception"] == asked.id


@pytest.mark.rule("S5")
def test_no_exception_opens_what_must_come_from_online_business(app: Flask):
    works, desk = project(accepted_on=None), office()
    first, second = (acting(Role.DECIDER, bureau_code=PROVINCE) for _ in range(2))
    asked = done(
        lambda: exceptions.propose(works, Section.CONTRACT, "企业申请例外补录合同信息", actor=first, now=MORNING)
    )
    done(lambda: exceptions.confirm(asked, works, actor=second, now=MORNING))
    refusal = refused(lambda: supplement(works, "2024-09-01", desk, now="2026-09-30 11:00"), rule="S5")
    assert "线上办理业务时同步生成" in refusal.message


@pytest.mark.rule("S5", "T1")
@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("supplement.last_day", "31/12/2026"),
        ("supplement.last_day", 20261231),
        ("notice.working_days", 0),
        ("notice.working_days", "5"),
        ("notice.grace_minutes", -1),
        ("no.such.setting", 1),
    ],
)
def test_a_setting_takes_only_what_it_can_decide_by(sqlite_app: Flask, key: str, wrong: object):
    first, second = (acting(Role.DECIDER, bureau_code=PROVINCE) for _ in range(2))
    day_ = date(2026, 10, 1)
    refused(
        lambda: policy.enact(key, wrong, day_, "某函〔2026〕1号", entered_by=first, confirmed_by=second, now=MORNING)
    )
