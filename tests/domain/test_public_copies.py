"""What of the evidence the public will see, and that the content of a notice binds it: rules N1, N2."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import pytest
from flask import Flask

from portal.domain import notices, public_copies
from portal.domain.errors import NotAllowed, NotAllowedNow, NotFound
from portal.domain.trail import Event
from portal.extensions import db
from portal.models.application import Application
from portal.models.notice import Notice
from portal.models.public_copy import PublicCopy
from portal.models.words import Role, Status
from tests import evidence
from tests.builders import MORNING, acting, done
from tests.domain.office import history, refused
from tests.support.files import JPEG, PDF

NAME = "施工合同首页（已遮盖）"


def rows() -> list[PublicCopy]:
    return list(db.session.scalars(db.select(PublicCopy)))


def times(event: Event, case: Application) -> int:
    return [said for said, _ in history(case)].count(event.value)


@pytest.mark.rule("N1")
def test_nothing_is_public_unless_the_publisher_prepares_a_copy_of_it(app: Flask):
    case = evidence.case()
    published = evidence.published(case)
    said = json.loads(published.content)
    assert (said["v"], said["public_evidence"]) == (2, [])
    [original] = public_copies.originals(case)
    assert original.sha256 in said["verifications"][0]["evidence"]  # named as ever
    assert "合同.pdf" not in published.content.decode()


@pytest.mark.rule("N1", "N2")
def test_the_frozen_content_names_each_copy_and_of_which_original_it_is(app: Flask):
    case = evidence.case(evidence.kept(b"one"), evidence.kept(b"two"), evidence.kept(b"three"))
    first, third = evidence.prepare(case, NAME, PDF), evidence.prepare(case, "现场照片", PDF + b"%", place=2)
    originals = public_copies.originals(case)
    published = evidence.published(case)
    assert json.loads(published.content)["public_evidence"] == [
        {
            "label": NAME,
            "name": f"{NAME}.pdf",
            "media_type": "application/pdf",
            "size": len(PDF),
            "sha256": first.sha256,
            "original": originals[0].sha256,
        },
        {
            "label": "现场照片",
            "name": "现场照片.pdf",
            "media_type": "application/pdf",
            "size": len(PDF) + 1,
            "sha256": third.sha256,
            "original": originals[2].sha256,
        },
    ]


@pytest.mark.rule("N2")
def test_the_hash_of_a_notice_is_another_where_only_a_byte_of_a_copy_is(app: Flask):
    case = evidence.case()
    evidence.prepare(case, NAME, PDF)
    first = evidence.published(case)
    publisher = acting(Role.PUBLISHER)
    done(lambda: notices.retract(first, "副本漏盖一处签名", actor=publisher, now=MORNING))
    better = evidence.prepare(case, NAME, PDF + b"%")  # a replacement may carry another copy
    second = evidence.published(case)
    assert first.content_hash != second.content_hash
    assert [each["sha256"] for each in json.loads(second.content)["public_evidence"]] == [better.sha256]
    assert better.sha256 not in first.content.decode()  # the old one says what it said


@pytest.mark.rule("N1")
def test_one_original_has_one_copy_however_often_it_is_sent(app: Flask):
    case = evidence.case()
    evidence.prepare(case, NAME, PDF)
    evidence.prepare(case, NAME, PDF)
    assert len(rows()) == 1
    assert times(Event.PUBLIC_COPY_PREPARED, case) == 1
    evidence.prepare(case, NAME, PDF + b"%")
    [copy] = rows()
    db.session.refresh(copy)
    assert copy.size == len(PDF) + 1
    assert times(Event.PUBLIC_COPY_PREPARED, case) == 2


@pytest.mark.rule("N1")
def test_a_copy_can_be_taken_back_before_publishing(app: Flask):
    case, publisher = evidence.case(), acting(Role.PUBLISHER)
    [original] = public_copies.originals(case)
    evidence.prepare(case)
    for _ in range(2):
        done(lambda: public_copies.drop(case, original.id, actor=publisher, now=MORNING))
    assert rows() == []
    assert times(Event.PUBLIC_COPY_DROPPED, case) == 1
    assert json.loads(evidence.published(case).content)["public_evidence"] == []


@pytest.mark.rule("N1")
def test_the_original_itself_is_no_redacted_copy(app: Flask):
    case, publisher = evidence.case(), acting(Role.PUBLISHER)
    [original] = public_copies.originals(case)
    same = evidence.kept(evidence.ORIGINAL)
    refusal = refused(
        lambda: public_copies.prepare(case, original.id, same, NAME, actor=publisher, now=MORNING), rule="N1"
    )
    assert "没有遮盖" in refusal.message


@pytest.mark.rule("N1")
@pytest.mark.parametrize(
    ("label", "told"),
    [("", "材料名称"), ("   ", "材料名称"), ("长" * 61, "60字"), ("李工13812345678的合同", "手机号码")],
)
def test_a_label_is_public_and_must_be_fit_for_it(sqlite_app: Flask, label: str, told: str):
    case, publisher = evidence.case(), acting(Role.PUBLISHER)
    [original] = public_copies.originals(case)
    file = evidence.kept(PDF)
    refusal = refused(
        lambda: public_copies.prepare(case, original.id, file, label, actor=publisher, now=MORNING), rule="N1"
    )
    assert refusal.field == "label"
    assert told in refusal.message
    assert "13812345678" not in refusal.message
    assert rows() == []


@pytest.mark.rule("N1")
def test_office_files_are_no_public_copies(sqlite_app: Flask):
    case, publisher = evidence.case(), acting(Role.PUBLISHER)
    [original] = public_copies.originals(case)
    file = replace(evidence.kept(b"PK"), media_type="application/vnd.ms-excel")
    refused(lambda: public_copies.prepare(case, original.id, file, NAME, actor=publisher, now=MORNING), rule="N1")


@pytest.mark.rule("A5")
def test_the_evidence_of_another_case_does_not_exist_here(app: Flask):
    case, other, publisher = evidence.case(), evidence.case(evidence.kept(b"other")), acting(Role.PUBLISHER)
    [foreign] = public_copies.originals(other)
    file = evidence.kept(PDF)
    for wrong in (foreign.id, 0, -1, 10**30):
        refused(
            partial(public_copies.prepare, case, wrong, file, NAME, actor=publisher, now=MORNING), NotFound, rule="A5"
        )
        refused(partial(public_copies.drop, case, wrong, actor=publisher, now=MORNING), NotFound, rule="A5")
    assert rows() == []


@pytest.mark.rule("A3", "S3")
def test_only_a_publisher_of_the_bureau_itself_prepares_what_becomes_public(app: Flask):
    case = evidence.case()
    [original] = public_copies.originals(case)
    file = evidence.kept(PDF)
    for stranger in (acting(Role.VERIFIER, Role.DECIDER), acting(Role.PUBLISHER, bureau_code="430100")):
        act = partial(public_copies.prepare, case, original.id, file, NAME, actor=stranger, now=MORNING)
        refused(act, NotAllowed)
    assert rows() == []


@pytest.mark.rule("N2")
def test_what_is_on_notice_cannot_be_changed_by_changing_what_was_prepared(app: Flask):
    case, publisher = evidence.case(), acting(Role.PUBLISHER)
    [original] = public_copies.originals(case)
    evidence.prepare(case)
    evidence.published(case)
    file = evidence.kept(JPEG, media_type="image/jpeg")
    for act in (
        lambda: public_copies.prepare(case, original.id, file, NAME, actor=publisher, now=MORNING),
        lambda: public_copies.drop(case, original.id, actor=publisher, now=MORNING),
    ):
        assert "撤回公示" in refused(act, NotAllowedNow, rule="N2").message
    assert len(rows()) == 1


@pytest.mark.rule("N1")
def test_copies_the_publisher_was_not_shown_are_not_published(app: Flask):
    case, publisher = evidence.case(), acting(Role.PUBLISHER)
    shown = public_copies.fingerprint(public_copies.prepared(case))
    assert shown == ""
    evidence.prepare(case)  # by a colleague, meanwhile
    refused(lambda: notices.publish(case, actor=publisher, now=MORNING, shown=shown), NotAllowedNow, rule="N1")
    assert db.session.scalars(db.select(Notice)).all() == []
    shown = public_copies.fingerprint(public_copies.prepared(case))
    done(lambda: notices.publish(case, actor=publisher, now=MORNING, shown=shown))
    assert case.status is Status.ON_NOTICE
