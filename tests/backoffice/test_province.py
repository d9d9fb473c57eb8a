"""What only the province does: the calendar's orders and the exceptions, each by two people (rules N5, N6, S5)."""

from __future__ import annotations

import html as html_
import io
import re

import pytest

from portal.extensions import db
from portal.models.calendar_day import CalendarOrder, OrderStatus
from portal.models.notice import Notice, WindowChange
from portal.models.policy import PolicyException
from portal.models.words import Role
from tests import builders
from tests.builders import at

PROVINCE = "430000"
ORDER = {"year": "2027", "title": "国务院办公厅关于2027年部分节假日安排的通知", "url": "https://www.gov.cn/2027.htm"}
DAYS = "日期,类型,名称\n2027-01-01,放假,元旦\n2027-01-04,放假,元旦\n2027-01-09,上班,\n"


def upload(desk, text: str = DAYS):
    """Ask what an order would do."""
    desk.get("/office/calendar")
    data = {**ORDER, "file": (io.BytesIO(text.encode()), "2027.csv")}
    return desk.post("/office/calendar/order-previews", data, content_type="multipart/form-data")


def looked_at(response) -> dict[str, str]:
    """The fields of the form under a dry run."""
    page = response.get_data(as_text=True)
    found = re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    pairs = [(re.search(r'name="([^"]*)"', field), re.search(r'value="([^"]*)"', field)) for field in found]
    return {name[1]: html_.unescape(value[1]) for name, value in pairs if name and value and name[1] != "csrf_token"}


@pytest.mark.rule("N5", "N6")
def test_an_order_is_tried_proposed_by_one_and_confirmed_by_another_and_windows_follow(app, at_any_desk):
    notice = builders.notice(published_at=at("2026-12-28 10:00"))
    assert notice.provisional
    one, other = (at_any_desk(builders.officer(Role.CALENDAR_OWNER, bureau_code=PROVINCE)) for _ in range(2))
    assert "2027年日历尚未确定" in one.get("/office/calendar?year=2027").get_data(as_text=True)
    tried = upload(one)
    page = tried.get_data(as_text=True)
    assert tried.status_code == 200, page
    assert notice.reference in page
    assert db.session.scalar(db.select(CalendarOrder)) is None  # a dry run writes nothing

    proposed = one.post("/office/calendar/orders", looked_at(tried))
    assert proposed.status_code == 303
    assert "您是提交人" in one.get(proposed.location).get_data(as_text=True)
    assert one.post(proposed.location + "/confirmation").status_code == 403
    assert notice.reference in other.get(proposed.location).get_data(as_text=True)
    assert other.post(proposed.location + "/confirmation").status_code == 303
    db.session.rollback()
    assert db.session.scalars(db.select(CalendarOrder)).one().status is OrderStatus.APPLIED
    settled = db.session.scalars(db.select(Notice)).one()
    assert not settled.provisional
    assert db.session.scalars(db.select(WindowChange)).one().notice_id == settled.id
    assert other.post(proposed.location + "/confirmation").status_code == 409


@pytest.mark.rule("N5")
def test_every_bad_row_of_an_order_is_named(sqlite_app, at_desk):
    desk = at_desk(builders.officer(Role.CALENDAR_OWNER, bureau_code=PROVINCE))
    answer = upload(desk, "日期,类型,名称\n2027-02-30,放假,春节\n2027-01-01,也许,元旦\n")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "第2行" in page
    assert "第3行" in page


@pytest.mark.rule("N5")
def test_nobody_below_the_province_changes_the_calendar_and_everybody_sees_it(sqlite_app, at_desk):
    city = at_desk(builders.officer(Role.CALENDAR_OWNER, bureau_code="430100"))
    page = city.get("/office/calendar?year=2026").get_data(as_text=True)
    assert "国庆节" in page
    assert "上传放假安排" not in page
    assert upload(city).status_code == 403


@pytest.mark.rule("S5")
def test_an_exception_needs_two_people_of_the_province_and_a_reason(app, at_any_desk):
    project = builders.project()
    one, other = (at_any_desk(builders.officer(Role.DECIDER, bureau_code=PROVINCE)) for _ in range(2))
    sent = {"project": project.number, "section": "contract", "reason": "档案移交延误，非申请单位原因"}
    assert one.post("/office/exceptions", sent | {"reason": "短"}).status_code == 422
    assert one.post("/office/exceptions", sent | {"project": "4301811511029999"}).status_code == 422
    assert one.post("/office/exceptions", sent).status_code == 303
    exception = db.session.scalars(db.select(PolicyException)).one()
    address = f"/office/exceptions/{exception.id}/confirmation"
    own = one.post(address)
    assert own.status_code == 403
    assert "提请人不能自己批准例外" in own.get_data(as_text=True)
    assert other.post(address).status_code == 303
    assert other.post(address).status_code == 409
    below = at_any_desk(builders.officer(Role.DECIDER))
    assert below.get("/office/exceptions").status_code == 403
