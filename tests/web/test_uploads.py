"""What is uploaded: told by its bytes, rid of what tells about its maker, the original sealed, harmful things out."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, StreamObject, TextStringObject
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
    assert "像素太多" in refused("像素炸弹.png", out.getvalue())


def test_with_a_scanner_a_virus_is_refused_and_the_rest_goes_through(app_: Flask):
    with scanner() as address:
        app_.config["PORTAL"] = replace(app_.config["PORTAL"], clamd=address)
        assert "病毒" in refused("病毒.pdf", PDF + EICAR)
        assert upload("合同.pdf", PDF).size == len(PDF)
    with pytest.raises(uploads.StoreRests) as caught:  # it has gone now
        upload("合同.pdf", PDF)
    assert (caught.value.status, "不带附件" in caught.value.message) == (503, True)


def test_while_the_store_takes_nothing_it_is_said_and_not_called_the_visitors_fault(app_: Flask, tmp_path: Path):
    full = tmp_path / "full"
    full.mkdir()
    app_.config["PORTAL"] = replace(app_.config["PORTAL"], storage_url=full.as_uri())
    upload("合同.pdf", PDF)
    for each in full.iterdir():
        shutil.rmtree(each)
    full.rmdir()
    full.write_text("a file where the folder was")
    with pytest.raises(uploads.StoreRests, match="暂时保存不了"):
        upload("照片.jpg", JPEG)


@pytest.mark.rule("C7")
@pytest.mark.parametrize("tail", [PDF, office_file(), b"<script>alert(1)</script>", b"<?php system('id'); ?>"])
def test_a_file_that_is_two_files_at_once_is_only_the_one_it_begins_as(app_: Flask, tail: bytes):
    for name, head in (("照片.jpg", JPEG), ("照片.png", PNG), ("合同.pdf", PDF)):
        if head == PDF == tail:
            continue
        copy = copy_of(app_, upload(name, head + tail))
        assert tail not in copy
        assert copy[:4] == head[:4]


@pytest.mark.rule("C7")
def test_a_document_loses_the_notes_of_its_programme_its_scripts_and_the_makers_of_its_pictures(app_: Flask):
    out = io.BytesIO()
    document = PdfWriter()
    scan = io.BytesIO()
    with Image.open(io.BytesIO(photograph(SECRET))) as picture:
        picture.save(scan, "PDF")
    for page in PdfReader(scan).pages:
        document.add_page(page)
    picture_part = next(part for part in document._objects if isinstance(part, StreamObject) and "/Filter" in part)
    picture_part[NameObject("/Filter")], picture_part._data = NameObject("/DCTDecode"), photograph(SECRET)
    notes, started = StreamObject(), DictionaryObject()
    notes._data, notes[NameObject("/Type")] = f"<x>{SECRET}</x>".encode(), NameObject("/Metadata")
    started[NameObject("/JS")] = TextStringObject("app.launchURL('http://a.example')")
    comment = DictionaryObject(
        {NameObject("/Subtype"): NameObject("/Text"), NameObject("/T"): TextStringObject(SECRET)}
    )
    comment[NameObject("/Rect")] = ArrayObject([FloatObject(0)] * 4)
    document.pages[0][NameObject("/Annots")] = ArrayObject([document._add_object(comment)])
    document.root_object[NameObject("/Metadata")] = document._add_object(notes)
    document.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): started})
    document.write(out)
    assert out.getvalue().count(SECRET.encode()) >= 2
    copy = copy_of(app_, upload("扫描件.pdf", out.getvalue()))
    assert SECRET.encode() not in copy
    assert b"launchURL" not in copy
    assert len(PdfReader(io.BytesIO(copy)).pages) == 1
    assert PdfReader(io.BytesIO(copy)).pages[0].images[0].image.size == (40, 20)  # type: ignore[union-attr]


def locked(password: str) -> bytes:
    document, out = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(SECRET)))), io.BytesIO()
    document.encrypt(password, "owner")
    document.write(out)
    return out.getvalue()


@pytest.mark.rule("C7")
def test_a_document_that_anybody_may_read_is_unlocked_and_one_with_a_password_refused(app_: Flask):
    copy = PdfReader(io.BytesIO(copy_of(app_, upload("限制编辑.pdf", locked("")))))
    assert not copy.is_encrypted
    assert SECRET not in str(copy.metadata)
    assert "设有密码" in refused("加密.pdf", locked("secret"))


def test_an_office_file_with_a_programme_in_it_is_refused(app_: Flask):
    package = io.BytesIO(office_file())
    with zipfile.ZipFile(package, "a") as opened:
        opened.writestr("word/vbaProject.bin", b"a macro")
    assert "带有宏" in refused("带宏.docx", package.getvalue())


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_pictures_of_every_kind_come_through(app_: Flask, mode: str):
    out = io.BytesIO()
    Image.new(mode, (30, 20), 1).save(out, "PNG")
    with Image.open(io.BytesIO(copy_of(app_, upload("图.png", out.getvalue())))) as picture:
        assert picture.size == (30, 20)


@pytest.mark.rule("O2", "C7")
def test_what_tells_who_hands_it_in_is_kept_sealed_only_and_bears_a_name_of_ours(app_: Flask):
    [stored] = uploads.store([FileStorage(io.BytesIO(PDF), "张三的公司.pdf")], secret=True)
    assert stored.name == "盖章说明.pdf"
    assert stored.store_key == stored.original_key
    assert PDF[:20] not in copy_of(app_, stored)
    assert uploads.original(Attachment(store_key=stored.store_key, original_key=stored.original_key)) == PDF


def test_more_files_than_may_be_are_refused_before_one_is_read(app_: Flask):
    many = [FileStorage(io.BytesIO(PDF), f"{number}.pdf") for number in range(400)]
    with pytest.raises(RuleViolation, match="您选择了400个"):
        uploads.store(many)
    assert many[0].stream.tell() == 0
