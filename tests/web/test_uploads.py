"""What is uploaded: told by its bytes, rid of what tells about its maker, the original sealed, harmful things out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from PIL import Image
from pypdf import PdfReader
from werkzeug.datastructures import FileStorage

from portal.domain.attachments import StoredFile
from portal.domain.errors import RuleViolation
from portal.integrations import storage
from portal.models.attachment import Attachment
from portal.web import uploads
from tests.support.clamd import scanner
from tests.support.files import EICAR, JPEG, PDF, PNG, SECRET, office_file, pdf, photograph


@pytest.fixture
def app_(sqlite_app: Flask) -> Iterator[Flask]:
    with sqlite_app.test_request_context():
        yield sqlite_app


def upload(name: str, data: bytes) -> StoredFile:
    [stored] = uploads.store([FileStorage(io.BytesIO(data), name)])
    return stored


def copy_of(app: Flask, stored: StoredFile) -> bytes:
    return storage.get(app.config["PORTAL"].storage_url, stored.store_key)


def refused(name: str, data: bytes) -> str:
    with pytest.raises(RuleViolation) as caught:
        upload(name, data)
    assert name[:20] in caught.value.message
    return caught.value.message


@pytest.mark.rule("C7")
def test_a_photograph_loses_who_took_it_and_where_and_stands_upright(app_: Flask):
    taken = photograph(SECRET)
    assert SECRET.encode() in taken
    stored = upload("现场照片.jpg", taken)
    copy = copy_of(app_, stored)
    assert SECRET.encode() not in copy
    with Image.open(io.BytesIO(copy)) as picture:
        assert dict(picture.getexif()) == {}
        assert picture.size == (20, 40)  # it was held sideways
        red, green, _ = picture.convert("RGB").getpixel((10, 5))  # type: ignore[misc]
        assert (red > 200, green < 60) == (True, True)  # what was on the left is on top


@pytest.mark.rule("C7")
def test_a_document_loses_its_author_and_keeps_its_pages(app_: Flask):
    stored = upload("合同.pdf", pdf(SECRET, pages=3))
    reader = PdfReader(io.BytesIO(copy_of(app_, stored)))
    assert len(reader.pages) == 3
    assert SECRET not in str(reader.metadata)
    assert SECRET.encode() not in copy_of(app_, stored)


@pytest.mark.rule("C7")
def test_the_original_is_kept_and_opens_only_with_the_vaults_key(app_: Flask):
    taken = photograph(SECRET)
    stored = upload("现场照片.jpg", taken)
    sealed = storage.get(app_.config["PORTAL"].storage_url, stored.original_key)
    assert SECRET.encode() not in sealed
    kept = Attachment(store_key=stored.store_key, original_key=stored.original_key)
    assert uploads.original(kept) == taken
    assert (stored.size, stored.sha256) == (len(taken), uploads._hash(taken))  # the filer's own file is what counts


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("照片.png", PNG, "image/png"),
        ("照片.exe", JPEG, "image/jpeg"),  # the bytes tell, not the name
        ("表.xlsx", office_file("xlsx"), "application/vnd.openxmlformats-officedocument"),
        ("文.docx", office_file("docx"), "application/vnd.openxmlformats-officedocument"),
    ],
)
def test_what_may_be_uploaded_is(app_: Flask, name: str, data: bytes, kind: str):
    assert upload(name, data).media_type.startswith(kind)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("空.pdf", b""),
        ("网页.pdf", b"<html><script>alert(1)</script>"),
        ("程序.pdf", b"MZ" + b"\0" * 200),
        ("压缩包.zip", b"PK\x03\x04" + b"\0" * 60),
        ("坏的.pdf", b"%PDF-1.4 and nothing else"),
        ("坏的.jpg", JPEG[: len(JPEG) // 2][:30]),
        ("坏的.png", PNG[:40]),
        ("炸弹.docx", office_file(unpacked=400 * 2**20)),
        ("太大.pdf", PDF + b"\0" * (20 * 2**20)),
    ],
)
def test_what_is_broken_or_harmful_is_refused_by_name(app_: Flask, name: str, data: bytes):
    assert refused(name, data)


def test_a_picture_that_unpacks_to_more_than_a_screen_of_memory_is_refused(app_: Flask):
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    assert "打不开" in refused("像素炸弹.png", out.getvalue())


def test_with_a_scanner_a_virus_is_refused_and_the_rest_goes_through(app_: Flask):
    with scanner() as address:
        app_.config["PORTAL"] = replace(app_.config["PORTAL"], clamd=address)
        assert "病毒" in refused("病毒.pdf", PDF + EICAR)
        assert upload("合同.pdf", PDF).size == len(PDF)
    with pytest.raises(uploads.ScannerRests) as caught:  # it has gone now
        upload("合同.pdf", PDF)
    assert (caught.value.status, "不带附件" in caught.value.message) == (503, True)
