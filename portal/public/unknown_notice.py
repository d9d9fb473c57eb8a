"""What to say where an address names a notice that never was: what may have been meant, and where to look (rule N2)."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import select

from portal.domain import receipts
from portal.extensions import db
from portal.models.bureau import Bureau
from portal.public import notice_filter
from portal.web.pages import typed

_NUMBER = re.compile(r"GS(?P<bureau>[0-9A-Z]{4,12}?)-?(?P<year>20\d{2})-?(?P<serial>\d{1,5})", re.ASCII)


def meant(reference: str) -> str:
    """The number in the form it is given out, from what was typed: full width, small letters, blanks, no zeros."""
    tidy = re.sub(r"[\s_—–-]+", "-", unicodedata.normalize("NFKC", reference[:80]).upper()).strip("-.,;，。；")
    match = _NUMBER.fullmatch(tidy)
    return f"GS{match['bureau']}-{match['year']}-{int(match['serial']):05d}" if match else tidy[:40]


def hints(reference: str) -> dict[str, Any]:
    """For the template: the number as understood, its bureau if there is one, and what else the number may be."""
    number = meant(reference)
    match = _NUMBER.fullmatch(number)
    bureau = None
    if match:
        query = select(Bureau.code, Bureau.name).where(Bureau.code == match["bureau"])
        bureau = db.session.execute(query).first()
    return {
        "number": number if match else typed(reference, 40),
        "is_number": match is not None,
        "year": match["year"] if match else "",
        "bureau": bureau,
        "publishes": bureau is not None and bureau.code in notice_filter.places().ids,
        "is_receipt": receipts.valid_number(reference[:40]) is not None,
        "is_application": number.startswith("SQ"),
    }
