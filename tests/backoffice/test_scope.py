"""A bureau sees its own cases and those below it; anything else does not exist for it (rule A5)."""

from __future__ import annotations

import pytest

from portal.domain import escalation, filings, imports, notices, objections
from portal.domain.actor import PUBLIC, SYSTEM
from portal.domain.attachments import StoredFile, attach
from portal.domain.filings import ANONYMOUS, Ground
from portal.domain.spreadsheets import Template
from portal.extensions import db
from portal.models.attachment import Attachment
from portal.models.import_batch import ImportBatch
from portal.models.objection import Objection, ObjectionGround
from portal.models.words import Role
from tests import builders
from tests.builders import MORNING, at

HUMANS = [role for role in Role if role is not Role.SYSTEM]
ELSEWHERE = ("430211", "430200")  # a county below 株洲市, and 株洲市 itself


def things_of_liuyang() -> dict[str, str]:
    """One of everything that belongs to 浏阳市, by what its addresses call it."""
    received = builders.application()
    running = builders.notice()
    ended = builders.notice()
    builders.objection(ended, "合同金额与实际不符")
    builders.done(lambda: notices.close_window(ended.id, SYSTEM, now=at("2026-10-14 00:20")))
    overdue = db.session.scalars(db.select(Objection)).one()
    late = at("2026-10-28 09:00")
    builders.done(lambda: escalation.escalate_overdue_objection(overdue.id, SYSTEM, now=late))
    ground = db.session.scalars(db.select(ObjectionGround)).one()
    file = StoredFile("证据.pdf", "application/pdf", 3, "0" * 64, "00/0")
    builders.done(lambda: attach(file, now=MORNING, ground_id=ground.id))
    clerk = builders.acting(Role.CLERK)
    builders.done(lambda: imports.upload(Template.RECORDS, "浏阳档案.xlsx", b"x", "00/0", actor=clerk, now=MORNING))
    token = builders.done(lambda: filings.begin(ended.id, now=at("2026-10-15 09:00")))
    builders.done(
        lambda: objections.file_or_complain(
            ended.id, token, [Ground("过期才看到的意见")], ANONYMOUS,
            arrived_at=at("2026-10-15 09:00"), actor=PUBLIC, now=at("2026-10-15 09:00"),
        )
    )  # fmt: skip
    return {
        "received": received.number,
        "contested": ended.application.number,
        "running": running.application.number,
        "notice": running.reference,
        "ground": str(ground.id),
        "objection": overdue.number,
        "attachment": str(db.session.scalars(db.select(Attachment.id)).one()),
        "batch": str(db.session.scalars(db.select(ImportBatch.id)).one()),
        "project": received.project.number,
    }


GETS = (
    "/office/applications/{received}",
    "/office/applications/{contested}",
    "/office/attachments/{attachment}",
    "/office/imports/{batch}",
    "/office/imports/{batch}/problems.csv",
    "/office/records/{project}",
    "/office/escalations/{objection}",
)
POSTS = {
    "/office/applications/{received}/verifications": {
        "verification-method": "site_visit", "verification-matter": "content", "verification-day": "2026-10-01",
        "verification-persons": "某某", "verification-finding": "true", "verification-note": "现场查看一致",
    },
    "/office/applications/{received}/confirmation": {},
    "/office/applications/{received}/rejection": {"rejection-reason": "与事实不符不予办理"},
    "/office/applications/{received}/notice": {},
    "/office/applications/{received}/online-change": {"online-change-reason": "予以变更办结"},
    "/office/applications/{contested}/conclusion": {"conclusion-reason": "异议不成立予以办理"},
    "/office/notices/{notice}/retraction": {"retraction-reason": "内容有误需要更正"},
    "/office/grounds/{ground}/ruling": {"ground-1-disposition": "dismissed", "ground-1-reason": "经核对无误"},
    "/office/imports/{batch}/run": {},
    "/office/escalations/{objection}/outcome": {"outcome": "instructed", "text": "请于三日内逐条裁定"},
}  # fmt: skip
LISTS = (
    "/office/", "/office/applications", "/office/applications?q={received}", "/office/rulings", "/office/records",
    "/office/records?q=浏阳", "/office/imports", "/office/supervision-cases", "/office/complaints",
    "/office/escalations", "/office/escalations?mine=1", "/office/search?q={objection}",
    "/office/calendar", "/office/search?q={received}", "/office/search?q={notice}", "/office/search?q={project}",
    "/office/applications?bureau=430181", "/office/applications/new?project={project}&kind=correction",
)  # fmt: skip


@pytest.mark.rule("A5")
@pytest.mark.parametrize("bureau", ELSEWHERE)
def test_no_role_of_another_bureau_reaches_or_sees_anything(sqlite_app, at_desk, bureau):
    things = things_of_liuyang()
    secrets = [
        *(things[name] for name in ("received", "contested", "running", "notice", "objection")),
        "长寿路",
        "过期才看到",
    ]
    reached: list[tuple[str, str, object]] = []
    leaked: list[tuple[str, str, str]] = []

    def look(role, address, response, *, typed=False):
        told = [secret for secret in secrets if secret in response.get_data(as_text=True)]
        leaked.extend((role.value, address, secret) for secret in told if not typed)

    for role in HUMANS:
        desk = at_desk(builders.officer(role, bureau_code=bureau))
        for address in (pattern.format(**things) for pattern in GETS):
            response = desk.get(address)
            look(role, address, response)
            reached += [(role.value, address, response.status_code)] if response.status_code not in (403, 404) else []
        for pattern, data in POSTS.items():
            address = pattern.format(**things)
            response = desk.post(address, data)
            look(role, address, response)
            reached += [(role.value, address, response.status_code)] if response.status_code not in (403, 404) else []
        for pattern in LISTS:
            address = pattern.format(**things)
            response = desk.get(address)
            look(role, address, response, typed="q=" in address)
            if response.status_code == 303:
                reached += [(role.value, address, response.location)] if "/applications/SQ" in response.location else []
                reached += [(role.value, address, response.location)] if "/records/" in response.location else []
    assert not reached
    assert not leaked


@pytest.mark.rule("A5")
def test_the_province_and_the_city_see_what_lies_below_them(sqlite_app, at_desk):
    things = things_of_liuyang()
    for bureau in ("430000", "430100"):
        desk = at_desk(builders.officer(Role.INSPECTOR, bureau_code=bureau))
        for pattern in ("/office/applications/{received}", "/office/records/{project}"):
            assert desk.get(pattern.format(**things)).status_code == 200
        assert things["received"] in desk.get("/office/applications").get_data(as_text=True)
        assert desk.get("/office/search?q=" + things["notice"]).location == f"/office/applications/{things['running']}"


@pytest.mark.rule("C2")
def test_a_late_objection_is_read_by_the_complaint_handlers_of_the_bureau_above_and_by_nobody_else(sqlite_app, at_desk):
    things_of_liuyang()
    above = at_desk(builders.officer(Role.COMPLAINT_HANDLER, bureau_code="430100"))
    below = at_desk(builders.officer(Role.COMPLAINT_HANDLER))
    clerk_above = at_desk(builders.officer(Role.CLERK, bureau_code="430100"))
    assert "过期才看到的意见" in above.get("/office/complaints").get_data(as_text=True)
    assert "过期才看到的意见" not in below.get("/office/complaints").get_data(as_text=True)
    assert clerk_above.get("/office/complaints").status_code == 403


@pytest.mark.rule("O1")
def test_a_draft_that_nobody_has_filed_is_no_attachment_yet(sqlite_app, at_desk):
    notice = builders.notice()
    builders.done(lambda: filings.begin(notice.id, now=notice.published_at))
    file = StoredFile("草稿.pdf", "application/pdf", 3, "1" * 64, "11/1")
    draft = builders.done(lambda: attach(file, now=MORNING, ticket_id=1))
    desk = at_desk(builders.officer(Role.DECIDER))
    assert desk.get(f"/office/attachments/{draft}").status_code == 404
