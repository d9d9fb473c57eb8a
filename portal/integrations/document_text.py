"""What can be copied out of a document, whether it can be seen on its pages or not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, TextStringObject

MOST_PAGES = 300


class Unclear(ValueError):
    """Its texts cannot be read, so nobody can say what they are."""


class TooLong(Unclear):
    """It has more pages than are looked through."""


class CarriesFiles(Unclear):
    """Other files are hidden inside it."""


def texts(data: bytes) -> list[str]:
    """The texts of a PDF document: of its pages, also below what covers them, and of its comments, form fields and
    bookmarks.

    Raises Unclear, TooLong or CarriesFiles where they do not tell everything.
    """
    try:
        reader = PdfReader(io.BytesIO(data))
        if len(reader.pages) > MOST_PAGES:
            raise TooLong("too many pages")
        found = [page.extract_text() for page in reader.pages]
        for part in PdfWriter(clone_from=reader)._objects:
            found.extend(_strings(part))
        return [text for text in found if text.strip()]
    except Unclear:
        raise
    except Exception as fault:  # the library raises many kinds of its own, and RecursionError
        raise Unclear("not a document that can be read") from fault


def _strings(part: Any) -> Iterator[str]:
    """Every text written into one object of a document, and into what lies inside it."""
    if isinstance(part, TextStringObject):
        yield str(part)
    elif isinstance(part, ArrayObject):
        for item in part:
            yield from _strings(item)
    elif isinstance(part, DictionaryObject):
        if "/EF" in part or "/EmbeddedFiles" in part:
            raise CarriesFiles("files inside")
        for value in part.values():
            yield from _strings(value)
