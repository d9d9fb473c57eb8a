"""Taking in at the desk, step by step (rules S2–S5, S7, S9, S10)."""

from __future__ import annotations

from datetime import date

import pytest

from portal.domain import exceptions
from portal.extensions import db
from portal.models.application import Application
from portal.models.project import Project
from portal.models.record import RecordEntry
from portal.models.vault_entry import VaultEntry
from portal.models.words import Channel, DataLevel, Kind, Origin, Role, Route, Section, Status
from tests import builders
from tests.builders import MORNING

NEW = "/office/applications/new"
LIST = "/office/applications"


@pytest.fixture
def clerk(at_desk):
    """A clerk of 浏阳市."""
    return at_desk(builders.officer(Role.CLERK))


def filled(entry, **more: str) -> dict[str, str]:
    """The long form for correcting a contract, as the page would send it unchanged but for `more`."""
    labels = {"amount": "861.28", "signing_date": "2015-01-16", "contract_type": "301", "number": "HT-2015-001"}
    units = {"employer_name": "浏阳市公用事业局", "contractor_name": "湖南三穗建筑工程有限公司"}
    content = {f"c_{key}": value for key, value in (labels | units).items()}
    where = {"project": entry.project.number, "kind": "correction", "entry": str(entry.id)}
    who = {"applicant_name": "湖南三穗建筑工程有限公司", "applicant_code": "91430000183764483Y"}
    return {**where, **who, **content, "acknowledged": "y", **more}


@pytest.mark.rule("S9")
def test_what_is_on_file_is_shown_and_filled_in_and_one_changed_field_makes_an_application(app, at_any_desk):
    clerk = at_any_desk(builders.officer(Role.CLERK))
    entry = builders.entry()
    page = clerk.get(NEW, query_string={"project": entry.project.number}).get_data(as_text=True)
    assert "以下信息已在档案中，无需再次提供" in page
    asked = {"project": entry.project.number, "kind": "correction", "entry": entry.id}
    page = clerk.get(NEW, query_string=asked).get_data(as_text=True)
    assert "本项按公示办理" in page
    assert 'value="湖南三穗建筑工程有限公司"' in page

    answer = clerk.post(LIST, filled(entry, c_amount="913.8285", contact_name="周明", contact_phone="13800000000"))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    case = db.session.scalars(db.select(Application)).one()
    assert (case.kind, case.route, case.channel) == (Kind.CORRECTION, Route.NOTICE, Channel.CLERK)
    assert case.changes[0].after["amount"] == "913.8285"
    assert "13800000000" not in clerk.get(answer.location).get_data(as_text=True)
    assert db.session.scalars(db.select(VaultEntry)).one().id == case.contact_vault_id


@pytest.mark.rule("S10")
def test_a_bad_field_is_named_beside_it_and_everything_typed_is_kept(sqlite_app, clerk):
    answer = clerk.post(LIST, filled(builders.entry(), c_amount="很多钱", c_signing_date="2015-13-40"))
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="c_amount-error"' in html
    assert 'id="c_signing_date-error"' in html
    assert 'value="很多钱"' in html
    assert db.session.scalar(db.select(Application)) is None


@pytest.mark.rule("S10")
def test_what_is_only_doubtful_is_taken_once_the_clerk_says_he_looked(sqlite_app, clerk):
    doubtful = filled(builders.entry(), c_amount="913.8285", c_contract_type="", acknowledged="")
    first = clerk.post(LIST, doubtful)
    assert first.status_code == 422
    assert "请核对" in first.get_data(as_text=True)
    assert clerk.post(LIST, doubtful | {"acknowledged": "y"}).status_code == 303


@pytest.mark.rule("N1")
def test_a_telephone_number_never_gets_into_what_will_be_published(sqlite_app, clerk):
    answer = clerk.post(
        LIST, filled(builders.entry(), applicant_name="某公司 联系13800000000", c_scale="电话13800000000")
    )
    assert answer.status_code == 422
    assert answer.get_data(as_text=True).count("手机号") >= 2


@pytest.mark.rule("S5")
def test_after_the_last_day_a_supplement_is_refused_before_anything_is_typed(sqlite_app, clerk):
    project = builders.project(accepted_on=date(2022, 5, 1))
    asked = {
        "project": project.number,
        "kind": "supplement",
        "section": "contract",
        "origin": "offline",
        "number": "X-1",
    }
    answer = clerk.get(NEW, query_string=asked)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "补录已于2025年6月30日截止" in html
    assert "改为修正已有环节" in html
    assert "提交收件" not in html


@pytest.mark.rule("S5")
def test_without_any_date_that_could_open_it_the_gate_says_so_at_once(sqlite_app, clerk):
    project = builders.project(accepted_on=None)
    asked = {
        "project": project.number,
        "kind": "supplement",
        "section": "contract",
        "origin": "offline",
        "number": "X-1",
    }
    assert "补录已于2025年6月30日截止" in clerk.get(NEW, query_string=asked).get_data(as_text=True)


@pytest.mark.rule("S5")
def test_a_confirmed_exception_opens_the_form(sqlite_app, clerk):
    project = builders.project(accepted_on=date(2022, 5, 1))
    one, other = (builders.acting(Role.DECIDER, bureau_code="430000") for _ in range(2))
    opened = builders.done(
        lambda: exceptions.propose(project, Section.CONTRACT, "档案移交延误，非申请单位原因", actor=one, now=MORNING)
    )
    builders.done(lambda: exceptions.confirm(opened, project, actor=other, now=MORNING))
    asked = {
        "project": project.number,
        "kind": "supplement",
        "section": "contract",
        "origin": "offline",
        "number": "X-1",
    }
    html = clerk.get(NEW, query_string=asked).get_data(as_text=True)
    assert "省厅已批准例外" in html
    assert "提交收件" in html


@pytest.mark.rule("S4")
def test_the_route_is_told_before_the_form(sqlite_app, clerk):
    project = builders.project()
    permit = builders.entry(
        project, section=Section.CONSTRUCTION_PERMIT, origin=Origin.ONLINE, content={"permit_number": "x"}
    )
    review = builders.entry(project, section=Section.DRAWING_REVIEW, origin=Origin.ONLINE, content={"number": "x"})
    asked = {"project": project.number, "kind": "correction"}
    assert "按线上办理事项变更" in clerk.get(NEW, query_string=asked | {"entry": permit.id}).get_data(as_text=True)
    assert "湖南省施工图审查系统" in clerk.get(NEW, query_string=asked | {"entry": review.id}).get_data(as_text=True)
    refused = clerk.get(
        NEW,
        query_string=asked
        | {"kind": "supplement", "section": "construction_permit", "origin": "online", "number": "1"},
    )
    assert refused.status_code == 422
    assert "在线上办理业务时同步生成，不能补录" in refused.get_data(as_text=True)


@pytest.mark.rule("S4")
def test_an_online_drawing_review_is_recorded_as_a_referral(sqlite_app, clerk):
    review = builders.entry(section=Section.DRAWING_REVIEW, origin=Origin.ONLINE, content={"number": "x"})
    sent = {"project": review.project.number, "kind": "correction", "entry": str(review.id), "applicant_name": "某公司"}
    answer = clerk.post(LIST, sent | {"c_number": "SC-2020-1", "acknowledged": "y"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert db.session.scalars(db.select(Application)).one().status is Status.REFERRED
    assert "已转出" in clerk.get(answer.location).get_data(as_text=True)


@pytest.mark.rule("S3")
def test_a_project_of_another_locality_is_refused_in_the_same_words_known_or_not(sqlite_app, clerk):
    known = builders.project(area_code="430211")
    answers = [clerk.get(NEW, query_string={"project": number}) for number in (known.number, "4302111511029999")]
    said = ["这个项目不在本单位的收件范围" in answer.get_data(as_text=True) for answer in answers]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert said == [True, True]
    assert known.name not in answers[0].get_data(as_text=True)


@pytest.mark.rule("S7")
def test_an_entry_that_a_running_case_changes_is_not_offered_again(sqlite_app, clerk):
    case = builders.application()
    entry = db.session.get_one(RecordEntry, case.changes[0].entry_id)
    asked = {"project": entry.project.number, "kind": "correction", "entry": entry.id}
    assert case.number in clerk.get(NEW, query_string=asked).get_data(as_text=True)
    assert clerk.post(LIST, filled(entry, c_amount="1.5")).status_code == 422


@pytest.mark.rule("S1")
def test_an_unknown_project_is_registered_with_its_assessment(app, at_any_desk):
    clerk = at_any_desk(builders.officer(Role.CLERK))
    number = "4301811511029901"
    where = {
        "project": number,
        "kind": "supplement",
        "section": "safety_assessment",
        "origin": "offline",
        "number": "AQ-1",
    }
    assert "新项目" in clerk.get(NEW, query_string=where).get_data(as_text=True)
    sent = where | {
        "p_name": "浏阳市第一中学扩建", "p_area_code": "430181", "p_sector": "housing", "p_undertaking": "general",
        "applicant_name": "湖南三穗建筑工程有限公司", "c_result": "excellent", "c_period": "2021年第四季度",
        "c_assessed_date": "2022-01-10", "c_contractor_name": "湖南三穗建筑工程有限公司", "acknowledged": "y",
    }  # fmt: skip
    answer = clerk.post(LIST, sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    project = db.session.scalars(db.select(Project).where(Project.number == number)).one()
    assert project.bureau.code == "430181"
    refused = clerk.get(NEW, query_string={"project": "4301811511029902", "kind": "correction"})
    assert "只能补录" in refused.get_data(as_text=True)


@pytest.mark.rule("L2")
def test_an_upgrade_asks_for_the_level_and_nothing_else(sqlite_app, clerk):
    entry = builders.entry(level=DataLevel.C)
    asked = {"project": entry.project.number, "kind": "level_upgrade", "entry": str(entry.id)}
    html = clerk.get(NEW, query_string=asked).get_data(as_text=True)
    assert 'name="target_level"' in html
    assert "c_amount" not in html
    answer = clerk.post(LIST, asked | {"target_level": "B", "applicant_name": "湖南三穗建筑工程有限公司"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    case = db.session.scalars(db.select(Application)).one()
    assert case.target_level is DataLevel.B
    assert "C级 → B级" in clerk.get(answer.location).get_data(as_text=True)
