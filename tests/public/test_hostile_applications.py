"""我要申请 and its progress page under hostile requests: answered calmly, nothing half-written, nothing run."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from portal.extensions import db
from portal.models.application import Application
from portal.models.attachment import Attachment
from portal.models.words import Status
from tests import builders
from tests.builders import online_application
from tests.public.conftest import SetClock
from tests.public.test_application_progress import Applicant, told
from tests.public.test_applications_online import begun, send
from tests.support.files import EICAR, office_file, pdf

TEXTS = ("<script>alert(1)</script>", "'; DROP TABLE application; --", "{{7*7}}", "%00", "‮txt.exe", "长" * 5000, "=1+1")
BODIES: tuple[dict[str, Any], ...] = (
    {"json": {"code": ["x"], "list": {}}},
    {"data": b"\xff\xfe\x00", "content_type": "application/octet-stream"},
    {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"},
    {
        "data": {"code": (BytesIO(b"x"), "code.txt"), "list": (BytesIO(b"x"), "l.txt")},
        "content_type": "multipart/form-data",
    },
    {"data": MultiDict([("code", "a"), ("code", "b"), ("list", "c"), ("list", "d"), ("case", "e")])},
    {},
)


def calm(status: int) -> bool:
    return status < 500


def test_every_kind_of_body_is_answered_and_writes_nothing(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 11:00")
    receipt, _code = online_application()
    told(receipt.cases[0])
    address = begun(sqlite_client, builders.entry())
    places = [f"/progress/{receipt.number}/corrections", f"/progress/{receipt.number}/application-withdrawal"]
    for place in [*places, "/progress", "/applications", address, f"{address}/draft", f"{address}/receipt"]:
        for body in BODIES:
            if body.get("content_type") == "multipart/form-data":
                body = body | {"data": {"code": (BytesIO(b"x"), "c.txt"), "list": (BytesIO(b"x"), "l.txt")}}
            assert calm(sqlite_client.post(place, **body).status_code), (place, body)
        for method in ("put", "delete", "patch"):
            assert getattr(sqlite_client, method)(place).status_code in (404, 405)
    db.session.expire_all()
    assert receipt.cases[0].status is Status.DEFICIENT
    assert db.session.scalar(db.select(db.func.count()).select_from(Application)) == 1


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_texts_in_an_answer_stay_text(sqlite_client: FlaskClient, time_is: SetClock, text: str) -> None:
    time_is("2026-10-09 11:00")
    who = Applicant(sqlite_client)
    notice = told(who.cases[0])
    for button in ("save", "send"):
        answer = who.answer(notice, button=button, text_0=text, value_1=text)
        assert answer.status_code in (200, 422)
        assert "<script>alert" not in answer.text
        assert "<script>alert" not in who.look()
    who.send(
        "corrections", list=notice.number, **{f"answer-{notice.id}-text-{notice.items[0].id}": (BytesIO(b"x"), "t")}
    )
    for wanted in (text, "SQ430181-2026-99999", ""):
        assert calm(who.send("application-withdrawal", case=wanted, list=wanted).status_code)
        assert calm(who.send("corrections", case=wanted, list=wanted).status_code)
        assert calm(who.send("files", file=wanted).status_code)


def test_hostile_files_are_refused_by_name_and_the_others_kept(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 11:00")
    who = Applicant(sqlite_client)
    notice = told(who.cases[0])
    harmless = (BytesIO(pdf()), "../../合同<b>.pdf")
    for content, name in (
        (b"", "空.pdf"),
        (b"MZ", "程序.pdf"),
        (office_file(unpacked=400_000_000), "炸弹.docx"),
        (EICAR, "病毒.pdf"),
        (b"%PDF-1.4 broken", "坏.pdf"),
    ):
        bad = who.answer(notice, files_0=(BytesIO(content), name), files_1=(BytesIO(pdf(name)), "好.pdf"))
        assert bad.status_code == 422, name
        assert name in bad.text
        assert "好.pdf" in bad.text
    many = who.answer(notice, button="save", files_0=[(BytesIO(pdf(str(at))), f"{at}.pdf") for at in range(11)])
    assert many.status_code == 422
    assert "最多" in many.text
    kept = who.answer(notice, button="save", files_0=harmless)
    assert "合同&lt;b&gt;.pdf" in kept.text
    names = db.session.scalars(db.select(Attachment.name).where(Attachment.deficiency_item_id.is_not(None))).all()
    assert set(names) == {"好.pdf", "合同<b>.pdf"}


def test_hostile_texts_in_the_long_form_stay_text(sqlite_client: FlaskClient, time_is: SetClock) -> None:
    time_is("2026-10-09 11:00")
    entry = builders.entry()
    for text in TEXTS:
        address = begun(sqlite_client, entry)
        answer = send(sqlite_client, address, c_scale=text, reason=text, contact_name=text, applicant_name=text)
        assert answer.status_code in (303, 422)
        assert "<script>alert" not in sqlite_client.get(address).text
    header = send(sqlite_client, begun(sqlite_client, entry), contact_email="a@example.org\r\nBcc: b@example.org")
    assert header.status_code == 422
