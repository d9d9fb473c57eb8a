"""The publisher at his desk: redacted copies through the one upload door, and the preview of what becomes public."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from portal.domain import public_copies
from portal.extensions import begin_write, db
from portal.models.application import Application
from portal.models.attachment import Attachment
from portal.models.notice import Notice
from portal.models.public_copy import PublicCopy
from portal.models.words import Role, Status
from tests import builders, evidence
from tests.backoffice.conftest import Desk
from tests.support.clamd import scanner
from tests.support.files import EICAR, JPEG, PDF, carrying, office_file, pdf, photograph, written

NAME = "施工合同首页（已遮盖）"
AtDesk = Callable[..., Desk]


def place_of(case: Application) -> str:
    """Address of the page on which the copies of a case are made ready."""
    return f"/office/applications/{case.number}/public-evidence"


def original_of(case: Application, place: int = 0) -> Attachment:
    return public_copies.originals(case)[place]


def form(
    original: Attachment | int, data: bytes | None = PDF, name: str = "扫描.pdf", label: str = NAME, **other: Any
) -> dict[str, Any]:
    """What the form of one original sends."""
    prefix = f"copy-{original if isinstance(original, int) else original.id}"
    sent = {f"{prefix}-label": label, f"{prefix}-checked": "y", **other}
    return sent if data is None else {**sent, f"{prefix}-file": (io.BytesIO(data), name)}


def send(desk: Desk, case: Application, original: Attachment, **more: Any) -> Any:
    address = f"{place_of(case)}/{original.id}"
    return desk.post(address, form(original, **more), content_type="multipart/form-data")


def rows() -> list[PublicCopy]:
    db.session.expire_all()
    return list(db.session.scalars(db.select(PublicCopy)))


@pytest.mark.rule("N1", "N2")
def test_a_publisher_uploads_a_copy_looks_at_it_and_publishes_exactly_that(app: Flask, at_any_desk: AtDesk):
    case = evidence.case()
    original, number = original_of(case), case.number
    desk = at_any_desk(builders.officer(Role.PUBLISHER))
    page = desk.get(f"/office/applications/{number}").text
    assert "本件1份佐证材料不公开" in page

    assert send(desk, case, original).status_code == 303
    [copy] = rows()
    seen = desk.client.get(f"{place_of(case)}/{original.id}")
    assert seen.headers["Content-Disposition"].startswith("attachment")
    assert (len(seen.data), seen.headers["Cache-Control"]) == (copy.size, "private, no-store")

    page = desk.get(f"/office/applications/{number}").text
    assert f"{NAME}.pdf" in page
    assert copy.sha256[:8] in page
    shown = page.split('name="notice-copies"')[1].split('value="')[1].split('"')[0]
    assert desk.post(f"/office/applications/{number}/notice", {"notice-copies": shown}).status_code == 303
    [notice] = db.session.scalars(db.select(Notice))
    [said] = json.loads(notice.content)["public_evidence"]
    assert (said["sha256"], said["size"], said["original"]) == (copy.sha256, copy.size, original.sha256)
    assert "公开材料已随内容固定" in desk.get(place_of(case)).text


@pytest.mark.rule("N1")
def test_what_a_colleague_added_meanwhile_is_shown_before_it_is_published(sqlite_app: Flask, at_desk: AtDesk):
    case = evidence.case()
    desk = at_desk(builders.officer(Role.PUBLISHER))
    desk.get(f"/office/applications/{case.number}")
    evidence.prepare(case)
    answer = desk.post(f"/office/applications/{case.number}/notice", {"notice-copies": ""})
    assert answer.status_code == 409
    assert "公开材料刚刚有变动" in answer.text
    assert f"{NAME}.pdf" in answer.text
    shown = answer.text.split('name="notice-copies"')[1].split('value="')[1].split('"')[0]
    assert desk.post(f"/office/applications/{case.number}/notice", {"notice-copies": shown}).status_code == 303


@pytest.mark.rule("N1", "C7")
def test_a_copy_loses_its_metadata_and_the_uploaded_file_is_kept_nowhere(sqlite_app: Flask, at_desk: AtDesk, tmp_path):
    case = evidence.case()
    original = original_of(case)
    desk = at_desk(builders.officer(Role.PUBLISHER))
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert send(desk, case, original, data=photograph("Zhang San"), name="张三.jpg").status_code == 303
    [copy] = rows()
    new = [path for path in tmp_path.rglob("*") if path.is_file() and path not in before and "files" in path.parts]
    assert [path.name for path in new] == [copy.sha256]
    assert b"Zhang San" not in new[0].read_bytes()
    assert "张三" not in json.dumps(public_copies.said([copy]), ensure_ascii=False)


HOSTILE_FILES = {
    "a telephone under a black box": (written("Mr Li 13812345678"), "手机号码"),
    "an identity number": (written("No. 430181199003077519"), "身份证号"),
    "a number set digit by digit": (written("1 3 8 1 2 3 4 5 6 7 8"), "手机号码"),
    "a mail address": (written("someone@example.com"), "电子邮箱"),
    "a telephone in a comment": (written("nothing", note="call 13812345678"), "手机号码"),
    "another file inside": (carrying("list.txt", b"13812345678"), "夹带"),
    "too many pages": (pdf(pages=301), "300页"),
    "an office file": (office_file("docx"), "另存为PDF"),
    "no known kind": (b"GIF89a" + b"0" * 50, "实际格式"),
    "empty": (b"", "是空的"),
    "broken": (b"%PDF-1.7 broken", "打不开"),
}


@pytest.mark.rule("N1")
@pytest.mark.parametrize("kind", HOSTILE_FILES)
def test_a_copy_that_gives_something_away_is_refused_by_its_name(
    sqlite_app: Flask, at_desk: AtDesk, tmp_path, kind: str
):
    data, told = HOSTILE_FILES[kind]
    case = evidence.case()
    original = original_of(case)
    desk = at_desk(builders.officer(Role.PUBLISHER))
    before = sum(path.is_file() for path in (tmp_path / "files").rglob("*"))
    answer = send(desk, case, original, data=data, name="副本.pdf")
    assert answer.status_code == 422
    assert "副本.pdf" in answer.text
    assert told in answer.text
    assert "13812345678" not in answer.text
    assert f'value="{NAME}"' in answer.text  # what was typed is still there
    assert rows() == []
    assert sum(path.is_file() for path in (tmp_path / "files").rglob("*")) == before  # nothing of it is kept


@pytest.mark.rule("N1")
def test_the_bureaus_own_telephone_may_stand_in_a_copy(sqlite_app: Flask, at_desk: AtDesk):
    case = evidence.case()
    begin_write()
    case.bureau.telephone = "0731-83611234"
    db.session.commit()
    desk = at_desk(builders.officer(Role.PUBLISHER))
    assert send(desk, case, original_of(case), data=written("Tel 0731-83611234")).status_code == 303
    assert send(desk, case, original_of(case), data=written("Tel 0731-83611235")).status_code == 422


@pytest.mark.rule("N1")
def test_what_is_missing_is_said_beside_its_field(sqlite_app: Flask, at_desk: AtDesk):
    case = evidence.case()
    original = original_of(case)
    desk = at_desk(builders.officer(Role.PUBLISHER))
    prefix, address = f"copy-{original.id}", f"{place_of(case)}/{original.id}"
    answer = desk.post(address, {})
    assert answer.status_code == 422
    for said in ("请写明材料名称", "请选择遮盖后的副本文件", "请逐页核对副本"):
        assert said in answer.text
    assert f'id="{prefix}-file-error"' in answer.text
    assert desk.post(address, {**form(original, None), f"{prefix}-file": "words"}).status_code == 422
    unchecked = form(original, label="李工13812345678")
    assert "手机号码" in desk.post(address, unchecked, content_type="multipart/form-data").text
    assert send(desk, case, original, label="长" * 61).status_code == 422
    unchecked = {key: value for key, value in form(original).items() if not key.endswith("checked")}
    assert desk.post(address, unchecked, content_type="multipart/form-data").status_code == 422
    assert rows() == []


@pytest.mark.rule("N1")
def test_a_copy_larger_than_the_limit_is_refused(sqlite_app: Flask, at_desk: AtDesk):
    sqlite_app.config["PORTAL"] = replace(sqlite_app.config["PORTAL"], largest_file=2000)
    case = evidence.case()
    desk = at_desk(builders.officer(Role.PUBLISHER))
    answer = send(desk, case, original_of(case), data=PDF + b"0" * 2000)
    assert answer.status_code == 422
    assert "请压缩后再上传" in answer.text


def test_a_copy_with_a_virus_is_refused(sqlite_app: Flask, at_desk: AtDesk):
    case = evidence.case()
    desk = at_desk(builders.officer(Role.PUBLISHER))
    with scanner() as address:
        sqlite_app.config["PORTAL"] = replace(sqlite_app.config["PORTAL"], clamd=address)
        answer = send(desk, case, original_of(case), data=PDF + EICAR)
    assert answer.status_code == 422
    assert "病毒" in answer.text
    assert rows() == []


@pytest.mark.rule("N1")
def test_sending_the_same_copy_twice_makes_one_and_taking_it_back_twice_leaves_none(app: Flask, at_any_desk: AtDesk):
    case = evidence.case()
    original = original_of(case)
    desk = at_any_desk(builders.officer(Role.PUBLISHER))
    for _ in range(2):
        assert send(desk, case, original).status_code == 303
    assert len(rows()) == 1
    for _ in range(2):
        assert desk.post(f"{place_of(case)}/{original.id}/removal").status_code == 303
    assert rows() == []


@pytest.mark.rule("A5")
def test_foreign_and_impossible_originals_do_not_exist(sqlite_app: Flask, at_desk: AtDesk):
    case, other = evidence.case(), evidence.case(evidence.kept(b"other"))
    foreign = original_of(other)
    desk = at_desk(builders.officer(Role.PUBLISHER))
    for wrong in (str(foreign.id), "0", "99999999999999999999999", "-1", "x", "1e3"):
        address = f"{place_of(case)}/{wrong}"
        sent = form(int(wrong) if wrong.isdigit() else 1)
        assert desk.get(address).status_code == 404, wrong
        assert desk.post(address, sent, content_type="multipart/form-data").status_code == 404, wrong
        assert desk.post(f"{address}/removal").status_code == 404, wrong
    assert rows() == []
    evidence.prepare(other)
    assert desk.get(f"{place_of(case)}/{foreign.id}").status_code == 404
    assert desk.client.get(f"{place_of(other)}/{foreign.id}").status_code == 200
    stranger = at_desk(builders.officer(Role.PUBLISHER, bureau_code="430281"))
    for address in (place_of(case), f"{place_of(other)}/{foreign.id}"):
        assert stranger.get(address).status_code == 404


@pytest.mark.rule("A3", "S3")
def test_others_neither_prepare_nor_take_back(sqlite_app: Flask, at_desk: AtDesk):
    case = evidence.case()
    original = original_of(case)
    assert at_desk(builders.officer(Role.VERIFIER)).get(place_of(case)).status_code == 403
    above = at_desk(builders.officer(Role.PUBLISHER, bureau_code="430100"))
    page = above.get(place_of(case))
    assert "不能代为办理" in page.text
    assert "保存公开副本" not in page.text
    assert send(above, case, original).status_code == 403
    assert above.post(f"{place_of(case)}/{original.id}/removal").status_code == 403
    assert sqlite_app.test_client().get(place_of(case)).status_code in (302, 303)
    assert rows() == []


@pytest.mark.rule("N2")
def test_after_publishing_a_late_copy_is_refused_and_a_retraction_opens_it_again(sqlite_app: Flask, at_desk: AtDesk):
    case = evidence.case()
    original = original_of(case)
    desk = at_desk(builders.officer(Role.PUBLISHER))
    notice = evidence.published(case)
    late = send(desk, case, original)
    assert late.status_code == 409
    assert "撤回公示" in late.text
    assert rows() == []
    desk.post(f"/office/notices/{notice.reference}/retraction", {"retraction-reason": "漏了应当公开的材料"})
    db.session.expire_all()
    assert case.status is Status.VERIFIED
    assert send(desk, case, original, data=JPEG, name="a.jpg").status_code == 303


def test_the_page_asks_the_same_of_the_database_however_many_files_there_are(
    sqlite_app: Flask, at_desk: AtDesk, statements: list[str]
):
    few = evidence.case(evidence.kept(b"one"))
    many = evidence.case(*(evidence.kept(bytes([48 + n])) for n in range(8)))
    for place in range(8):
        evidence.prepare(many, data=PDF + bytes([48 + place]), place=place)
    evidence.prepare(few)
    desk = at_desk(builders.officer(Role.PUBLISHER))
    counts = []
    for case in (few, many):
        for address in (place_of(case), f"/office/applications/{case.number}"):
            db.session.expire_all()
            statements.clear()
            assert desk.get(address).status_code == 200
            counts.append(len(statements))
    assert counts[:2] == counts[2:]
