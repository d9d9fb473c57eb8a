"""Where an application belongs and which way it goes: rules S1, S2, S3, S4."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask

from portal.domain import divisions, intake, projects, routing
from portal.domain.errors import RuleViolation
from portal.domain.intake import Applicant, ChangeRequest
from portal.domain.projects import ProjectFacts
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.models.project import Project
from portal.models.words import Channel, Kind, Origin, Role, Route, Section, Status, Subject, Tier
from tests.builders import COUNTY, MORNING, acting, application, bureau, done, entry, project
from tests.domain.office import blank, history, refused, said

# Rule S4, written out by hand. S2: the kind does not exist for this subject; S4: refused by the route.
ROUTES = """
    section                 origin    supplement  correction             level_upgrade
    basics                  online    notice      notice                 notice
    basics                  offline   notice      notice                 notice
    bidding                 online    notice      notice                 notice
    bidding                 offline   notice      notice                 notice
    contract                online    notice      notice                 notice
    contract                offline   notice      notice                 notice
    technical_indicators    online    notice      notice                 notice
    technical_indicators    offline   notice      notice                 notice
    drawing_review          online    S4          drawing_review_system  notice
    drawing_review          offline   notice      notice                 notice
    construction_permit     online    S4          online_change          notice
    construction_permit     offline   notice      notice                 notice
    completion_acceptance   online    S4          online_change          notice
    completion_acceptance   offline   notice      notice                 notice
    acceptance_filing       online    S4          online_change          notice
    acceptance_filing       offline   notice      notice                 notice
    safety_assessment       online    notice      notice                 S2
    safety_assessment       offline   notice      notice                 S2
    quality_assessment      online    notice      notice                 S2
    quality_assessment      offline   notice      notice                 S2
"""


def written_routes() -> dict[tuple[Kind, Section, Origin], str]:
    header, *rows = (line.split() for line in ROUTES.strip().splitlines())
    return {
        (Kind(kind), Section(row[0]), Origin(row[1])): expected
        for row in rows
        for kind, expected in zip(header[2:], row[2:], strict=True)
    }


@pytest.mark.rule("S4", "S2")
def test_every_kind_of_every_section_and_origin_goes_the_way_the_notice_of_2025_says():
    expected = written_routes()
    assert set(expected) == {(kind, section, origin) for kind in Kind for section in Section for origin in Origin}
    for case, outcome in expected.items():
        try:
            found = routing.route(*case).value
        except RuleViolation as refusal:
            found = refusal.rule
        assert found == outcome, case


@pytest.mark.rule("S1")
def test_there_are_two_subjects_and_safety_and_quality_are_assessed_apart():
    of_record = [section.label for section in Section if section.subject is Subject.PROJECT_RECORD]
    assert of_record == [
        "基本信息", "招投标", "施工图审查", "合同", "施工许可", "竣工验收", "竣工验收备案", "业绩技术指标",
    ]  # fmt: skip
    assert {section for section in Section if section.subject is Subject.ASSESSMENT} == {
        Section.SAFETY_ASSESSMENT,
        Section.QUALITY_ASSESSMENT,
    }


@pytest.mark.rule("S1")
def test_a_project_has_several_entries_of_one_section_and_each_number_once(sqlite_app: Flask):
    works = project()
    first, second = entry(works, number="HZ-001"), entry(works, number="HZ-002")
    assert first.project_id == second.project_id
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        entry(works, number="HZ-001")


@pytest.mark.rule("S2")
def test_a_supplement_adds_a_correction_changes_and_neither_does_the_other(app: Flask):
    known = entry()
    missing = ChangeRequest(known.section, "HZ-999", Origin.OFFLINE, known.content)
    clerk = acting(Role.CLERK)

    def receive(kind: Kind, request: ChangeRequest) -> None:
        intake.receive(
            kind, known.project, [request], Applicant("某公司"), channel=Channel.CLERK, actor=clerk, now=MORNING
        )

    again = ChangeRequest(known.section, known.number, Origin.OFFLINE, {**known.content, "amount": "1.00"})
    assert "不能补录" in refused(lambda: receive(Kind.SUPPLEMENT, again), rule="S2").message
    assert "HZ-999" in refused(lambda: receive(Kind.CORRECTION, missing), rule="S2").message
    same = ChangeRequest(known.section, known.number, Origin.OFFLINE, known.content)
    assert "没有需要修正" in refused(lambda: receive(Kind.CORRECTION, same), rule="S2").message


@pytest.mark.rule("S3")
def test_430104_belongs_to_the_new_area_and_retired_codes_to_their_successors():
    assert divisions.bureau_code("430104") == "XJXQ"
    assert {old: divisions.bureau_code(old) for old in ("431121", "430521", "430221", "430124")} == {
        "431121": "431181",
        "430521": "430582",
        "430221": "430212",
        "430124": "430182",
    }


@pytest.mark.rule("S3")
@pytest.mark.parametrize("place", ["白箬铺镇", "白箬铺", "白马街道", "雷锋街道", "金山桥街道", "黄金园街道", " 雷锋 "])
def test_five_places_of_430112_belong_to_the_new_area(place: str):
    assert divisions.bureau_code("430112", place) == "XJXQ"


@pytest.mark.rule("S3")
def test_every_other_place_of_430112_belongs_to_wangcheng_and_no_place_is_asked_for_not_guessed():
    assert divisions.bureau_code("430112", "丁字湾街道") == "430112"
    assert divisions.bureau_code("430112", "铜官街道") == "430112"
    with pytest.raises(RuleViolation) as caught:
        divisions.bureau_code("430112", "  ")
    assert (caught.value.rule, caught.value.field) == ("S3", "township")


@pytest.mark.rule("S3")
@pytest.mark.parametrize("code", ["110101", "430199", "999999", "43010", "", "湖南", "430000", "430371"])
def test_an_unknown_code_is_named_and_never_guessed(code: str):
    with pytest.raises(RuleViolation) as caught:
        divisions.bureau_code(code)
    assert caught.value.rule == "S3"
    assert code in caught.value.message


@pytest.mark.rule("S3")
def test_every_one_of_the_122_county_units_is_handled_by_a_bureau_that_exists(app: Flask):
    bureau()
    counties = [row for row in divisions.table()["divisions"] if row["level"] == "county"]
    assert len(counties) == 122
    for row in counties:
        handled_by = routing.locality_bureau(row["code"], "丁字湾街道" if row["code"] == "430112" else "")
        expected = "XJXQ" if row["code"] == "430104" else row["code"]
        assert handled_by.code == expected
        above = handled_by if handled_by.tier is Tier.CITY else handled_by.parent
        assert above is not None
        assert above.code == ("XJXQ" if row["code"] == "430104" else row["parent"])


@pytest.mark.rule("S3")
def test_fifteen_first_level_bureaus_stand_below_one_province_and_setting_up_twice_adds_none(app: Flask):
    from portal.domain import bureaus

    bureau()
    per_tier = {tier: list(db.session.scalars(db.select(Bureau).where(Bureau.tier == tier))) for tier in Tier}
    assert [len(per_tier[tier]) for tier in (Tier.PROVINCE, Tier.CITY, Tier.COUNTY)] == [1, 15, 121]
    assert "湘江新区" in {place.area_name.removeprefix("湖南") for place in per_tier[Tier.CITY]}
    assert all(
        place.path == f"{place.parent.path if place.parent else '/'}{place.id}/"
        for place in itertools.chain(*per_tier.values())
    )
    assert done(bureaus.seed) == 0


@pytest.mark.rule("S3")
def test_a_project_in_an_unknown_place_is_not_taken_up(app: Flask):
    bureau()
    refusal = refused(
        lambda: projects.register(ProjectFacts("1101011511020001", "某工程", "110101"), now=MORNING), rule="S3"
    )
    assert "110101" in refusal.message
    assert db.session.scalar(db.select(db.func.count()).select_from(Project)) == 0


@pytest.mark.rule("S3", "A5")
def test_only_the_bureau_of_the_locality_takes_the_application_in(app: Flask):
    target = entry()
    assert target.project.bureau.code == COUNTY
    from portal.domain.errors import NotAllowed, NotFound

    city_clerk, neighbour = acting(Role.CLERK, bureau_code="430100"), acting(Role.CLERK, bureau_code="430182")
    refusal = refused(lambda: application(existing=target, clerk=city_clerk), NotAllowed, rule="S3")
    assert "浏阳市" in refusal.message
    refused(lambda: application(existing=target, clerk=neighbour), NotFound, rule="A5")


@pytest.mark.rule("S4")
def test_the_correction_of_an_online_drawing_review_is_referred_to_its_system_and_ends_there(app: Flask):
    target = entry(
        section=Section.DRAWING_REVIEW,
        origin=Origin.ONLINE,
        number="TX-001",
        content=blank(Section.DRAWING_REVIEW, number="S-1", office_name="某审图公司", pass_date="2022-03-01"),
    )
    case = application(existing=target, after={**target.content, "number": "S-2"})
    assert (case.status, case.route) == (Status.REFERRED, Route.DRAWING_REVIEW_SYSTEM)
    assert [event for event, _ in history(case)] == ["application_received", "application_referred"]
    from portal.domain.trail import Event

    assert "施工图审查系统" in said(Event.APPLICATION_REFERRED, case)["detail"]["address"]
    assert application(existing=target, after={**target.content, "number": "S-3"}).status is Status.REFERRED


@pytest.mark.rule("S4")
def test_the_origin_on_file_decides_and_not_what_the_applicant_says(app: Flask):
    target = entry(
        section=Section.CONSTRUCTION_PERMIT,
        origin=Origin.ONLINE,
        number="SX-001",
        content=blank(Section.CONSTRUCTION_PERMIT, permit_number="430181202203010101", issue_date="2022-03-01"),
    )
    clerk = acting(Role.CLERK)
    claims_offline = ChangeRequest(target.section, target.number, Origin.OFFLINE, {**target.content, "amount": "2.00"})
    case = done(
        lambda: intake.receive(
            Kind.CORRECTION, target.project, [claims_offline], Applicant("某公司"),
            channel=Channel.CLERK, actor=clerk, now=MORNING,
        )
    )  # fmt: skip
    assert case.route is Route.ONLINE_CHANGE
