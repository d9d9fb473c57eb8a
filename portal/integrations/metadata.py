"""What a file tells beside its content: where and by whom a picture was taken, who wrote a document. Taken out of the
copy that officers see (rule C7); the original is kept sealed.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

from PIL import Image, ImageOps
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

MOST_PIXELS = 80_000_000
JPEG_QUALITY = 92
_KINDS = {"image/jpeg": "JPEG", "image/png": "PNG"}
# of any part of a document: who made it and with what, and what it may start by itself
_TELLING = ("/Metadata", "/PieceInfo", "/LastModified", "/AA", "/OpenAction", "/JavaScript", "/JS")
# segments of a JPEG before its pixels: APP1 (Exif, XMP), APP3 to APP13 (makers' notes, IPTC), APP15, comments
_SEGMENTS_OUT = frozenset({0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE})
_START_OF_SCAN = 0xDA


class Unreadable(ValueError):
    """The file is not what its first bytes say, or is made to harm whoever opens it."""


class TooLarge(Unreadable):
    """The picture unpacks to more than anybody can look at."""


class Locked(Unreadable):
    """The document opens with a password only."""


def without_metadata(data: bytes, media_type: str) -> bytes:
    """The same picture or document without what tells about its maker. Other kinds are given back as they are.

    Raises Unreadable for a picture or document that cannot be opened, TooLarge for one that unpacks to too much, Locked
    for one with a password.
    """
    if media_type in _KINDS:
        return _picture(data, _KINDS[media_type])
    if media_type == "application/pdf":
        return _document(data)
    return data


def _picture(data: bytes, kind: str) -> bytes:
    """Only the pixels, turned as the camera was held."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise TooLarge("too many pixels")
                upright = ImageOps.exif_transpose(picture)
                bare = Image.new(upright.mode, upright.size)
                if upright.mode == "P" and (palette := upright.getpalette()):
                    bare.putpalette(palette)
                bare.paste(upright)
        out = io.BytesIO()
        bare.save(out, kind, **({"quality": JPEG_QUALITY} if kind == "JPEG" else {}))
        return out.getvalue()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise TooLarge("too many pixels") from fault
    except Unreadable:
        raise
    except Exception as fault:  # a broken file makes the library fail in many ways of its own
        raise Unreadable("not a picture that can be opened") from fault


def _document(data: bytes) -> bytes:
    """The pages, without author, programme and times, also of the pictures in them, and without what a document may
    start by itself.
    """
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):  # most are only kept from being changed, and open to all
            raise Locked("it has a password")
        writer = PdfWriter(clone_from=reader)
        writer.metadata = None
        for part in writer._objects:
            _strip(part)
        writer.compress_identical_objects(remove_duplicates=False)  # what nothing refers to any more is left out
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()
    except Unreadable:
        raise
    except Exception as fault:  # the library raises many kinds of its own, and RecursionError
        raise Unreadable("not a document that can be opened") from fault


def _strip(part: Any) -> None:
    """Take out of one object of a document, and of what is written inside it, what tells about its maker."""
    if isinstance(part, ArrayObject):
        for item in part:
            _strip(item)
    if not isinstance(part, DictionaryObject):
        return
    for key in _TELLING:
        if key in part:
            del part[NameObject(key)]
    if {"/Rect", "/T"} <= part.keys() and part.get("/Subtype") != "/Widget":
        del part[NameObject("/T")]  # who wrote the comment; a field of a form has its own name there
    if isinstance(part, StreamObject) and part.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
        part._data = _without_segments(part._data)
    for value in part.values():
        _strip(value)


def _without_segments(jpeg: bytes) -> bytes:
    """A JPEG picture without the segments that tell about its maker, its pixels untouched; anything else as it is."""
    kept, at = bytearray(jpeg[:2]), 2
    while jpeg[:2] == b"\xff\xd8" and at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != _START_OF_SCAN:
        after = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        if jpeg[at + 1] not in _SEGMENTS_OUT:
            kept += jpeg[at:after]
        at = after
    return bytes(kept + jpeg[at:])
