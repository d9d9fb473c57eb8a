"""Small real files of every kind that may be uploaded, with what they tell about their makers."""

from __future__ import annotations

import io
import zipfile

from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from pypdf import PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

SECRET = "Zhang San, 13800000001"


def pdf(author: str = "", *, pages: int = 1) -> bytes:
    """A document; `author` is written into its metadata."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if author:
        writer.add_metadata({"/Author": author, "/Title": "scan"})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def written(text: str, *, note: str = "") -> bytes:
    """A document that says `text` (plain ASCII), below a black box: it is not seen, but can be copied out. `note` is a
    comment stuck on the page.
    """
    writer = PdfWriter()
    page = writer.add_blank_page(400, 200)
    kind = {NameObject(f"/{key}"): NameObject(f"/{value}") for key, value in _FONT.items()}
    font = writer._add_object(DictionaryObject(kind))
    fonts = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    drawn = DecodedStreamObject()
    drawn.set_data(f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET 0 g 0 80 400 60 re f".encode("ascii"))
    page[NameObject("/Contents")] = writer._add_object(drawn)
    if note:
        writer.add_annotation(0, FreeText(text=note, rect=(20, 20, 200, 40)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


_FONT = {"Type": "Font", "Subtype": "Type1", "BaseFont": "Helvetica", "Encoding": "WinAnsiEncoding"}


def carrying(name: str, inside: bytes) -> bytes:
    """A document with another file hidden in it."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_attachment(name, inside)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def photograph(owner: str = "", *, kind: str = "JPEG", size: tuple[int, int] = (40, 20)) -> bytes:
    """A picture, red on the left; with `owner` it says who took it and where, held sideways."""
    picture = Image.new("RGB", size, "white")
    picture.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    if not owner:
        picture.save(out, kind)
        return out.getvalue()
    exif = Image.Exif()
    exif[0x013B], exif[0x0112] = owner, 6
    exif.get_ifd(0x8825)[2] = (IFDRational(28), IFDRational(11), IFDRational(0))
    picture.save(out, kind, exif=exif)
    return out.getvalue()


def office_file(extension: str = "docx", *, unpacked: int = 100) -> bytes:
    """A minimal office file whose main part unpacks to `unpacked` bytes."""
    part, content_type = {
        "docx": ("word/document.xml", "wordprocessingml.document.main+xml"),
        "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
    }[extension]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.{content_type}"/>'
            "</Types>",
        )
        package.writestr("_rels/.rels", "<Relationships/>")
        package.writestr(part, b" " * unpacked)
    return out.getvalue()


PDF, JPEG, PNG = pdf(), photograph(), photograph(kind="PNG")
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The string every scanner reports; it does no harm."""
