"""Whatever is sent to the back office, it answers in Chinese with a 4xx, or does it; never a failure of its own."""

from __future__ import annotations

import io
from urllib.parse import quote

import pytest

from portal.domain import notices
from portal.domain.actor import SYSTEM
from portal.extensions import db
from portal.models.application import Application
from portal.models.objection import ObjectionGround
from portal.models.words import Role
from tests import builders
from tests.builders import at

HOSTILE = (
    "-1",
    "99999999999999999999",
    "١٢٣",
    "NaN",
    "' OR 1=1 --",
    "<script>alert(1)</script>{{ 7*7 }}",
    "../../etc/passwd",
    "430181\x00",
    "a\r\nSet-Cookie: x=1",
    "\u202e文字😀",
    "长" * 5000,
    "%_",
    "9999-12-31",
    "0001-01-01",
)
TEXT_ROUTES = (
    "/office/applications/{}",
    "/office/records/{}",
    "/office/imports/templates/{}.xlsx",
)
NUMBER_ROUTES = (
    "/office/imports/{}",
    "/office/imports/{}/problems.csv",
    "/office/calendar/orders/{}",
    "/office/attachments/{}",
)
QUERIES = (
    "/office/applications?q={}&status={}&kind={}&section={}&subject={}&route={}&bureau={}&before={}",
    "/office/applications?after={}",
    "/office/records?q={}&before={}",
    "/office/rulings?before={}",
    "/office/supervision-cases?after={}",
    "/office/complaints?after={}",
    "/office/exceptions?before={}",
    "/office/imports?before={}",
    "/office/calendar?year={}",
    "/office/search?q={}",
    "/office/session/new?next={}",
    "/office/applications/new?project={}&kind={}&section={}&entry={}&origin={}&number={}&accepted={}",
    "/office/applications/new?project={project}&kind=supplement&section={}&origin={}&number={}",
    "/office/applications/new?project={project}&kind=correction&entry={}",
    "/office/applications/new?project=4301811511029876&kind=supplement&section=contract&origin=offline&number=1&accepted={}",
)
FIELDS = {
    "/office/session": ("username", "password", "next"),
    "/office/applications/{number}/verifications": (
        "verification-method", "verification-matter", "verification-day", "verification-persons",
        "verification-finding", "verification-note", "verification-seen",
    ),
    "/office/applications/{number}/deficiencies": ("ask-1-contract", "note-1-contract", "about", "reason"),
    "/office/applications/{number}/rejection": ("rejection-reason", "rejection-seen"),
    "/office/applications/{number}/confirmation": ("confirmation-seen",),
    "/office/applications/{number}/notice": ("notice-seen",),
    "/office/applications/{number}/conclusion": ("conclusion-reason",),
    "/office/applications/{number}/online-change": ("online-change-reason",),
    "/office/grounds/{ground}/ruling": ("ground-{ground}-disposition", "ground-{ground}-reason"),
    "/office/imports": ("template",),
    "/office/calendar/order-previews": ("year", "title", "url", "content"),
    "/office/calendar/orders": ("year", "title", "url", "content"),
    "/office/exceptions": ("project", "section", "reason"),
    "/office/applications": (
        "project", "kind", "entry", "section", "origin", "number", "accepted", "applicant_name", "applicant_code",
        "contact_name", "contact_phone", "reason", "c_amount", "c_signing_date", "c_contract_type", "acknowledged",
    ),
}  # fmt: skip
EVERYTHING = (Role.CLERK, Role.VERIFIER, Role.PUBLISHER, Role.DECIDER, Role.COMPLAINT_HANDLER, Role.INSPECTOR)


@pytest.fixture
def place(app):
    """A bureau with a case in it, and one that waits for a ruling."""
    ended = builders.notice()
    builders.objection(ended, "合同金额与实际不符")
    builders.done(lambda: notices.close_window(ended.id, SYSTEM, now=at("2026-10-14 00:20")))
    case = builders.application()
    ground = db.session.scalars(db.select(ObjectionGround.id)).one()
    return {"number": case.number, "ground": ground, "project": case.project.number}


def _sound(response, address, value):
    assert response.status_code < 500, f"{address} answers {response.status_code} to {value!r}"
    if response.status_code >= 400 and response.mimetype == "text/html":
        assert any("\u4e00" <= char <= "\u9fff" for char in response.get_data(as_text=True))


def test_every_address_bears_every_text(place, at_any_desk):
    officer = at_any_desk(builders.officer(*EVERYTHING))
    owner = at_any_desk(builders.officer(Role.CALENDAR_OWNER, Role.DECIDER, bureau_code="430000"))
    for value in HOSTILE:
        for pattern in (*TEXT_ROUTES, *NUMBER_ROUTES):
            address = pattern.format(quote(value, safe=""))
            _sound(officer.client.get(address), address, value)
        for pattern in QUERIES:
            path, _, names = pattern.partition("?")
            pairs = [pair.partition("=") for pair in names.split("&")]
            query = {name: value if given == "{}" else given.format(**place) for name, _, given in pairs}
            desk = owner if "calendar" in path or "exceptions" in path else officer
            _sound(desk.client.get(path, query_string=query), path, value)


@pytest.mark.parametrize("address", FIELDS)
def test_every_field_bears_every_text(place, at_any_desk, address):
    province = "calendar" in address or "exceptions" in address
    roles = (Role.CALENDAR_OWNER, Role.DECIDER) if province else EVERYTHING
    desk = at_any_desk(builders.officer(*roles, bureau_code="430000" if province else builders.COUNTY))
    entry = db.session.scalars(db.select(Application)).all()[-1].changes[0].entry_id
    known = (
        {
            "project": place["project"],
            "kind": "correction",
            "entry": str(entry),
            "applicant_name": "某公司",
            "acknowledged": "y",
        }
        if address == "/office/applications"
        else {}
    )
    fields = [field.format(**place) for field in FIELDS[address]]
    for value in HOSTILE:
        everywhere = known | dict.fromkeys(fields, value)
        _sound(desk.post(address.format(**place), everywhere), address, value)
    for at_fault, field in enumerate(fields):
        value = HOSTILE[at_fault % len(HOSTILE)]
        _sound(desk.post(address.format(**place), known | {field: value}), address, value)


@pytest.mark.parametrize(
    ("address", "field"),
    [("/office/imports", "file"), ("/office/calendar/order-previews", "file")],
)
def test_every_upload_field_bears_every_file(place, at_any_desk, address, field):
    desk = at_any_desk(builders.officer(Role.CLERK))
    owner = at_any_desk(builders.officer(Role.CALENDAR_OWNER, bureau_code="430000"))
    common = {"template": "applications", "year": "2027", "title": "放假安排", "url": "https://www.gov.cn/x"}
    for content in (
        b"",
        b"\x00" * 10,
        b"PK\x03\x04broken",
        b"\xff\xfe\xff",
        "日期,类型,名称\n".encode(),
        b"{" * 5000,
        b"%PDF-1.4",
    ):
        for name in ("a.csv", "a.xlsx", "../../\u202e" + "长" * 300 + ".json"):
            for who in (desk, owner):
                data = {**common, field: (io.BytesIO(content), name)}
                _sound(who.post(address, data, content_type="multipart/form-data"), address, (name, content[:10]))


BODIES = [
    ("application/json", b"[1, 2, 3]"),
    ("application/json", b'{"entry": {"a": [1]}, "username": 7}'),
    ("application/json", b"{nonsense"),
    ("application/json", b'"text"'),
    ("application/x-www-form-urlencoded", b"username=\xff\xfe&reason=%F0%9F"),
    ("application/x-www-form-urlencoded", "&".join(f"a{n}=1" for n in range(2000)).encode()),
    ("text/xml", b"<?xml version='1.0'?><a/>"),
    ("multipart/form-data", b"no boundary at all"),
    ("", b"\x00\x01\x02\xff" * 100),
]


def test_every_form_bears_every_kind_of_body(place, at_any_desk):
    desk = at_any_desk(builders.officer(*EVERYTHING))
    desk.get("/office/applications/new")
    for pattern in FIELDS:
        address = pattern.format(**place)
        for kind, body in BODIES:
            answer = desk.client.post(address, data=body, content_type=kind, headers={"X-CSRFToken": desk.token})
            _sound(answer, address, (kind, body[:20]))
