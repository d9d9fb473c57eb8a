"""签名回执 of real filings: the same each time, true to what was filed, and good against a portal that lost it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.config import ConfigurationError, Settings
from portal.domain import filings, objections, signed_receipts
from portal.domain.actor import PUBLIC
from portal.domain.attachments import StoredFile
from portal.domain.filings import Ground, Identity
from portal.domain.signed_receipts import Filed, NoReceipt, Standing
from portal.extensions import db
from portal.models.application import ApplicationReceipt
from portal.models.complaint import Complaint
from portal.models.trail_entry import TrailEntry
from portal.models.words import ComplaintMatter, ComplaintTarget, IdentityMode, Section
from tests import builders
from tests.builders import COUNTY, MORNING, at, done
from tests.complaints import complain
from tests.domain.office import blank
from tests.support.losing import lose

PHOTO = StoredFile("王小明的照片.jpg", "image/jpeg", 2048, "b" * 64, "bb/" + "b" * 64)
NAMED = Identity(IdentityMode.CONFIDENTIAL, {"name": "王小明", "phone": "13907310000"})
NOW = at("2026-10-09 10:00")


def objection() -> Filed:
    """One with two grounds and a file, by somebody with a name."""
    about = builders.notice()
    token = done(lambda: filings.begin(about.id, now=MORNING))
    said = [Ground("合同金额与公示不符，\r\n附照片", (PHOTO,)), Ground("承包单位并未参与施工")]
    number = done(lambda: objections.file(about.id, token, said, NAMED, arrived_at=MORNING, actor=PUBLIC, now=MORNING))
    found: Filed = builders.filed(number)
    return found


def complaint() -> Filed:
    return complain(ComplaintMatter.OTHER, ComplaintTarget.PERSON, described="审批科王小明", files=(PHOTO,))


def application() -> Filed:
    return builders.online_application()[0]


FILED = pytest.mark.parametrize("file", [objection, complaint, application], ids=lambda made: made.__name__)
Make = Callable[[], Filed]


@pytest.fixture(autouse=True)
def own_key(app: Flask) -> Iterator[None]:
    """The key of the tests again, whatever a test did with it."""
    yield
    settings = app.config["PORTAL"]
    signed_receipts.use_keys(settings.receipt_key, settings.receipt_key_name, settings.retired_receipt_keys)


@pytest.mark.rule("O4", "T6")
@FILED
def test_a_receipt_is_the_same_each_time_and_says_what_was_filed_and_when(file: Make) -> None:
    filed = file()
    note = signed_receipts.note_of(filed)
    references = [case.number for case in filed.cases] if isinstance(filed, ApplicationReceipt) else [filed.number]
    db.session.expire_all()
    assert signed_receipts.note_of(filed) == note
    proof = signed_receipts.check(note)
    assert (proof.standing, proof.retired) == (Standing.KNOWN, False)
    assert (proof.receipt.number, proof.receipt.arrived) == (filed.number, filed.arrived_at)
    entries = db.session.scalars(select(TrailEntry).where(TrailEntry.subject_ref.in_(references)))
    assert [entry.commitment.hex() for entry in entries] == list(proof.receipt.entries)
    handed_in = builders.SCAN if file is application else PHOTO
    assert proof.receipt.files == ((handed_in.sha256, handed_in.size),)


@pytest.mark.rule("T6", "C7")
@FILED
def test_nobody_is_named_and_nothing_secret_stands_in_it(file: Make) -> None:
    note = signed_receipts.note_of(file())
    for secret in ("王小明", "13907310000", "照片", "审批科", "申请表", "周明", "三穗", "confidential"):
        assert secret not in note


@pytest.mark.rule("T6")
@FILED
def test_what_was_filed_can_be_shown_to_be_just_that_with_nothing_but_a_hash_function(file: Make) -> None:
    filed = file()
    receipt = signed_receipts.receipt_of(filed)
    lines = signed_receipts.content_of(filed).split(b"\n")[:-1]
    assert tuple(hashlib.sha256(line).hexdigest() for line in lines) == receipt.contents != ()
    assert all(json.loads(line) for line in lines)


@pytest.mark.rule("T6")
def test_it_says_what_it_is_about_by_public_references(app: Flask) -> None:
    project = builders.project()
    about = [
        signed_receipts.receipt_of(each).about
        for each in (
            objection(),
            complaint(),
            complain(),
            complain(ComplaintMatter.FALSE_RECORD, ComplaintTarget.PROJECT, project_id=project.id),
            complain(ComplaintMatter.FALSE_RECORD, ComplaintTarget.COMPANY, company="某公司"),
            application(),
        )
    ]
    assert about[0] == ("notice GS430181-2026-00001",)
    assert about[1:3] == [("person",), (f"bureau {COUNTY}",)]
    assert about[3:5] == [(f"project {project.number}",), ("company",)]
    assert [each.split(" ")[0] for each in about[5]] == ["project", "case"]


@pytest.mark.rule("T6")
def test_a_late_objection_has_a_receipt_of_the_complaint_it_became(app: Flask) -> None:
    about = builders.notice()
    token = done(lambda: filings.begin(about.id, now=MORNING))
    late = about.ends_at
    said = [Ground("合同金额与公示不符", (PHOTO,)), Ground("承包单位并未参与施工")]
    number = done(
        lambda: objections.file_or_complain(about.id, token, said, NAMED, arrived_at=late, actor=PUBLIC, now=late)
    )
    receipt = signed_receipts.receipt_of(builders.filed(number))
    assert (receipt.kind, receipt.about) == ("complaint", (f"notice {about.reference}",))
    assert receipt.files == ((PHOTO.sha256, PHOTO.size),)


@pytest.mark.rule("S7", "T6")
def test_the_cases_of_one_application_share_a_receipt_that_rests_on_the_entries_of_all(app: Flask) -> None:
    project = builders.project()
    entries = builders.entry(project), builders.entry(project, section=Section.BIDDING, content=blank(Section.BIDDING))
    receipt = signed_receipts.receipt_of(builders.online_application(*entries)[0])
    assert len(receipt.contents) == 2
    assert len(receipt.entries) == sum(each.startswith("case ") for each in receipt.about)
    assert receipt.files == ((builders.SCAN.sha256, builders.SCAN.size),)


@pytest.mark.rule("T6")
@FILED
def test_a_portal_that_lost_the_filing_is_convicted_by_its_own_signature(file: Make) -> None:
    filed = file()
    note, table = signed_receipts.note_of(filed), filed.__tablename__
    lose(table, filed.number)
    proof = signed_receipts.check(note)
    assert proof.standing is Standing.LOST
    assert proof.receipt.number in note


@pytest.mark.rule("T6")
def test_a_portal_that_moved_the_arrival_or_dropped_a_file_is_convicted_too(app: Flask) -> None:
    filed = complaint()
    assert isinstance(filed, Complaint)
    note = signed_receipts.note_of(filed)
    done(lambda: setattr(filed, "arrived_at", NOW.replace(minute=1)))
    assert signed_receipts.check(note).standing is Standing.ALTERED
    done(lambda: setattr(filed, "arrived_at", NOW))
    assert signed_receipts.check(note).standing is Standing.KNOWN
    done(lambda: setattr(filed.evidence[0], "sha256", "c" * 64))
    assert signed_receipts.check(note).standing is Standing.ALTERED


@pytest.mark.rule("T6", "V2")
def test_what_an_applicant_corrects_later_leaves_his_receipt_as_it_was(app: Flask) -> None:
    filed, _code = builders.online_application()
    note = signed_receipts.note_of(filed)
    case = filed.cases[0]
    done(lambda: setattr(case.changes[0], "after", {**case.changes[0].after, "amount": "1.0000"}))
    assert signed_receipts.note_of(filed) == note
    assert signed_receipts.check(note).standing is Standing.KNOWN
    assert signed_receipts.content_of(filed) == b""


@pytest.mark.rule("T6")
def test_receipts_under_a_retired_key_stay_good_and_under_a_stranger_s_are_not_ours(app: Flask) -> None:
    note = signed_receipts.note_of(objection())
    old = signed_receipts.known_keys()[0]
    signed_receipts.use_keys("another secret of thirty-two characters", "gs.example/receipts", [])
    with pytest.raises(NoReceipt, match="不是本平台签出的"):
        signed_receipts.check(note)
    signed_receipts.use_keys("another secret of thirty-two characters", "gs.example/receipts", [str(old)])
    proof = signed_receipts.check(note)
    assert (proof.retired, proof.key) == (True, old)


@pytest.mark.rule("T6")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda note: "", "请粘贴"),
        (lambda note: "我要投诉", "不是一份完整的签名回执"),
        (lambda note: note.partition("\n\n")[0], "不是一份完整的签名回执"),
        (lambda note: note.replace("arrived 2026-09-30T10", "arrived 2026-09-30T09"), "签名与内容不符"),
        (lambda note: note + "\n" + note, "不止一份回执"),
        (lambda note: note * 1000, "太长"),
        (lambda note: note.replace("notice ", "notice"), "签名与内容不符"),
    ],
)
def test_what_proves_nothing_is_refused_with_the_reason(app: Flask, change: Callable[[str], str], reason: str) -> None:
    note = signed_receipts.note_of(objection())
    with pytest.raises(NoReceipt, match=reason) as refusal:
        signed_receipts.check(change(note))
    assert refusal.value.status == 422


@pytest.mark.rule("T6")
@pytest.mark.parametrize(
    "change", [lambda note: note.replace("\n", "\r\n"), lambda note: f"\ufeff\n\n{note}\n  \n", str.strip]
)
def test_line_ends_and_blanks_around_it_do_not_spoil_it(app: Flask, change: Callable[[str], str]) -> None:
    assert signed_receipts.check(change(signed_receipts.note_of(objection()))).standing is Standing.KNOWN


@pytest.mark.parametrize(("secret", "retired"), [("short", []), ("long enough " * 3, ["no key"])])
def test_keys_that_cannot_be_used_stop_the_start(app: Flask, secret: str, retired: list[str]) -> None:
    with pytest.raises(ValueError, match=r"32 characters|verifier key"):
        signed_receipts.use_keys(secret, "gs.example/receipts", retired)


@pytest.mark.rule("T6")
def test_without_the_key_nothing_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PORTAL_SECRET_KEY", "PORTAL_VAULT_KEY"):
        monkeypatch.setenv(name, "x" * 32)
    monkeypatch.setenv("PORTAL_STATE", str(tmp_path))
    monkeypatch.delenv("PORTAL_RECEIPT_KEY", raising=False)
    with pytest.raises(ConfigurationError, match="PORTAL_RECEIPT_KEY must be set"):
        Settings.from_environment()
    monkeypatch.setenv("PORTAL_RECEIPT_KEY", "r" * 32)
    monkeypatch.setenv("PORTAL_RETIRED_RECEIPT_KEYS", "one+00+AA== two+00+AA==")
    monkeypatch.setenv("PORTAL_SITE_URL", "https://gs.example.gov.cn/")
    settings = Settings.from_environment()
    assert settings.retired_receipt_keys == ("one+00+AA==", "two+00+AA==")
    assert settings.receipt_key_name == "gs.example.gov.cn/receipts"
