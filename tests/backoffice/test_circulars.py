"""The province publishes a circular once it saw how it will stand; everybody in office reads it (rule I4)."""

from __future__ import annotations

import re

import pytest

from portal.extensions import db
from portal.models.circular import Circular
from portal.models.words import Role
from tests import builders

LIST = "/office/circulars"
WRITTEN = {
    "title": "关于某企业虚假业绩的通报",
    "text": "经查，某企业申报的合同业绩不实，已据实删除。\r\n请各地引以为戒。",
    "copied_to": "省发展和改革委员会\r\n\r\n省公共资源交易中心、省市场监督管理局",
}


@pytest.fixture
def province(at_any_desk):
    """A decider of the province."""
    return at_any_desk(builders.officer(Role.DECIDER, bureau_code="430000"))


def shown(html: str) -> str:
    found = re.search(r'name="shown"[^>]*value="([^"]*)"', html)
    return found[1] if found else ""


def published() -> list[Circular]:
    db.session.rollback()
    return list(db.session.scalars(db.select(Circular)))


@pytest.mark.rule("I4")
def test_a_circular_is_shown_as_it_will_stand_and_then_published_to_everybody(app, province):
    province.get(f"{LIST}/new")
    first = province.post(LIST, WRITTEN)
    html = first.get_data(as_text=True)
    assert first.status_code == 200
    assert "发布后是这样，请核对" in html
    assert "省发展和改革委员会、省公共资源交易中心、省市场监督管理局" in html
    assert published() == []

    changed = province.post(LIST, {**WRITTEN, "title": "改过的标题", "shown": shown(html)})
    assert changed.status_code == 200, "what was not shown is shown first"
    assert published() == []

    answer = province.post(LIST, {**WRITTEN, "shown": shown(html)})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    (circular,) = published()
    assert circular.copied_to == ["省发展和改革委员会", "省公共资源交易中心", "省市场监督管理局"]
    public = province.client.get(answer.location).get_data(as_text=True)
    assert "抄送：" in public
    assert WRITTEN["title"] in public

    again = province.post(LIST, {**WRITTEN, "shown": shown(html)})
    assert (again.status_code, again.location) == (303, answer.location), "a double click publishes one"
    assert len(published()) == 1


@pytest.mark.rule("I4", "A3")
def test_everybody_with_cases_reads_them_and_only_the_provinces_decider_may_publish(sqlite_app, at_desk):
    for bureau in ("430000", "430100", "430181"):
        for role in (Role.DECIDER, Role.CLERK, Role.AUDITOR):
            desk = at_desk(builders.officer(role, bureau_code=bureau))
            may = role is Role.DECIDER and bureau == "430000"
            page = desk.get(LIST)
            assert page.status_code == 200
            assert (f"{LIST}/new" in page.get_data(as_text=True)) is may
            assert desk.get(f"{LIST}/new").status_code == (200 if may else 403)
            assert desk.post(LIST, WRITTEN).status_code == (200 if may else 403)
    assert published() == []


def test_what_is_missing_or_personal_stands_beside_its_field_and_nothing_typed_is_lost(app, province):
    province.get(f"{LIST}/new")
    for wrong, field in (
        ({"title": ""}, "title"),
        ({"text": "  "}, "text"),
        ({"title": "长" * 201}, "title"),
        ({"text": WRITTEN["text"] + "联系人13800000000"}, "text"),
        ({"copied_to": "\r\n".join(f"第{n}厅" for n in range(40))}, "copied_to"),
        ({"copied_to": "长" * 5000}, "copied_to"),
    ):
        answer = province.post(LIST, {**WRITTEN, **wrong})
        html = answer.get_data(as_text=True)
        assert answer.status_code == 422, wrong
        assert f'id="{field}-error"' in html, wrong
        assert "请各地引以为戒" in html or field == "text"
    assert published() == []


@pytest.mark.parametrize("value", ["<script>alert(1)</script>{{ 7*7 }}", "9" * 400, "\u202e文字😀", "a\x00b", "' --"])
def test_whatever_is_sent_is_answered(app, province, value):
    province.get(f"{LIST}/new")
    for field in (*WRITTEN, "shown"):
        answer = province.post(LIST, {**WRITTEN, field: value})
        assert answer.status_code in (200, 400, 422), field
        assert "<script>alert" not in answer.get_data(as_text=True)
    assert province.get(f"{LIST}?before={value}").status_code in (200, 400)
    assert published() == []
