"""What a file tells beside its content: where and by whom a picture was taken, who wrote a document. Taken out of the
copy that officers see (rule C7); the original is kept sealed.
"""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

MOST_PIXELS = 100_000_000
JPEG_QUALITY = 92


class Unreadable(ValueError):
    """The file is not what its first bytes say, or is made to harm whoever opens it."""


def without_metadata(data: bytes, media_type: str) -> bytes:
    """The same picture or document without what tells about its maker. Other kinds are given back as they are.

    Raises Unreadable for a picture or document that cannot be opened.
    """
    if media_type in ("image/jpeg", "image/png"):
        return _picture(data)
    if media_type == "application/pdf":
        return _document(data)
    return data


def _picture(data: bytes) -> bytes:
    """Only the pixels, turned as the camera was held."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise Unreadable("too many pixels")
                kind = picture.format
                upright = ImageOps.exif_transpose(picture)
                bare = Image.new(upright.mode, upright.size)
                if upright.mode == "P" and (palette := upright.getpalette()):
                    bare.putpalette(palette)
                bare.paste(upright)
        out = io.BytesIO()
        bare.save(out, kind, **({"quality": JPEG_QUALITY} if kind == "JPEG" else {}))
        return out.getvalue()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise Unreadable("not a picture that can be opened") from fault


def _document(data: bytes) -> bytes:
    """The pages, without author, programme, times, and what a document may start by itself."""
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            return data  # it cannot be rewritten without its password; the officer opens it with the filer's word
        writer = PdfWriter(clone_from=reader)
        writer.metadata = None
        root = writer.root_object
        for key in ("/Metadata", "/OpenAction", "/AA", "/PieceInfo"):
            if key in root:
                del root[NameObject(key)]
        for page in writer.pages:
            for key in ("/Metadata", "/PieceInfo", "/AA"):
                if key in page:
                    del page[NameObject(key)]
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()
    except Exception as fault:  # the library raises many kinds of its own, and RecursionError
        raise Unreadable("not a document that can be opened") from fault
