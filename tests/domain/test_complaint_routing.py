"""Who handles a complaint, and who never sees it: whoever is complained about or had a part in the matter."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from portal.domain import (
    complaint_access,
    complaint_handling,
)
from portal.domain.errors import NotAllowed, NotFound
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.complaint import Complaint
from portal.models.words import (
    ComplaintMatter,
    ComplaintStatus,
    ComplaintTarget,
    Role,
)
from tests import builders
from tests.builders import COUNTY, at, bureau, done
from tests.complaints import CITY, NOW, PROVINCE, complain, events_of, handler, take
from tests.domain.office import refused, said


@pytest.mark.rule("C2")
@pytest.mark.parametrize(
    ("matter", "target", "code", "handled_by", "against"),
    [
        (ComplaintMatter.FALSE_RECORD, ComplaintTarget.COMPANY, COUNTY, "浏阳市住房和城乡建设局", None),
        (ComplaintMatter.OTHER, ComplaintTarget.OTHER, COUNTY, "浏阳市住房和城乡建设局", None),
        (ComplaintMatter.FALSE_RECORD, ComplaintTarget.BUREAU, COUNTY, "长沙市住房和城乡建设局", COUNTY),
        (ComplaintMatter.DELAY, ComplaintTarget.OTHER, COUNTY, "长沙市住房和城乡建设局", COUNTY),
        (ComplaintMatter.STAFF_CONDUCT, ComplaintTarget.PERSON, CITY, "湖南省住房和城乡建设厅", CITY),
        (ComplaintMatter.OTHER, ComplaintTarget.BUREAU, PROVINCE, "湖南省住房和城乡建设厅纪检监察机构", PROVINCE),
    ],
)
def test_it_goes_to_the_bureau_of_the_matter_and_past_whoever_is_complained_about(
    app: Flask,
    matter: ComplaintMatter,
    target: ComplaintTarget,
    code: str,
    handled_by: str,
    against: str | None,
) -> None:
    filed = complain(matter, target, code=code, described="质监站张某")
    assert filed.handled_by == handled_by
    assert (filed.against.code if filed.against else None) == against


@pytest.mark.rule("C2")
def test_a_false_record_goes_to_the_locality_and_a_tampered_one_above_it(app: Flask) -> None:
    project = builders.project()
    about: dict[str, Any] = {"project_id": project.id, "place_id": None}
    false = complain(ComplaintMatter.FALSE_RECORD, ComplaintTarget.PROJECT, **about)
    tampered = complain(ComplaintMatter.TAMPERING, ComplaintTarget.PROJECT, **about)
    assert false.bureau.code == COUNTY
    assert (tampered.bureau.code, tampered.against and tampered.against.code) == (CITY, COUNTY)


@pytest.mark.rule("C2", "A5")
def test_nobody_but_its_own_desk_touches_a_complaint(app: Flask) -> None:
    filed = complain()
    for stranger in (handler(COUNTY), handler(PROVINCE), handler("430200")):
        refused(lambda: complaint_handling.register(filed, actor=stranger, now=NOW), NotFound)  # noqa: B023
    decider = handler(CITY, Role.DECIDER)
    refused(lambda: complaint_handling.register(filed, actor=decider, now=NOW), NotAllowed)
    own = handler()
    done(lambda: complaint_handling.register(filed, actor=own, now=NOW))
    assert filed.status is ComplaintStatus.REGISTERED


@pytest.mark.rule("C2")
def test_about_the_province_only_its_discipline_office_reads(app: Flask) -> None:
    filed, desk, discipline = complain(code=PROVINCE), handler(PROVINCE), handler(PROVINCE, Role.DISCIPLINE_OFFICER)
    refused(lambda: complaint_handling.register(filed, actor=desk, now=NOW), NotFound)
    done(lambda: complaint_handling.register(filed, actor=discipline, now=NOW))
    assert filed.by_discipline
    assert said(Event.COMPLAINT_REGISTERED)["as"] == Role.DISCIPLINE_OFFICER.value
    assert list(db.session.scalars(complaint_access.readable(desk))) == []
    assert list(db.session.scalars(complaint_access.readable(discipline))) == [filed.id]


@pytest.mark.rule("C2", "C3")
def test_passed_on_it_never_comes_to_whom_it_is_about(app: Flask) -> None:
    filed, officer = complain(code=CITY), handler(PROVINCE)
    for accused in (CITY, COUNTY):
        to = bureau(accused)
        refused(
            lambda: complaint_handling.pass_on(filed, to, "请你局办理此件", actor=officer, now=NOW),  # noqa: B023
            rule="C2",
        )
    other = bureau("430200")
    later = at("2026-10-19 10:00")
    done(lambda: complaint_handling.pass_on(filed, other, "属株洲市管辖，转其办理", actor=officer, now=later))
    assert (filed.status, filed.bureau.code, filed.due_on) == (
        ComplaintStatus.PASSED_ON, "430200", date(2026, 11, 3),
    )  # fmt: skip
    take(filed, handler("430200"), now=later)
    assert filed.status is ComplaintStatus.INVESTIGATING


@pytest.mark.rule("C2", "A4")
def test_who_recuses_himself_or_handled_the_matter_stays_out(app: Flask) -> None:
    filed, first, second = complain(), handler(), handler()
    done(lambda: complaint_handling.recuse(filed, "被反映人是我的近亲属", actor=first, now=NOW))
    refused(lambda: complaint_handling.register(filed, actor=first, now=NOW), NotAllowed, rule="C2")
    done(lambda: complaint_handling.register(filed, actor=second, now=NOW))
    assert [(each.account_id, each.reason) for each in filed.recusals] == [(first.user_id, "被反映人是我的近亲属")]
    assert Event.COMPLAINT_RECUSED.value in events_of(filed)

    both = builders.acting(Role.VERIFIER, Role.COMPLAINT_HANDLER, bureau_code=COUNTY)
    notice = builders.notice(verifier=both)
    about = complain(ComplaintMatter.OTHER, ComplaintTarget.NOTICE, notice_id=notice.id, place_id=None)
    done(lambda: setattr(db.session.get_one(Complaint, about.id), "bureau_id", both.bureau_id))
    refused(lambda: complaint_handling.register(about, actor=both, now=NOW), NotAllowed, rule="A4")
    other = complain(ComplaintMatter.FALSE_RECORD, ComplaintTarget.PROJECT, project_id=notice.application.project_id)
    refused(lambda: complaint_handling.register(other, actor=both, now=NOW), NotAllowed, rule="A4")
    assert list(db.session.scalars(complaint_access.readable(both))) == []
    assert set(db.session.scalars(complaint_access.readable(handler(COUNTY)))) == {about.id, other.id}
    assert filed.id not in set(db.session.scalars(complaint_access.readable(first)))
