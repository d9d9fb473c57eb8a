"""通报: published by the province to everybody, copied to named departments, and never changed (rule I4)."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.domain import circulars
from portal.domain.canonical import canonical_bytes, digest
from portal.domain.errors import NotAllowed, RuleViolation
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.circular import Circular
from portal.models.words import Role
from tests.builders import MORNING, acting, at, done
from tests.domain.office import refused, said

TITLE = "关于某企业虚假业绩的通报"
TEXT = "经查，某企业申报的合同业绩不实，已据实删除。\n请各地引以为戒。"
COPIES = ["省发展和改革委员会", "省公共资源交易中心"]


def publish(title: str = TITLE, text: str = TEXT, copies: list[str] | None = None, **more: object) -> Circular:
    asked = {"actor": acting(Role.DECIDER, bureau_code="430000"), "now": MORNING} | more
    return done(lambda: circulars.publish(title, text, copies or [], **asked))  # type: ignore[arg-type]


@pytest.mark.rule("I4", "T1")
def test_a_circular_is_numbered_hashed_and_told_in_the_trail_with_its_copies(app: Flask):
    circular = publish(f"  {TITLE} ", TEXT.replace("\n", "\r\n"), [*COPIES, " ", COPIES[0]])
    assert (circular.number, circular.title, circular.text) == ("TB-2026-001", TITLE, TEXT)
    assert circular.copied_to == COPIES
    content = {"number": "TB-2026-001", "title": TITLE, "text": TEXT, "copied_to": COPIES}
    assert circular.content_hash == digest(canonical_bytes(content))
    told = said(Event.CIRCULAR_PUBLISHED)
    assert told["detail"] == {"number": "TB-2026-001", "title": TITLE, "copied_to": COPIES}
    assert told["after"] == {"content": circular.content_hash}


@pytest.mark.rule("I4")
def test_each_year_counts_from_one(app: Flask):
    numbers = [publish(f"第{n}份通报").number for n in range(2)]
    assert [*numbers, publish(now=at("2027-01-01 00:00")).number] == ["TB-2026-001", "TB-2026-002", "TB-2027-001"]


@pytest.mark.rule("I4")
def test_the_same_circular_sent_twice_is_published_once(app: Flask):
    first, second = publish(), publish(now=at("2026-09-30 10:01"))
    assert first.id == second.id
    assert db.session.scalar(db.select(db.func.count(Circular.id))) == 1
    assert publish(text=TEXT + "更正。").number == "TB-2026-002"


@pytest.mark.rule("I4", "A3")
def test_nobody_below_the_province_and_no_other_duty_publishes_one(app: Flask):
    for role in set(Role) - {Role.DECIDER, Role.SYSTEM}:
        actor = acting(role, bureau_code="430000")
        refused(lambda actor=actor: publish(actor=actor), NotAllowed, rule="A3")  # type: ignore[misc]
    for bureau in ("430100", "430181"):
        actor = acting(Role.DECIDER, bureau_code=bureau)
        refused(lambda actor=actor: publish(actor=actor), NotAllowed, rule="A3")  # type: ignore[misc]


@pytest.mark.rule("I4", "N1")
@pytest.mark.parametrize(
    ("title", "text", "copies", "field"),
    [
        ("", TEXT, [], "title"),
        (TITLE, " \n", [], "text"),
        ("长" * 201, TEXT, [], "title"),
        (TITLE, "长" * 20_001, [], "text"),
        (TITLE, TEXT, ["长" * 61], "copied_to"),
        (TITLE, TEXT, [f"第{n}厅" for n in range(31)], "copied_to"),
        (TITLE, TEXT + "联系人13800000000", [], "text"),
        (TITLE, TEXT, ["13800000000", "一个名称比它长的部门及其办公室"], "copied_to"),
    ],
)
def test_what_is_missing_too_long_or_personal_is_refused_at_its_field(
    sqlite_app: Flask, title: str, text: str, copies: list[str], field: str
):
    assert refused(lambda: publish(title, text, copies), RuleViolation).field == field
    assert db.session.scalar(db.select(db.func.count(Circular.id))) == 0
